"""Applying to be a supporter through the pages: write, check, done; and what is refused."""

import asyncio
import re
from datetime import date
from html import unescape
from typing import Any

import httpx
import pytest

from server.places.tables import District
from server.supporters.tables import Supporter, SupporterApplication
from tests import factories
from tests.classes.resident import field_errors, kept, said, summary

pytestmark = pytest.mark.usefixtures("district")

Typed = dict[str, Any]
HOSTILE = '<script>alert("1")</script>{{ 7 * 7 }}'

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')
_FORM = re.compile(r'<form[^>]* action="/supporters/applications".*?</form>', re.DOTALL)


@pytest.fixture
async def district(database: Any, frozen_now: Any) -> District:
    await factories.make_municipality()
    return await factories.make_district(name="中部")


@pytest.fixture
def hanako(district: District) -> Typed:
    return {
        "name": "山田花子",
        "reading": "やまだ はなこ",
        "birth_on": ["showa", "31", "5", "3"],
        "district": str(district.id),
        "phone": "059-354-0000",
        "days": ["sat_pm", "mon_am"],
        "devices": ["android"],
        "languages": ["ja"],
        "why": "近所の人の役に立ちたいです。",
    }


async def confirmed(client: httpx.AsyncClient, typed: Typed) -> dict[str, list[str]]:
    """The hidden fields of the page on which all is read once more."""
    page = await client.post("/supporters/apply", data=typed)
    assert page.status_code == httpx.codes.OK, summary(page)
    form = _FORM.search(page.text)
    assert form, said(page)
    fields: dict[str, list[str]] = {}
    for name, value in _HIDDEN.findall(form[0]):
        fields.setdefault(name, []).append(unescape(value))
    return fields


async def test_what_was_typed_is_read_back_with_the_age_and_then_kept(
    client: httpx.AsyncClient, hanako: Typed, district: District
) -> None:
    page = await client.post("/supporters/apply", data=hanako)

    for words in (
        "山田花子",
        "昭和31年5月3日生まれ、70歳",
        "中部",
        "月曜日の午前、土曜日の午後",
        "Android",
        "日本語",
        "近所の人の役に立ちたいです。",
    ):
        assert words in said(page)
    assert await SupporterApplication.count() == 0

    answer = await client.post("/supporters/applications", data=await confirmed(client, hanako))

    assert answer.headers["location"] == "/supporters/apply/done"
    assert "お申し込みを受け付けました" in said(await client.get("/supporters/apply/done"))
    [row] = await SupporterApplication.select()
    assert (row["name"], row["birth_on"]) == ("山田花子", date(1956, 5, 3))
    assert (row["district"], row["days"], row["devices"]) == (
        district.id,
        "mon_am,sat_pm",
        "android",
    )


async def test_a_double_tap_makes_one_application(client: httpx.AsyncClient, hanako: Typed) -> None:
    fields = await confirmed(client, hanako)

    answers = await asyncio.gather(
        *(client.post("/supporters/applications", data=fields) for _ in range(4))
    )

    assert {each.headers["location"] for each in answers} == {"/supporters/apply/done"}
    assert (await SupporterApplication.count(), await Supporter.count()) == (1, 1)


async def test_what_is_missing_is_said_beside_its_field(client: httpx.AsyncClient) -> None:
    page = await client.post("/supporters/apply", data={"why": "役に立ちたいです。"})

    assert page.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert field_errors(page) == {
        "name": "お名前を書いてください。",
        "reading": "お名前のふりがなを書いてください。",
        "birth_on": "生年月日を入力してください。",
        "district": "お住まいの地区を選んでください。",
        "phone": "ご連絡できるように、電話番号かメールアドレスのどちらかを入力してください。",
    }
    assert "役に立ちたいです。" in page.text
    assert "お電話でも受け付けます" in summary(page)


async def test_an_e_mail_address_alone_is_enough(client: httpx.AsyncClient, hanako: Typed) -> None:
    typed = hanako | {"phone": "", "email": "hanako@example.jp"}

    await client.post("/supporters/applications", data=await confirmed(client, typed))

    [row] = await SupporterApplication.select()
    assert (row["phone"], row["email"]) == ("", "hanako@example.jp")


