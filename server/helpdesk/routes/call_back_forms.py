"""What is typed about call-backs: shape only."""

from collections.abc import Sequence
from typing import Any

from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.validators import AnyOf, Optional

from server.helpdesk.call_backs import CallBackFacts
from server.helpdesk.routes.due_forms import DueForm, Pairs
from server.helpdesk.tables import AttemptResult
from server.web.fields import PressedForm, line, phone_number, readable
from server.web.forms import Required, choices
from server.web.versions import MergingForm, VersionedForm
from server.web.words import gettext
from server.web.words import lazy as _

Row = dict[str, Any]

SETTLED = "settled"  # reached, and there is nothing left to do
FULL_LINE = {"autocomplete": "off"}


class DueCallerForm(DueForm):
    """Whom to phone, at which number, by when."""

    name = line(_("Name of the caller"), 120, Required(), **FULL_LINE)
    reading = line(
        _("Reading"),
        200,
        Optional(),
        readable,
        description=_("Only where the person is to be found again in our records."),
        **FULL_LINE,
    )
    phone = line(_("Phone"), 40, Required(), phone_number, inputmode="tel", **FULL_LINE)

    def facts(self, about: str = "") -> CallBackFacts:
        """What was typed, and what it is about."""
        assert self.due_at is not None
        return CallBackFacts(
            name=self.typed("name"),
            reading=self.typed("reading"),
            phone=self.typed("phone"),
            about=about,
            due_at=self.due_at,
            owner_id=self.owner_id,
        )


class CallBackForm(PressedForm, DueCallerForm):
    """Whom to call back, and what about."""

    about = TextAreaField(_("What it is about"))

    def facts(self, about: str = "") -> CallBackFacts:
        """What was typed."""
        return super().facts(about or self.typed("about"))


class TellForm(DueCallerForm):
    """Who is told what a section answers: a name, a number and a time, or nothing of it."""

    name = line(_("Name of the caller"), 120, **FULL_LINE)
    phone = line(_("Phone"), 40, phone_number, inputmode="tel", **FULL_LINE)
    due = RadioField(_("Call back by"), validate_choice=False, default="")

    def offer(self, dues: Pairs, owners: Sequence[Row]) -> None:
        """Offer these times and people, and first that nobody is called back."""
        super().offer(dues, owners)
        due: Any = self.due
        due.choices = [*choices([("", gettext("No call back"))]), *due.choices]

    @property
    def wanted(self) -> bool:
        """Was anything of it filled in?"""
        return any(self.typed(name) for name in ("name", "reading", "phone", "due"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Once something is filled in, name, number and time are asked: nothing gets lost."""
        if not self.wanted:
            return True
        super().validate(extra_validators)
        for name in ("name", "phone", "due"):
            if not self.typed(name):
                self[name].errors = [gettext("Please fill this in.")]
        return not self.errors


class MoveForm(MergingForm, DueForm):
    """Another time or another owner, of a call-back as it was on the screen."""

    beside = ("due_day", "due_hour")

    @classmethod
    def of(cls, row: Row) -> "MoveForm":
        """The form as it shows a call-back."""
        owner = "" if row["owner_left"] or row["owner"] is None else str(row["owner"])
        known = {"due": row["due_at"].isoformat(), "owner": owner, "version": row["version"]}
        form = cls(data=known)
        form.remember()
        return form


class AttemptForm(PressedForm, VersionedForm):
    """One try to phone, noted by one press; a word only where there is something to say."""

    result = HiddenField(validators=[Required(), AnyOf([*map(str, AttemptResult), SETTLED])])
    note = TextAreaField(_("Note"))


class SettlingForm(VersionedForm):
    """What became of it, of a call-back as it was on the screen."""

    outcome = TextAreaField(_("What became of it"))
