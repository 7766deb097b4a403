"""Who came (出欠): ticked per booking and session; a wrong tick is voided, never overwritten."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from server import clock, text
from server.audit import entries
from server.classes import practice, reports
from server.classes.editing import locked_course
from server.classes.practice import minutes_of
from server.classes.tables import (
    SEATED_STATES,
    Attendance,
    Booking,
    BookingState,
    ClassSession,
    CourseKind,
    Presence,
)
from server.database import writing
from server.database.conditions import among, every, stood
from server.refusals import Refused, Stale
from server.roles import Actor
from server.training import records
from server.training.tables import Source

Row = dict[str, Any]
Marks = Mapping[int, Presence | None]


async def mark(
    session_id: int, marks: Marks, *, by: Actor, seen: Mapping[int, str] | None = None
) -> None:
    """Say of bookings whether the person came; None takes back what was said.

    Whoever is present at a session that teaches a requirement has done of it (S2), and has not
    once the tick is taken back. The same said twice changes nothing. `seen` is what was said on
    the screen: Stale where a tick to be changed is another one now. Refused for whoever does not
    run the session (P1), before its day, once it was called off, for another's booking, and
    where it would contradict the report that stands (T4).
    """
    async with writing():
        await tick(session_id, marks, by=by, seen=seen)
        report = await reports.current(session_id)
        if report is not None:
            await reports.check_head_count(report)


async def tick(
    session_id: int, marks: Marks, *, by: Actor, seen: Mapping[int, str] | None = None
) -> None:
    """As `mark`, inside the `writing()` of the session's report, which is told afterwards."""
    async with writing():
        course, session = await _locked(session_id)
        await reports.check_may_report(session, by)
        await _check_marks(session, marks)
        known = await of_session(session_id)
        changed = {
            booking_id: presence
            for booking_id, presence in marks.items()
            if _presence(known.get(booking_id)) != presence
        }
        if not changed:
            return
        _check_seen(known, changed, seen)
        await practice.hold(await people_of(changed))
        trains = course["kind"] == CourseKind.supporter_training
        await _void([known[each] for each in changed if each in known], by, trains=trains)
        added = await _add(session, changed, by)
        if trains and session["requirement"]:
            await _record(session, added, by)
        await entries.record("attendance.marked", "class_session", session_id, by=by, marks=changed)


async def clear(session_ids: Sequence[int], *, by: Actor) -> None:
    """Nobody came to sessions that are called off: ticks are taken back, and what stood on them.

    Belongs inside the `writing()` of calling them off, which has checked who may.
    """
    rows = await Attendance.select().where(
        Attendance.session.is_in(list(session_ids)) & Attendance.voided_at.is_null()
    )
    if rows:
        await practice.hold(await people_of(row["booking"] for row in rows))
        await _void(rows, by, trains=True)
        for session_id in sorted({row["session"] for row in rows}):
            await entries.record("attendance.cleared", "class_session", session_id, by=by)


async def of_session(session_id: int) -> dict[int, Row]:
    """What is said of the session, by booking."""
    rows = await Attendance.select().where(
        (Attendance.session == session_id) & Attendance.voided_at.is_null()
    )
    return {row["booking"]: row for row in rows}


async def roster(session_id: int) -> list[Row]:
    """The bookings with a place at the session, in the order of their readings.

    One that the city ended later belongs to the sessions that had begun by then.
    """
    [session] = await ClassSession.select().where(ClassSession.id == session_id)
    rows = await (
        Booking.select(
            Booking.id,
            Booking.person,
            Booking.name,
            Booking.reading,
            Booking.device,
            Booking.needs,
            Booking.needs_other,
        )
        .where(Booking.course == session["course"])
        .where(Booking.session.is_null() | (Booking.session == session_id))
        .where(
            Booking.state.is_in(list(SEATED_STATES))
            | (
                (Booking.state == BookingState.called_off)
                & (Booking.voided_at > session["starts_at"])
            )
        )
    )
    return sorted(rows, key=lambda row: (text.reading_key(row["reading"]), row["id"]))