async def test_who_lives_outside_the_city_may_help_too(
    client: httpx.AsyncClient, hanako: Typed
) -> None:
    typed = hanako | {"district": "outside"}

    await client.post("/supporters/applications", data=await confirmed(client, typed))

    [row] = await SupporterApplication.select()
    assert row["district"] is None


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (["showa", "３１", "５月", "３日"], "昭和31年5月3日生まれ、70歳"),
        (["heisei", "元", "1", "8"], "平成元年1月8日生まれ、37歳"),
        (["western", "1956", "5", "3"], "昭和31年5月3日生まれ、70歳"),
        (["showa", "1956", "5", "3"], "昭和31年5月3日生まれ、70歳"),
        (["taisho", "15", "12", "24"], "大正15年12月24日生まれ、99歳"),
    ],
)
async def test_b1_a_date_of_birth_as_people_write_it(
    client: httpx.AsyncClient, hanako: Typed, typed: list[str], words: str
) -> None:
    page = await client.post("/supporters/apply", data=hanako | {"birth_on": typed})

    assert words in said(page)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (["", "31", "5", "3"], "まだ入力されていないところがあります：元号。"),
        (["showa", "31", "", "3"], "まだ入力されていないところがあります：月。"),
        (["showa", "31", "5", "三"], "元号を選び、年・月・日を数字で入力してください。"),
        (["edo", "31", "5", "3"], "元号を選び、年・月・日を数字で入力してください。"),
        (["showa", "31", "2", "30"], "その日付はありません。もう一度お確かめください。"),
        (["western", "9999", "5", "3"], "元号と年をもう一度お確かめください。"),
        (["western", "31", "5", "3"], "元号と年をもう一度お確かめください。"),
        (["showa"], "まだ入力されていないところがあります：年、月、日。"),
        (["showa", "9" * 5000, "5", "3"], "元号を選び、年・月・日を数字で入力してください。"),
    ],
)
async def test_b1_a_date_of_birth_that_is_none_is_said_and_kept(
    client: httpx.AsyncClient, hanako: Typed, typed: list[str], words: str
) -> None:
    page = await client.post("/supporters/apply", data=hanako | {"birth_on": typed})

    assert page.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert field_errors(page) == {"birth_on": words}
    if typed[0] == "showa":
        assert '<option value="showa" selected>' in page.text
    assert kept(page, "phone") == "059-354-0000"


async def test_whoever_is_18_tomorrow_is_told_from_when(
    client: httpx.AsyncClient, hanako: Typed
) -> None:
    typed = hanako | {"birth_on": ["heisei", "20", "11", "22"]}

    page = await client.post("/supporters/apply", data=typed)

    assert page.status_code == httpx.codes.CONFLICT
    assert field_errors(page)["birth_on"] == (
        "サポーターは18歳以上の方が対象です。令和8年11月22日（日）からお申し込みいただけます。"
    )
    fields = await confirmed(client, hanako)
    last = await client.post("/supporters/applications", data=fields | typed)
    assert last.status_code == httpx.codes.CONFLICT
    assert await SupporterApplication.count() == 0


async def test_whoever_has_applied_already_is_told_so(
    client: httpx.AsyncClient, hanako: Typed
) -> None:
    await client.post("/supporters/applications", data=await confirmed(client, hanako))

    again = await client.post("/supporters/applications", data=await confirmed(client, hanako))

    assert again.status_code == httpx.codes.CONFLICT
    assert "お申し込みはすでに受け付けています。" in again.text
    assert "これからの流れ" in again.text


async def test_going_back_keeps_all_that_was_typed(
    client: httpx.AsyncClient, hanako: Typed
) -> None:
    fields = await confirmed(client, hanako)

    page = await client.post("/supporters/apply", data=fields | {"correct": "1"})

    assert page.status_code == httpx.codes.OK
    assert summary(page) == ""
    assert '<option value="showa" selected>' in page.text
    assert len(re.findall(r'name="days" value="(?:mon_am|sat_pm)"[^>]* checked', page.text)) == 2
    assert 'value="ja" checked' in page.text


@pytest.mark.parametrize("submission", [[], [""], ["short"], ["x" * 41], ["<>'\"" * 5]])
async def test_without_the_confirmation_page_nothing_is_sent(
    client: httpx.AsyncClient, hanako: Typed, submission: list[str]
) -> None:
    page = await client.post("/supporters/applications", data=hanako | {"submission": submission})

    assert page.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert await SupporterApplication.count() == 0


async def test_hostile_words_are_words(client: httpx.AsyncClient, hanako: Typed) -> None:
    typed = hanako | {"name": HOSTILE, "why": f"{HOSTILE}\r\n二行目\u202e\x07"}

    page = await client.post("/supporters/apply", data=typed)
    await client.post("/supporters/applications", data=await confirmed(client, typed))

    assert "<script>alert" not in page.text
    assert HOSTILE in said(page)
    [row] = await SupporterApplication.select()
    assert (row["name"], row["why"]) == (HOSTILE, f"{HOSTILE}\n二行目")


@pytest.mark.parametrize(
    "typed",
    [
        {"days": ["mon_am", "never"]},
        {"devices": ["<b>"]},
        {"languages": ["xx"]},
        {"district": "999999"},
        {"district": "1; DROP TABLE supporter"},
        {"phone": "119"},
        {"email": "hanako"},
        {"reading": "山田花子"},
        {"name": "花" * 121},
        {"why": "あ" * 1001},
    ],
)
async def test_what_no_form_of_ours_sends_is_refused(
    client: httpx.AsyncClient, hanako: Typed, typed: Typed
) -> None:
    page = await client.post("/supporters/apply", data=hanako | typed)

    assert page.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert list(field_errors(page)) == list(typed)


async def test_the_way_in_stands_on_the_first_page(client: httpx.AsyncClient) -> None:
    page = await client.get("/")

    assert page.text.count('href="/supporters/apply"') == 3
