"""B4 as residents meet it: two hundred browsers press at once, at real server processes.

How fast everybody is answered is for `make bench` to say.
"""

from pathlib import Path

import pytest

from bench import bookings, client
from server.classes.tables import Booking, BookingState
from tests.databases import Database
from tests.factories import make_class_session, make_course, make_municipality
from tests.servers import serving

SEATS, RESIDENTS = 20, 200


async def race(database: Database, folder: Path, processes: int) -> None:
    await make_municipality()
    course = await make_course(seats=SEATS)
    await make_class_session(course=course.id)
    async with serving(database.url, folder / "race.log", WORKERS=str(processes)) as server:
        fields = await bookings.confirmation(server.address, course.id)
        presses = bookings.presses(fields, course.id)
        requests = [next(presses) for _ in range(RESIDENTS)]

        tally = await client.rush(server.address, requests)

    assert tally.answers == {303: SEATS, 409: RESIDENTS - SEATS}
    assert await Booking.count().where(Booking.state == BookingState.confirmed) == SEATS


async def test_b4_two_hundred_race_for_twenty_seats(database: Database, tmp_path: Path) -> None:
    await race(database, tmp_path, processes=1)


@pytest.mark.engine("postgres")
async def test_b4_two_hundred_race_at_two_processes(database: Database, tmp_path: Path) -> None:
    await race(database, tmp_path, processes=2)
