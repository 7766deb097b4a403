"""Partial and composite indexes, which Piccolo cannot declare: the same SQL on both engines."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-21T00:00:02:000000"
VERSION = "1.38.0"
DESCRIPTION = "One live booking per person, one booking per press, and indexes for the hot reads"

LIVE = "state IN ('received', 'in_draw', 'confirmed', 'waitlisted', 'offered')"

INDEXES = (
    "CREATE UNIQUE INDEX uq_booking_live_course ON booking (person, course)"
    f" WHERE session IS NULL AND {LIVE}",
    "CREATE UNIQUE INDEX uq_booking_live_session ON booking (person, session)"
    f" WHERE session IS NOT NULL AND {LIVE}",
    "CREATE UNIQUE INDEX uq_booking_submission_course ON booking (submission, course)"
    " WHERE submission IS NOT NULL AND session IS NULL",
    "CREATE UNIQUE INDEX uq_booking_submission_session ON booking (submission, session)"
    " WHERE submission IS NOT NULL AND session IS NOT NULL",
    "CREATE INDEX ix_booking_waiting ON booking (course) WHERE state = 'waitlisted'",
    "CREATE INDEX ix_class_session_course_starts ON class_session (course, starts_at)",
    "CREATE INDEX ix_class_session_room_starts ON class_session (room, starts_at)",
    "CREATE INDEX ix_failed_try_scope_key ON failed_try (scope, key, failed_at)",
    "CREATE INDEX ix_notice_waiting ON notice (recorded_at) WHERE told_at IS NULL",
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="tonari", description=DESCRIPTION)

    async def create() -> None:
        engine = engine_finder()
        for index in INDEXES:
            await engine.run_ddl(index)

    async def drop() -> None:
        engine = engine_finder()
        for index in INDEXES:
            name = index.split("INDEX ")[1].split()[0]
            await engine.run_ddl(f"DROP INDEX {name}")

    manager.add_raw(create)
    manager.add_raw_backwards(drop)
    return manager
