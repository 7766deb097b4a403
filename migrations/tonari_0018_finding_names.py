"""Bookings are found by the form in which their names are sought."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-21T00:00:18:000000"
VERSION = "1.38.0"
DESCRIPTION = "Find bookings by name, however its kanji are written"

# In the order of bytes, as the indexes that migration 3 made.
INDEX = "ix_booking_name"
AS_TYPED = ("REPLACE(REPLACE(name, ' ', ''), '　', '')", "text_pattern_ops")
AS_SOUGHT = ("name_key", "varchar_pattern_ops")


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="tonari", description=DESCRIPTION)

    async def made_of(what: str, order: str) -> None:
        engine = engine_finder()
        order = order if engine.engine_type == "postgres" else ""
        await engine.run_ddl(f"DROP INDEX {INDEX}")
        await engine.run_ddl(f"CREATE INDEX {INDEX} ON booking ({what} {order})")

    async def as_sought() -> None:
        await made_of(*AS_SOUGHT)

    async def as_typed() -> None:
        await made_of(*AS_TYPED)

    manager.add_raw(as_sought)
    manager.add_raw_backwards(as_typed)
    return manager
