"""B10: notices about bookings and about applications keep apart, though their numbers meet."""

from server import clock
from server.database import writing
from server.notices import outbox, queries
from server.notices.outbox import Reachable
from server.notices.tables import NoticeChannel
from tests import factories
from tests.classes.staff_cast import ICT
from tests.databases import Database

SUBJECT = 7


async def post_both() -> None:
    """A class called off and an application decided, of the same number and person."""
    person = await factories.make_person()
    to = [Reachable(person.id, SUBJECT, NoticeChannel.phone, "090-0000-1234")]
    now = clock.now().isoformat()
    moved: dict[str, object] = {
        "title": "LINE",
        "starts_at": now,
        "ends_at": now,
        "venue": "",
        "room": "",
    }
    async with writing():
        await outbox.post("session.moved", to, moved | {"was_starts_at": now})
        await outbox.post("supporter.accepted", to, {"message": "ようこそ。"}, about="application")


async def occasions() -> list[str]:
    return [call.occasion for call in await queries.calls(ICT)]


async def test_one_number_of_two_kinds_is_two_calls(database: Database) -> None:
    await post_both()

    assert await occasions() == ["session.moved", "supporter.accepted"]


async def test_giving_a_place_back_leaves_what_is_said_about_an_application(
    database: Database,
) -> None:
    await post_both()

    async with writing():
        await outbox.withdraw(SUBJECT)

    assert await occasions() == ["supporter.accepted"]


async def test_two_ticked_off_at_one_moment_are_told_apart(
    database: Database, frozen_now: object
) -> None:
    await post_both()
    calls = await queries.calls(ICT)
    for call in calls:
        await outbox.mark_told(call.ids, by=ICT)

    told = [await queries.told(ICT, call.id) for call in calls]

    assert [call.occasion if call else None for call in told] == [
        "session.moved",
        "supporter.accepted",
    ]
