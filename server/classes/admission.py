"""May this course or session be booked now? The same checks refuse and show the button."""

from server import clock
from server.classes.queries import Bookable
from server.classes.tables import Admission
from server.refusals import Refused


def check_bookable(what: Bookable) -> None:
    """Raise Refused, in reading order, when the public may not book this now."""
    check_published(what)
    check_not_called_off(what)
    check_first_come(what)
    check_open(what)
    check_seat_free(what)


def check_published(what: Bookable) -> None:
    """A draft, or a course that is not for the public, cannot be booked."""
    if what.published_at is None or not what.listed:
        raise Refused("This class is not open to applications.")


def check_not_called_off(what: Bookable) -> None:
    """A class that the city has called off, be it date by date, cannot be booked."""
    if what.called_off_at is not None or what.starts_at is None:
        raise Refused("This class has been called off.")


def check_first_come(what: Bookable) -> None:
    """Only first come, first served is answered at once (B3)."""
    if what.admission != Admission.first_come:
        raise Refused("This class is not open to applications.")


def check_open(what: Bookable) -> None:
    """Applications are taken from the opening to the closing minute, and before the start."""
    now = clock.now()
    if now < what.opens_at:
        raise Refused("Applications for this class have not opened yet.")
    if now >= what.closes_at or (what.starts_at is not None and now >= what.starts_at):
        raise Refused("Applications for this class have closed.")


def check_seat_free(what: Bookable) -> None:
    """Seats are never given twice (B4), nor past somebody who waits (B6)."""
    if what.seats_left == 0:
        raise Refused("This class is full.")


def why_not(what: Bookable) -> Refused | None:
    """Why the public cannot book this now, for pages that show a button or the reason."""
    try:
        check_bookable(what)
    except Refused as refusal:
        return refusal
    return None
