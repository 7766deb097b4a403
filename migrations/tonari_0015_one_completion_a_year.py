"""One completion, and one exclusion, per training, member and fiscal year (H5)."""

from datetime import date

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import Date, Integer, Timestamptz
from piccolo.engine.finder import engine_finder
from piccolo.table import Table

from server import clock

ID = "2026-11-21T00:00:15:000000"
VERSION = "1.38.0"
DESCRIPTION = "One live completion per training, member and fiscal year"

DROPPED = "DROP INDEX uq_{0}_live"
CREATED = "CREATE UNIQUE INDEX uq_{0}_live ON {0} ({1}) WHERE voided_at IS NULL"
TABLES = ("staff_completion", "staff_exclusion")


class Completion(Table, tablename="staff_completion"):
    """What this migration reads and writes of a completion."""

    completed_on = Date()
    fiscal_year = Integer()


class Training(Table, tablename="staff_training"):
    """The days in which a training can be taken."""

    first_on = Date()
    last_on = Date()


class Exclusion(Table, tablename="staff_exclusion"):
    """What this migration reads and writes of an exclusion."""

    training = Integer()
    recorded_at = Timestamptz()
    fiscal_year = Integer()


async def fill() -> None:
    """Give the rows from before their year."""
    for table in (Completion, Training, Exclusion):
        table._meta.db = engine_finder()
    await fill_completions()
    await fill_exclusions()


async def fill_completions() -> None:
    """The year of its day."""
    rows = await Completion.select(Completion.completed_on).distinct()
    for year in {clock.fiscal_year(row["completed_on"]) for row in rows}:
        await Completion.update({Completion.fiscal_year: year}).where(
            (Completion.completed_on >= date(year, 4, 1))
            & (Completion.completed_on <= date(year + 1, 3, 31))
        )


async def fill_exclusions() -> None:
    """The year in which it was entered, or the nearest in which the training can be taken."""
    trainings = {row["id"]: row for row in await Training.select()}
    for row in await Exclusion.select():
        training = trainings[row["training"]]
        entered = clock.on(row["recorded_at"])
        within = min(max(entered, training["first_on"]), training["last_on"])
        await Exclusion.update({Exclusion.fiscal_year: clock.fiscal_year(within)}).where(
            Exclusion.id == row["id"]
        )


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="tonari", description=DESCRIPTION)

    async def made_of(columns: str) -> None:
        for table in TABLES:
            await engine_finder().run_ddl(DROPPED.format(table))
            await engine_finder().run_ddl(CREATED.format(table, columns))

    async def widen() -> None:
        await fill()
        await made_of("training, member, fiscal_year")

    async def narrow() -> None:
        await made_of("training, member")

    manager.add_raw(widen)
    manager.add_raw_backwards(narrow)
    return manager
