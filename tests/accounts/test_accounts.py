"""Opening and closing accounts, changing passwords."""

import json

import pytest

from server.accounts import accounts, queries, sign_in
from server.accounts.sign_in import SignedIn
from server.accounts.tables import Account, AccountRole
from server.audit.tables import AuditEntry
from server.refusals import Refused
from server.roles import Role
from tests import factories
from tests.databases import Database
from tests.factories import PASSWORD


async def signed_in(role: Role = Role.administrator) -> SignedIn:
    account = await factories.make_account(role)
    viewer = await sign_in.viewer_of(await sign_in.sign_in(account.login, PASSWORD, "192.0.2.1"))
    assert viewer is not None
    return viewer


async def test_add_opens_an_account_with_a_password_to_change(database: Database) -> None:
    admin = await signed_in()
    section = await factories.make_section()

    account_id, password = await accounts.add(
        " Ｔanaka ", "田中　太郎", [Role.coordinator], section_id=section.id, by=admin
    )

    token = await sign_in.sign_in("tanaka", password, "192.0.2.1")
    viewer = await sign_in.viewer_of(token)
    assert viewer == SignedIn(
        id=account_id,
        name="田中　太郎",
        login="tanaka",
        roles=frozenset({Role.coordinator}),
        section_id=section.id,
        sees_all_sections=False,
        venue_ids=frozenset(),
        must_change_password=True,
    )


async def test_add_writes_the_audit_without_names(database: Database) -> None:
    admin = await signed_in()

    account_id, _ = await accounts.add("tanaka", "田中太郎", [Role.helpdesk], by=admin)

    [entry] = await AuditEntry.select().where(AuditEntry.action == "account.created")
    assert (entry["actor"], entry["subject"], entry["subject_id"]) == (
        admin.id,
        "account",
        account_id,
    )
    assert json.loads(entry["facts"]) == {"roles": ["helpdesk"]}


async def test_add_refuses_a_login_that_exists(database: Database) -> None:
    await accounts.add("tanaka", "田中太郎", [Role.helpdesk])

    with pytest.raises(Refused, match="There is already an account"):
        await accounts.add("TANAKA", "田中花子", [Role.helpdesk])

    assert await Account.count() == await AccountRole.count() == 1


@pytest.mark.parametrize("roles", [[], [Role.coordinator], [Role.venue]])
async def test_add_refuses_a_role_without_what_it_reaches(
    database: Database, roles: list[Role]
) -> None:
    with pytest.raises(Refused):
        await accounts.add("tanaka", "田中太郎", roles)


async def test_add_refuses_a_weak_password(database: Database) -> None:
    with pytest.raises(Refused):
        await accounts.add("tanaka", "田中太郎", [Role.helpdesk], password="short")

    assert await Account.count() == 0


async def test_a_changed_password_ends_every_sign_in(database: Database) -> None:
    viewer = await signed_in()
    other = await sign_in.sign_in(viewer.login, PASSWORD, "192.0.2.2")

    await accounts.change_password(viewer.id, PASSWORD, "another long password", by=viewer)

    assert await sign_in.viewer_of(other) is None
    with pytest.raises(Refused):
        await sign_in.sign_in(viewer.login, PASSWORD, "192.0.2.1")
    assert await sign_in.sign_in(viewer.login, "another long password", "192.0.2.1")


@pytest.mark.parametrize(
    ("old", "new"), [("a wrong password", "another long password"), (PASSWORD, "short")]
)
async def test_a_password_stays_where_the_change_is_refused(
    database: Database, old: str, new: str
) -> None:
    viewer = await signed_in()

    with pytest.raises(Refused):
        await accounts.change_password(viewer.id, old, new, by=viewer)

    assert await sign_in.sign_in(viewer.login, PASSWORD, "192.0.2.1")


async def test_a_reset_password_is_to_be_changed(database: Database) -> None:
    viewer = await signed_in(Role.helpdesk)

    password = await accounts.reset_password(viewer.id)

    again = await sign_in.viewer_of(await sign_in.sign_in(viewer.login, password, "192.0.2.1"))
    assert again is not None
    assert again.must_change_password


async def test_disable_refuses_ones_own_and_the_last_administrator(database: Database) -> None:
    admin = await signed_in()
    with pytest.raises(Refused, match="your own"):
        await accounts.disable(admin.id, by=admin)
    with pytest.raises(Refused, match="last administrator"):
        await accounts.disable(admin.id)

    second = await signed_in()
    await accounts.disable(admin.id, by=second)

    closed = [row["login"] for row in await queries.every_account() if row["disabled_at"]]
    assert closed == [admin.login]


async def test_an_account_that_does_not_exist_is_refused(database: Database) -> None:
    with pytest.raises(Refused, match="no such account"):
        await accounts.disable(4711)
    with pytest.raises(Refused, match="no such account"):
        await accounts.reset_password(4711)


async def test_a_login_is_measured_as_it_is_kept(database: Database) -> None:
    with pytest.raises(Refused, match=r"^Please use at most 80 characters for a login\.$"):
        await accounts.add("㍿" * 60, "山田", {Role.helpdesk})
