"""H4 as it is seen: whom to phone, the result by one tap, and on Today until it is done."""

import html
import json
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import httpx
import pytest

from server import clock
from server.accounts.tables import Account
from server.audit.tables import AuditEntry
from server.helpdesk import call_backs, hand_overs
from server.helpdesk.tables import CallAttempt, CallBack, HandOver
from server.roles import Role
from tests import factories
from tests.databases import Database
from tests.helpdesk.call_back_cast import MY_NUMBER, PHONE, in_hours, operator, promised
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

LIST = "/staff/call-backs"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
async def city(database: Database, frozen_now: datetime) -> None:
    await factories.make_municipality()


def press(row: dict[str, Any], result: str, number: int = 1) -> dict[str, str]:
    """The buttons of a card: what came of a call, as it stood on the screen."""
    return {
        "submission": f"press-{number:016d}",
        "version": str(row["version"]),
        "result": result,
    }


async def test_h4_the_list_says_whom_to_phone_what_about_and_takes_the_result(
    client_as: ClientAs,
) -> None:
    desk = await client_as(Role.helpdesk)
    topic = await factories.make_topic(name="マイナンバーカード")
    contact = await factories.make_contact(topic=topic.id)
    row = await promised(await operator(), contact.id, about=f"電話 {SCRIPT}")

    page = await desk.get(LIST)

    assert 'href="tel:0590000123"' in page.text
    for words in ("山田花子", "マイナンバーカード", html.escape(SCRIPT), "手のあいた人"):
        assert words in page.text
    assert SCRIPT not in page.text
    assert page.text.count('name="result"') == 5
    seen = await AuditEntry.select().where(AuditEntry.action == "read")
    assert [f'"ids": [{row["id"]}]' in each["facts"] for each in seen] == [True]


async def test_h4_one_tap_settles_it_and_one_takes_that_back(client_as: ClientAs) -> None:
    desk = await client_as(Role.helpdesk)
    row = await promised(await operator())
    path = f"{LIST}/{row['id']}"

    answers = [await desk.post(f"{path}/attempts", data=press(row, "settled")) for _ in range(2)]

    assert {answer.headers["location"] for answer in answers} == {answers[0].headers["location"]}
    page = await desk.get(answers[0].headers["location"])
    assert "済みにしました（山田花子さん）" in page.text
    assert "待っている折り返しはありません。" in page.text
    [tried] = await CallAttempt.select()
    assert tried["result"] == "reached"
    undo = await desk.post(f"{path}/reopening", data={"try": str(tried["id"])})
    page = await desk.get(undo.headers["location"])
    assert "取り消しました" in page.text
    assert (await CallBack.select())[0]["done_at"] is None
    assert not await CallAttempt.exists().where(CallAttempt.voided_at.is_null())


async def test_h4_nobody_answered_and_the_next_time_is_one_tap(client_as: ClientAs) -> None:
    desk = await client_as(Role.helpdesk)
    row = await promised(await operator())

    tap = await desk.post(f"{LIST}/{row['id']}/attempts", data=press(row, "no_answer"))
    page = await desk.get(tap.headers["location"])

    assert "記録しました（山田花子さん、出なかった）" in page.text
    assert "1回かけました" in page.text
    again = (await desk.get(LIST)).text  # as long as nobody got through, whoever looks next
    due = re.findall(r'name="due" value="([^"]+)">([^<]+)<', again)
    assert due == re.findall(r'name="due" value="([^"]+)">([^<]+)<', page.text)
    assert [words for _value, words in due] == [
        "11月24日（火）の午前中",
        "11月24日（火）中（午後5時15分まで）",
        "11月25日（水）の午前中",
        "11月25日（水）中（午後5時15分まで）",
    ]
    moved = await desk.post(
        f"{LIST}/{row['id']}/due", data={"version": "1", "owner": "", "due": due[0][0]}
    )
    page = await desk.get(moved.headers["location"])
    assert "期限 11月24日（火）正午" in page.text
    [kept] = await CallBack.select()
    assert kept["due_at"] == datetime.fromisoformat(due[0][0])


