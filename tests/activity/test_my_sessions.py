"""Classes to help at, as a supporter meets them on the phone (S3, S8, P1)."""

import json
from collections.abc import Awaitable, Callable
from datetime import date, time, timedelta

import httpx
import pytest

from server import clock, database
from server.activity.tables import TroubleReport
from server.audit.tables import AuditEntry
from server.classes.bookings import Applicant
from server.classes.tables import Assignment, ClassSession, HelpRole
from server.notices.tables import Notice
from server.roles import Role
from server.supporters.tables import Scheme, SignUp, Stage, SupporterStage
from tests.activity.my_cast import Helper, class_on, helps, ichiro, midori
from tests.classes.resident import said
from tests.classes.staff_cast import book
from tests.factories import make_course, make_municipality, make_room, make_venue
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

SATURDAY = date(2026, 11, 21)  # 10:00, by frozen_now
IN_A_WEEK = date(2026, 11, 28)
HANAKO = Applicant(
    name="山田花子",
    reading="やまだはなこ",
    phone="090-1111-2222",
    address="四日市市諏訪町1-5",
    device="android",
    needs=("hearing_aid",),
)

pytestmark = pytest.mark.usefixtures("frozen_now")


async def signed_in(client_as: ClientAs, helper: Helper) -> httpx.AsyncClient:
    await make_municipality()
    return await client_as(Role.supporter, person=helper.person.id, name=helper.person.name)


async def live(session: ClassSession) -> list[str]:
    rows = await Assignment.select(Assignment.role).where(
        (Assignment.session == session.id) & Assignment.voided_at.is_null()
    )
    return [row["role"] for row in rows]


async def test_s3_a_supporter_signs_up_and_finds_it_on_the_first_page(client_as: ClientAs) -> None:
    her = await midori()
    session = await class_on(IN_A_WEEK)
    phone = await signed_in(client_as, her)
    shown = await phone.get(f"/my/sessions/{session.id}")
    assert "補助として手伝う" in said(shown)

    answer = await phone.post(f"/my/sessions/{session.id}/assignment", data={"role": "assistant"})

    assert answer.headers["location"] == f"/my/sessions/{session.id}?done=signed_up"
    assert await live(session) == ["assistant"]
    assert "補助として手伝います" in said(await phone.get("/my"))


async def test_s3_pressed_twice_one_place_is_taken(client_as: ClientAs) -> None:
    session = await class_on(IN_A_WEEK)
    phone = await signed_in(client_as, await midori())
    for _ in range(2):
        await phone.post(f"/my/sessions/{session.id}/assignment", data={"role": "assistant"})

    assert await live(session) == ["assistant"]


async def test_s3_leaving_is_asked_once_and_then_done(client_as: ClientAs) -> None:
    her, session = await midori(), await class_on(IN_A_WEEK)
    await helps(her, session, HelpRole.assistant)
    phone = await signed_in(client_as, her)
    asked = await phone.get(f"/my/sessions/{session.id}/leaving")
    assert "この活動予定を取り消す" in said(asked)
    assert await live(session) == ["assistant"]

    answer = await phone.post(f"/my/sessions/{session.id}/leaving")

    assert answer.headers["location"] == "/my/sessions?done=left"
    assert await live(session) == []
    again = await phone.post(f"/my/sessions/{session.id}/leaving")
    assert again.status_code == 303


async def test_s3_later_than_the_set_day_leaving_is_a_call(client_as: ClientAs) -> None:
    her = await midori()
    session = await class_on(SATURDAY + timedelta(days=3))  # three days before: no more by herself
    await helps(her, session, HelpRole.assistant)
    phone = await signed_in(client_as, her)

    shown = await phone.get(f"/my/sessions/{session.id}")
    asked = await phone.get(f"/my/sessions/{session.id}/leaving")
    answer = await phone.post(f"/my/sessions/{session.id}/leaving")

    assert "059-354-0000" in said(shown)
    assert "/leaving" not in shown.text
    assert "この活動予定を取り消す" not in said(asked)
    assert (answer.status_code, "059-354-0000" in said(answer)) == (409, True)
    assert await live(session) == ["assistant"]


async def test_s3_too_late_to_leave_the_office_is_told_at_any_hour(client_as: ClientAs) -> None:
    her = await midori()
    session = await class_on(SATURDAY + timedelta(days=1))
    await helps(her, session, HelpRole.assistant)
    phone = await signed_in(client_as, her)
    assert "行けないことを事務局へ知らせる" in said(await phone.get(f"/my/sessions/{session.id}"))

    answers = [await phone.post(f"/my/sessions/{session.id}/absence") for _ in range(2)]

    assert {each.headers["location"] for each in answers} == {
        f"/my/sessions/{session.id}?done=told"
    }
    [told] = await TroubleReport.select()
    assert (told["session"], told["supporter"]) == (session.id, her.supporter.id)
    assert await live(session) == ["assistant"]
    after = await phone.get(f"/my/sessions/{session.id}")
    assert "/absence" not in after.text
    assert "事務局が受け取りました" in said(await phone.get("/my"))


