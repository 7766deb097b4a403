"""May this course or session be changed, by her, now? And the row as it stands, held."""

from datetime import datetime
from typing import Any

from server import clock
from server.classes.queries import lock_course
from server.classes.tables import Booking, ClassSession, Course
from server.refusals import N_, Refused, Stale
from server.roles import Actor, Role

Row = dict[str, Any]

# Refusals that a form shows beside the field that they are about.
CLOSES_FIRST = N_("Applications must close after they open.")
UNHEEDED = N_("Please write why this is to be published all the same.")
SCOPE_KEPT = N_("People have applied already, so what they apply for cannot be changed.")
TOO_FEW_SEATS = N_("{taken} people already have a place. There cannot be fewer seats than that.")


class Unheeded(Refused):
    """There are `warnings`, and nobody has said why they do not matter (C1)."""

    def __init__(self, warnings: list[Refused], msgid: str = UNHEEDED) -> None:
        super().__init__(msgid)
        self.warnings = warnings


def check_may_edit(by: Actor, *section_ids: int) -> None:
    """Coordinators edit their own section's courses, the overseeing section all (C4)."""
    own = by.sees_all_sections or all(each == by.section_id for each in section_ids)
    if Role.coordinator not in by.roles or not own:
        raise Refused("This class belongs to another section.")


def check_version(row: Row, version: int) -> None:
    """Nobody overwrites what she has not seen."""
    if row["version"] != version:
        raise Stale(row)


def check_not_called_off(course: Row) -> None:
    """What is called off stays as it was told."""
    if course["called_off_at"] is not None:
        raise Refused("This class has been called off.")


def check_draft(course: Row) -> None:
    """What residents have seen is called off, so that they are told; only a draft just goes."""
    if course["published_at"] is not None:
        raise Refused("Residents have seen this class already. Please call it off instead.")


def check_published(course: Row) -> None:
    """Nobody knows of a draft: there is nothing to call off."""
    if course["published_at"] is None:
        raise Refused("Residents cannot see this class yet. Please remove it instead.")


def check_overruled(warnings: list[Refused], reason: str) -> None:
    """Whoever goes past a warning says why (C1)."""
    if warnings and not reason:
        raise Unheeded(warnings)


def check_window(opens_at: datetime, closes_at: datetime) -> None:
    """Applications open before they close."""
    if opens_at >= closes_at:
        raise Refused(CLOSES_FIRST)


async def check_scope_kept(course: Row, scope: str) -> None:
    """What a booking covers cannot change once somebody has booked."""
    if course["scope"] == scope:
        return
    if await Booking.exists().where(Booking.course == course["id"]):
        raise Refused(SCOPE_KEPT)


def check_seats_kept(row: Row, seats: int) -> None:
    """Of a course or a session: nobody loses a place because seats become fewer (B4)."""
    if seats + row["overbooked"] < row["taken"]:
        raise Refused(
            TOO_FEW_SEATS,
            taken=row["taken"],
        )


async def check_publishable(course: Row) -> None:
    """Something to come to, and time to apply for it."""
    check_not_called_off(course)
    sessions = await sessions_to_come(course["id"])
    if not sessions:
        raise Refused("Please add a session to come before you publish.")
    if course["closes_at"] <= clock.now():
        raise Refused("Applications would already be closed. Please change until when to apply.")


async def sessions_to_come(course_id: int) -> list[Row]:
    """The sessions that stand and have not ended, in order."""
    return await (
        ClassSession.select()
        .where((ClassSession.course == course_id) & ClassSession.called_off_at.is_null())
        .where(ClassSession.ends_at > clock.now())
        .order_by(ClassSession.starts_at, ClassSession.id)
    )


async def standing_sessions(course_id: int) -> list[Row]:
    """The sessions that are not called off, held ones too, in order."""
    return await (
        ClassSession.select()
        .where((ClassSession.course == course_id) & ClassSession.called_off_at.is_null())
        .order_by(ClassSession.starts_at, ClassSession.id)
    )


async def locked_course(course_id: int) -> Row:
    """The course as it stands, held for others until the change ends: courses come first."""
    await lock_course(course_id)
    return await current(course_id)


async def current(course_id: int) -> Row:
    """The course as it stands."""
    return (await Course.select().where(Course.id == course_id))[0]