async def test_t2_a_day_without_reception_is_said_beside_the_call(client_as: ClientAs) -> None:
    desk = await client_as(Role.helpdesk)
    row = await promised(await operator())
    path = f"{LIST}/{row['id']}"
    assert "受付がお休みの日は、ここに出ません。" in (await desk.get(path)).text
    told = []
    for version, day in enumerate(("2026-11-24", "2026-11-29"), start=1):  # Tuesday, Sunday
        typed = {"version": str(version), "due": "other", "due_day": day, "due_hour": "10:00"}
        assert (await desk.post(f"{path}/due", data=typed)).status_code == 303
        pages = [(await desk.get(each)).text for each in (LIST, path)]
        told.append([each.count("この日は受付がお休みです。") for each in pages])

    assert told == [[0, 0], [1, 1]]


async def test_h4_a_try_is_taken_back(client_as: ClientAs) -> None:
    desk, other = await client_as(Role.helpdesk), await client_as(Role.helpdesk)
    row = await promised(await operator())
    await desk.post(f"{LIST}/{row['id']}/attempts", data=press(row, "busy"))
    [tried] = await CallAttempt.select()
    path, typed = f"{LIST}/{row['id']}/withdrawal", {"try": str(tried["id"])}

    assert (await other.post(path, data=typed)).status_code == 409
    assert (await desk.post(path, data=typed)).status_code == 303

    assert not await CallAttempt.exists().where(CallAttempt.voided_at.is_null())


async def test_h4_on_today_until_it_is_done(client_as: ClientAs) -> None:
    desk = await client_as(Role.helpdesk)
    topic = await factories.make_topic(name="写真の送り方")
    contact = await factories.make_contact(topic=topic.id)
    row = await promised(await operator(), contact.id)

    page = (await desk.get("/staff")).text
    assert "約束した折り返し" in page
    assert "山田花子" not in page
    with clock.freeze(in_hours(3)):
        page = (await desk.get("/staff")).text
        assert "期限を過ぎた折り返し" in page
        assert "約束した折り返し" not in page
        assert f'<a href="{LIST}/{row["id"]}">写真の送り方</a>' in page
        await Account.update({Account.disabled_at: clock.now()}).where(
            Account.id == row["recorded_by"]
        )
        assert "期限を過ぎた折り返し" in (await desk.get("/staff")).text
        await desk.post(f"{LIST}/{row['id']}/attempts", data=press(row, "settled"))
        assert "折り返し</a>" not in (await desk.get("/staff")).text.split("<main", 1)[1]


async def test_h4_the_second_operator_is_told_and_her_note_is_kept(client_as: ClientAs) -> None:
    first = await client_as(Role.helpdesk, name="佐藤太郎")
    second = await client_as(Role.helpdesk)
    row = await promised(await operator())
    path = f"{LIST}/{row['id']}/attempts"
    await first.post(path, data=press(row, "settled"))

    late = await second.post(path, data=press(row, "settled", 2) | {"note": "息子さんが出た"})

    assert late.status_code == 409
    for words in ("ほかの人がもう済ませました。", "佐藤太郎", "息子さんが出た"):
        assert words in late.text
    assert await CallAttempt.count() == 1


async def test_h4_a_page_from_before_shows_the_answer_that_came_back(
    client_as: ClientAs,
) -> None:
    desk, mari = await client_as(Role.helpdesk), await operator()
    section = await factories.make_section(name="市民課")
    row = await promised(mari)
    asked = await hand_overs.ask(row["contact"], section.id, "？", submission=None, by=mari)
    ict = await operator(Role.coordinator)
    await hand_overs.answer(asked["id"], "窓口でできます。", version=1, by=ict)
    path = f"{LIST}/{row['id']}/attempts"

    stale = await desk.post(path, data=press(row, "settled") | {"note": "伝えた"})

    assert stale.status_code == 409
    assert "窓口でできます。" in stale.text
    assert "伝えた</textarea>" in stale.text
    assert await CallAttempt.count() == 0
    again = await desk.post(path, data=press(row | {"version": 2}, "settled"))
    assert again.status_code == 303


