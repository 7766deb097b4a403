"""Signing in: a fresh token each time, the same answer to every stranger, ended everywhere."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from server import clock
from server.accounts import accounts, passwords, sign_in
from server.accounts.attempts import TooOften
from server.accounts.tables import Account, SignIn
from server.refusals import Refused
from server.roles import Role
from tests import factories
from tests.databases import Database
from tests.factories import PASSWORD

NINE = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)


async def test_sign_in_gives_a_fresh_token_and_keeps_only_its_hash(database: Database) -> None:
    account = await factories.make_account(Role.helpdesk)

    tokens = [await sign_in.sign_in(account.login, PASSWORD, "192.0.2.1") for _ in range(2)]

    kept = {row["token_hash"] for row in await SignIn.select(SignIn.token_hash)}
    assert len({*tokens}) == len(kept) == 2
    assert not kept & {*tokens}
    for token in tokens:
        viewer = await sign_in.viewer_of(token)
        assert viewer is not None
        assert (viewer.id, viewer.login, viewer.roles) == (
            account.id,
            account.login,
            frozenset({Role.helpdesk}),
        )


async def test_viewer_of_knows_what_a_role_reaches(database: Database) -> None:
    section, venue = await factories.make_section(), await factories.make_venue()
    ict = await factories.make_account(Role.coordinator)
    own = await factories.make_account(Role.coordinator, section=section.id)
    desk = await factories.make_account(Role.venue, venue=venue.id)

    viewers = []
    for account in (ict, own, desk):
        token = await sign_in.sign_in(account.login, PASSWORD, "192.0.2.1")
        viewers.append(await sign_in.viewer_of(token))

    reach = [
        (each.sees_all_sections, each.section_id == section.id, each.venue_ids)
        for each in viewers
        if each
    ]
    assert reach == [
        (True, False, frozenset()),
        (False, True, frozenset()),
        (False, False, {venue.id}),
    ]


@pytest.mark.parametrize("token", ["", "anything", "x" * 5000, "🗝"])
async def test_a_token_that_we_did_not_issue_is_nobody(database: Database, token: str) -> None:
    assert await sign_in.viewer_of(token) is None


async def test_a_login_is_found_however_it_was_typed(database: Database) -> None:
    account = await factories.make_account(login="suzuki")

    assert await sign_in.sign_in(" ＳＵＺＵＫＩ ", PASSWORD, "192.0.2.1")
    assert account.login == "suzuki"


async def test_every_stranger_gets_the_same_answer(database: Database) -> None:
    known = await factories.make_account()
    closed = await factories.make_account(disabled_at=clock.now())

    answers = set()
    for login, password in (
        (known.login, "a wrong password"),
        ("nobody", PASSWORD),
        (closed.login, PASSWORD),
    ):
        with pytest.raises(Refused) as refused:
            await sign_in.sign_in(login, password, "192.0.2.1")
        answers.add(str(refused.value))

    assert len(answers) == 1
    assert await SignIn.count() == 0


async def test_an_unknown_login_takes_as_long_as_a_known_one(database: Database) -> None:
    kept = await passwords.hashed("the right password")
    known = await factories.make_account()
    await Account.update({Account.password_hash: kept}).where(Account.id == known.id)

    fastest = {}
    for login in (known.login, "nobody"):
        times = []
        for _ in range(4):
            began = time.perf_counter()
            with pytest.raises(Refused):
                await sign_in.sign_in(login, "a wrong password", "192.0.2.1")
            times.append(time.perf_counter() - began)
        fastest[login] = min(times)

    assert fastest["nobody"] > fastest[known.login] / 2


async def test_five_failures_lock_a_login_for_a_while(database: Database) -> None:
    account = await factories.make_account()
    with clock.freeze(NINE):
        for _ in range(5):
            with pytest.raises(Refused):
                await sign_in.sign_in(account.login, "a wrong password", "192.0.2.1")
        with pytest.raises(TooOften):
            await sign_in.sign_in(account.login, PASSWORD, "192.0.2.2")

    with clock.freeze(NINE + timedelta(minutes=15)):
        assert await sign_in.sign_in(account.login, PASSWORD, "192.0.2.1")


async def test_an_unknown_login_is_locked_just_the_same(database: Database) -> None:
    for _ in range(5):
        with pytest.raises(Refused):
            await sign_in.sign_in("nobody", PASSWORD, "192.0.2.1")

    with pytest.raises(TooOften):
        await sign_in.sign_in("nobody", PASSWORD, "192.0.2.1")


async def test_guessing_at_once_gets_no_more_than_five_tries(database: Database) -> None:
    account = await factories.make_account()

    answers = await asyncio.gather(
        *(sign_in.sign_in(account.login, f"guess number {n}", "192.0.2.1") for n in range(20)),
        return_exceptions=True,
    )

    assert sum(type(answer) is Refused for answer in answers) == 5
    assert sum(type(answer) is TooOften for answer in answers) == 15


async def test_one_sender_may_fail_fifty_times_over_all_logins(database: Database) -> None:
    with clock.freeze(NINE):
        for number in range(50):
            with pytest.raises(Refused) as refused:
                await sign_in.sign_in(f"login-{number}", PASSWORD, "192.0.2.1")
            assert type(refused.value) is Refused
        with pytest.raises(TooOften):
            await sign_in.sign_in("login-50", PASSWORD, "192.0.2.1")


async def test_signing_in_forgets_earlier_failures(database: Database) -> None:
    account = await factories.make_account()
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(Refused):
                await sign_in.sign_in(account.login, "a wrong password", "192.0.2.1")
        assert await sign_in.sign_in(account.login, PASSWORD, "192.0.2.1")


async def test_a_sign_in_ends_after_twelve_hours(database: Database) -> None:
    account = await factories.make_account()
    with clock.freeze(NINE):
        token = await sign_in.sign_in(account.login, PASSWORD, "192.0.2.1")

    with clock.freeze(NINE + timedelta(hours=11, minutes=59)):
        assert await sign_in.viewer_of(token) is not None
    with clock.freeze(NINE + timedelta(hours=12)):
        assert await sign_in.viewer_of(token) is None


async def test_signing_out_ends_it_everywhere(database: Database) -> None:
    account, other = await factories.make_account(), await factories.make_account()
    phone = await sign_in.sign_in(account.login, PASSWORD, "192.0.2.1")
    desk = await sign_in.sign_in(account.login, PASSWORD, "192.0.2.2")
    somebody = await sign_in.sign_in(other.login, PASSWORD, "192.0.2.2")

    await sign_in.sign_out(account.id)

    alive = [await sign_in.viewer_of(token) is not None for token in (phone, desk, somebody)]
    assert alive == [False, False, True]


async def test_disabling_ends_what_is_open(database: Database) -> None:
    account = await factories.make_account(Role.helpdesk)
    token = await sign_in.sign_in(account.login, PASSWORD, "192.0.2.1")

    await accounts.disable(account.id)

    assert await sign_in.viewer_of(token) is None


async def test_an_outdated_hash_is_renewed_at_sign_in(database: Database) -> None:
    account = await factories.make_account()
    assert passwords.is_outdated(account.password_hash)

    await sign_in.sign_in(account.login, PASSWORD, "192.0.2.1")

    row = await Account.select(Account.password_hash).where(Account.id == account.id).first()
    assert row is not None
    assert not passwords.is_outdated(row["password_hash"])
    assert await sign_in.sign_in(account.login, PASSWORD, "192.0.2.1")


async def test_a_password_changed_meanwhile_lets_nobody_in_and_stays_changed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old password was right when it was checked; before the sign-in is kept, it is changed."""
    account = await factories.make_account(Role.helpdesk)
    check = sign_in.check_surface

    async def change_first(account_id: int) -> None:
        await accounts.reset_password(account_id, password="another-good-password")
        await check(account_id)

    monkeypatch.setattr(sign_in, "check_surface", change_first)
    with pytest.raises(Refused, match=r"^This login and password do not fit together\.$"):
        await sign_in.sign_in(account.login, PASSWORD, "192.0.2.1")
    monkeypatch.undo()

    assert await SignIn.count() == 0
    assert await sign_in.sign_in(account.login, "another-good-password", "192.0.2.1")


@pytest.mark.parametrize("typed", ["059-345-0001", "０５９－３４５－０００１", "059 345 0001"])
async def test_a_login_of_digits_is_taken_as_a_phone_number_is_written(
    database: Database, typed: str
) -> None:
    await factories.make_account(Role.supporter, login="0593450001")

    assert await sign_in.sign_in(typed, PASSWORD, "198.51.100.1")


async def test_other_ways_to_write_a_number_are_the_same_login_to_who_guesses(
    database: Database,
) -> None:
    await factories.make_account(Role.supporter, login="0593450001")
    for typed in ("059-345-0001", "0593-45-0001", "05-93450001", "0593450001", "(059)3450001"):
        with pytest.raises(Refused):
            await sign_in.sign_in(typed, "not her password", "198.51.100.1")

    with pytest.raises(TooOften):
        await sign_in.sign_in("059-3450001", PASSWORD, "198.51.100.1")
