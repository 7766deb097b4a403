"""A caller is waiting: her booking is found, read back, and given back; a roster for the door."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime

import httpx
import pytest

from server.audit.tables import AuditEntry
from server.classes import bookings
from server.classes.tables import Booking, BookingScope, ClassSession, Course
from server.roles import Role
from tests.classes.staff_cast import (
    HANAKO,
    TARO,
    YUKI,
    book,
    course_with_sessions,
    in_days,
)
from tests.databases import Database
from tests.factories import make_class_session, make_course, make_municipality, make_venue
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

JOAO = bookings.Applicant(name="João da Silva", reading="João da Silva", phone="+81 90 0000 4321")


@pytest.fixture(autouse=True)
async def city(database: Database, frozen_now: datetime) -> None:
    await make_municipality()


@pytest.fixture
async def helpdesk(client_as: ClientAs) -> httpx.AsyncClient:
    return await client_as(Role.helpdesk)


async def found(client: httpx.AsyncClient, words: str) -> list[str]:
    page = await client.get("/staff/bookings", params={"q": words})
    assert page.status_code == 200
    return re.findall(r'<th scope="row">(.*?)<br>', page.text)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("やまだはな", ["山田花子"]),
        ("ﾔﾏﾀﾞ ﾊﾅｺ", ["山田花子"]),
        ("ヤマダ", ["山田太郎", "山田花子"]),
        ("山田　花子", ["山田花子"]),
        ("山田", ["山田太郎", "山田花子"]),
        ("059-354-0000", ["山田太郎", "山田花子"]),
        ("０５９３５４００００", ["山田太郎", "山田花子"]),
        ("090-0000-4321", ["João da Silva"]),
        ("joao", ["João da Silva"]),
        ("João da", ["João da Silva"]),
        ("059", []),
        ("花子", []),
        ("%", []),
        ("山%", []),
        ("_", []),
        ("", []),
        ("　", []),
    ],
)
async def test_b2_a_booking_is_found_however_it_is_typed(
    helpdesk: httpx.AsyncClient, words: str, names: list[str]
) -> None:
    course, _ = await course_with_sessions()
    for who in (HANAKO, TARO, YUKI, JOAO):
        await book(who, course)

    assert await found(helpdesk, words) == names


async def test_b8_a_booking_is_found_by_its_reference_with_or_without_blanks(
    helpdesk: httpx.AsyncClient,
) -> None:
    course, _ = await course_with_sessions()
    number = (await book(HANAKO, course))["reference"]
    await book(TARO, course)

    parts = number[:3], number[3:6], number[6:]
    for words in (number, " ".join(parts), "　".join(parts), "-".join(parts)):
        assert await found(helpdesk, words) == ["山田花子"]


async def test_a_row_says_what_the_caller_asks(helpdesk: httpx.AsyncClient) -> None:
    course, _ = await course_with_sessions()
    booking = await book(HANAKO, course)

    page = await helpdesk.get("/staff/bookings?q=やまだ")

    [line] = re.findall(r"<tr>(.*?)</tr>", page.text.split("<tbody>")[1], re.DOTALL)
    said = " ".join(re.sub(r"<[^>]+>", " ", line).split())
    when = "11月28日（土）午前10時"
    for fact in ("やまだはなこ", "059-354-0000", course.title, when, "参加決定"):
        assert fact in said
    assert f"/staff/bookings/{booking['id']}/cancellation" in line
    assert "地区市民センター" in said
    assert re.search(r'<input[^>]*name="q"[^>]*autofocus', page.text)


async def test_what_is_over_stands_there_with_its_year_and_is_not_given_back(
    helpdesk: httpx.AsyncClient,
) -> None:
    course, [session] = await course_with_sessions(1)
    booking = await book(HANAKO, course)
    await ClassSession.update(
        {ClassSession.starts_at: in_days(-7), ClassSession.ends_at: in_days(-6.9)}
    ).where(ClassSession.id == session.id)

    page = await helpdesk.get("/staff/bookings?q=やまだ")

    assert "令和8年11月14日（土）" in page.text
    assert f"/staff/bookings/{booking['id']}/cancellation" not in page.text


async def test_p1_each_role_finds_what_it_may_see(client_as: ClientAs) -> None:
    here, [session] = await course_with_sessions(1)
    there, _ = await course_with_sessions(1)
    await book(HANAKO, here)
    await book(TARO, there)

    assert await found(await client_as(Role.venue, venue=session.venue), "山田") == ["山田花子"]
    own = await client_as(Role.coordinator, section=here.section)
    assert await found(own, "山田") == ["山田花子"]
    both = ["山田太郎", "山田花子"]
    assert await found(await client_as(Role.coordinator), "山田") == both
    assert await found(await client_as(Role.helpdesk), "山田") == both


async def test_p2_who_was_found_is_written_down_and_never_what_was_typed(
    helpdesk: httpx.AsyncClient,
) -> None:
    booking = await book(HANAKO, (await course_with_sessions())[0])

    await helpdesk.get("/staff/bookings?q=山田花子")

    entry = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    assert entry is not None
    assert (entry["action"], entry["subject"]) == ("read", "booking")
    assert f'"ids": [{booking["id"]}]' in entry["facts"]
    assert '"sought_by": "name"' in entry["facts"]
    assert "山田" not in entry["facts"]


async def test_the_newest_fifty_are_shown_and_that_there_are_more(
    helpdesk: httpx.AsyncClient,
) -> None:
    course, sessions = await course_with_sessions(51, scope=BookingScope.session)
    for session in sessions:
        await bookings.book(HANAKO, course.id, session.id, submission=f"press-{session.id}")

    page = await helpdesk.get("/staff/bookings?q=059-354-0000")

    assert page.text.count('<th scope="row">') == 50
    assert "新しい50件" in page.text


async def test_it_takes_as_many_statements_for_many_as_for_one(
    helpdesk: httpx.AsyncClient,
) -> None:
    course, _ = await course_with_sessions()
    await book(HANAKO, course)
    sent = []
    for more in ((), (TARO, YUKI, JOAO)):
        for who in more:
            await book(who, course)
        await helpdesk.get("/staff/bookings?q=山")
        with counted() as statements:
            await helpdesk.get("/staff/bookings?q=山")
        sent.append(len(statements))

    assert sent[0] == sent[1]


async def test_today_has_the_field_for_those_who_may_search(client_as: ClientAs) -> None:
    for role, has in ((Role.helpdesk, True), (Role.venue, True), (Role.administrator, False)):
        page = await (await client_as(role)).get("/staff")
        assert ('action="/staff/bookings"' in page.text) is has


@pytest.mark.parametrize(
    ("state", "button"), [("confirmed", "辞退を受け付ける"), ("received", "取消を受け付ける")]
)
async def test_b9_before_a_place_is_given_back_person_and_class_are_read_back(
    helpdesk: httpx.AsyncClient, state: str, button: str
) -> None:
    course, _ = await course_with_sessions()
    booking = await book(HANAKO, course)
    await Booking.update({Booking.state: state}).where(Booking.id == booking["id"])

    page = await helpdesk.get(f"/staff/bookings/{booking['id']}/cancellation")

    facts = ("山田花子", "やまだはなこ", "059-354-0000", course.title, "令和8年11月28日（土）")
    assert [fact for fact in facts if fact not in page.text] == []
    assert re.findall(r'<button class="button" data-kind="stop">(.*?)</button>', page.text) == [
        button
    ]


async def test_a_place_in_a_class_that_has_begun_is_not_offered_to_be_given_back(
    helpdesk: httpx.AsyncClient,
) -> None:
    course, [session, _] = await course_with_sessions()
    booking = await book(HANAKO, course)
    await ClassSession.update({ClassSession.starts_at: in_days(-0.01)}).where(
        ClassSession.id == session.id
    )
    address = f"/staff/bookings/{booking['id']}/cancellation"

    roster = await helpdesk.get(f"/staff/courses/{course.id}/bookings")
    page = await helpdesk.get(address)

    assert "山田花子" in roster.text
    assert address not in roster.text
    assert "この教室は、すでに始まっています。" in page.text
    assert "受け付ける</button>" not in page.text


async def test_a_roster_is_of_one_date_where_one_is_chosen(helpdesk: httpx.AsyncClient) -> None:
    course, [first, second] = await course_with_sessions(scope=BookingScope.session)
    await book(HANAKO, course, first)
    await book(TARO, course, second)
    address = f"/staff/courses/{course.id}/bookings"

    whole, one = await helpdesk.get(address), await helpdesk.get(f"{address}?session={second.id}")

    assert names(whole) == ["山田花子", "山田太郎"]
    assert names(one) == ["山田太郎"]
    assert "第2回 12月5日（土）" in " ".join(whole.text.split())
    assert "令和8年12月5日（土）" in one.text
    assert "令和8年11月28日（土）" not in one.text
    assert "第1会議室" in one.text
    assert "1名／20名" in one.text or "1／20" in one.text


async def test_p2_the_reading_of_one_date_is_of_its_people(helpdesk: httpx.AsyncClient) -> None:
    course, [first, second] = await course_with_sessions(scope=BookingScope.session)
    await book(HANAKO, course, first)
    taro = await book(TARO, course, second)

    await helpdesk.get(f"/staff/courses/{course.id}/bookings?session={second.id}")

    entry = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    assert entry is not None
    assert f'"ids": [{taro["id"]}]' in entry["facts"]


@pytest.mark.parametrize(("query", "dates"), [("", 2), ("?session={}", 1), ("?session=999", 2)])
async def test_on_paper_each_date_has_a_box_and_five_lines_are_free(
    helpdesk: httpx.AsyncClient, query: str, dates: int
) -> None:
    course, [first, _] = await course_with_sessions()
    await book(HANAKO, course)

    page = await helpdesk.get(f"/staff/courses/{course.id}/bookings{query.format(first.id)}")

    lines = re.findall(r"<tr[ >].*?</tr>", page.text.split("<tbody>")[1], re.DOTALL)
    assert [line.count("□") for line in lines] == [dates] * 6
    heads, cells = page.text.count('<th scope="col"'), [line.count("<t") for line in lines[1:]]
    assert cells == [heads] * 5  # without what is to do, but with the line itself


async def test_t5_today_shows_all_classes_of_the_next_seven_days(
    helpdesk: httpx.AsyncClient,
) -> None:
    for _ in range(7):
        await course_with_sessions(1)

    page = await helpdesk.get("/staff")

    need = page.text.split("これから7日間の教室")[1].split("</li>\n      </ul>")[0]
    assert "7件" in need
    assert need.count("はじめてのスマートフォン") == 7


async def over(course: Course) -> None:
    """The course lies back a year."""
    await ClassSession.update(
        {
            ClassSession.starts_at: in_days(-30),
            ClassSession.ends_at: in_days(-29.9),
            ClassSession.held_on: in_days(-30).date(),
        }
    ).where(ClassSession.course == course.id)


async def test_a_course_that_is_over_says_so_with_its_last_date(
    helpdesk: httpx.AsyncClient,
) -> None:
    past, _ = await course_with_sessions(title="むかしの教室")
    await over(past)
    await course_with_sessions(title="これからの教室")

    page = await helpdesk.get("/staff/courses")
    ended = await helpdesk.get("/staff/courses?state=ended")
    published = await helpdesk.get("/staff/courses?state=published")

    assert 'data-state="ended">終了<' in page.text
    assert "令和8年10月22日（木）" in page.text
    assert titles(page) == ["これからの教室", "むかしの教室"]
    assert (titles(ended), titles(published)) == (["むかしの教室"], ["これからの教室"])


async def test_the_list_is_filtered_by_month_and_venue(helpdesk: httpx.AsyncClient) -> None:
    past, _ = await course_with_sessions(title="むかしの教室")
    await over(past)
    _, [session] = await course_with_sessions(1, title="これからの教室")

    async def listed(query: str) -> list[str]:
        return titles(await helpdesk.get(f"/staff/courses?{query}"))

    assert await listed("month=2026-10") == ["むかしの教室"]
    assert await listed("month=2026-11") == ["これからの教室"]
    assert await listed(f"venue={session.venue}") == ["これからの教室"]
    assert await listed(f"venue={session.venue}&month=2026-10") == []
    assert len(await listed("month=2026-13&venue=x")) == 2


async def test_words_find_the_name_of_a_venue(helpdesk: httpx.AsyncClient) -> None:
    venue = await make_venue(name="中部地区市民センター", reading="ちゅうぶちくしみんせんたー")
    course = await make_course(title="地図の教室")
    await make_class_session(course=course.id, venue=venue.id)
    await course_with_sessions(1)

    for words in ("中部", "チュウブ", "中部 地図"):
        assert titles(await helpdesk.get("/staff/courses", params={"q": words})) == ["地図の教室"]
    assert titles(await helpdesk.get("/staff/courses?q=中部 料理")) == []


def names(page: httpx.Response) -> list[str]:
    return re.findall(r'<th scope="row">(.*?)<br>', page.text)


def titles(page: httpx.Response) -> list[str]:
    return re.findall(r'<th scope="row"><a [^>]*>(.*?)</a>', page.text)
