"""Who was ticked as present at the class of a dated training, found on the register (H5)."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from server import text
from server.classes.tables import Attendance, Presence
from server.counter_staff import memberships
from server.people import merging

Row = dict[str, Any]


@dataclass
class Attendees:
    """Who was there on a day, by what the register says of them.

    `sure` are the members found; `unsure` are bookings with `members` who are called so or read
    alike, of whom it may be any or none; `unknown` are bookings of nobody in post on that day.
    """

    day: date
    sure: list[int] = field(default_factory=list)
    unsure: list[Row] = field(default_factory=list)
    unknown: list[Row] = field(default_factory=list)


async def of_training(training: Row) -> list[Attendees]:
    """A day each on which somebody was ticked as present, the newest first; no day of no course.

    A member is found by being the same person, else by name and reading. Where two of the members
    or two of those present are called the same, nobody is guessed.
    """
    bookings = await _present(training["course"])
    selves = await merging.selves({row["person"] for row in bookings})
    by_day: dict[date, list[Row]] = defaultdict(list)
    for row in bookings:
        by_day[row["day"]].append(row | {"persons": selves[row["person"]]})
    return [await _found(day, by_day[day]) for day in sorted(by_day, reverse=True)]


async def _found(day: date, bookings: list[Row]) -> Attendees:
    posts = await memberships.in_post(day)
    attendees = Attendees(day)
    names = [_called(row) for row in bookings]
    for row in bookings:
        members = [each for each in posts if each["person_id"] in row["persons"]]
        same = [each for each in posts if _called(each) == _called(row)]
        alike = [each for each in posts if _called(each)[1] == _called(row)[1]]
        if members or (len(same) == 1 and names.count(_called(row)) == 1):
            attendees.sure.append((members or same)[0]["member_id"])
        elif alike:
            attendees.unsure.append(row | {"members": alike})
        else:
            attendees.unknown.append(row)
    return attendees


def _called(row: Row) -> tuple[str, str]:
    name = text.normalised(row["name"]).replace(" ", "")
    return name, text.reading_key(row["reading"])


async def _present(course_id: int | None) -> list[Row]:
    """Each person once a day, however often she met on it; not whose name was erased."""
    if course_id is None:
        return []
    rows = await (
        Attendance.select(
            Attendance.effective_on.as_alias("day"),
            Attendance.booking.as_alias("booking_id"),
            Attendance.booking.person.as_alias("person"),
            Attendance.booking.name.as_alias("name"),
            Attendance.booking.reading.as_alias("reading"),
        )
        .where(Attendance.session.course == course_id)
        .where(Attendance.session.called_off_at.is_null())
        .where((Attendance.presence == Presence.present) & Attendance.voided_at.is_null())
        .order_by(Attendance.id)
    )
    once = {(row["day"], row["person"]): row for row in rows if row["name"]}
    return list(once.values())
