"""What is next for a trainee: of each requirement what is booked, and where it can be done."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any

from server import clock
from server.classes import assignments, details, vacancies
from server.classes.admission import why_not
from server.classes.tables import ClassSession, HelpRole
from server.database.conditions import among
from server.people import merging
from server.training import queries
from server.training.progress import Line, Progress
from server.training.tables import RequirementKind

Row = dict[str, Any]

LOOKS_BACK = timedelta(days=60)  # a date that is over waits so long for its record
MOST = 3  # next dates shown of one requirement
MOST_LOOKED_AT = 500


@dataclass(frozen=True)
class Step:
    """One requirement: its line, the dates she is down for, and the next ones she could take.

    Rows have `session_id`, `course_id`, `title`, `starts_at`, `ends_at`, `venue_name`,
    `district_name`; booked ones `booking_id` (None: she helps there) and `is_over` (its record is
    still to come), chances `refused`, why it cannot be taken now or None, and `session_count`:
    how many dates are taken with it, and `course` with all of them.
    """

    line: Line
    booked: tuple[Row, ...]
    chances: tuple[Row, ...]

    @property
    def is_practice(self) -> bool:
        """Is it done by helping at a class, beside a lead?"""
        return bool(self.line.requirement["kind"] == RequirementKind.practice)


async def steps(supporter: Row, made: Progress) -> list[Step]:
    """The requirements in order, each with what is booked and the next chances.

    A constant number of statements, however many dates there are.
    """
    teaching = await _teaching(made)
    helping = await _helping(supporter, made)
    practice = await _practice_places(supporter, made)
    found = []
    for line in made.lines:
        if line.requirement["kind"] == RequirementKind.practice:
            booked, offered = helping.get(line.requirement["id"], []), practice
        else:
            own = [row for row in teaching if row["code"] in _codes(line)]
            booked = [row for row in own if row["booking_id"] and not row["attendance_id"]]
            offered = [row for row in own if not row["booking_id"] and not row["is_over"]]
        wanted = [] if line.is_done or _is_covered(line, booked) else _nearest(offered)
        found.append(Step(line, tuple(booked), tuple(wanted)))
    return found


async def booked(supporter: Row) -> list[Row]:
    """The dates of trainings to come that she has a place in, in order; two statements.

    Rows of session with `title`, `bring`, `venue_name`, `district_name`, `room_name`.
    """
    person_id = supporter["person_id"]
    selves = (await merging.selves([person_id]))[person_id]
    own = among("booking.person", selves)
    rows: list[Row] = await ClassSession.raw(_BOOKED, own, clock.now())
    return list({row["id"]: row for row in rows}.values())


def _nearest(offered: list[Row]) -> list[Row]:
    """The next ones that can be taken; only where there is none those that cannot, for why."""
    possible = [row for row in offered if row["refused"] is None]
    return (possible or offered)[:MOST]


def _codes(line: Line) -> set[str]:
    return {line.requirement["code"], *queries.replaced(line.requirement)}


def _is_covered(line: Line, booked: list[Row]) -> bool:
    """Does what is booked make up for what is missing?"""
    if line.requirement["unit"] == "hours":
        minutes = sum((row["ends_at"] - row["starts_at"]) / timedelta(minutes=1) for row in booked)
        return bool(line.missing * 60 <= minutes)
    return line.missing <= len(booked)


async def _teaching(made: Progress) -> list[Row]:
    """Dates that teach a requirement of her programme, hers and those to come, each once."""
    selves = (await merging.selves([made.person_id]))[made.person_id]
    own = among("booking.person", selves)
    since = clock.now() - LOOKS_BACK
    rows = await ClassSession.raw(_TEACHING, own, made.programme["code"], since)
    once = {row["session_id"]: row for row in reversed(rows)}
    dates = sorted(once.values(), key=lambda row: (row["starts_at"], row["session_id"]))
    for row in dates:
        row["is_over"] = row["ends_at"] <= clock.now()
    return await _with_refusals(dates)


async def _with_refusals(dates: list[Row]) -> list[Row]:
    """Why each of the dates cannot be booked by somebody who is invited, or None."""
    courses = await details.by_id(list(dict.fromkeys(row["course_id"] for row in dates)))
    refused = {
        (course["id"], what.session_id): why_not(what._replace(listed=True))
        for course in courses
        for what in course["bookables"]
    }
    by_id = {course["id"]: course for course in courses}
    for row in dates:
        whole = row["scope"] == "course"
        row["refused"] = refused[row["course_id"], None if whole else row["session_id"]]
        row["course"] = by_id[row["course_id"]]
        row["session_count"] = row["course"]["session_count"] if whole else 1
    return dates


async def _helping(supporter: Row, made: Progress) -> dict[int, list[Row]]:
    """Trainee places that she has and that are not recorded yet, by requirement.

    As the records will be: the first practice that is not filled yet, else the last one.
    """
    down = await assignments.of_supporter(supporter["id"], clock.now() - LOOKS_BACK)
    places = [
        {**row, "session_id": row["session"], "course_id": row["course"], "booking_id": None}
        | {"is_over": row["state"] == "over"}
        for row in down
        if row["role"] == HelpRole.trainee and row["state"] != "called_off" and row["came"] is None
    ]
    practices = [
        line for line in made.lines if line.requirement["kind"] == RequirementKind.practice
    ]
    found: dict[int, list[Row]] = {line.requirement["id"]: [] for line in practices}
    for line in practices:
        room = len(places) if line is practices[-1] else ceil(line.missing)
        found[line.requirement["id"]], places = places[:room], places[room:]
    return found


async def _practice_places(supporter: Row, made: Progress) -> list[Row]:
    """The nearest sessions that have a place for a trainee."""
    if not any(
        line.requirement["kind"] == RequirementKind.practice and not line.is_done
        for line in made.lines
    ):
        return []
    near = await vacancies.near(supporter, roles=(HelpRole.trainee,), limit=MOST_LOOKED_AT)
    return [
        {**row, "session_id": row["id"], "course_id": row["course"], "session_count": 1}
        | {"refused": row["why_not"]}
        for row in near
    ]


_TEACHING = """
SELECT held.id AS session_id, held.course AS course_id, held.number, held.starts_at, held.ends_at,
    course.title, course.scope, requirement.code, venue.name AS venue_name,
    district.name AS district_name, booking.id AS booking_id, attendance.id AS attendance_id
