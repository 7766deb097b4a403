"""Of which fiscal year a completion of a training is, and an exclusion from its rate (H5)."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Integer
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-21T00:00:14:000000"
VERSION = "1.38.0"
DESCRIPTION = "Completions and exclusions know their fiscal year"

TABLES = {"StaffCompletion": "staff_completion", "StaffExclusion": "staff_exclusion"}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="tonari", description=DESCRIPTION)
    for name, tablename in TABLES.items():
        manager.add_column(
            table_class_name=name,
            tablename=tablename,
            column_name="fiscal_year",
            db_column_name="fiscal_year",
            column_class_name="Integer",
            column_class=Integer,
            params={
                "default": 0,
                "null": False,
                "primary_key": False,
                "unique": False,
                "index": False,
                "index_method": IndexMethod.btree,
                "choices": None,
                "db_column_name": None,
                "secret": False,
            },
            schema=None,
        )
    return manager
