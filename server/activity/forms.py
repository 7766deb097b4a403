"""What is typed into activity reports, and reports of trouble: shape only."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from litestar.datastructures import FormMultiDict
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import NumberRange, Regexp, ValidationError

from server import clock, duration
from server.activity import activities
from server.activity.activities import ActivityFacts
from server.activity.tables import ActivityKind
from server.refusals import Refused
from server.web.addresses import whole
from server.web.fields import SUBMISSION, line
from server.web.forms import Form, Required, choices, no_longer_than
from server.web.words import gettext
from server.web.words import lazy as _

Row = dict[str, Any]

MOST_PEOPLE = 999
FIRST_YEAR = 2000
NUMBER = {"inputmode": "numeric", "data-width": "s", "autocomplete": "off"}

# What is asked openly of each kind; the rest is folded away, or not asked at all.
OPENLY = {
    ActivityKind.session: ("minutes", "people_helped", "note"),
    ActivityKind.salon: ("day", "starts", "minutes", "people_helped", "venue", "place"),
    ActivityKind.call: ("day", "starts", "minutes", "people_helped"),
    ActivityKind.home_visit: ("day", "starts", "minutes", "people_helped", "district"),
    ActivityKind.other: ("day", "starts", "minutes", "people_helped", "venue", "place", "note"),
}
FOLDED = {
    ActivityKind.session: ("topics",),
    ActivityKind.salon: ("topics", "district", "note"),
    ActivityKind.call: ("topics", "district", "note"),
    ActivityKind.home_visit: ("topics", "note"),
    ActivityKind.other: ("topics", "district"),
}


def _between(least: int, most: int) -> NumberRange:
    return NumberRange(least, most, message=_("Please write a number from %(min)s to %(max)s."))


def _minutes(_form: Form, field: IntegerField) -> None:
    if field.data is not None and field.data > duration.MINUTES_OF_A_DAY:
        raise ValidationError(
            gettext("That seems too long. Please write it in minutes, for example 90.")
        )
    if field.data is not None and field.data < 1:
        raise ValidationError(gettext("Please write how many minutes."))


def _a_near_year(_form: Form, field: DateField) -> None:
    if field.data and not FIRST_YEAR <= field.data.year <= clock.today().year + 1:
        raise ValidationError(str(_("Please check the year.")))


def _offered(_form: Form, field: SelectMultipleField) -> None:
    """As WTForms checks it, in words that the catalogue has."""
    offered = {value for value, *_rest in field.iter_choices()}
    if not set(field.data or ()) <= offered:
        raise ValidationError(gettext("Not a valid choice."))


class ActivityForm(Form):
    """One activity; of help at a class only what can be corrected."""

    submission = HiddenField(validators=[Regexp(SUBMISSION)])
    version = HiddenField()
    day = DateField(_("On which day"), [Required(), _a_near_year], render_kw={"data-width": "m"})
    starts = TimeField(_("Begins at"), [Required()], render_kw={"data-width": "s"})
    minutes = IntegerField(
        _("How long you helped (minutes)"),
        [Required(_("Please write how many minutes.")), _minutes],
        render_kw=NUMBER,
    )
    people_helped = IntegerField(
        _("How many people you helped (people)"),
        [Required(_("Please write how many people.")), _between(0, MOST_PEOPLE)],
        render_kw=NUMBER,
    )
    venue = SelectField(_("Where"))
    place = line(_("Where, if it is not in the list"), 120, autocomplete="off")
    topics = SelectMultipleField(_("What it was about"), [_offered], validate_choice=False)
    district = SelectField(_("District"))
    note = TextAreaField(
        _("What you did"),
        [no_longer_than(1000)],
        description=_("Please write no names, addresses or phone numbers of people."),
        render_kw={"rows": 3},
    )

    about: ClassVar = {activities.NOT_YET: "starts"}

    def __init__(
        self,
        formdata: FormMultiDict | None,
        kind: ActivityKind,
        offered: Mapping[str, Sequence[tuple[str, str]]],
        known: Mapping[str, Any],
    ) -> None:
        """Take what was posted, else `known`; `offered` are venues, districts and topics."""
        super().__init__(formdata, data=known)
        self.kind = kind
        self.venue.choices = choices([("", str(_("Another place"))), *offered["venue"]])
        self.district.choices = choices([("", str(_("not known"))), *offered["district"]])
        self.topics.choices = choices(offered["topics"])
        asked = {*OPENLY[kind], *FOLDED[kind], "submission", "version"}
        for name in [field.name for field in self if field.name not in asked]:
            del self[name]

    @property
    def openly(self) -> tuple[str, ...]:
        """The fields that are asked of everybody."""
        return OPENLY[self.kind]

    @property
    def folded(self) -> tuple[str, ...]:
        """The fields that may stay closed."""
        return FOLDED[self.kind]

    @property
    def is_open(self) -> bool:
        """Is there something among the folded fields that must be seen?"""
        return any(self[name].errors for name in self.folded)

    @property
    def seen(self) -> int:
        """The version that was on the screen; 0, which no row has, for nonsense."""
        return whole(self.typed("version")) or 0

    def facts(self, row: Row | None = None) -> ActivityFacts:
        """What was typed, once it is valid; of a class its own hours, out of `row`."""
        typed = self.data
        if row is not None and row["session"] is not None:
            starts_at = row["starts_at"]
        else:
            starts_at = clock.at(typed["day"], typed["starts"])
        return ActivityFacts(
            kind=self.kind,
            starts_at=starts_at,
            minutes=typed["minutes"],
            people_helped=typed["people_helped"],
            venue_id=_number(typed.get("venue")),
            district_id=_number(typed.get("district")),
            place=self.typed("place") if "place" in self else "",
            note=self.typed("note"),
            topics=tuple(int(each) for each in typed["topics"] or ()),
        )

    def refuse(self, refused: Refused, field: str | None = None) -> None:
        """Show a refusal beside the field that it is about; above the form where there is none."""
        named = field or self.about.get(refused.msgid)
        super().refuse(refused, named if named and named in self else None)


class TroubleForm(Form):
    """What has happened, in the supporter's own words."""

    submission = HiddenField(validators=[Regexp(SUBMISSION)])
    session = SelectField(_("At which class"), validate_choice=False)
    words = TextAreaField(
        _("What has happened"),
        [Required(_("Please write what has happened.")), no_longer_than(2000)],
        description=_(
            "A few words are enough. The office reads it at once."
            " Please do not write the names of participants."
        ),
        render_kw={"rows": 5},
    )

    def __init__(
        self,
        formdata: FormMultiDict | None,
        sessions: Sequence[tuple[str, str]],
        known: Mapping[str, Any],
    ) -> None:
        """Take what was posted, else `known`; `sessions` are those of these days."""
        super().__init__(formdata, data=known)
        self.session.choices = choices([("", str(_("Not at a class"))), *sessions])

    @property
    def session_id(self) -> int | None:
        """The session that was picked; nothing but words is asked of somebody in trouble."""
        offered = {value for value, *_rest in self.session.iter_choices() if value}
        return int(self.session.data) if self.session.data in offered else None


class WordForm(Form):
    """A word with which a report is returned."""

    word = TextAreaField(
        _("What is to be corrected"), [Required(), no_longer_than(400)], render_kw={"rows": 2}
    )


class ReasonForm(Form):
    """Why an approval is withdrawn."""

    reason = line(_("Why the approval is withdrawn"), 400, Required())


class OutcomeForm(Form):
    """What was done about a report of trouble."""

    outcome = TextAreaField(
        _("What was done about it"), [Required(), no_longer_than(2000)], render_kw={"rows": 2}
    )


def _number(typed: Any) -> int | None:
    return int(typed) if typed else None
