"""An index that holds all that is counted of contacts: figures read it and nothing else."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine.finder import engine_finder

ID = "2026-11-21T00:00:11:000000"
VERSION = "1.38.0"
DESCRIPTION = "Add contacts up from an index alone"

COUNTED = "CREATE INDEX ix_contact_counted ON contact ({}) WHERE voided_at IS NULL"
DAY = "contacted_on"
FIGURES = (
    "contacted_on, topic, district, outcome, number, minutes, procedure, stuck, channel, desk,"
    " weekday, hour"
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="tonari", description=DESCRIPTION)

    async def made_of(columns: str) -> None:
        await engine_finder().run_ddl("DROP INDEX ix_contact_counted")
        await engine_finder().run_ddl(COUNTED.format(columns))

    async def widen() -> None:
        await made_of(FIGURES)

    async def narrow() -> None:
        await made_of(DAY)

    manager.add_raw(widen)
    manager.add_raw_backwards(narrow)
    return manager
