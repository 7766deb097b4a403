"""Inviting somebody: an account without a password, and a way in that works once."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from server import clock
from server.accounts import accounts, invitations, sign_in
from server.accounts.invitations import Invited
from server.accounts.tables import Account, AccountRole, Invitation
from server.audit.tables import AuditEntry
from server.database import writing
from server.people import merging
from server.people.tables import Person
from server.refusals import Refused
from server.roles import Role
from tests import factories
from tests.classes.resident import field_errors, said, summary
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.unlocked import unlock

PASSWORD = "sakura momiji yuki"
ENDED = "この招待状は使えません"


@pytest.fixture
async def person(database: Database) -> Any:
    return await factories.make_person()


async def invited(person: Any, *logins: str) -> Invited:
    return await invitations.invite(person.id, person.name, logins, by=ICT)


async def refusal(token: str, password: str = PASSWORD) -> str:
    with pytest.raises(Refused) as refused:
        await invitations.accept(token, password)
    return refused.value.msgid


def page_of(invitation: Invited) -> str:
    return f"/sign-in/invitation/{invitation.token}"


async def test_an_invitation_opens_a_supporters_account_of_the_person(person: Any) -> None:
    invitation = await invited(person, "Ｈanako@example.jp", "09000001234")

    [account] = await Account.select()
    [role] = await AccountRole.select()
    assert (account["id"], account["person"]) == (invitation.account_id, person.id)
    assert (account["login"], account["name"]) == ("hanako@example.jp", "山田花子")
    assert (role["account"], role["role"]) == (account["id"], Role.supporter)
    assert account["must_change_password"] is False


async def test_only_a_hash_of_the_token_is_kept(person: Any) -> None:
    invitation = await invited(person)

    [row] = await Invitation.select()
    assert invitation.token not in str(row)
    assert all(invitation.token not in entry["facts"] for entry in await AuditEntry.select())


async def test_a_couple_with_one_telephone_has_two_logins(person: Any) -> None:
    taro = await factories.make_person(name="山田太郎", reading="やまだたろう")

    first, second = await invited(person, "", "09000001234"), await invited(taro, "", "09000001234")

    assert (first.login, second.login) == ("09000001234", f"s{taro.id}")


async def test_a_login_that_is_too_long_is_passed_over(person: Any) -> None:
    invitation = await invited(person, f"{'a' * 80}@example.jp")

    assert invitation.login == f"s{person.id}"


async def test_a_taken_number_gets_a_second_one(person: Any) -> None:
    await factories.make_account(Role.helpdesk, login=f"s{person.id}")

    assert (await invited(person)).login == f"s{person.id}-2"


async def test_whoever_is_invited_signs_in_with_the_password_she_chose(person: Any) -> None:
    invitation = await invited(person)

    account_id = await invitations.accept(invitation.token, PASSWORD)

    viewer = await sign_in.viewer_of(await sign_in.sign_in(invitation.login, PASSWORD, "192.0.2.1"))
    assert viewer is not None
    assert (viewer.id, viewer.roles) == (account_id, frozenset({Role.supporter}))
    assert viewer.must_change_password is False


async def test_an_invitation_works_once(person: Any) -> None:
    invitation = await invited(person)
    await invitations.accept(invitation.token, PASSWORD)

    assert await refusal(invitation.token) == invitations.NOT_OPEN
    assert await invitations.find(invitation.token) is None


async def test_a_newer_invitation_ends_the_one_before(person: Any) -> None:
    first, second = await invited(person), await invited(person)

    assert first.login == second.login
    assert await refusal(first.token) == invitations.NOT_OPEN
    await invitations.accept(second.token, PASSWORD)
    assert await Account.count() == 1


async def test_an_invitation_ends_after_14_days(database: Database) -> None:
    person, now = await factories.make_person(), clock.now()
    with clock.freeze(now):
        invitation = await invited(person)
    with clock.freeze(now + timedelta(days=14, seconds=-1)):
        assert await invitations.find(invitation.token) is not None
    with clock.freeze(now + timedelta(days=14)):
        assert await invitations.find(invitation.token) is None
        assert await refusal(invitation.token) == invitations.NOT_OPEN


async def test_who_has_forgotten_the_password_is_invited_again(person: Any) -> None:
    await invitations.accept((await invited(person)).token, PASSWORD)
    before = await sign_in.sign_in(f"s{person.id}", PASSWORD, "192.0.2.1")

    await invitations.accept((await invited(person)).token, "umi yama kawa sora")

    assert await sign_in.viewer_of(before) is None
    assert await sign_in.sign_in(f"s{person.id}", "umi yama kawa sora", "192.0.2.1")


async def test_the_account_of_a_merged_duplicate_is_hers(person: Any) -> None:
    first = await invited(person)
    stays = await factories.make_person(name="山田ハナ", reading="やまだはな")
    async with writing():
        await Person.update({Person.merged_into: stays.id}).where(Person.id == person.id)

    again = await invited(stays, "another")

    assert (again.account_id, again.login) == (first.account_id, first.login)


async def test_a_weak_password_leaves_the_invitation_open(person: Any) -> None:
    invitation = await invited(person)

    said_no = await refusal(invitation.token, "short")

    assert said_no == "Please use at least {number} characters for a password."
    assert await invitations.find(invitation.token) is not None


async def test_p1_nobody_gets_an_account_of_the_staff_by_a_letter(person: Any) -> None:
    await factories.make_account(Role.administrator, person=person.id)

    with pytest.raises(Refused, match="signs in as staff"):
        await invited(person)

    assert await Invitation.count() == 0


async def test_a_disabled_account_is_not_opened_by_a_letter(person: Any) -> None:
    invitation = await invited(person)
    await accounts.disable(invitation.account_id)

    with pytest.raises(Refused, match="disabled"):
        await invited(person)

    assert await refusal(invitation.token) == invitations.NOT_OPEN


async def test_two_who_hold_one_letter_cannot_both_use_it(person: Any) -> None:
    invitation = await invited(person)

    answers = await asyncio.gather(
        invitations.accept(invitation.token, PASSWORD),
        invitations.accept(invitation.token, "umi yama kawa sora"),
        return_exceptions=True,
    )

    assert sum(isinstance(each, Refused) for each in answers) == 1


async def test_two_invitations_at_once_open_one_account(person: Any) -> None:
    both = await asyncio.gather(invited(person), invited(person))

    assert await Account.count() == 1
    still_open = [each for each in both if await invitations.find(each.token)]
    assert len(still_open) == 1


@pytest.mark.engine("postgres")
async def test_control_without_the_lock_one_person_has_two_accounts(
    person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlock(monkeypatch, merging)

    await asyncio.gather(invited(person, "one"), invited(person, "two"))

    assert await Account.count() == 2


async def test_a_login_taken_at_the_same_moment_is_passed_over(person: Any) -> None:
    taro = await factories.make_person(name="山田太郎", reading="やまだたろう")

    both = await asyncio.gather(invited(person, "yamada"), invited(taro, "yamada"))

    assert len({each.login for each in both}) == 2
    assert "yamada" in {each.login for each in both}


async def test_the_page_shows_the_login_and_signs_in(
    person: Any, client: httpx.AsyncClient
) -> None:
    invitation = await invited(person, "hanako@example.jp")

    shown = await client.get(page_of(invitation))
    answer = await client.post(page_of(invitation), data={"new": PASSWORD, "again": PASSWORD})

    assert 'value="hanako@example.jp"' in shown.text
    assert answer.status_code == httpx.codes.SEE_OTHER
    assert (await client.get("/sign-in/password")).status_code == httpx.codes.OK


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        (
            {"new": PASSWORD, "again": "another"},
            "again",
            "2回入力したパスワードが同じではありません。もう一度、同じものを2回入力してください。",
        ),
        ({"new": "", "again": PASSWORD}, "new", "入力してください。"),
    ],
)
async def test_the_page_says_what_is_wrong_with_the_password(
    person: Any, client: httpx.AsyncClient, typed: dict[str, str], field: str, words: str
) -> None:
    answer = await client.post(page_of(await invited(person)), data=typed)

    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert field_errors(answer)[field] == words


async def test_the_page_refuses_a_weak_password_and_keeps_the_letter_open(
    person: Any, client: httpx.AsyncClient
) -> None:
    invitation = await invited(person)

    answer = await client.post(page_of(invitation), data={"new": "short", "again": "short"})

    assert answer.status_code == httpx.codes.CONFLICT
    assert "12文字以上" in summary(answer)
    assert "short" not in answer.text


async def test_every_letter_that_opens_nothing_gets_one_answer(
    person: Any, client: httpx.AsyncClient
) -> None:
    ended, used = await invited(person), await invited(person)
    await invitations.accept(used.token, PASSWORD)
    async with writing():
        await Account.update({Account.name: "別の名前"}).where(Account.id == used.account_id)

    words = {"new": PASSWORD, "again": PASSWORD}
    for path in (page_of(ended), page_of(used), "/sign-in/invitation/never-given"):
        for answer in (await client.get(path), await client.post(path, data=words)):
            assert answer.status_code == httpx.codes.NOT_FOUND
            assert ENDED in said(answer)
            assert "山田" not in said(answer)
            assert "別の名前" not in said(answer)


async def test_nobody_keeps_the_page_or_learns_its_address(
    person: Any, client: httpx.AsyncClient
) -> None:
    path = page_of(await invited(person))
    words = {"new": PASSWORD, "again": PASSWORD}

    for answer in (
        await client.get(path),
        await client.post(path, data={}),
        await client.post(path, data=words),
        await client.get(path),
    ):
        assert answer.headers["referrer-policy"] == "strict-origin"
        assert answer.headers["cache-control"] == "private, no-store"
