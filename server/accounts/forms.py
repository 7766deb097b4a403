"""What is typed to sign in, to change a password, to open an account."""

from collections.abc import Iterable
from typing import Any

from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import EqualTo, Optional

from server.accounts.passwords import LONGEST
from server.roles import Role
from server.web.forms import Form, Required, choices, no_longer_than
from server.web.words import lazy as _

ROLE_WORDS = {
    Role.administrator: _("Administrator"),
    Role.coordinator: _("Coordinator"),
    Role.helpdesk: _("Helpdesk"),
    Role.venue: _("Venue staff"),
    Role.supporter: _("Supporter"),
}


class SignInForm(Form):
    """Login and password."""

    login = StringField(
        _("Login"),
        [Required(), no_longer_than(80)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _("Password"),
        [Required(), no_longer_than(LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class PasswordForm(Form):
    """The present password and a new one."""

    old = PasswordField(
        _("Present password"),
        [Required(), no_longer_than(LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        _("New password"),
        [Required(), no_longer_than(LONGEST)],
        description=_("At least 12 characters. Several words in a row are easy to remember."),
        render_kw={"autocomplete": "new-password"},
    )


class InvitationForm(Form):
    """The first password of somebody invited, written twice."""

    new = PasswordField(
        _("New password"),
        [Required(), no_longer_than(LONGEST)],
        description=_(
            "At least 12 characters. Three words in a row are easy to remember,"
            " such as a fruit, a town and an animal."
        ),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _("The new password once more"),
        [
            Required(),
            EqualTo("new", _("The two passwords differ. Please write the same one twice.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )


def _number(value: Any) -> int | None:
    return int(value) if value else None


def _roles() -> list[Any]:
    return choices(
        [("", _("Please choose")), *((role.value, ROLE_WORDS[role]) for role in ROLE_WORDS)]
    )


class AccountForm(Form):
    """A new account with one role and what it reaches."""

    login = StringField(
        _("Login"),
        [Required(), no_longer_than(80)],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    name = StringField(_("Name"), [Required(), no_longer_than(120)])
    role = SelectField(_("Role"), [Required()], choices=_roles())
    section = SelectField(
        _("Section"), [Optional()], coerce=_number, description=_("For a coordinator.")
    )
    venue = SelectField(_("Venue"), [Optional()], coerce=_number, description=_("For venue staff."))

    def offer(self, sections: Iterable[Any], venues: Iterable[Any]) -> "AccountForm":
        """Let the form pick from these rows of id and name."""
        for field, rows in ((self.section, sections), (self.venue, venues)):
            field.choices = choices([("", "-"), *((str(row["id"]), row["name"]) for row in rows)])
        return self