async def test_s3_after_a_move_by_the_city_she_may_leave_by_herself(client_as: ClientAs) -> None:
    her = await midori()
    session = await class_on(SATURDAY + timedelta(days=2))
    assignment = await helps(her, session, HelpRole.assistant)
    phone = await signed_in(client_as, her)
    assert (await phone.post(f"/my/sessions/{session.id}/leaving")).status_code == 409
    await Notice(
        person=her.person.id,
        occasion="session.moved",
        channel="phone",
        subject_id=assignment.id,
        facts=json.dumps({"about": "assignment", "was_starts_at": "2026-11-30T05:00:00+00:00"}),
        recorded_at=clock.now(),
    ).save()

    home, shown = await phone.get("/my"), await phone.get(f"/my/sessions/{session.id}")
    answer = await phone.post(f"/my/sessions/{session.id}/leaving")

    for page in (home, shown):
        assert "日時・会場が変わりました" in said(page)
        assert "11月30日（月）" in said(page)
    assert answer.headers["location"] == "/my/sessions?done=left"
    assert await live(session) == []


async def test_s3_nobody_else_says_that_she_cannot_come(client_as: ClientAs) -> None:
    her, him = await midori(), await ichiro()
    session = await class_on(SATURDAY + timedelta(days=1))
    await helps(her, session, HelpRole.assistant)

    await (await signed_in(client_as, him)).post(f"/my/sessions/{session.id}/absence")

    assert await TroubleReport.count() == 0


async def test_the_list_goes_on_where_it_does_not_fit_on_one_page(client_as: ClientAs) -> None:
    phone = await signed_in(client_as, await midori())
    for number in range(1, 23):
        await class_on(SATURDAY + timedelta(days=number))

    first = await phone.get("/my/sessions")
    more = await phone.get("/my/sessions?district=&most=40")

    assert first.text.count('<li class="card">') == 20
    assert "もっと先の日程を見る" in said(first)
    assert more.text.count('<li class="card">') == 22
    assert "もっと先の日程を見る" not in said(more)


async def test_the_list_shows_only_the_half_days_that_suit_her(client_as: ClientAs) -> None:
    phone = await signed_in(client_as, await midori(days="tue_pm"))
    tuesday = date(2026, 11, 24)
    for day in (tuesday, tuesday + timedelta(days=1)):
        await class_on(day)
    await class_on(tuesday, hour=9)

    shown = await phone.get("/my/sessions?fits=y")

    assert shown.text.count('<li class="card">') == 1
    assert "11月24日（火） 午後2時" in said(shown)


async def test_s3_a_trainee_is_offered_a_place_only_beside_a_lead(client_as: ClientAs) -> None:
    session = await class_on(IN_A_WEEK)
    phone = await signed_in(client_as, await ichiro())
    alone = await phone.get(f"/my/sessions/{session.id}")
    assert '<button class="button" name="role"' not in alone.text

    await helps(await midori(), session, HelpRole.lead)

    assert "実習生として参加する" in said(await phone.get(f"/my/sessions/{session.id}"))
    done = await phone.post(f"/my/sessions/{session.id}/assignment", data={"role": "trainee"})
    assert done.status_code == 303


async def test_s3_where_the_city_staffs_the_page_says_so(client_as: ClientAs) -> None:
    await Scheme(sign_up=SignUp.coordinators).save()
    session = await class_on(IN_A_WEEK)
    phone = await signed_in(client_as, await midori())

    shown = await phone.get("/my/sessions")
    answer = await phone.post(f"/my/sessions/{session.id}/assignment", data={"role": "assistant"})

    assert f"/my/sessions/{session.id}" not in shown.text
    assert "059-354-0000" in said(shown)
    assert answer.status_code == 409


async def test_s8_without_papers_nothing_is_offered_and_the_reason_said(
    client_as: ClientAs,
) -> None:
    her = await midori(papers=False)
    session = await class_on(IN_A_WEEK)
    phone = await signed_in(client_as, her)

    shown = await phone.get("/my/sessions")
    answer = await phone.post(f"/my/sessions/{session.id}/assignment", data={"role": "assistant"})

    assert "誓約書" in said(shown)
    assert (answer.status_code, await live(session)) == (409, [])


async def test_the_own_district_comes_first(client_as: ClientAs) -> None:
    near, far = await make_venue(name="近所"), await make_venue(name="遠方")
    here = await make_room(venue=near.id)
    there = await make_room(venue=far.id)
    soon = await class_on(IN_A_WEEK, venue=far.id, room=there.id)
    late = await class_on(IN_A_WEEK + timedelta(days=7), venue=near.id, room=here.id)
    phone = await signed_in(client_as, await midori(district=near.district))

    shown = await phone.get("/my/sessions")

    places = [shown.text.index(f'"/my/sessions/{each.id}"') for each in (late, soon)]
    assert places == sorted(places)


