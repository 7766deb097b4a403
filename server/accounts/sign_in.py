"""Signing in and out. A sign-in is a row; the browser holds a random token, we its hash."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from server import clock, text
from server.accounts import attempts, passwords
from server.accounts.attempts import Limit
from server.accounts.tables import Account, AccountRole, SignIn
from server.database import writing
from server.refusals import N_, Refused
from server.roles import Role
from server.settings import settings

LASTS = timedelta(hours=12)
AS_A_PHONE = re.compile(r"[0-9+() -]*[0-9][0-9+() -]*")
NO_FIT = N_("This login and password do not fit together.")
TRIES_PER_LOGIN = 5
TRIES_PER_SENDER = 50  # an office often has one address for everybody


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in, and what that account reaches."""

    id: int
    name: str
    login: str
    roles: frozenset[Role]
    section_id: int | None
    sees_all_sections: bool
    venue_ids: frozenset[int]
    must_change_password: bool


async def sign_in(login: str, password: str, sender: str, instead_of: str | None = None) -> str:
    """Sign an account in, and return the token of a fresh sign-in.

    `instead_of` is the token that the browser still holds: it ends.

    Refused in the same words, after the same time, for a wrong password, an unknown login and a
    disabled account; TooOften after five failures on a login in 15 minutes, or many of one sender.
    """
    login = await _login(text.normalised(login))
    per_login = Limit("sign-in", login, TRIES_PER_LOGIN)
    tries = await attempts.begin(per_login, Limit("sign-in from", sender, TRIES_PER_SENDER))
    account = await _account(login)
    kept = account["password_hash"] if account else passwords.NOBODYS_HASH
    if not await passwords.matches(kept, password) or account is None:
        raise Refused(NO_FIT)
    await attempts.succeeded(tries, forget=per_login)
    await check_surface(account["id"])
    fresh = await passwords.hashed(password) if passwords.is_outdated(kept) else kept
    return await _new_sign_in(account["id"], kept, fresh, instead_of)


async def _login(typed: str) -> str:
    """The login that was meant: a phone number that is none as typed is its digits."""
    if not AS_A_PHONE.fullmatch(typed) or await Account.exists().where(Account.login == typed):
        return typed
    return text.phone_key(typed)


async def _account(login: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = (
        await Account.select(Account.id, Account.password_hash)
        .where((Account.login == login) & Account.disabled_at.is_null())
        .first()
    )
    return found


async def check_surface(account_id: int) -> None:
    """On the public surface nobody signs in with a role of the staff."""
    if settings().surface == "public" and await _staff_roles(account_id):
        raise Refused("Please sign in at the address for staff.")


async def _staff_roles(account_id: int) -> bool:
    return bool(
        await AccountRole.exists().where(
            (AccountRole.account == account_id) & (AccountRole.role != Role.supporter)
        )
    )


async def _new_sign_in(account_id: int, kept: str, fresh: str, instead_of: str | None) -> str:
    """The token of a new sign-in, unless the password was changed while it was being checked.

    The UPDATE that keeps the hash holds off who would change it, until this sign-in is there to
    be ended.
    """
    token = secrets.token_urlsafe(32)
    now = clock.now()
    row = SignIn(
        token_hash=_hash(token), account=account_id, signed_in_at=now, expires_at=now + LASTS
    )
    async with writing():
        still = (
            await Account.update({Account.password_hash: fresh})
            .where((Account.id == account_id) & (Account.password_hash == kept))
            .where(Account.disabled_at.is_null())
            .returning(Account.id)
        )
        if not still:
            raise Refused(NO_FIT)
        await SignIn.delete().where(
            (SignIn.expires_at < now) | (SignIn.token_hash == _hash(instead_of or ""))
        )
        await SignIn.insert(row)
    return token


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def viewer_of(token: str) -> SignedIn | None:
    """Whom a cookie's token stands for; None where we did not issue it or it has ended."""
    rows = await SignIn.raw(_VIEWER, _hash(token), clock.now())
    if not rows:
        return None
    public = settings().surface == "public"
    roles = {Role(row["role"]) for row in rows if row["role"]}
    return SignedIn(
        **{name: rows[0][name] for name in ("id", "name", "login", "must_change_password")},
        roles=frozenset(roles & {Role.supporter} if public else roles),
        section_id=next((row["section"] for row in rows if row["section"]), None),
        sees_all_sections=any(row["oversees_all"] for row in rows),
        venue_ids=frozenset(row["venue"] for row in rows if row["venue"]),
    )


async def sign_out(account_id: int) -> None:
    """End every sign-in of an account, in every browser."""
    async with writing():
        await SignIn.delete().where(SignIn.account == account_id)


_VIEWER = """
SELECT account.id, account.name, account.login, account.must_change_password,
    account_role.role, account_role.section, account_role.venue, section.oversees_all
FROM sign_in
JOIN account ON account.id = sign_in.account
LEFT JOIN account_role ON account_role.account = account.id
LEFT JOIN section ON section.id = account_role.section
WHERE sign_in.token_hash = {} AND sign_in.expires_at > {} AND account.disabled_at IS NULL
ORDER BY account_role.id
"""
