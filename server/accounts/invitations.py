"""Inviting somebody new: whoever holds the letter chooses the password of the account, once."""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from server import clock, text
from server.accounts import passwords, sign_in
from server.accounts.accounts import LOGIN_TAKEN, LONGEST_LOGIN
from server.accounts.tables import Account, AccountRole, Invitation
from server.audit import entries
from server.database import Conflict, writing
from server.people import merging
from server.refusals import N_, Refused
from server.roles import Actor, Role

Row = dict[str, Any]

LASTS = timedelta(days=14)
NOT_OPEN = N_("This invitation is not valid any more. Please ask us for a new one.")


@dataclass(frozen=True)
class Invited:
    """An invitation as it is handed over; the token is shown this once, we keep its hash."""

    account_id: int
    login: str
    token: str
    expires_at: datetime


async def invite(person_id: int, name: str, logins: Sequence[str], *, by: Actor) -> Invited:
    """Open a supporter's account for a person where there is none, and a way in for 14 days.

    The login is the first free one of `logins`, else s and the person's number. Earlier
    invitations end. Refused where the account is disabled or does more than a supporter's.
    """
    while True:
        try:
            async with writing():
                await merging.hold(person_id)
                account = await _account_of(person_id) or await _open(person_id, name, logins, by)
                await check_may_be_invited(account)
                return await _invite(account, by)
        except Conflict as conflict:
            if conflict.name != LOGIN_TAKEN:  # taken this moment: the next one is
                raise


async def check_may_be_invited(account: Row) -> None:
    """An invitation sets a password: nobody gets the account of the staff with one."""
    if account["disabled_at"] is not None:
        raise Refused("This person's account is disabled. An administrator can open it again.")
    roles = await AccountRole.select(AccountRole.role).where(AccountRole.account == account["id"])
    if {row["role"] for row in roles} != {Role.supporter}:
        raise Refused("This person signs in as staff. An administrator can give a new password.")


async def _account_of(person_id: int) -> Row | None:
    selves = await merging.selves([person_id])
    rows: list[Row] = (
        await Account.select(Account.id, Account.login, Account.disabled_at)
        .where(Account.person.is_in(list(selves[person_id])))
        .order_by(Account.id)
    )
    in_use = [row for row in rows if row["disabled_at"] is None]
    return next(iter(in_use or rows), None)


async def _open(person_id: int, name: str, logins: Sequence[str], by: Actor) -> Row:
    """An account that nobody can sign in with until the invitation is accepted."""
    account = Account(
        login=await _free_login(logins, person_id),
        name=text.typed(name),
        person=person_id,
        password_hash=passwords.NOBODYS_HASH,
        created_at=clock.now(),
    )
    await Account.insert(account)
    await AccountRole.insert(AccountRole(account=account.id, role=Role.supporter))
    await entries.record(
        "account.created", "account", account.id, by=by, roles=[Role.supporter], person=person_id
    )
    return {"id": int(account.id), "login": account.login, "disabled_at": None}


async def _free_login(logins: Sequence[str], person_id: int) -> str:
    for login in _logins(logins, person_id):
        if not await Account.exists().where(Account.login == login):
            return login
    raise AssertionError("there is no end of logins")


def _logins(wanted: Sequence[str], person_id: int) -> Iterator[str]:
    for login in map(text.normalised, wanted):
        if login and len(login) <= LONGEST_LOGIN:
            yield login
    yield f"s{person_id}"
    yield from (f"s{person_id}-{number}" for number in count(2))


async def _invite(account: Row, by: Actor) -> Invited:
    now, token = clock.now(), secrets.token_urlsafe(32)
    await Invitation.update({Invitation.expires_at: now}).where(
        (Invitation.account == account["id"])
        & Invitation.used_at.is_null()
        & (Invitation.expires_at > now)
    )
    row = Invitation(
        token_hash=_hash(token),
        account=account["id"],
        invited_at=now,
        invited_by=by.id,
        expires_at=now + LASTS,
    )
    await Invitation.insert(row)
    await entries.record("account.invited", "account", account["id"], by=by, invitation=row.id)
    return Invited(account["id"], account["login"], token, row.expires_at)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def find(token: str) -> Row | None:
    """The open invitation of a token with its `account`, `login`, `name`; None for any other."""
    found: Row | None = (
        await Invitation.select(
            Invitation.id,
            Invitation.account,
            Invitation.account.login.as_alias("login"),
            Invitation.account.name.as_alias("name"),
        )
        .where((Invitation.token_hash == _hash(token)) & Invitation.used_at.is_null())
        .where((Invitation.expires_at > clock.now()) & Invitation.account.disabled_at.is_null())
        .first()
    )
    return found


async def accept(token: str, password: str) -> int:
    """Give the invited account its password, and return the account's id; it works once.

    Refused in the same words for a token that is unknown, used or ended; and for a weak password.
    """
    invitation = await find(token)
    if invitation is None:
        raise Refused(NOT_OPEN)
    passwords.check_strong_enough(password, invitation["login"])
    fresh = await passwords.hashed(password)
    account_id = int(invitation["account"])
    async with writing():
        await _use(invitation["id"])
        await _check_still_open(account_id)
        await Account.update(
            {Account.password_hash: fresh, Account.must_change_password: False}
        ).where(Account.id == account_id)
        await sign_in.sign_out(account_id)
        await entries.record(
            "account.invitation_accepted",
            "account",
            account_id,
            by=None,
            invitation=invitation["id"],
        )
    return account_id


async def _check_still_open(account_id: int) -> None:
    """The account as it stands now: a letter may be older than a role of the staff."""
    account = Account.select(Account.id, Account.disabled_at).where(Account.id == account_id)
    try:
        await check_may_be_invited((await account)[0])
    except Refused as refused:
        raise Refused(NOT_OPEN) from refused


async def _use(invitation_id: int) -> None:
    now = clock.now()
    took = (
        await Invitation.update({Invitation.used_at: now})
        .where((Invitation.id == invitation_id) & Invitation.used_at.is_null())
        .where(Invitation.expires_at > now)
        .returning(Invitation.id)
    )
    if not took:
        raise Refused(NOT_OPEN)
