"""What is tapped and typed at a desk: shape only, for rules say what may be logged."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from litestar.datastructures import FormMultiDict
from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    RadioField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import AnyOf, Optional, ValidationError

from server import clock, duration, notes, text
from server.classes.tables import AgeBand
from server.helpdesk.contacts import ContactFacts
from server.helpdesk.routes.contact_words import (
    AGE_WORDS,
    CHANNEL_WORDS,
    OUTCOME_WORDS,
    STUCK_WORDS,
    pairs,
)
from server.helpdesk.routes.due_forms import near_year
from server.helpdesk.tables import ContactChannel, ContactOutcome, Stuck
from server.web.addresses import row_id
from server.web.fields import PressedForm, minutes_field
from server.web.forms import Required, choices, no_longer_than
from server.web.words import gettext
from server.web.words import lazy as _

Row = dict[str, Any]

USUAL_MINUTES = (5, 10, 15, 20, 30, 45, 60)

NOON = time(12, 0)
LONGEST_WAIT = timedelta(days=14)

# What "save and keep" keeps for the next one: nothing that is of one person only.
KEPT = ("topic", "channel", "outcome", "procedure", "stuck", "district", "age_band", "minutes")


def _minutes_of_a_day(_form: Any, field: Field) -> None:
    """The minutes that were tapped: a page of ours sends nothing else, but another might (H1)."""
    typed = str(field.data)
    plain = typed.isascii() and typed.isdecimal() and len(typed) < 10
    if not (plain and int(typed) <= duration.MINUTES_OF_A_DAY):
        raise ValidationError(gettext(duration.NO_MINUTES))


class DeskForm(PressedForm):
    """One contact, by taps; `waited` are the seconds that it waited in the browser."""

    topic = RadioField(_("Topic"), [Required()], validate_choice=False)
    channel = RadioField(
        _("How they turned to us"), [Required(), AnyOf(list(ContactChannel))], validate_choice=False
    )
    outcome = RadioField(
        _("Outcome of the contact"),
        [Required(), AnyOf(list(ContactOutcome))],
        validate_choice=False,
    )
    procedure = RadioField(_("Procedure"), [Optional()], validate_choice=False, default="")
    stuck = RadioField(
        _("Where people got stuck"),
        [Optional(), AnyOf(list(Stuck))],
        validate_choice=False,
        default="",
    )
    district = RadioField(
        _("District of the person"), [Optional()], validate_choice=False, default=""
    )
    age_band = RadioField(
        _("Age"), [Optional(), AnyOf(list(AgeBand))], validate_choice=False, default=""
    )
    minutes = RadioField(
        _("Minutes"),
        [Optional(), _minutes_of_a_day],
        filters=[lambda typed: text.normalised(typed or "")],
        validate_choice=False,
        default="",
    )
    minutes_other = minutes_field(_("Other minutes"), Optional())
    note = TextAreaField(
        _("Note"), [no_longer_than(notes.LONGEST)], render_kw={"rows": 2, "autocomplete": "off"}
    )
    on = DateField(_("On another day"), [Optional(), near_year], render_kw={"data-width": "m"})
    at = TimeField(_("Time of day"), [Optional()], render_kw={"data-width": "s"})
    waited = HiddenField()
    article = HiddenField()
    answer_missing = BooleanField(_("No answer says it"))

    def __init__(
        self, formdata: FormMultiDict | None = None, data: Mapping[str, Any] | None = None
    ) -> None:
        """Take what was posted; for a first look what is kept of the one before."""
        super().__init__(formdata, data=data)
        self.channel.choices = choices(pairs(CHANNEL_WORDS))
        self.outcome.choices = choices(pairs(OUTCOME_WORDS))
        self.stuck.choices = choices([("", gettext("Not said")), *pairs(STUCK_WORDS)])
        self.age_band.choices = choices([("", gettext("Not said")), *pairs(AGE_WORDS)])
        own = [(str(each), str(each)) for each in USUAL_MINUTES]
        self.minutes.choices = choices([("", gettext("As usual")), *own])

    def offer(
        self, topics: Sequence[Row], procedures: Sequence[Row], districts: Sequence[Row]
    ) -> None:
        """Offer what is in use today."""
        nothing = ("", gettext("Not said"))
        self.topic.choices = choices(_named(topics))
        self.procedure.choices = choices([("", gettext("None")), *_named(procedures)])
        self.district.choices = choices([nothing, *_named(districts)])

    def facts(self, desk_id: int) -> ContactFacts:
        """What was tapped and typed."""
        at, hour_known = self.moment()
        return ContactFacts(
            desk_id=desk_id,
            topic_id=row_id(self.typed("topic")) or 0,
            channel=self.typed("channel"),
            outcome=self.typed("outcome"),
            procedure_id=row_id(self.typed("procedure")),
            stuck=self.typed("stuck"),
            district_id=row_id(self.typed("district")),
            age_band=self.typed("age_band"),
            minutes=self._minutes(),
            note=self.typed("note"),
            article_id=row_id(self.typed("article")),
            answer_missing=bool(self.answer_missing.data),
            contacted_at=at,
            hour_known=hour_known,
        )

    def moment(self) -> tuple[datetime | None, bool]:
        """When it was, and whether the hour is known; None is now."""
        day, hour = self.on.data, self.at.data
        if day is None and hour is None:
            return self.saved_at, True
        saved_at = self.saved_at or clock.now()
        return moment_of(day or clock.on(saved_at), hour, saved_at), hour is not None

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the day where a clock that is wrong, or a very long wait, leaves it open."""
        sound = super().validate(extra_validators)
        if self.on.data is None and not self.on.errors and self._waited > LONGEST_WAIT:
            said = gettext("This waited for more than %(days)d days. Please choose its day.")
            self.on.errors = [said % {"days": LONGEST_WAIT.days}]
        return sound and not self.on.errors

    @property
    def saved_at(self) -> datetime | None:
        """When its button was pressed, where it waited since; None is now."""
        waited = self._waited
        return clock.now() - waited if timedelta(0) < waited <= LONGEST_WAIT else None

    @property
    def _waited(self) -> timedelta:
        typed = self.typed("waited")
        if not (typed.isascii() and typed.isdigit()):
            return timedelta(0)
        return timedelta(seconds=int(typed)) if len(typed) < 10 else timedelta.max

    def _minutes(self) -> int | None:
        if self.minutes_other.data is not None:
            return int(self.minutes_other.data)
        return row_id(self.typed("minutes"))


def moment_of(day: date, hour: time | None, now: datetime) -> datetime:
    """The instant of a day and hour; without its hour noon, and today no later than now."""
    at = clock.at(day, hour or NOON)
    return min(at, now) if hour is None and day == clock.on(now) else at


def _named(rows: Sequence[Row]) -> list[tuple[str, str]]:
    return [(str(row["id"]), str(row["name"])) for row in rows]
