"""By which account a member of the counter staff signs in (H5)."""

from typing import Any

from server import text
from server.accounts.tables import Account, AccountRole
from server.audit import entries
from server.counter_staff import counter_staff, memberships
from server.counter_staff.memberships import manages_all
from server.counter_staff.tables import StaffMember
from server.database import writing
from server.people import merging
from server.refusals import Refused
from server.roles import Actor, Role

Row = dict[str, Any]


async def link(member_id: int, login: str, *, by: Actor) -> None:
    """Say by which account a member signs in, so that she may say herself what she completed.

    Refused for an account that is closed, a supporter's, or another person's, where she has one
    already, and for whoever may not link accounts: it may be an administrator's own.
    """
    async with writing():
        await memberships.hold()
        row = await counter_staff.known(member_id)
        _check_may_link(by)
        account = await Account.select().where(Account.login == text.normalised(login)).first()
        if account is None or account["disabled_at"] is not None:
            raise Refused("There is no open account with this login.")
        if account["person"] not in (None, row["person_id"]) or await _supports(account["id"]):
            raise Refused("This account belongs to somebody else.")
        if row["login"] == account["login"]:
            return
        if row["login"]:
            raise Refused(
                "This member signs in as {login}. Please take that link off first.",
                login=row["login"],
            )
        await Account.update({Account.person: row["person_id"]}).where(Account.id == account["id"])
        await entries.record(
            "staff_member.account_linked",
            "staff_member",
            member_id,
            by=by,
            account=account["id"],
        )


async def unlink(member_id: int, *, by: Actor) -> None:
    """Let a member sign in by no account any more, so that another can be linked.

    Twice does nothing more. Refused for an account that is hers as a supporter, and as `link`.
    """
    async with writing():
        await memberships.hold()
        row = await counter_staff.known(member_id)
        _check_may_link(by)
        linked = await (
            Account.select(Account.id)
            .where((Account.person == row["person_id"]) & Account.disabled_at.is_null())
            .order_by(Account.id)
        )
        for account in linked:
            if await _supports(account["id"]):
                raise Refused("This is her account as a supporter, and stays hers.")
            await Account.update({Account.person: None}).where(Account.id == account["id"])
            await entries.record(
                "staff_member.account_unlinked",
                "staff_member",
                member_id,
                by=by,
                account=account["id"],
            )


async def of_account(account_id: int) -> Row | None:
    """The member who signs in with that account, as `counter_staff.get`; None for nobody."""
    account = await Account.select(Account.person).where(Account.id == account_id).first()
    if account is None or account["person"] is None:
        return None
    same = (await merging.selves([account["person"]]))[account["person"]]
    found = await (
        StaffMember.select(StaffMember.id)
        .where(StaffMember.person.is_in(list(same)))
        .order_by(StaffMember.id)
        .first()
    )
    return await counter_staff.get(found["id"]) if found else None


def may_link(by: Actor) -> bool:
    """May she say who signs in by which account: an administrator, or the overseeing section?"""
    return manages_all(by) or Role.administrator in by.roles


def _check_may_link(by: Actor) -> None:
    if not may_link(by):
        raise Refused("Accounts are linked by administrators and the overseeing section.")


async def _supports(account_id: int) -> bool:
    return bool(
        await AccountRole.exists().where(
            (AccountRole.account == account_id) & (AccountRole.role == Role.supporter)
        )
    )