FROM class_session AS held
JOIN course ON course.id = held.course
JOIN requirement ON requirement.id = held.requirement
JOIN programme ON programme.id = requirement.programme
JOIN venue ON venue.id = held.venue
LEFT JOIN district ON district.id = venue.district
LEFT JOIN booking ON booking.course = course.id AND {}
    AND booking.voided_at IS NULL AND (booking.session IS NULL OR booking.session = held.id)
LEFT JOIN attendance ON attendance.booking = booking.id AND attendance.session = held.id
    AND attendance.voided_at IS NULL
WHERE programme.code = {} AND held.ends_at > {} AND held.called_off_at IS NULL
    AND course.called_off_at IS NULL AND course.published_at IS NOT NULL
ORDER BY held.starts_at, held.id, booking.id
"""

_BOOKED = """
SELECT held.*, course.title, course.bring, venue.name AS venue_name, district.name AS district_name,
    room.name AS room_name
FROM booking
JOIN course ON course.id = booking.course
JOIN class_session AS held ON held.course = course.id
    AND (booking.session IS NULL OR booking.session = held.id)
JOIN venue ON venue.id = held.venue
LEFT JOIN district ON district.id = venue.district
LEFT JOIN room ON room.id = held.room
WHERE {} AND booking.voided_at IS NULL AND booking.state = 'confirmed'
    AND course.kind = 'supporter_training' AND held.ends_at > {}
ORDER BY held.starts_at, held.id
"""
