"""What a coordinator types about a course: shape only."""

from collections.abc import Iterable
from datetime import time, timedelta
from typing import Any, ClassVar

from litestar.datastructures import FormMultiDict
from wtforms import (
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import NumberRange

from server import clock
from server.classes import editing
from server.classes.courses import CourseFacts
from server.classes.tables import PUBLIC_KINDS, BookingScope, CourseKind
from server.topics import masters
from server.web.addresses import whole
from server.web.fields import day_field, kana_only, line
from server.web.forms import Required, choices, no_longer_than
from server.web.versions import MergingForm, VersionedForm
from server.web.words import lazy as _

Row = dict[str, Any]

KIND_WORDS = {
    CourseKind.smartphone: _("Smartphone class"),
    CourseKind.online_meeting: _("Online meeting class"),
    CourseKind.consultation: _("Consultation"),
    CourseKind.supporter_training: _("Supporter training"),
    CourseKind.staff_training: _("Staff training"),
}
OPENS = time(9, 0)
CLOSES = time(17, 0)


def between(least: int, most: int) -> NumberRange:
    """A whole number from `least` to `most`."""
    return NumberRange(least, most, message=_("Please write a number from %(min)s to %(max)s."))


def hour_field(label: str) -> TimeField:
    """A time of day that must be given."""
    return TimeField(label, [Required()], render_kw={"data-width": "s"})


def overruling() -> StringField:
    """Why something is published although it was warned of; asked only then."""
    return line(_("Why it is to be published all the same"), 200, autocomplete="off")


def _topic_id(words: object) -> int:
    """A topic, or 0, which there is none of, for nonsense."""
    return whole(words) or 0


class PublicationForm(VersionedForm):
    """A course to publish, and why, where there are warnings."""

    overruled = overruling()

    about: ClassVar = {editing.UNHEEDED: "overruled"}


class CourseForm(MergingForm):
    """A course; the choice of sections is what the coordinator may use."""

    kind = SelectField(_("Kind"), [Required()])
    title = line(_("Title"), 120, Required(), autocomplete="off")
    reading = line(
        _("Reading of the title"),
        200,
        Required(),
        kana_only,
        autocomplete="off",
        description=_("In hiragana or katakana."),
    )
    description = TextAreaField(
        _("Description"),
        [no_longer_than(2000)],
        description=_("What one learns, in two or three sentences."),
        render_kw={"rows": 4},
    )
    audience = line(_("For whom"), 200, autocomplete="off")
    bring = line(_("To bring"), 200, autocomplete="off")
    fee = IntegerField(
        _("Fee (yen)"),
        [Required(), between(0, 100_000)],
        description=_("0 where it is free of charge."),
        render_kw={"data-width": "s", "min": 0},
    )
    topics = SelectMultipleField(
        _("Topics"),
        description=_("What it teaches: by them the helpdesk finds a class for who asks."),
        coerce=_topic_id,
        validate_choice=False,  # the rule knows what to choose instead of a retired one
    )
    section = SelectField(_("Section in charge"), [Required()], coerce=int)
    scope = RadioField(
        _("What people apply for"),
        [Required()],
        choices=choices(
            [
                (BookingScope.course.value, _("All dates together")),
                (BookingScope.session.value, _("One date of their choice")),
            ]
        ),
    )
    seats = IntegerField(
        _("Seats"),
        [Required(), between(1, 1000)],
        description=_(
            "Where people choose one date: for each date. It can be changed at each date."
        ),
        render_kw={"data-width": "s", "min": 1},
    )
    opens_on = day_field(_("Applications open on"), Required())
    opens_time = hour_field(_("Applications open at"))
    closes_on = day_field(_("Applications close on"), Required())
    closes_time = hour_field(_("Applications close at"))
    overruled = overruling()

    about: ClassVar = {
        editing.CLOSES_FIRST: "closes_on",
        editing.SCOPE_KEPT: "scope",
        editing.TOO_FEW_SEATS: "seats",
        editing.UNHEEDED: "overruled",
        masters.OFFERED_INSTEAD: "topics",
        masters.NOT_OFFERED: "topics",
    }
    beside = ("overruled",)

    def __init__(
        self,
        formdata: FormMultiDict | None,
        sections: Iterable[Row],
        topics: Iterable[Row],
        course: Row | None = None,
        asked: Row | None = None,
    ) -> None:
        """Take what was posted; else the course as it stands, or what mostly fits a new one.

        `topics` are those to choose from; `asked` is what a new one is to begin with.
        """
        offered = list(topics)
        known = _known(course, offered) if course else _usual() | (asked or {})
        super().__init__(formdata, data=known)
        kinds = [*PUBLIC_KINDS]
        if course and course["kind"] not in kinds:
            kinds.append(CourseKind(course["kind"]))
        self.kind.choices = choices((kind.value, KIND_WORDS[kind]) for kind in kinds)
        self.section.choices = choices((row["id"], row["name"]) for row in sections)
        self.topics.choices = choices((row["id"], row["name"]) for row in offered)
        if formdata is None:
            self.remember()

    def facts(self) -> CourseFacts:
        """What was typed, once it is valid."""
        typed = self.data
        return CourseFacts(
            kind=CourseKind(typed["kind"]),
            title=typed["title"],
            reading=typed["reading"],
            section_id=typed["section"],
            scope=BookingScope(typed["scope"]),
            seats=typed["seats"],
            opens_at=clock.at(typed["opens_on"], typed["opens_time"]),
            closes_at=clock.at(typed["closes_on"], typed["closes_time"]),
            description=typed["description"] or "",
            audience=typed["audience"] or "",
            bring=typed["bring"] or "",
            fee=typed["fee"],
            topics=tuple(typed["topics"] or ()),
        )


class CallOffForm(VersionedForm):
    """Why something is called off."""

    reason = line(
        _("Reason"),
        200,
        Required(),
        autocomplete="off",
        description=_("Residents and those who booked read it. For example: because of a storm."),
    )


def _known(course: Row, offered: list[Row]) -> Row:
    opens, closes = clock.local(course["opens_at"]), clock.local(course["closes_at"])
    return course | {
        "topics": [row["id"] for row in offered if row["id"] in course["topics"]],
        "seats": course["preset"] or course["seats"] or None,
        "opens_on": opens.date(),
        "opens_time": opens.time(),
        "closes_on": closes.date(),
        "closes_time": closes.time(),
    }


def _usual() -> Row:
    today = clock.today()
    return {
        "kind": CourseKind.smartphone.value,
        "scope": BookingScope.course.value,
        "fee": 0,
        "opens_on": today + timedelta(days=7),
        "opens_time": OPENS,
        "closes_on": today + timedelta(days=28),
        "closes_time": CLOSES,
    }
