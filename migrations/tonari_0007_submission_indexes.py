"""One press of the button enters a thing once."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-21T00:00:07:000000"
VERSION = "1.38.0"
DESCRIPTION = "A submission enters one training record, paper or entry of an indicator"

TABLES = ("training_record", "credential", "indicator_entry")


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="tonari", description=DESCRIPTION)

    async def create() -> None:
        engine = engine_finder()
        for table in TABLES:
            await engine.run_ddl(
                f"CREATE UNIQUE INDEX uq_{table}_submission ON {table} (submission)"
            )

    async def drop() -> None:
        engine = engine_finder()
        for table in TABLES:
            await engine.run_ddl(f"DROP INDEX uq_{table}_submission")

    manager.add_raw(create)
    manager.add_raw_backwards(drop)
    return manager
