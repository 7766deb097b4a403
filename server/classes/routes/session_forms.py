"""What a coordinator types about a date of a course: shape only."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, ClassVar

from litestar.datastructures import FormMultiDict
from wtforms import HiddenField, IntegerField, SelectField
from wtforms.validators import Optional

from server import clock
from server.classes import assignments, editing, scheduling
from server.classes.routes.course_forms import between, hour_field
from server.classes.sessions import SessionFacts
from server.classes.tables import BookingScope
from server.web.fields import day_field, line
from server.web.forms import Required, choices
from server.web.versions import MergingForm
from server.web.words import lazy as _

Row = dict[str, Any]

MOST_HELPERS = 99
PEOPLE = tuple(assignments.NEEDED.values())


def _people(label: str, description: str = "") -> IntegerField:
    return IntegerField(
        label,
        [Optional(), between(0, MOST_HELPERS)],
        description=description,
        render_kw={"data-width": "s", "min": 0, "max": MOST_HELPERS},
    )


class SessionForm(MergingForm):
    """One date, with its hours and room; `confirmed` is what was shown before pressing again."""

    day = day_field(_("Day"), Required())
    starts = hour_field(_("Begins at"))
    ends = hour_field(_("Ends at"))
    place = SelectField(_("Venue and room"), [Required()])
    seats = IntegerField(
        _("Seats"), [Required(), between(1, 1000)], render_kw={"data-width": "s", "min": 1}
    )

    leads_needed = _people(_("Leads"))
    assistants_needed = _people(
        _("Assistants"), _("Left empty at first, it follows the number of seats.")
    )
    trainee_places = _people(_("Places for trainees"))

    confirmed = HiddenField()

    about: ClassVar = {
        scheduling.PASSED: "day",
        scheduling.NOT_IN_ORDER: "ends",
        scheduling.ROOM_GONE: "place",
        scheduling.ROOM_BUSY: "place",
        editing.TOO_FEW_SEATS: "seats",
    }

    def __init__(
        self,
        formdata: FormMultiDict | None,
        course: Row,
        places: Iterable[tuple[str, str]],
        known: Mapping[str, Any],
    ) -> None:
        """Take what was posted, else `known`; seats only where one date is picked."""
        super().__init__(formdata, data=known)
        self.place.choices = choices([("", _("Please choose")), *places])
        if course["scope"] == BookingScope.course:
            del self.seats
        if formdata is None:
            self.remember()

    def shown(self) -> str:
        """What a confirmation stands for: the very time, place and seats that it showed."""
        names = ("day", "starts", "ends", "place", "seats", *PEOPLE)
        return "|".join(str(self[name].data) for name in names if name in self)

    def facts(self) -> SessionFacts:
        """What was typed, once it is valid."""
        typed = self.data
        venue_id, _dash, room_id = typed["place"].partition("-")
        return SessionFacts(
            starts_at=clock.at(typed["day"], typed["starts"]),
            ends_at=clock.at(typed["day"], typed["ends"]),
            venue_id=int(venue_id),
            room_id=int(room_id) if room_id else None,
            seats=typed.get("seats", 0),
            **{name: typed[name] for name in PEOPLE},
        )


class MoveForm(SessionForm):
    """Another time or place for a date."""

    reason = line(
        _("Reason"),
        200,
        autocomplete="off",
        description=_("People who booked are told it. It may stay empty."),
    )

    beside = ("reason",)


def session_known(session: Row) -> Row:
    """What the form shows of a session that exists."""
    starts, ends = clock.local(session["starts_at"]), clock.local(session["ends_at"])
    return {
        "day": starts.date(),
        "starts": starts.time(),
        "ends": ends.time(),
        "place": f"{session['venue']}-{session['room'] or ''}",
        "seats": session["seats"],
        "version": session["version"],
        **{name: session[name] for name in PEOPLE},
    }


def session_after(course: Row, last: Row | None) -> Row:
    """What mostly fits the next date: a week after the last one, at the same hour and place."""
    if last is None:
        return {"seats": course["preset"] or None}
    known = session_known(last)
    return {**known, "day": known["day"] + timedelta(days=7), "version": None}
