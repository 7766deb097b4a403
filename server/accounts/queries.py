"""Accounts as lists show them."""

from typing import Any

from server.accounts.tables import Account, AccountRole

Row = dict[str, Any]


async def account_id_of(login: str) -> int | None:
    """The account with a login, or None."""
    found: Row | None = await Account.select(Account.id).where(Account.login == login).first()
    return int(found["id"]) if found else None


async def account(account_id: int) -> Row | None:
    """The account of an id, or None."""
    found: Row | None = (
        await Account.select(Account.id, Account.login, Account.name)
        .where(Account.id == account_id)
        .first()
    )
    return found


async def every_account() -> list[Row]:
    """All accounts by login, each with `roles`: its roles and what they reach."""
    accounts: list[Row] = await Account.select(
        Account.id, Account.login, Account.name, Account.disabled_at
    ).order_by(Account.login)
    roles: list[Row] = await AccountRole.select(
        AccountRole.account,
        AccountRole.role,
        AccountRole.section.name.as_alias("section_name"),
        AccountRole.venue.name.as_alias("venue_name"),
    ).order_by(AccountRole.role)
    for account in accounts:
        account["roles"] = [role for role in roles if role["account"] == account["id"]]
    return accounts
