"""What is typed about counter staff and their sections: shape only."""

from collections.abc import Iterable
from typing import Any

from litestar.datastructures import FormMultiDict
from wtforms import RadioField, SelectField
from wtforms.validators import Optional

from server import clock, text
from server.counter_staff.counter_staff import MemberFacts
from server.counter_staff.memberships import MembershipFacts
from server.counter_staff.tables import CompletionSource, Employment
from server.web.addresses import whole
from server.web.fields import badge_fits, day_field, line, readable
from server.web.forms import Form, Required, choices, no_my_number
from server.web.versions import MergingForm
from server.web.words import gettext
from server.web.words import lazy as _

Row = dict[str, Any]

EMPLOYMENT_WORDS = {
    Employment.regular: _("Regular"),
    Employment.fiscal_year: _("Employed for the fiscal year"),
    Employment.contracted: _("Contracted out"),
}
SOURCE_WORDS = {
    CompletionSource.session: _("Was there"),
    CompletionSource.imported: _("From a file"),
    CompletionSource.entered: _("Entered by a coordinator"),
    CompletionSource.own: _("Said by herself or himself"),
}
EARLIEST = 1950  # year: somebody may have served for long


def sections_of(rows: Iterable[Row]) -> list[Any]:
    """The sections to pick from; the first asks to pick."""
    return choices([("", gettext("Please choose")), *((str(r["id"]), r["name"]) for r in rows)])


class _Who(Form):
    """Who a member of the counter staff is; these fields come first in every form."""

    name = line(_("Name"), 120, Required(), autocomplete="off")
    reading = line(_("Reading"), 200, Required(), readable, autocomplete="off")
    number = line(
        _("Staff number"),
        20,
        badge_fits,
        data_width="m",
        autocomplete="off",
        description=_("Files are matched by it. Where there is none, by name and reading."),
    )

    def facts(self) -> MemberFacts:
        """The facts, typed."""
        number = text.badge_key(self.typed("number"))
        return MemberFacts(self.typed("name"), self.typed("reading"), number or None)


class MemberForm(_Who, MergingForm):
    """Who a member is, corrected."""

    def __init__(self, formdata: FormMultiDict | None, member: Row | None = None) -> None:
        """Take what was posted; else the member as it stands."""
        super().__init__(formdata, data=member)
        if formdata is None:
            self.remember()


class MembershipForm(Form):
    """In which section, how employed, from when to when."""

    section = SelectField(_("Belongs to"), [Required()], coerce=whole)
    employment = RadioField(_("Employment"), [Required(_("Please choose one."))])
    first_on = day_field(_("First day there"), Required(), first=EARLIEST)
    last_on = day_field(
        _("Last day there"),
        Optional(),
        first=EARLIEST,
        description=_(
            "Empty: still there. Somebody employed for the fiscal year is there until 31 March"
            " at the latest."
        ),
    )

    def __init__(
        self, formdata: FormMultiDict | None, sections: Iterable[Row], **known: Any
    ) -> None:
        """Take what was posted; else today, as `known` has it."""
        start = {"employment": Employment.regular, "first_on": clock.today()}
        super().__init__(formdata, data=start | known)
        self.section.choices = sections_of(sections)
        self.employment.choices = choices((k.value, str(v)) for k, v in EMPLOYMENT_WORDS.items())

    def membership(self) -> MembershipFacts:
        """The membership, typed."""
        return MembershipFacts(
            int(self.section.data),
            Employment(self.employment.data),
            self.data["first_on"],
            self.data["last_on"],
        )


class NewMemberForm(_Who, MembershipForm):
    """A new member with her first section."""


class EndingForm(Form):
    """The last day in a section; none: still there."""

    last_on = day_field(
        _("Last day there"), Optional(), first=EARLIEST, description=_("Empty: still there.")
    )


class ReasonForm(Form):
    """Why something is taken back."""

    reason = line(_("Why it is taken back"), 200, Required(), no_my_number, autocomplete="off")


class LoginForm(Form):
    """By which account a member signs in."""

    login = line(_("Login"), 80, Required(), data_width="m", autocomplete="off")
