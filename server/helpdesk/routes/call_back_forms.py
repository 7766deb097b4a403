"""What is typed about call-backs: shape only."""

from typing import Any

from wtforms import HiddenField, TextAreaField
from wtforms.validators import AnyOf, Optional

from server.helpdesk.call_backs import CallBackFacts
from server.helpdesk.routes.due_forms import DueForm
from server.helpdesk.tables import AttemptResult
from server.web.fields import PressedForm, line, phone_number, readable
from server.web.forms import Required
from server.web.versions import MergingForm, VersionedForm
from server.web.words import lazy as _

Row = dict[str, Any]

SETTLED = "settled"  # reached, and there is nothing left to do
FULL_LINE = {"autocomplete": "off"}


class CallBackForm(PressedForm, DueForm):
    """Whom to call back, at which number, what about, by when."""

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
    about = TextAreaField(_("What it is about"))

    def facts(self) -> CallBackFacts:
        """What was typed."""
        assert self.due_at is not None
        return CallBackFacts(
            name=self.typed("name"),
            reading=self.typed("reading"),
            phone=self.typed("phone"),
            about=self.typed("about"),
            due_at=self.due_at,
            owner_id=self.owner_id,
        )


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
