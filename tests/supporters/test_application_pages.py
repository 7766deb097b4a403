"""The coordinator's pages of applications: deciding, telling, inviting."""

import json
import re
from dataclasses import replace
from typing import Any

import httpx
import pytest

from server import clock
from server.accounts import invitations
from server.accounts.tables import Account, Invitation
from server.audit.tables import AuditEntry
from server.database import writing
from server.roles import Role
from server.supporters import applications, stages
from server.supporters.tables import Stage, SupporterApplication
from server.training.tables import Programme
from tests import factories
from tests.classes.resident import field_errors, said, summary
from tests.classes.staff_cast import ICT
from tests.statements import counted
from tests.supporters.applicants import HANAKO, YUKI, applied

Row = dict[str, Any]
LIST = "/staff/applications"
DECIDED = "この申込は、すでにほかの職員が決めています。"


@pytest.fixture
async def coordinator(database: Any, frozen_now: Any, client_as: Any) -> httpx.AsyncClient:
    await factories.make_municipality()
    client: httpx.AsyncClient = await client_as(Role.coordinator)
    return client


@pytest.fixture
async def application(coordinator: httpx.AsyncClient) -> Row:
    return await applied()


@pytest.fixture
async def basic(coordinator: httpx.AsyncClient) -> Programme:
    made = Programme(
        code="basic",
        name="デジタルサポーター養成講座",
        published_at=clock.now(),
        created_at=clock.now(),
    )
    async with writing():
        await Programme.insert(made)
    return made


def path_of(application: Row, what: str = "") -> str:
    return f"{LIST}/{application['id']}{what}"


async def state_of(application: Row) -> str:
    row = await applications.get(application["id"])
    assert row is not None
    return str(row["state"])


async def readings() -> list[Row]:
    entries = await AuditEntry.select().where(AuditEntry.action == "read").order_by(AuditEntry.id)
    return [json.loads(entry["facts"]) for entry in entries]


async def test_the_list_shows_what_is_to_decide_and_what_was_decided(
    coordinator: httpx.AsyncClient, application: Row
) -> None:
    yuki = await applied(YUKI, 2)
    await applications.decline(yuki["id"], "次の回にぜひ。", by=ICT)

    words = said(await coordinator.get(LIST))

    assert "これから決める申込 1" in words
    assert words.index("山田花子") < words.index("最近決めた申込") < words.index("鈴木ゆき")


async def test_the_list_takes_as_many_statements_for_thirty_as_for_one(
    coordinator: httpx.AsyncClient, application: Row
) -> None:
    with counted() as for_one:
        await coordinator.get(LIST)
    for number in range(2, 31):
        reading = "やまだ" + "".join("あいうえお"[int(digit) % 5] * 2 for digit in str(number))
        await applied(replace(HANAKO, reading=reading + "か" * number), number)
    with counted() as for_thirty:
        page = await coordinator.get(LIST)

    assert len(re.findall(r'href="/staff/applications/\d+"', page.text)) == 30
    assert len(for_thirty) == len(for_one)


async def test_p2_who_saw_an_application_is_written_down(
    coordinator: httpx.AsyncClient, application: Row
) -> None:
    await coordinator.get(LIST)
    await coordinator.get(path_of(application))

    assert await readings() == [
        {"page": LIST, "ids": [application["id"]]},
        {"page": path_of(application), "ids": [application["id"]]},
    ]


async def test_the_page_shows_all_that_was_written(
    coordinator: httpx.AsyncClient, application: Row
) -> None:
    words = said(await coordinator.get(path_of(application)))

    for each in (
        "山田花子",
        "昭和31年5月3日生まれ、70歳",
        "059-354-0000",
        "hanako@example.jp",
        "市外",
        "月曜日の午前、土曜日の午後",
        "日本語、手話",
        "近所の人の役に立ちたいです。",
    ):
        assert each in words


async def test_accepting_enrols_tells_and_says_so(
    coordinator: httpx.AsyncClient, application: Row, basic: Programme
) -> None:
    typed = {"programme": str(basic.id), "message": "ようこそ。"}

    answer = await coordinator.post(path_of(application, "/acceptance"), data=typed)

    assert answer.status_code == httpx.codes.SEE_OTHER
    page = await coordinator.get(answer.headers["location"])
    assert "山田花子さんの申込を承諾しました。" in said(page)
    assert "招待状を作る" in said(page)
    stage = await stages.current(application["supporter"])
    assert stage is not None
    assert stage["stage"] == Stage.in_training
    calls = said(await coordinator.get("/staff/calls"))
    assert "サポーターとしてお迎えすることになりました。（事務局から：ようこそ。）" in calls


async def test_declining_needs_words(coordinator: httpx.AsyncClient, application: Row) -> None:
    path = path_of(application, "/refusal")

    empty = await coordinator.post(path, data={"decline-message": " "})

    assert empty.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert field_errors(empty) == {
        "decline-message": "お断りの理由を、やさしい言葉で書いてください。"
    }
    answer = await coordinator.post(path, data={"decline-message": "次の回にぜひ。"})
    assert answer.status_code == httpx.codes.SEE_OTHER
    page = said(await coordinator.get(answer.headers["location"]))
    assert "山田花子さんの申込をお断りしました。" in page
    assert "次の回にぜひ。" in page
    assert "招待状を作る" not in page