async def test_h4_moved_by_two_shows_both(client_as: ClientAs) -> None:
    desk, taro = await client_as(Role.helpdesk), await operator(name="佐藤太郎")
    row = await promised(await operator())
    page = (await desk.get(f"{LIST}/{row['id']}")).text
    opened = re.search(r'name="opened"[^>]*value="([^"]*)"', page)
    assert opened
    await call_backs.move(row["id"], in_hours(30), taro.id, version=1, by=taro)

    typed = {"version": "1", "opened": html.unescape(opened[1]), "owner": ""}
    stale = await desk.post(
        f"{LIST}/{row['id']}/due", data=typed | {"due": in_hours(50).isoformat()}
    )

    assert stale.status_code == 409
    assert "11月22日（日）午後4時" in stale.text
    assert "11月23日（月）正午" in stale.text
    assert (await CallBack.select())[0]["due_at"] == in_hours(30)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"due": ""}, "due-0"),
        ({"due": "tomorrow"}, "due-0"),
        ({"due": "2026-11-24T10:00:00"}, "due-0"),
        ({"due": "other"}, "due_day"),
        ({"due": "other", "due_day": "2026-11-24"}, "due_hour"),
        ({"due": "other", "due_day": "2026-13-24", "due_hour": "10:00"}, "due_day"),
    ],
)
async def test_h4_a_time_that_is_none_is_refused(
    client_as: ClientAs, typed: dict[str, str], wrong: str
) -> None:
    desk = await client_as(Role.helpdesk)
    row = await promised(await operator())

    answer = await desk.post(f"{LIST}/{row['id']}/due", data={"version": "1", "owner": "", **typed})

    assert answer.status_code == 422
    summary = answer.text.split("data-error-summary")[1].split("</section>")[0]
    assert re.findall('href="#([^"]+)"', summary)[0] == wrong


async def test_h4_a_call_back_is_promised_from_a_contact(client_as: ClientAs) -> None:
    desk = await client_as(Role.helpdesk)
    contact = await factories.make_contact()
    path = f"/staff/contacts/{contact.id}/call-backs"
    page = await desk.get(f"{path}/new")
    assert "11月24日（火）の午前中" in page.text
    typed = {
        "submission": "press-0000000000000001",
        "name": "山田花子",
        "phone": PHONE,
        "about": "使い方",
        "due": "other",
        "due_day": "2026-11-24",
        "due_hour": "10:30",
        "owner": "",
    }

    wrong = await desk.post(path, data=typed | {"phone": "12"})
    past = await desk.post(path, data=typed | {"due_day": "2026-11-20"})
    secret = await desk.post(path, data=typed | {"about": MY_NUMBER})
    answers = [await desk.post(path, data=typed) for _ in range(2)]

    assert [each.status_code for each in (wrong, past, secret)] == [422, 409, 409]
    assert 'value="山田花子"' in wrong.text
    assert "マイナンバー" in secret.text
    [row] = await CallBack.select()
    assert {each.headers["location"] for each in answers} == {f"{LIST}/{row['id']}"}
    assert row["due_at"] == datetime.fromisoformat("2026-11-24T10:30:00+09:00")


async def test_h4_within_an_hour_is_an_hour_from_when_it_is_pressed(client_as: ClientAs) -> None:
    desk = await client_as(Role.helpdesk)
    row = await promised(await operator())
    with clock.freeze(datetime.fromisoformat("2026-11-20T09:00:00+09:00")):
        page = await desk.get(f"{LIST}/{row['id']}")
        assert "1時間以内" in page.text
    with clock.freeze(datetime.fromisoformat("2026-11-20T11:20:30+09:00")):
        await desk.post(
            f"{LIST}/{row['id']}/due", data={"version": "1", "owner": "", "due": "soon"}
        )

    [kept] = await CallBack.select()
    assert kept["due_at"] == datetime.fromisoformat("2026-11-20T12:20:00+09:00")


