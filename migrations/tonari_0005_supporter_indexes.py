"""What stands at most once while it is not voided, and indexes for the counts."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-21T00:00:05:000000"
VERSION = "1.38.0"
DESCRIPTION = "One live row each: enrolment, record, certificate, assignment, attendance, report"

INDEXES = (
    "CREATE UNIQUE INDEX uq_enrolment_live ON enrolment (person, programme)"
    " WHERE voided_at IS NULL",
    "CREATE UNIQUE INDEX uq_training_record_source"
    " ON training_record (person, requirement, source, source_id)"
    " WHERE voided_at IS NULL AND source_id IS NOT NULL",
    "CREATE UNIQUE INDEX uq_certificate_live ON certificate (person, programme)"
    " WHERE voided_at IS NULL",
    "CREATE UNIQUE INDEX uq_application_open ON supporter_application (supporter)"
    " WHERE state = 'received'",
    "CREATE UNIQUE INDEX uq_assignment_supporter ON assignment (session, supporter)"
    " WHERE voided_at IS NULL AND supporter IS NOT NULL",
    "CREATE UNIQUE INDEX uq_assignment_lecturer ON assignment (session, lecturer)"
    " WHERE voided_at IS NULL AND lecturer IS NOT NULL",
    "CREATE UNIQUE INDEX uq_attendance_live ON attendance (booking, session)"
    " WHERE voided_at IS NULL",
    "CREATE UNIQUE INDEX uq_session_report_live ON session_report (session)"
    " WHERE voided_at IS NULL",
    "CREATE UNIQUE INDEX uq_activity_report_assignment ON activity_report (assignment)"
    " WHERE assignment IS NOT NULL AND state <> 'withdrawn'",
    "CREATE UNIQUE INDEX uq_activity_approval_live ON activity_approval (report)"
    " WHERE voided_at IS NULL",
    "CREATE INDEX ix_supporter_stage_counted ON supporter_stage (stage, effective_on)"
    " WHERE voided_at IS NULL",
    "CREATE INDEX ix_activity_report_waiting ON activity_report (done_on)"
    " WHERE state = 'submitted'",
    "CREATE INDEX ix_trouble_report_waiting ON trouble_report (recorded_at)"
    " WHERE taken_up_at IS NULL",
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