@pytest.mark.parametrize(
    ("what", "typed"),
    [
        ("/acceptance", {"message": "ようこそ。"}),
        ("/refusal", {"decline-message": "次の回にぜひ。"}),
    ],
)
async def test_the_second_of_two_coordinators_is_told_that_it_is_decided(
    coordinator: httpx.AsyncClient, application: Row, what: str, typed: dict[str, str]
) -> None:
    await applications.accept(application["id"], "お待ちしています。", by=ICT)

    answer = await coordinator.post(path_of(application, what), data=typed)

    assert answer.status_code == httpx.codes.CONFLICT
    assert DECIDED in summary(answer)
    assert "お待ちしています。" in said(answer)
    assert await state_of(application) == "accepted"


@pytest.mark.parametrize("programme", ["999", "<b>", "-1"])
async def test_a_programme_that_is_not_offered_is_refused(
    coordinator: httpx.AsyncClient, application: Row, programme: str
) -> None:
    typed = {"programme": programme, "message": "ようこそ。"}

    answer = await coordinator.post(path_of(application, "/acceptance"), data=typed)

    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert list(field_errors(answer)) == ["programme"]
    assert "ようこそ。" in answer.text
    assert await state_of(application) == "received"


async def test_who_came_back_is_shown_with_the_earlier_application(
    coordinator: httpx.AsyncClient, application: Row
) -> None:
    await applications.decline(application["id"], "次の回にぜひ。", by=ICT)
    again = await applied(number=2)

    page = await coordinator.get(path_of(again))

    assert "同じ人の以前の申込" in said(page)
    assert f'href="{path_of(application)}"' in page.text


async def test_hostile_words_are_words_to_the_staff_too(coordinator: httpx.AsyncClient) -> None:
    hostile = "<script>alert(1)</script>"
    row = await applied(replace(HANAKO, name=hostile, why=hostile))
    await applications.accept(row["id"], hostile, by=ICT)

    invitation = f"/staff/supporters/{row['supporter']}/invitation"
    for page in (
        await coordinator.get(LIST),
        await coordinator.get(path_of(row)),
        await coordinator.get("/staff/calls"),
        await coordinator.post(invitation),
    ):
        assert "<script>alert" not in page.text
        assert hostile in said(page)


async def test_one_press_makes_the_letter(coordinator: httpx.AsyncClient, application: Row) -> None:
    await applications.accept(application["id"], "", by=ICT)

    letter = await coordinator.post(f"/staff/supporters/{application['supporter']}/invitation")

    assert letter.status_code == httpx.codes.OK
    assert letter.headers["cache-control"] == "private, no-store"
    words = said(letter)
    assert "山田花子 様" in words
    assert "hanako@example.jp" in words
    assert "12月5日（土）午前10時まで" in words
    assert 'class="segno"' in letter.text
    [token] = re.findall(r"http://127\.0\.0\.1:8000/sign-in/invitation/([\w-]+)", words)
    found = await invitations.find(token)
    assert found is not None
    assert found["login"] == "hanako@example.jp"
    assert (await readings())[-1]["ids"] == [application["supporter"]]


async def test_a_second_letter_ends_the_first(
    coordinator: httpx.AsyncClient, application: Row
) -> None:
    await applications.accept(application["id"], "", by=ICT)
    path = f"/staff/supporters/{application['supporter']}/invitation"

    await coordinator.post(path)
    await coordinator.post(path)

    rows = await Invitation.select().where(Invitation.expires_at > clock.now())
    assert (len(rows), await Account.count().where(Account.person.is_not_null())) == (1, 1)


async def test_nobody_is_invited_before_being_accepted_or_after_leaving(
    coordinator: httpx.AsyncClient, application: Row
) -> None:
    path = f"/staff/supporters/{application['supporter']}/invitation"

    before = await coordinator.post(path)
    await applications.accept(application["id"], "", by=ICT)
    await stages.reach(application["supporter"], Stage.withdrawn, clock.today(), by=ICT)
    after = await coordinator.post(path)

    assert (before.status_code, after.status_code) == (409, 409)
    assert "先に申込を承諾してください。" in said(before)
    assert "招待できるのはサポーターだけです。" in said(after)
    assert await Invitation.count() == 0


@pytest.mark.parametrize("path", [f"{LIST}/999", f"{LIST}/999/acceptance", f"{LIST}/999/refusal"])
async def test_what_does_not_exist_is_not_found(coordinator: httpx.AsyncClient, path: str) -> None:
    method = "GET" if path.endswith("999") else "POST"

    assert (await coordinator.request(method, path)).status_code == httpx.codes.NOT_FOUND


async def test_a_decision_is_kept_with_who_made_it(
    coordinator: httpx.AsyncClient, application: Row
) -> None:
    await coordinator.post(path_of(application, "/acceptance"), data={"message": "ようこそ。"})

    [row] = await SupporterApplication.select()
    [account] = await Account.select()
    assert (row["decided_by"], row["decided_at"], row["message"]) == (
        account["id"],
        clock.now(),
        "ようこそ。",
    )