async def test_h4_a_question_is_asked_answered_and_taken_up(client_as: ClientAs) -> None:
    section = await factories.make_section(name="市民課")
    desk = await client_as(Role.helpdesk)
    civic = await client_as(Role.coordinator, section=section.id)
    contact = await factories.make_contact()
    typed = {
        "submission": "press-0000000000000001",
        "section": str(section.id),
        "question": f"再発行は？ {SCRIPT}",
    }
    path = f"/staff/contacts/{contact.id}/hand-overs"
    assert (await desk.post(path, data=typed | {"question": ""})).status_code == 422
    asked = await desk.post(path, data=typed)
    assert "担当課に質問を引き継ぎました" in (await desk.get(asked.headers["location"])).text
    [row] = await HandOver.select()
    assert "回答する質問" in (await civic.get("/staff")).text

    page = await civic.get("/staff/hand-overs")
    assert html.escape(SCRIPT) in page.text
    answer = f"/staff/hand-overs/{row['id']}/answer"
    assert (await civic.post(answer, data={"version": "1", "answer": " "})).status_code == 422
    done = await civic.post(answer, data={"version": "1", "answer": "窓口でできます。"})
    assert done.status_code == 303
    late = await civic.post(answer, data={"version": "1", "answer": "できません。"})
    assert late.status_code == 409
    assert "窓口でできます。" in late.text
    assert "できません。</textarea>" in late.text

    assert "担当課から戻った回答" in (await desk.get("/staff")).text
    assert "窓口でできます。" in (await desk.get("/staff/hand-overs")).text
    await desk.post(f"/staff/hand-overs/{row['id']}/taking-up")
    assert "戻ってきた回答はありません。" in (await desk.get("/staff/hand-overs")).text


async def test_p1_another_desk_and_another_section_find_nothing(client_as: ClientAs) -> None:
    row = await promised(await operator())
    section, other = await factories.make_section(), await factories.make_section()
    asked = await hand_overs.ask(
        row["contact"], section.id, "？", submission=None, by=await operator()
    )
    venue = await client_as(Role.venue)
    elsewhere = await client_as(Role.coordinator, section=other.id)

    for browser in (venue, elsewhere):
        assert (await browser.get(f"{LIST}/{row['id']}")).status_code == 404
        tap = await browser.post(f"{LIST}/{row['id']}/attempts", data=press(row, "settled"))
        assert tap.status_code == 404
        take = await browser.post(f"/staff/hand-overs/{asked['id']}/taking-up")
        assert take.status_code == 404
        assert "山田花子" not in (await browser.get(LIST)).text
    answer = {"version": "1", "answer": "はい"}
    path = f"/staff/hand-overs/{asked['id']}/answer"
    assert (await elsewhere.post(path, data=answer)).status_code == 404
    assert (await venue.get(f"/staff/contacts/{row['contact']}/call-backs/new")).status_code == 404


async def test_h4_i_call_this_one_and_the_filter_shows_mine(client_as: ClientAs) -> None:
    desk = await client_as(Role.helpdesk, name="佐藤太郎")
    taro = await operator(name="高橋次郎")
    mine = await promised(await operator(), name="田中一")
    await promised(await operator(), name="鈴木二", owner_id=taro.id)

    answer = await desk.post(f"{LIST}/{mine['id']}/owner", data={"version": "1"})
    assert answer.headers["location"] == f"{LIST}/{mine['id']}"
    assert "佐藤太郎" in (await desk.get(answer.headers["location"])).text

    page = (await desk.get(f"{LIST}?mine")).text
    assert ("田中一" in page, "鈴木二" in page) == (True, False)
    stale = await desk.post(f"{LIST}/{mine['id']}/owner", data={"version": "1"})
    assert stale.status_code == 303  # hers already


