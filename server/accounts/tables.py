"""Accounts, their roles, sign-ins, and failed tries."""

from piccolo.columns import Boolean, ForeignKey, Integer, OnDelete, Serial, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from server.people.tables import Person
from server.places.tables import Section, Venue


class Account(Table):
    """Someone who signs in."""

    id: Serial
    login = Varchar(length=80, unique=True)
    name = Varchar(length=120)
    person = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    password_hash = Varchar(length=200)
    must_change_password = Boolean(default=False)
    created_at = Timestamptz()
    disabled_at = Timestamptz(null=True, default=None)
    version = Integer(default=1)


class AccountRole(Table):
    """A role of an account, and what it reaches: a coordinator's section, a venue's building."""

    id: Serial
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade)
    role = Varchar(length=20)
    section = ForeignKey(Section, null=True, on_delete=OnDelete.restrict)
    venue = ForeignKey(Venue, null=True, on_delete=OnDelete.restrict)

    account_role_known = Check(
        "role IN ('supporter', 'venue', 'helpdesk', 'coordinator', 'administrator')"
    )


class SignIn(Table):
    """One signed-in browser: a random token, of which only the hash is kept."""

    id: Serial
    token_hash = Varchar(length=64, unique=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    signed_in_at = Timestamptz()
    expires_at = Timestamptz()


class Invitation(Table):
    """A way in for somebody new: whoever holds the token chooses the password, once."""

    id: Serial
    token_hash = Varchar(length=64, unique=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    invited_at = Timestamptz()
    invited_by = Integer(null=True, default=None)
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)


class FailedTry(Table):
    """One failed try: of a password, or of a booking's reference and phone (B8)."""

    id: Serial
    scope = Varchar(length=40)
    key = Varchar(length=64)  # a hash: neither logins nor addresses are kept here
    failed_at = Timestamptz()