async def test_p1_colleagues_are_named_only_to_who_helps_there(client_as: ClientAs) -> None:
    her, him = await midori(), await ichiro()
    session = await class_on(IN_A_WEEK)
    await helps(him, session, HelpRole.trainee)
    phone = await signed_in(client_as, her)

    before = await phone.get(f"/my/sessions/{session.id}")
    await helps(her, session, HelpRole.lead)
    after = await phone.get(f"/my/sessions/{session.id}")

    assert "田中一郎" not in before.text
    assert "田中一郎（実習生）" in said(after)
    assert "090-0000-0043" not in after.text


async def test_s8_p2_who_comes_is_shown_by_reading_and_the_look_is_written_down(
    client_as: ClientAs,
) -> None:
    her, course = await midori(), await make_course()
    session = await class_on(SATURDAY, course=course.id)
    await helps(her, session, HelpRole.lead)
    booking = await book(HANAKO, course)
    phone = await signed_in(client_as, her)

    shown = await phone.get(f"/my/sessions/{session.id}")

    assert "やまだはなこ" in said(shown)
    assert "補聴器" in said(shown)
    hidden = ("山田花子", "090-1111-2222", "諏訪町", booking["reference"])
    assert [each for each in hidden if each in shown.text] == []
    [entry] = await AuditEntry.select().where(AuditEntry.action == "read")
    facts = json.loads(entry["facts"])
    assert facts == {"page": f"/my/sessions/{session.id}", "ids": [booking["id"]]}


@pytest.mark.parametrize(("day", "sees"), [(19, False), (20, True), (22, True), (23, False)])
async def test_s8_who_comes_is_shown_from_the_day_before_to_the_day_after(
    client_as: ClientAs, day: int, sees: bool
) -> None:
    her, course = await midori(), await make_course()
    session = await class_on(SATURDAY, course=course.id)
    await helps(her, session, HelpRole.assistant)
    await book(HANAKO, course)

    with clock.freeze(clock.at(date(2026, 11, day), time(9))):
        phone = await signed_in(client_as, her)
        shown = await phone.get(f"/my/sessions/{session.id}")

    assert ("やまだはなこ" in shown.text) is sees
    assert await AuditEntry.count().where(AuditEntry.action == "read") == int(sees)


async def test_a_draft_is_not_there_for_supporters(client_as: ClientAs) -> None:
    course = await make_course(published_at=None)
    session = await class_on(IN_A_WEEK, course=course.id)
    phone = await signed_in(client_as, await midori())

    answers = [
        await phone.get(f"/my/sessions/{session.id}"),
        await phone.post(f"/my/sessions/{session.id}/assignment", data={"role": "lead"}),
    ]

    assert [each.status_code for each in answers] == [404, 404]


async def test_a_class_called_off_offers_nothing(client_as: ClientAs) -> None:
    her, session = await midori(), await class_on(IN_A_WEEK)
    await helps(her, session, HelpRole.lead)
    await ClassSession.update(
        {ClassSession.called_off_at: clock.now(), ClassSession.called_off_reason: "台風のため"}
    ).where(ClassSession.id == session.id)
    phone = await signed_in(client_as, her)

    shown = await phone.get(f"/my/sessions/{session.id}")

    assert "台風のため" in said(shown)
    assert "/leaving" not in shown.text


async def test_a_role_that_there_is_not_is_no_role(client_as: ClientAs) -> None:
    session = await class_on(IN_A_WEEK)
    phone = await signed_in(client_as, await midori())

    answer = await phone.post(f"/my/sessions/{session.id}/assignment", data={"role": "queen"})

    assert (answer.status_code, await live(session)) == (422, [])


async def test_thirty_classes_take_as_many_statements_as_one(client_as: ClientAs) -> None:
    phone = await signed_in(client_as, await midori())
    await class_on(IN_A_WEEK)
    with counted() as one:
        await phone.get("/my/sessions")
    for number in range(29):
        await class_on(IN_A_WEEK + timedelta(days=number))
    with counted() as thirty:
        await phone.get("/my/sessions")

    assert len(thirty) == len(one)


async def test_looking_at_a_class_changes_nothing_for_the_public_pages(
    client_as: ClientAs,
) -> None:
    session = await class_on(IN_A_WEEK)
    phone = await signed_in(client_as, await midori())
    await phone.get("/my/sessions")
    before = await database.version()

    await phone.get(f"/my/sessions/{session.id}")

    assert await database.version() == before


async def test_whoever_has_withdrawn_is_told_to_phone(client_as: ClientAs) -> None:
    her = await midori()
    await SupporterStage(
        supporter=her.supporter.id,
        stage=Stage.withdrawn,
        effective_on=SATURDAY,
        recorded_at=clock.now(),
    ).save()
    await class_on(IN_A_WEEK)
    phone = await signed_in(client_as, her)

    shown = await phone.get("/my/sessions")

    assert "059-354-0000" in said(shown)
    assert "この教室を手伝う" not in said(shown)