async def people(
    first_on: date,
    last_on: date,
    kinds: Sequence[CourseKind | str] = (),
    known_at: datetime | None = None,
) -> list[Row]:
    """The people who came on these days, both included: one row per human being (実人数, T4).

    Counted where the session was held (T3), from who was ticked as present: `person_id`, and
    `visits`, how often. Duplicates that were merged are one. One statement.
    """
    fits = [stood("attendance", known_at), stood("session_report", known_at)]
    fits += [among("course.kind", kinds)] if kinds else []
    rows: list[Row] = await Attendance.raw(_PEOPLE, first_on, last_on, every(fits))
    return rows


async def people_of(booking_ids: Iterable[int]) -> list[int]:
    """Whose bookings these are."""
    ids = sorted(booking_ids)
    rows = await Booking.select(Booking.person).where(Booking.id.is_in(ids)) if ids else []
    return [row["person"] for row in rows]


def _check_seen(known: Mapping[int, Row], changed: Marks, seen: Mapping[int, str] | None) -> None:
    """Somebody else's tick is replaced only by whoever has seen it."""
    if seen is None:
        return
    if any(_presence(known.get(each)) != seen.get(each) for each in changed):
        raise Stale({})


def _presence(row: Row | None) -> str | None:
    return row["presence"] if row else None


async def _check_marks(session: Row, marks: Marks) -> None:
    if clock.today() < session["held_on"]:
        raise Refused("Attendance is taken from the day of the session on.")
    if session["called_off_at"] is not None and Presence.present in marks.values():
        raise Refused("This session has been called off, so nobody came.")
    there = {row["id"] for row in await roster(session["id"])}
    there |= (await of_session(session["id"])).keys()
    if marks.keys() - there:
        raise Refused("Who comes to this session has changed in the meantime.")


async def _void(rows: Sequence[Row], by: Actor, *, trains: bool) -> None:
    if not rows:
        return
    await Attendance.update({Attendance.voided_at: clock.now(), Attendance.voided_by: by.id}).where(
        Attendance.id.is_in([row["id"] for row in rows])
    )
    for row in rows:
        if trains and row["presence"] == Presence.present:
            reason = "The attendance was changed."
            await records.void_source(Source.attendance, row["id"], reason, by=by)


async def _add(session: Row, marks: Marks, by: Actor) -> list[Row]:
    now = clock.now()
    rows = [
        Attendance(
            booking=booking_id,
            session=session["id"],
            presence=presence,
            effective_on=session["held_on"],
            recorded_at=now,
            recorded_by=by.id,
        )
        for booking_id, presence in marks.items()
        if presence is not None
    ]
    return await Attendance.insert(*rows).returning(*Attendance.all_columns()) if rows else []


async def _record(session: Row, added: Sequence[Row], by: Actor) -> None:
    present = {row["booking"]: row for row in added if row["presence"] == Presence.present}
    if not present:
        return
    found = await Booking.select(Booking.id, Booking.person).where(
        Booking.id.is_in(sorted(present))
    )
    for booking in sorted(found, key=lambda each: int(each["person"])):
        await records.of_attendance(
            booking["person"],
            session["requirement"],
            session["held_on"],
            minutes_of(session),
            present[booking["id"]]["id"],
            by=by,
        )


async def _locked(session_id: int) -> tuple[Row, Row]:
    [session] = await ClassSession.select().where(ClassSession.id == session_id)
    course = await locked_course(session["course"])
    [session] = await ClassSession.select().where(ClassSession.id == session_id)
    return course, session


_PEOPLE = """
SELECT COALESCE(person.merged_into, person.id) AS person_id, COUNT(*) AS visits
FROM attendance
JOIN booking ON booking.id = attendance.booking
JOIN person ON person.id = booking.person
JOIN session_report ON session_report.session = attendance.session
JOIN course ON course.id = booking.course
WHERE attendance.effective_on >= {} AND attendance.effective_on <= {}
    AND attendance.presence = 'present' AND session_report.outcome = 'held' AND {}
GROUP BY COALESCE(person.merged_into, person.id)
ORDER BY person_id
"""
