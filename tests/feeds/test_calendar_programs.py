"""A venue's calendar program: it sees the class, then the move, then 【中止】."""

import asyncio
import os
import sys
from datetime import time, timedelta
from pathlib import Path

import pytest

from server import clock
from server.classes.tables import ClassSession
from tests.databases import Database
from tests.factories import make_class_session, make_course, make_municipality, make_venue
from tests.feeds.test_feeds import call_off, move

PROGRAMS = Path(sys.executable).parent

VDIRSYNCER = """
[general]
status_path = "{folder}/status/"
[pair centre]
a = "here"
b = "tonari"
collections = null
conflict_resolution = "b wins"
[storage here]
type = "filesystem"
path = "{folder}/calendar/"
fileext = ".ics"
[storage tonari]
type = "http"
url = "{address}/feeds/venues/chubu.ics"
"""

KHAL = """
[calendars]
[[centre]]
path = {folder}/calendar/
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Asia/Tokyo
default_timezone = Asia/Tokyo
[sqlite]
path = {folder}/khal.db
"""


class Program:
    """vdirsyncer subscribes, khal shows: two programs that a venue could really run."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        (folder / "calendar").mkdir()
        (folder / "vdirsyncer").write_text(VDIRSYNCER.format(folder=folder, address=address))
        (folder / "khal").write_text(KHAL.format(folder=folder))

    async def sync(self) -> None:
        await self._run("vdirsyncer", "-c", f"{self.folder}/vdirsyncer", "discover")
        await self._run("vdirsyncer", "-c", f"{self.folder}/vdirsyncer", "sync", "--force-delete")

    async def shown(self) -> list[str]:
        """The agenda of the coming 60 days."""
        said = await self._run(
            "khal",
            "-c",
            f"{self.folder}/khal",
            "list",
            "--day-format",
            "",
            "--format",
            "{start} {title} {location}",
            "today",
            "60d",
        )
        return [line for line in said.splitlines() if line.strip()]

    async def _run(self, program: str, *arguments: str) -> str:
        process = await asyncio.create_subprocess_exec(
            PROGRAMS / program,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"},
        )
        said = (await process.communicate())[0].decode()
        assert process.returncode == 0, said
        return said


@pytest.fixture
async def session(database: Database) -> ClassSession:
    await make_municipality()
    venue = await make_venue(slug="chubu", name="中部地区市民センター", address="")
    course = await make_course(title="はじめてのスマートフォン")
    starts_at = clock.at(clock.today() + timedelta(days=7), time(10))
    return await make_class_session(course=course.id, venue=venue.id, starts_at=starts_at)


async def test_f1_a_venue_sees_the_class_then_the_move_then_that_it_is_called_off(
    session: ClassSession, running_server: str, tmp_path: Path
) -> None:
    program = Program(tmp_path, running_server)
    first, second = clock.today() + timedelta(days=7), clock.today() + timedelta(days=14)
    words = "はじめてのスマートフォン 中部地区市民センター"

    await program.sync()
    assert await program.shown() == [f"{first} 10:00 {words}"]

    await move(session, timedelta(days=7))
    await asyncio.sleep(1.1)  # another process sees a change within two seconds
    await program.sync()
    assert await program.shown() == [f"{second} 10:00 {words}"]

    await call_off(session)
    await asyncio.sleep(1.1)
    await program.sync()
    [line] = await program.shown()
    assert "【中止】はじめてのスマートフォン" in line
    assert line.startswith(f"{second} 10:00")