async def test_h4_settled_lately_can_be_put_back(client_as: ClientAs) -> None:
    desk = await client_as(Role.helpdesk)
    row = await promised(await operator())
    await desk.post(f"{LIST}/{row['id']}/outcome", data={"version": "1", "outcome": "来庁された"})

    page = await desk.get(f"{LIST}?settled")
    assert "来庁された" in page.text
    back = await desk.post(f"{LIST}/{row['id']}/reopening")
    assert "山田花子" in (await desk.get(back.headers["location"])).text


@pytest.mark.parametrize("query", ["?done=9", "?noted=x", "?moved=99999999999", "?undone=0&try=1"])
async def test_nonsense_in_the_address_is_nothing(client_as: ClientAs, query: str) -> None:
    desk = await client_as(Role.helpdesk)

    assert (await desk.get(f"{LIST}{query}")).status_code == 200


async def test_the_list_takes_as_many_statements_for_thirty_as_for_one(
    client_as: ClientAs,
) -> None:
    desk, mari = await client_as(Role.helpdesk), await operator()
    await promised(mari)
    await desk.get(LIST)
    with counted() as few:
        await desk.get(LIST)
    for _ in range(29):
        await promised(mari)
    with counted() as many:
        await desk.get(LIST)

    assert len(few) == len(many)


async def test_h4_settled_by_a_tap_other_words_about_it_are_not_thrown_away(
    client_as: ClientAs,
) -> None:
    desk, row = await client_as(Role.helpdesk), await promised(await operator())
    await desk.post(f"{LIST}/{row['id']}/attempts", data=press(row, "settled"))
    typed = {"version": str(row["version"]), "outcome": "ご本人が来て、手続も済みました。"}

    late = await desk.post(f"{LIST}/{row['id']}/outcome", data=typed)
    same = await desk.post(f"{LIST}/{row['id']}/outcome", data=typed | {"outcome": ""})

    assert (late.status_code, same.status_code) == (409, 303)
    assert "この折り返しは、ご自分でもう済ませています。" in late.text
    assert typed["outcome"] in late.text


async def test_p1_whoever_calls_for_another_building_is_shown_only_links_that_open(
    client_as: ClientAs,
) -> None:
    venue = await factories.make_venue()
    tomo = await client_as(Role.venue, name="森とも", venue=venue.id)
    account = await Account.select(Account.id).where(Account.name == "森とも").first()
    assert account is not None
    row = await promised(await operator(), owner_id=account["id"])

    async def links(browser: httpx.AsyncClient) -> list[str]:
        page = await browser.get(f"{LIST}/{row['id']}")
        assert "山田花子" in page.text
        found = re.findall(r'href="(/staff/contacts/[^"]+)"', page.text)
        assert [(await browser.get(path)).status_code for path in found] == [200] * len(found)
        return found

    assert await links(tomo) == []
    assert len(await links(await client_as(Role.helpdesk))) == 3


async def test_p2_each_look_at_a_call_back_or_a_question_is_written_down(
    client_as: ClientAs,
) -> None:
    desk, mari = await client_as(Role.helpdesk), await operator()
    row = await promised(mari)
    contact, section = row["contact"], await factories.make_section()
    asked = await hand_overs.ask(contact, section.id, "？", submission=None, by=mari)
    pages = {
        f"{LIST}/{row['id']}": ("call_back", [row["id"]]),
        "/staff/hand-overs": ("hand_over", [asked["id"]]),
        f"/staff/contacts/{contact}/call-backs/new": ("contact", [contact]),
        f"/staff/contacts/{contact}/hand-overs/new": ("contact", [contact]),
    }
    for path in pages:
        assert (await desk.get(path)).status_code == 200

    seen = await AuditEntry.select().where(AuditEntry.action == "read").order_by(AuditEntry.id)
    told = [(each["subject"], json.loads(each["facts"])["ids"]) for each in seen]
    assert told == list(pages.values())
