"""H5: who was ticked as present at a class for staff is found on the register, never guessed."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import httpx
import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.classes.tables import (
    Attendance,
    Booking,
    BookingState,
    Channel,
    ClassSession,
    CourseKind,
    Presence,
)
from server.counter_staff import attendees, staff_trainings
from server.counter_staff.attendees import Attendees
from server.counter_staff.tables import StaffTrainingKind
from server.database import writing
from server.roles import Role
from tests import factories
from tests.classes.staff_cast import Staff
from tests.counter_staff.standing import completions_of
from tests.databases import Database

pytestmark = pytest.mark.usefixtures("frozen_now")

Signed = Callable[..., Awaitable[httpx.AsyncClient]]
ICT = Staff(sees_all_sections=True)
JUNE, JULY = date(2026, 6, 10), date(2026, 7, 8)
MEGUMI = {"name": "田中　恵", "reading": "タナカ メグミ"}
number = count(100)


async def training(*days: date) -> dict[str, Any]:
    """A training on a class for staff that met on these days."""
    course = (await factories.make_course(kind=CourseKind.staff_training, listed=False)).id
    for each, on in enumerate(days, start=1):
        starts = datetime(on.year, on.month, on.day, 1, tzinfo=UTC)
        await factories.make_class_session(course=course, number=each, starts_at=starts)
    made = await factories.make_staff_training(
        kind=StaffTrainingKind.dated,
        address="",
        course=course,
        first_on=min(days),
        last_on=max(days),
    )
    return await staff_trainings.known(made.id)


async def came(
    to: dict[str, Any],
    on: date = JUNE,
    presence: Presence = Presence.present,
    person: int | None = None,
    **names: Any,
) -> None:
    """Somebody booked, and was ticked."""
    session = await (
        ClassSession.select()
        .where((ClassSession.course == to["course"]) & (ClassSession.held_on == on))
        .first()
    )
    assert session is not None
    facts: dict[str, Any] = names or MEGUMI
    person = person or (await factories.make_person(f"090-0000-{next(number):04d}", **facts)).id
    now = clock.now()
    async with writing():
        booking = Booking(
            reference=f"{next(number):09d}",
            course=to["course"],
            person=person,
            state=BookingState.confirmed,
            channel=Channel.phone,
            booked_at=now,
            booked_on=on,
            recorded_at=now,
            **facts,
        )
        await booking.save()
        await Attendance(
            booking=booking.id,
            session=session["id"],
            presence=presence,
            effective_on=on,
            recorded_at=now,
        ).save()


async def member(section: int, name: str = "田中恵", reading: str = "たなかめぐみ") -> Any:
    return await factories.make_staff_member(section, name=name, reading=reading)


async def found(to: dict[str, Any]) -> list[tuple[date, list[int], list[Any], list[str]]]:
    """Day, sure members, the members of each unsure booking, names of the unknown."""

    def told(each: Attendees) -> tuple[date, list[int], list[Any], list[str]]:
        unsure = [[one["member_id"] for one in row["members"]] for row in each.unsure]
        return each.day, each.sure, unsure, [row["name"] for row in each.unknown]

    return [told(each) for each in await attendees.of_training(to)]


async def test_h5_name_and_reading_say_who_was_there(database: Database) -> None:
    her = await member((await factories.make_section()).id)
    to = await training(JUNE, JULY)
    await came(to)
    await came(to, JULY, name="知らない人", reading="しらないひと")
    await came(to, presence=Presence.absent, name="鈴木愛", reading="すずきあい")

    assert await found(to) == [(JULY, [], [], ["知らない人"]), (JUNE, [her.id], [], [])]


async def test_h5_of_two_members_of_one_name_nobody_is_guessed(database: Database) -> None:
    tax = (await factories.make_section()).id
    first, second = await member(tax), await member((await factories.make_section()).id)
    to = await training(JUNE)
    await came(to)

    assert await found(to) == [(JUNE, [], [[first.id, second.id]], [])]


async def test_h5_of_two_there_of_one_name_nobody_is_guessed(database: Database) -> None:
    her = await member((await factories.make_section()).id)
    to = await training(JUNE)
    await came(to)
    await came(to)

    assert await found(to) == [(JUNE, [], [[her.id], [her.id]], [])]


async def test_h5_who_is_only_read_alike_is_asked_about(database: Database) -> None:
    tax = (await factories.make_section()).id
    other, her = await member(tax, "田中 惠"), await member(tax, "渡邉愛", "わたなべあい")
    to = await training(JUNE)
    await came(to)
    await came(to, name="渡辺愛", reading="わたなべ　あい")

    assert await found(to) == [(JUNE, [], [[other.id], [her.id]], [])]


async def test_b2_who_is_the_same_person_is_found_whatever_she_is_called(
    database: Database,
) -> None:
    tax = (await factories.make_section()).id
    her = await member(tax)
    await member(tax)
    to = await training(JUNE)
    await came(to, person=her.person, name="鈴木恵", reading="すずきめぐみ")

    assert await found(to) == [(JUNE, [her.id], [], [])]


async def test_who_was_not_in_post_on_that_day_is_not_found(database: Database) -> None:
    await factories.make_staff_member(
        (await factories.make_section()).id, JULY, name="田中恵", reading="たなかめぐみ"
    )
    to = await training(JUNE)
    await came(to)

    assert await found(to) == [(JUNE, [], [], ["田中　恵"])]
    assert await attendees.of_training(await staff_trainings.known(1) | {"course": None}) == []


async def test_h5_those_present_are_ticked_to_be_looked_at_and_entered_by_a_press(
    database: Database, client_as: Signed
) -> None:
    tax = (await factories.make_section(name="市民税課")).id
    her, other = await member(tax), await member(tax, "鈴木愛", "すずきあい")
    to = await training(JUNE, JULY)
    await came(to)
    await came(to, name="知らない人", reading="しらないひと")
    client = await client_as(Role.coordinator)
    path = f"/staff/trainings/{to['id']}/completions"

    offered = await client.get(path)
    assert "checked" not in offered.text
    assert "知らない人" in offered.text
    reading = await AuditEntry.select().where(AuditEntry.subject == "booking")
    assert len(reading) == 1
    link = re.search(r'href="(\?year=2026&amp;present=2026-06-10)#ticks"', offered.text)
    assert link
    looked_at = await client.get(path + link[1].replace("&amp;", "&"))
    ticked = re.findall(r'name="member" value="(\d+)" checked', looked_at.text)
    assert ticked == [str(her.id)]
    assert re.search(r'<option[^>]*selected[^>]*value="2026-06-10"', looked_at.text)
    assert await completions_of(to["id"]) == []

    form = {"completed_on": "2026-06-10", "member": ticked}
    assert (await client.post(f"{path}?year=2026", data=form)).status_code == 303
    [row] = await completions_of(to["id"])
    assert (row["member"], row["completed_on"]) == (her.id, JUNE)
    assert "present=" not in (await client.get(path)).text
    assert other.id != her.id


async def test_p1_names_of_those_present_are_for_who_keeps_the_training(
    database: Database, client_as: Signed
) -> None:
    tax = (await factories.make_section(name="市民税課")).id
    await member(tax)
    to = await training(JUNE)
    await came(to, name="知らない人", reading="しらないひと")
    client = await client_as(Role.coordinator, section=tax)

    shown = await client.get(f"/staff/trainings/{to['id']}/completions")

    assert shown.status_code == 200
    assert "知らない人" not in shown.text
    assert await AuditEntry.exists().where(AuditEntry.subject == "booking") is False
