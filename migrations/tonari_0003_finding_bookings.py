"""Finding a caller's booking, and notices that nobody needs to be told of any more."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Timestamptz
from piccolo.columns.indexes import IndexMethod
from piccolo.engine.finder import engine_finder

ID = "2026-11-21T00:00:03:000000"
VERSION = "1.38.0"
DESCRIPTION = "Find bookings by name, reading and phone; withdraw notices"

# The beginning of a text is found in the order of its bytes: SQLite's own, on PostgreSQL asked for.
INDEXES = {
    "ix_booking_phone_key": ("booking", "phone_key", ""),
    "ix_booking_name": ("booking", "REPLACE(REPLACE(name, ' ', ''), '　', '')", "text_pattern_ops"),
    "ix_person_reading_bytes": ("person", "reading_key", "varchar_pattern_ops"),
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="tonari", description=DESCRIPTION)

    async def create() -> None:
        engine = engine_finder()
        for name, (table, what, order) in INDEXES.items():
            order = order if engine.engine_type == "postgres" else ""
            await engine.run_ddl(f"CREATE INDEX {name} ON {table} ({what} {order})")

    async def drop() -> None:
        engine = engine_finder()
        for name in INDEXES:
            await engine.run_ddl(f"DROP INDEX {name}")

    manager.add_raw(create)
    manager.add_raw_backwards(drop)
    manager.add_column(
        table_class_name="Notice",
        tablename="notice",
        column_name="withdrawn_at",
        db_column_name="withdrawn_at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": True,
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
