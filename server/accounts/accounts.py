"""Opening and closing accounts, and their passwords."""

from collections.abc import Collection
from typing import Any

from server import clock, text
from server.accounts import attempts, passwords, sign_in
from server.accounts.attempts import Limit
from server.accounts.tables import Account, AccountRole
from server.audit import entries
from server.database import Conflict, locked, writing
from server.refusals import Refused
from server.roles import Actor, Role

LOGIN_TAKEN = "account_login_key"
LONGEST_LOGIN = 80


async def add(
    login: str,
    name: str,
    roles: Collection[Role],
    *,
    section_id: int | None = None,
    venue_id: int | None = None,
    password: str | None = None,
    by: Actor | None = None,
) -> tuple[int, str]:
    """Open an account; returns its id and its password, generated where none is given.

    `by` is None on the command line. Refused for a login that exists, or a role that lacks what
    it reaches: a coordinator's section, a venue's building.
    """
    login = text.normalised(login)
    check_login_fits(login)
    check_reach(roles, section_id, venue_id)
    password = await _checked(password, login)
    account = Account(
        login=login,
        name=text.typed(name),
        password_hash=await passwords.hashed(password),
        must_change_password=by is not None,
        created_at=clock.now(),
    )
    try:
        async with writing():
            await account.save()
            await AccountRole.insert(*_roles(account.id, roles, section_id, venue_id))
            await entries.record(
                "account.created", "account", account.id, by=by, roles=sorted(roles)
            )
    except Conflict as conflict:
        if conflict.name != LOGIN_TAKEN:
            raise
        raise Refused("There is already an account with this login.") from conflict
    return account.id, password


def check_login_fits(login: str) -> None:
    """Refuse a login that is too long once its letters are written plainly (B2)."""
    if len(login) > LONGEST_LOGIN:
        raise Refused("Please use at most {number} characters for a login.", number=LONGEST_LOGIN)


def check_reach(roles: Collection[Role], section_id: int | None, venue_id: int | None) -> None:
    """Refuse roles without what they reach."""
    if not roles:
        raise Refused("An account needs at least one role.")
    if Role.coordinator in roles and section_id is None:
        raise Refused("A coordinator belongs to a section: please pick one.")
    if Role.venue in roles and venue_id is None:
        raise Refused("Venue staff belong to a venue: please pick one.")


def _roles(
    account_id: int, roles: Collection[Role], section_id: int | None, venue_id: int | None
) -> list[AccountRole]:
    return [
        AccountRole(
            account=account_id,
            role=role,
            section=section_id if role is Role.coordinator else None,
            venue=venue_id if role is Role.venue else None,
        )
        for role in sorted(roles)
    ]


async def _checked(password: str | None, login: str) -> str:
    if password is None:
        return passwords.generated()
    passwords.check_strong_enough(password, login)
    return password


async def reset_password(
    account_id: int, *, password: str | None = None, by: Actor | None = None
) -> str:
    """Give an account a new password, end all its sign-ins, and return the password.

    A generated one must be changed at the next sign-in.
    """
    login = await _login(account_id)
    fresh = await _checked(password, login)
    await _keep_password(account_id, fresh, by=by, must_change=password is None)
    return fresh


async def change_password(account_id: int, old: str, new: str, *, by: Actor) -> None:
    """Change one's own password; every sign-in of the account ends.

    Refused where the old one does not fit (TooOften after several tries) or the new one is weak.
    """
    login = await _login(account_id)
    limit = Limit("password", login, sign_in.TRIES_PER_LOGIN)
    tries = await attempts.begin(limit)
    kept = await Account.objects().where(Account.id == account_id).first()
    if kept is None or not await passwords.matches(kept.password_hash, old):
        raise Refused("The present password does not fit.")
    await attempts.succeeded(tries, forget=limit)
    await _keep_password(account_id, await _checked(new, login), by=by, must_change=False)


async def _login(account_id: int) -> str:
    found: dict[str, Any] | None = (
        await Account.select(Account.login).where(Account.id == account_id).first()
    )
    if found is None:
        raise Refused("There is no such account.")
    return str(found["login"])


async def _keep_password(
    account_id: int, password: str, *, by: Actor | None, must_change: bool
) -> None:
    fresh = await passwords.hashed(password)
    async with writing():
        await Account.update(
            {Account.password_hash: fresh, Account.must_change_password: must_change}
        ).where(Account.id == account_id)
        await sign_in.sign_out(account_id)
        await entries.record("account.password_changed", "account", account_id, by=by)


async def disable(account_id: int, *, by: Actor | None = None) -> None:
    """Close an account: its sign-ins end and nobody signs in with it again.

    Refused for one's own, and for the last administrator's.
    """
    async with writing():
        await locked("administrators")
        if by is not None and by.id == account_id:
            raise Refused("You cannot disable your own account.")
        await _login(account_id)
        await check_administrator_left(account_id)
        await Account.update({Account.disabled_at: clock.now()}).where(
            (Account.id == account_id) & Account.disabled_at.is_null()
        )
        await sign_in.sign_out(account_id)
        await entries.record("account.disabled", "account", account_id, by=by)


async def reopen(account_id: int, *, by: Actor | None = None) -> None:
    """Open a closed account again, with the password that it had."""
    async with writing():
        await _login(account_id)
        await Account.update({Account.disabled_at: None}).where(Account.id == account_id)
        await entries.record("account.reopened", "account", account_id, by=by)


async def check_administrator_left(without: int) -> None:
    """Refuse to leave the city without an administrator."""
    left = await AccountRole.select(AccountRole.account).where(
        (AccountRole.role == Role.administrator) & AccountRole.account.disabled_at.is_null()
    )
    if {row["account"] for row in left} == {without}:
        raise Refused("This is the last administrator; please add another one first.")
