"""Indexes for what articles have answered, and for what nothing has."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-21T00:00:10:000000"
VERSION = "1.38.0"
DESCRIPTION = "Count quickly what each article answers, and what none does"

INDEXES = {
    "ix_contact_answered": "contact (contacted_on, article)"
    " WHERE voided_at IS NULL AND article IS NOT NULL",
    "ix_contact_unanswered": "contact (topic) WHERE answer_missing AND voided_at IS NULL",
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="tonari", description=DESCRIPTION)

    async def create() -> None:
        for name, what in INDEXES.items():
            await engine_finder().run_ddl(f"CREATE INDEX {name} ON {what}")

    async def drop() -> None:
        for name in INDEXES:
            await engine_finder().run_ddl(f"DROP INDEX {name}")

    manager.add_raw(create)
    manager.add_raw_backwards(drop)
    return manager
