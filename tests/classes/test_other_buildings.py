"""P1, P2: venue staff see who comes to their own building, on every path."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from server.audit.tables import AuditEntry
from server.classes import bookings, sessions
from server.classes.bookings import Applicant
from server.classes.sessions import SessionFacts
from server.classes.tables import Booking, BookingScope, BookingState, ClassSession
from server.roles import Role
from tests.classes.staff_cast import ICT, in_days
from tests.databases import Database
from tests.factories import (
    make_class_session,
    make_course,
    make_municipality,
    make_room,
    make_venue,
)

HERE = Applicant(name="山田花子", reading="やまだはなこ", phone="059-354-0000")
THERE = Applicant(
    name="鈴木一子", reading="すずきかずこ", phone="059-354-9999", needs=("wheelchair",)
)


@pytest.fixture
async def chubu(
    database: Database, client_as: Callable[..., Awaitable[httpx.AsyncClient]]
) -> dict[str, Any]:
    """A course with a date at 中部 and one at 富田, booked by one person each; 中部's staff."""
    await make_municipality()
    own = await make_venue(slug="chubu", name="中部地区市民センター")
    other = await make_venue(slug="tomida", name="富田地区市民センター")
    course = await make_course(scope=BookingScope.session)
    here = await make_class_session(course=course.id, venue=own.id, seats=5)
    there = await make_class_session(course=course.id, venue=other.id, seats=5, number=2)
    return {
        "course": course.id,
        "own": own,
        "mine": await bookings.book(HERE, course.id, here.id, submission="a"),
        "theirs": await bookings.book(THERE, course.id, there.id, submission="b"),
        "here": here,
        "there": there,
        "client": await client_as(Role.venue, venue=own.id),
    }


async def test_p1_the_roster_holds_those_who_come_here(chubu: dict[str, Any]) -> None:
    page = (await chubu["client"].get(f"/staff/courses/{chubu['course']}/bookings")).text

    assert "山田花子" in page
    assert "鈴木一子" not in page
    assert "059-354-9999" not in page


async def test_p1_the_figures_are_of_the_same_people(chubu: dict[str, Any]) -> None:
    page = (await chubu["client"].get(f"/staff/courses/{chubu['course']}")).text

    assert "参加決定 1" in " ".join(page.split())


async def test_p1_somebody_elses_place_cannot_be_given_back_here(chubu: dict[str, Any]) -> None:
    path = f"/staff/bookings/{chubu['theirs']['id']}/cancellation"

    asked, done = await chubu["client"].get(path), await chubu["client"].post(path)

    assert (asked.status_code, done.status_code) == (404, 404)
    [row] = await Booking.select().where(Booking.id == chubu["theirs"]["id"])
    assert row["state"] == BookingState.confirmed


async def test_p1_searching_finds_only_those_who_come_here(chubu: dict[str, Any]) -> None:
    async def found(words: str) -> str:
        answer: httpx.Response = await chubu["client"].get("/staff/bookings", params={"q": words})
        return answer.text

    assert "鈴木一子" not in await found("すずき")
    assert "山田花子" in await found("やまだ")


async def test_p2_the_page_before_giving_a_place_back_is_a_reading(chubu: dict[str, Any]) -> None:
    await chubu["client"].get(f"/staff/bookings/{chubu['mine']['id']}/cancellation")

    [entry] = await AuditEntry.select().where(AuditEntry.action == "read")
    assert str(chubu["mine"]["id"]) in entry["facts"]


async def test_b10_who_comes_here_now_is_called_from_here(chubu: dict[str, Any]) -> None:
    room = await make_room(venue=chubu["own"].id)
    third = await make_room()
    for place, days in ((room, 8), (third, 9)):
        [row] = await ClassSession.select().where(ClassSession.id == chubu["there"].id)
        facts = SessionFacts(in_days(days), in_days(days + 0.1), int(place.venue), place.id, 5)
        await sessions.move(row["id"], facts, version=row["version"], by=ICT)
        page = (await chubu["client"].get("/staff/calls")).text
        assert ("鈴木一子" in page) is (place is room)
