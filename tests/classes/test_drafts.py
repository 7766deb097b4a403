"""Drafts: a date is removed, a whole one discarded, and nothing of it is ever public."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import httpx
import pytest

from server.audit.tables import AuditEntry
from server.classes import courses, drafts, sessions
from server.classes.tables import Booking, ClassSession, Course
from server.refusals import Refused, Stale
from server.roles import Role
from tests.classes.pressed import filled
from tests.classes.staff_cast import (
    HANAKO,
    ICT,
    Staff,
    again,
    book,
    course_with_sessions,
    in_days,
)
from tests.databases import Database
from tests.factories import make_course, make_municipality

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture(autouse=True)
async def city(database: Database, frozen_now: datetime) -> None:
    await make_municipality()


@pytest.fixture
async def coordinator(client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as(Role.coordinator)


async def test_remove_numbers_what_is_left(database: Database) -> None:
    course, [first, second, third] = await course_with_sessions(3, published_at=None)

    assert await drafts.remove(second.id, version=1, by=ICT) == course.id

    rows = await ClassSession.select().order_by(ClassSession.number)
    assert [(row["id"], row["number"]) for row in rows] == [(first.id, 1), (third.id, 2)]
    [entry] = await AuditEntry.select()
    assert (entry["action"], entry["subject_id"]) == ("session.removed", second.id)


async def test_c3_remove_of_what_is_published_is_refused(database: Database) -> None:
    _, [session] = await course_with_sessions(1)

    with pytest.raises(Refused, match=r"^Residents have seen this class already\."):
        await drafts.remove(session.id, version=1, by=ICT)

    assert await ClassSession.count() == 1


async def test_c3_discard_of_what_is_published_is_refused(database: Database) -> None:
    course, _ = await course_with_sessions(1)

    with pytest.raises(Refused, match=r"^Residents have seen this class already\."):
        await drafts.discard(course.id, version=1, by=ICT)

    assert await Course.count() == 1


async def test_discard_leaves_a_line_in_the_audit_log_only(database: Database) -> None:
    course, _ = await course_with_sessions(2, published_at=None)

    await drafts.discard(course.id, version=1, by=ICT)

    assert (await Course.count(), await ClassSession.count()) == (0, 0)
    [entry] = await AuditEntry.select()
    assert (entry["action"], entry["subject_id"]) == ("course.discarded", course.id)
    assert course.title in entry["facts"]


async def test_a_draft_that_somebody_has_booked_stays(database: Database) -> None:
    course, [session] = await course_with_sessions(1)
    await book(HANAKO, course)
    await Course.update({Course.published_at: None}, force=True)

    with pytest.raises(Refused, match=r"^Somebody has applied for this class already\.$"):
        await drafts.discard(course.id, version=1, by=ICT)
    with pytest.raises(Refused, match=r"^Somebody has applied for this class already\.$"):
        await drafts.remove(session.id, version=1, by=ICT)

    assert (await Booking.count(), await ClassSession.count()) == (1, 1)


async def test_c4_drafts_are_for_their_own_section(database: Database) -> None:
    course, [session] = await course_with_sessions(1, published_at=None)
    other = Staff(section_id=10**6)

    for forbidden in (
        drafts.remove(session.id, version=1, by=other),
        drafts.discard(course.id, version=1, by=other),
    ):
        with pytest.raises(Refused, match="another section"):
            await forbidden


async def test_what_somebody_has_changed_is_not_removed_unseen(database: Database) -> None:
    course, [session] = await course_with_sessions(1, published_at=None)

    with pytest.raises(Stale):
        await drafts.remove(session.id, version=2, by=ICT)
    with pytest.raises(Stale):
        await drafts.discard(course.id, version=2, by=ICT)


async def test_a_draft_is_not_called_off(database: Database) -> None:
    course, [session] = await course_with_sessions(1, published_at=None)

    with pytest.raises(Refused, match=r"^Residents cannot see this class yet\."):
        await courses.call_off(course.id, "計画の見直し", version=1, by=ICT)
    with pytest.raises(Refused, match=r"^Residents cannot see this class yet\."):
        await sessions.call_off(session.id, "計画の見直し", version=1, by=ICT)


async def test_c3_what_was_called_off_as_a_draft_is_not_published(
    client: httpx.AsyncClient,
) -> None:
    course, [first, second] = await course_with_sessions(2, published_at=None, closes_at=in_days(6))
    off: dict[Any, Any] = {
        ClassSession.called_off_at: in_days(-1),
        ClassSession.called_off_reason: "計画の見直し",
    }
    await ClassSession.update(off).where(ClassSession.id == first.id)

    await courses.publish(course.id, version=1, by=ICT)

    [left] = await ClassSession.select()
    assert (left["id"], left["number"]) == (second.id, 1)
    page = await client.get(f"/courses/{course.id}")
    feed = await client.get("/feeds/all.ics")
    assert ("計画の見直し" in page.text, first.uid in feed.text) == (False, False)


async def test_a_date_of_a_draft_is_removed_without_a_reason(
    coordinator: httpx.AsyncClient,
) -> None:
    course, [first, _] = await course_with_sessions(2, published_at=None)
    address = f"/staff/sessions/{first.id}/removal"
    shown = await coordinator.get(f"/staff/courses/{course.id}")

    asked = await coordinator.get(address)
    done = await coordinator.post(address, data=filled(asked.text, address))

    assert f'href="{address}"' in shown.text
    assert "/call-off" not in shown.text
    assert "この日程を消す" in asked.text
    assert done.headers["location"] == f"/staff/courses/{course.id}?done=removed"
    assert await ClassSession.count() == 1
    assert "日程を消しました。" in (await coordinator.get(done.headers["location"])).text


async def test_c3_a_date_of_a_published_class_is_not_removed_through_its_address(
    coordinator: httpx.AsyncClient,
) -> None:
    course, [session] = await course_with_sessions(1)

    removal = await coordinator.post(f"/staff/sessions/{session.id}/removal", data={"version": "1"})
    discarding = await coordinator.post(
        f"/staff/courses/{course.id}/discarding", data={"version": "1"}
    )

    assert (removal.status_code, discarding.status_code) == (409, 409)
    assert "この教室はもう公開しています。" in removal.text
    assert "/discarding" not in (await coordinator.get(f"/staff/courses/{course.id}")).text


async def test_a_whole_draft_is_discarded(coordinator: httpx.AsyncClient) -> None:
    course = await make_course(published_at=None)
    address = f"/staff/courses/{course.id}/discarding"
    asked = await coordinator.get(address)

    stale = await coordinator.post(address, data={"version": "7"})
    done = await coordinator.post(address, data=filled(stale.text, address))

    assert "この下書きを消す" in asked.text
    assert stale.status_code == 409
    assert done.headers["location"] == "/staff/courses?done=discarded"
    assert "下書きを消しました。" in (await coordinator.get(done.headers["location"])).text
    assert (await coordinator.get(f"/staff/courses/{course.id}")).status_code == 404


async def test_a_draft_given_up_earlier_can_still_be_discarded(
    coordinator: httpx.AsyncClient,
) -> None:
    course = await make_course(published_at=None, called_off_at=in_days(-1))

    page = await coordinator.get(f"/staff/courses/{course.id}")

    assert f'href="/staff/courses/{course.id}/discarding"' in page.text
    assert (await again(course))["called_off_at"] is not None


async def test_removing_the_same_date_twice_at_once_does_it_once(database: Database) -> None:
    course, [session, _] = await course_with_sessions(2, published_at=None)

    done = await asyncio.gather(
        *(drafts.remove(session.id, version=1, by=ICT) for _ in range(2)), return_exceptions=True
    )

    assert sorted(str(each) for each in done) == [
        str(course.id),
        "This date has been removed already.",
    ]
    assert await ClassSession.count() == 1


async def test_dates_that_were_not_seen_are_not_published(database: Database) -> None:
    course, [session] = await course_with_sessions(1, published_at=None)
    facts = sessions.SessionFacts(in_days(20), in_days(20.1), int(session.venue), None)
    await sessions.add(course.id, facts, by=ICT)

    with pytest.raises(Stale):
        await courses.publish(course.id, version=1, by=ICT)

    assert (await again(course))["published_at"] is None
