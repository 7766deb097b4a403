"""A contact to be corrected, and why one is taken back: shape only."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from litestar.datastructures import FormMultiDict
from wtforms import (
    BooleanField,
    DateField,
    SelectField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Optional

from server import clock, notes
from server.helpdesk.contacts import ContactFacts
from server.helpdesk.routes.contact_words import (
    AGE_WORDS,
    CHANNEL_WORDS,
    OUTCOME_WORDS,
    STUCK_WORDS,
    pairs,
)
from server.helpdesk.routes.desk_forms import moment_of
from server.helpdesk.routes.due_forms import near_year
from server.refusals import N_
from server.web.fields import line, minutes_field
from server.web.forms import Form, Required, choices, no_longer_than
from server.web.words import gettext
from server.web.words import lazy as _

Row = dict[str, Any]

ELSEWHERE = N_(
    "A class is booked, a call-back promised and a question handed on from the page of the"
    " contact. Once that is done, it can be chosen here."
)
OPTIONAL = frozenset({"procedure", "district", "stuck", "age_band"})


class CorrectionForm(Form):
    """Everything that was said of a contact, as it should be."""

    desk = SelectField(_("Desk"), [Required()])
    on = DateField(_("Day of the contact"), [Required(), near_year], render_kw={"data-width": "m"})
    at = TimeField(
        _("Time of day"), [Optional()], description=_("Empty where the hour is not known.")
    )
    topic = SelectField(_("Topic"), [Required()])
    procedure = SelectField(_("Procedure"))
    stuck = SelectField(_("Where people got stuck"))
    channel = SelectField(_("How they turned to us"), [Required()])
    outcome = SelectField(_("Outcome of the contact"), [Required()])
    district = SelectField(_("District of the person"))
    age_band = SelectField(_("Age"))
    minutes = minutes_field(_("Minutes"), InputRequired(_("Please fill this in.")))
    note = TextAreaField(
        _("Note"), [no_longer_than(notes.LONGEST)], render_kw={"rows": 3, "autocomplete": "off"}
    )
    answer_missing = BooleanField(_("No answer says it"))

    def __init__(
        self,
        formdata: FormMultiDict | None,
        contact: Row,
        offered: Mapping[str, Iterable[Row]],
        outcomes: Collection[str],
    ) -> None:
        """Take what was posted; else the contact as it stands. What it has is always offered.

        `outcomes` are those it may be given; another one that was chosen stays, to be refused.
        """
        super().__init__(formdata, data=_as_typed(contact))
        self.contact = contact
        for name in ("desk", "topic", "procedure", "district"):
            own = contact[name]
            rows = [row for row in offered[name] if not row["gone"] or row["id"] == own]
            self._offer(name, [(str(row["id"]), row["name"]) for row in rows])
        for name, words in _SAID.items():
            self._offer(name, pairs(words))
        may_be = {*outcomes, self.typed("outcome")}
        told = [pair for pair in pairs(OUTCOME_WORDS) if pair[0] in may_be]
        self._offer("outcome", told)
        if len(told) < len(OUTCOME_WORDS) and not contact["tally"]:
            self.outcome.description = ELSEWHERE

    def _offer(self, name: str, pairs: list[tuple[str, str]]) -> None:
        nothing = [("", gettext("Not said"))] if name in OPTIONAL else []
        field: Any = self[name]
        field.choices = choices([*nothing, *pairs])

    def facts(self) -> ContactFacts:
        """What was typed; the answer that helped and the person stay."""
        return ContactFacts(
            desk_id=int(self.typed("desk")),
            topic_id=int(self.typed("topic")),
            channel=self.typed("channel"),
            outcome=self.typed("outcome"),
            procedure_id=self._id("procedure"),
            stuck=self.typed("stuck"),
            district_id=self._id("district"),
            age_band=self.typed("age_band"),
            minutes=self.minutes.data,
            note=self.typed("note"),
            article_id=self.contact["article"],
            answer_missing=bool(self.answer_missing.data),
            contacted_at=self._moment(),
            hour_known=self.at.data is not None,
            person_id=self.contact["person"],
        )

    def says(self, contact: Row) -> bool:
        """Is a contact, as this form would show it, what was typed?"""
        return all(self[name].data == value for name, value in _as_typed(contact).items())

    def _moment(self) -> datetime | None:
        """The moment that was typed; None where it was left alone, to the minute."""
        before = _as_typed(self.contact)
        if (self.on.data, self.at.data) == (before["on"], before["at"]):
            return None
        assert self.on.data is not None  # Required
        return moment_of(self.on.data, self.at.data, clock.now())

    def _id(self, name: str) -> int | None:
        typed = self.typed(name)
        return int(typed) if typed else None


class VoidingForm(Form):
    """Why a contact is taken back."""

    reason = line(_("Reason"), 200, Required(), autocomplete="off")


_SAID: dict[str, Mapping[Any, str]] = {
    "stuck": STUCK_WORDS,
    "channel": CHANNEL_WORDS,
    "age_band": AGE_WORDS,
}


def _as_typed(contact: Row) -> Row:
    """The contact as its form shows it."""
    same = ("stuck", "channel", "outcome", "age_band", "minutes", "note", "answer_missing")
    ids = ("desk", "topic", "procedure", "district")
    at = clock.local(contact["contacted_at"])
    known = contact["hour"] is not None
    return {
        **{name: contact[name] for name in same},
        **{name: str(contact[name] or "") for name in ids},
        "on": contact["contacted_on"],
        "at": at.time().replace(second=0, microsecond=0) if known else None,
    }
