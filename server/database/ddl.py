"""Declared constraints on SQLite: written inside CREATE TABLE.

Piccolo adds `Check` and `Unique` by ALTER TABLE … ADD CONSTRAINT, which SQLite has not.
"""

from collections.abc import Sequence

from piccolo.query.methods.create import Create


def _create_with_constraints(self: Create) -> Sequence[str]:
    meta = self.table._meta
    constraints, meta.constraints = meta.constraints, []
    try:
        create, *indexes = self.default_ddl
    finally:
        meta.constraints = constraints
    for constraint in constraints:
        create = f'{create[:-1]}, CONSTRAINT "{constraint._meta.name}" {constraint.ddl})'
    return [create, *indexes]


Create.sqlite_ddl = property(_create_with_constraints)  # type: ignore[assignment]
