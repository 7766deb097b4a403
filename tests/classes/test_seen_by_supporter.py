"""S8: what a supporter sees of the people who come to the class she helps at."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from server import clock
from server.classes import bookings, roster
from server.classes.bookings import Applicant
from server.classes.tables import Assignment, BookingScope, ClassSession, HelpRole
from server.refusals import Refused
from server.supporters.tables import Stage, Supporter, SupporterStage
from tests.classes.staff_cast import book
from tests.databases import Database
from tests.factories import make_class_session, make_course, make_person

SATURDAY = date(2026, 11, 21)
HANAKO = Applicant(
    name="山田花子",
    reading="やまだはなこ",
    phone="059-354-0000",
    email="hanako@example.jp",
    postcode="510-8601",
    address="四日市市諏訪町1-5",
    device="android",
    needs=("hearing_aid", "other"),
    needs_other="前の席",
    remarks="電話は昼に",
)


@pytest.fixture
def saturday() -> Any:
    with clock.freeze(clock.at(SATURDAY, time(9))) as instant:
        yield instant


async def class_with_helper(starts_at: datetime) -> tuple[dict[str, Any], int]:
    """A class that 山田花子 has booked, and the supporter who helps at it."""
    course = await make_course()
    session = await make_class_session(course=course.id, starts_at=starts_at)
    await book(HANAKO, course)
    person = await make_person(name="佐藤みどり", reading="さとうみどり")
    supporter = Supporter(person=person.id, created_at=clock.now())
    await supporter.save()
    await helps(session.id, supporter.id)
    return await row(session), supporter.id


async def helps(session_id: int, supporter_id: int) -> Assignment:
    assignment = Assignment(
        session=session_id,
        supporter=supporter_id,
        role=HelpRole.assistant,
        recorded_at=clock.now(),
    )
    await assignment.save()
    return assignment


async def row(session: ClassSession) -> dict[str, Any]:
    return dict((await ClassSession.select().where(ClassSession.id == session.id))[0])


async def test_s8_a_supporter_sees_reading_device_and_needs_and_nothing_else(
    database: Database, saturday: datetime
) -> None:
    session, midori = await class_with_helper(clock.at(SATURDAY, time(14)))

    [seen] = await roster.seen_by_supporter(session, midori)

    assert {name: value for name, value in seen.items() if name != "id"} == {
        "reading": "やまだはなこ",
        "device": "android",
        "needs": "hearing_aid,other",
        "needs_other": "前の席",
    }


@pytest.mark.parametrize(
    ("day", "hour", "sees"),
    [
        (19, time(23, 59), False),
        (20, time(0), True),  # the day before begins at midnight in Japan: 15:00 UTC
        (21, time(9), True),
        (22, time(23, 59), True),
        (23, time(0), False),
    ],
)
async def test_s8_from_the_day_before_to_the_day_after(
    database: Database, saturday: datetime, day: int, hour: time, sees: bool
) -> None:
    session, midori = await class_with_helper(clock.at(SATURDAY, time(14)))

    with clock.freeze(clock.at(date(2026, 11, day), hour)):
        if sees:
            assert len(await roster.seen_by_supporter(session, midori)) == 1
        else:
            with pytest.raises(Refused, match="Who comes is shown from"):
                await roster.seen_by_supporter(session, midori)


async def test_s8_whoever_does_not_help_there_sees_nobody(
    database: Database, saturday: datetime
) -> None:
    session, midori = await class_with_helper(clock.at(SATURDAY, time(14)))
    await Assignment.update({Assignment.voided_at: clock.now()}).where(
        Assignment.supporter == midori
    )

    with pytest.raises(Refused, match="Only who helps"):
        await roster.seen_by_supporter(session, midori)


async def test_s8_who_gave_the_place_back_or_comes_on_another_day_is_not_seen(
    database: Database, saturday: datetime
) -> None:
    course = await make_course(scope=BookingScope.session, seats=0)
    starts = clock.at(SATURDAY, time(14))
    today = await make_class_session(course=course.id, seats=5, starts_at=starts)
    later = await make_class_session(
        course=course.id, seats=5, number=2, starts_at=starts + timedelta(days=7)
    )
    person = await make_person(name="佐藤みどり", reading="さとうみどり")
    midori = Supporter(person=person.id, created_at=clock.now())
    await midori.save()
    await helps(today.id, midori.id)
    await book(HANAKO, course, later)
    taro = await book(Applicant(name="山田太郎", reading="やまだたろう"), course, today)
    await bookings.cancel(taro["id"])

    assert await roster.seen_by_supporter(await row(today), midori.id) == []


@pytest.mark.parametrize("stage", [Stage.resting, Stage.withdrawn])
async def test_s8_who_rests_or_has_left_sees_nobody(
    database: Database, saturday: datetime, stage: Stage
) -> None:
    session, midori = await class_with_helper(clock.at(SATURDAY, time(14)))
    await SupporterStage(
        supporter=midori, stage=stage, effective_on=SATURDAY, recorded_at=clock.now()
    ).save()

    with pytest.raises(Refused, match="Only who helps"):
        await roster.seen_by_supporter(session, midori)
