"""One migration history for both engines, safe when several processes start at once."""

import contextlib
import io
from pathlib import Path

from piccolo.apps.migrations.commands.forwards import run_forwards
from piccolo.apps.migrations.tables import Migration
from piccolo.conf.apps import Finder

from server.database.writing import locked, writing


async def migrate() -> None:
    """Bring the database to the newest migration.

    All of them in one transaction under one lock: a second process waits and finds nothing
    left to do, a killed one leaves the database as it was. Raises RuntimeError on failure.
    """
    async with writing():
        await locked("migrations")
        with contextlib.redirect_stdout(io.StringIO()):
            result = await run_forwards("all")
        if not result.success:
            raise RuntimeError(result.message)


async def migrations_current() -> bool:
    """Have all migrations of this program been run on the database?"""
    if not await Migration.table_exists():
        return False
    ran = set(await Migration.get_migrations_which_ran(app_name="tonari"))
    return _known() <= ran


def _known() -> set[str]:
    folder = Finder().get_app_config("tonari").resolved_migrations_folder_path
    return {
        line.removeprefix("ID = ").strip().strip("\"'")
        for path in Path(folder).glob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("ID = ")
    }
