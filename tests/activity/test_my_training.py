"""Done, booked, missing, next chance: the same page for the trainee and the coordinator (S2)."""

import re
from collections.abc import Awaitable, Callable
from datetime import date, time, timedelta
from html import unescape

import httpx
import pytest

from server import clock
from server.activity import chances
from server.audit.tables import AuditEntry
from server.classes import assignments
from server.classes.tables import (
    Attendance,
    Booking,
    BookingScope,
    Channel,
    Course,
    HelpRole,
    Presence,
)
from server.people.tables import Person
from server.roles import Role
from server.supporters import register
from server.training import progress
from tests.activity.my_cast import Helper, class_on, helps, ichiro, lecture_on, midori, training
from tests.classes.resident import said
from tests.factories import (
    make_class_session,
    make_course,
    make_municipality,
    make_person,
    make_requirement,
    make_training_record,
)
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

IN_A_WEEK = date(2026, 11, 28)
_FORM = re.compile(r'<form method="post" action="([^"]*/bookings)">(.*?)</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')

pytestmark = pytest.mark.usefixtures("frozen_now")


async def signed_in(client_as: ClientAs, helper: Helper) -> httpx.AsyncClient:
    await make_municipality()
    return await client_as(Role.supporter, person=helper.person.id, name=helper.person.name)


def buttons(page: httpx.Response) -> list[tuple[str, dict[str, str]]]:
    """Where the buttons that book lead, and what they send."""
    return [(path, dict(_HIDDEN.findall(form))) for path, form in _FORM.findall(page.text)]


def line(page: httpx.Response, requirement: str) -> str:
    """What stands under a requirement."""
    parts = re.findall(r"<h3>(.*?)</h3>(.*?)(?=<h3>|</ol>)", page.text, re.DOTALL)
    found = {unescape(name): text for name, text in parts}[requirement]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found)).split())


async def test_s2_a_trainee_books_the_next_lecture_with_its_button(client_as: ClientAs) -> None:
    him = await ichiro()
    taught = await training(him)
    course, _ = await lecture_on(taught.lecture, IN_A_WEEK)
    phone = await signed_in(client_as, him)
    shown = await phone.get("/my/training")
    assert "あと1回" in line(shown, "サポーターの役割")
    [(path, sent)] = buttons(shown)

    answer = await phone.post(path, data=sent)

    assert answer.headers["location"] == "/my/training?done=booked"
    [booking] = await Booking.select()
    assert (booking["course"], booking["person"]) == (course.id, him.person.id)
    assert (booking["channel"], booking["state"]) == (Channel.web, "confirmed")
    after = await phone.get("/my/training")
    assert "申込済み" in line(after, "サポーターの役割")
    assert buttons(after) == []


async def test_s2_pressed_twice_one_place_is_booked(client_as: ClientAs) -> None:
    him = await ichiro()
    await lecture_on((await training(him)).lecture, IN_A_WEEK)
    phone = await signed_in(client_as, him)
    [(path, sent)] = buttons(await phone.get("/my/training"))

    answers = [await phone.post(path, data=sent) for _ in range(2)]

    assert [each.status_code for each in answers] == [303, 303]
    assert await Booking.count() == 1


async def test_s2_the_coordinator_sees_the_same_and_books_for_who_phones(
    client_as: ClientAs,
) -> None:
    him = await ichiro()
    await lecture_on((await training(him)).lecture, IN_A_WEEK)
    phone = await signed_in(client_as, him)
    desk = await client_as(Role.coordinator)
    path = f"/staff/supporters/{him.supporter.id}/training"
    hers, theirs = await phone.get("/my/training"), await desk.get(path)
    for requirement in ("サポーターの役割", "教室での実習"):
        own = line(hers, requirement).replace("この日程に申し込む", "代わりに申し込む")
        assert line(theirs, requirement) == own

    [(action, sent)] = buttons(theirs)
    answer = await desk.post(action, data=sent)

    assert answer.headers["location"] == f"{path}?done=booked"
    [booking] = await Booking.select()
    assert (booking["channel"], booking["person"]) == (Channel.phone, him.person.id)
    assert booking["booked_by"] is not None


async def test_p2_the_coordinators_look_is_written_down(client_as: ClientAs) -> None:
    him = await ichiro()
    desk = await client_as(Role.coordinator)

    await desk.get(f"/staff/supporters/{him.supporter.id}/training")

    [entry] = await AuditEntry.select().where(AuditEntry.action == "read")
    assert (entry["subject"], f"[{him.supporter.id}]" in entry["facts"]) == ("supporter", True)


async def test_s2_practice_is_taken_beside_a_lead_with_one_button(client_as: ClientAs) -> None:
    him, her = await ichiro(), await midori()
    await training(him)
    alone, led = await class_on(IN_A_WEEK), await class_on(IN_A_WEEK + timedelta(days=1))
    await helps(her, led, HelpRole.lead)
    phone = await signed_in(client_as, him)
    shown = await phone.get("/my/training")
    assert f'action="/my/sessions/{led.id}/assignment"' in shown.text
    assert f'action="/my/sessions/{alone.id}/assignment"' not in shown.text

    answer = await phone.post(f"/my/sessions/{led.id}/assignment", data={"role": "trainee"})

    assert answer.status_code == 303
    after = line(await phone.get("/my/training"), "教室での実習")
    assert "申込済み" in after
    assert "あと2回" in after  # booked is not done (T3)


async def test_t3_a_date_that_is_over_waits_for_its_record(client_as: ClientAs) -> None:
    him = await ichiro()
    taught = await training(him)
    _, session = await lecture_on(taught.lecture, IN_A_WEEK)
    phone = await signed_in(client_as, him)
    [(path, sent)] = buttons(await phone.get("/my/training"))
    await phone.post(path, data=sent)
    [booking] = await Booking.select()

    with clock.freeze(session.ends_at + timedelta(hours=30)):
        phone = await client_as(Role.supporter, person=him.person.id)
        assert "記録を待っています" in line(await phone.get("/my/training"), "サポーターの役割")
        await Attendance(
            booking=booking["id"],
            session=session.id,
            presence=Presence.absent,
            effective_on=session.held_on,
            recorded_at=clock.now(),
        ).save()
        after = line(await phone.get("/my/training"), "サポーターの役割")

    assert "記録を待っています" not in after
    assert "あと1回" in after


async def test_s2_what_is_booked_and_done_needs_no_other_chance(client_as: ClientAs) -> None:
    him = await ichiro()
    taught = await training(him)
    await lecture_on(taught.lecture, IN_A_WEEK)
    await make_training_record(person=him.person.id, requirement=taught.lecture.id)
    phone = await signed_in(client_as, him)

    shown = await phone.get("/my/training")

    assert buttons(shown) == []
    assert line(shown, "サポーターの役割").startswith("講義 済 1回のうち1回")


async def test_s2_what_a_newer_edition_replaces_is_taught_by_its_old_dates(
    client_as: ClientAs,
) -> None:
    him = await ichiro()
    taught = await training(him)
    await make_requirement(
        programme=taught.programme.id, name="新しい講義", replaces=taught.lecture.code, position=3
    )
    await lecture_on(taught.lecture, IN_A_WEEK)
    phone = await signed_in(client_as, him)

    assert "この日程に申し込む" in line(await phone.get("/my/training"), "新しい講義")


async def test_dates_taken_together_have_one_button_and_are_given_back_together(
    client_as: ClientAs,
) -> None:
    him = await ichiro()
    taught = await training(him)
    second = await make_requirement(programme=taught.programme.id, name="教え方", position=3)
    course, _ = await lecture_on(taught.lecture, IN_A_WEEK, scope=BookingScope.course)
    after = clock.at(IN_A_WEEK + timedelta(days=7), time(10))
    await make_class_session(course=course.id, number=2, starts_at=after, requirement=second.id)
    phone = await signed_in(client_as, him)
    shown = await phone.get("/my/training")
    [(path, sent)] = buttons(shown)
    assert "2回まとめて申し込む" in said(shown)

    await phone.post(path, data=sent)

    booked = await phone.get("/my/training")
    assert booked.text.count("/cancellation") == 1
    assert "2回とも申込みを取り消す" in said(booked)
    assert "申込済み" in line(booked, "教え方")


async def test_a_full_date_is_left_out_where_another_can_be_taken(client_as: ClientAs) -> None:
    him = await ichiro()
    taught = await training(him)
    for number in range(4):
        await lecture_on(taught.lecture, IN_A_WEEK + timedelta(days=number), seats=0)
    await lecture_on(taught.lecture, IN_A_WEEK + timedelta(days=9))
    phone = await signed_in(client_as, him)

    shown = await phone.get("/my/training")

    assert len(buttons(shown)) == 1
    assert "満席" not in line(shown, "サポーターの役割")


async def test_a_full_or_unopened_date_is_shown_with_the_reason(client_as: ClientAs) -> None:
    him = await ichiro()
    await lecture_on((await training(him)).lecture, IN_A_WEEK, seats=0)
    phone = await signed_in(client_as, him)

    shown = await phone.get("/my/training")

    assert buttons(shown) == []
    assert line(shown, "サポーターの役割").count("満席") == 1


async def test_p1_nobody_books_another_kind_of_class_or_takes_anothers_place_back(
    client_as: ClientAs,
) -> None:
    him, her = await ichiro(), await midori()
    taught = await training(him, her)
    course, _ = await lecture_on(taught.lecture, IN_A_WEEK)
    public = await make_course()
    hers = await client_as(Role.supporter, person=her.person.id)
    sent = {"course": str(course.id), "session": "", "submission": "a" * 20}
    await hers.post("/my/training/bookings", data=sent)
    [booking] = await Booking.select()
    his = await signed_in(client_as, him)

    path = f"/my/training/bookings/{booking['id']}/cancellation"
    answers = [
        await his.get(path),
        await his.post(path),
        await his.post("/my/training/bookings", data={**sent, "course": str(public.id)}),
        await his.post("/my/training/bookings", data={**sent, "course": "x"}),
    ]

    assert [each.status_code for each in answers] == [404, 404, 404, 404]
    assert (await Booking.select())[0]["state"] == "confirmed"


async def test_a_place_in_a_training_is_given_back_after_one_question(client_as: ClientAs) -> None:
    him = await ichiro()
    course, _ = await lecture_on((await training(him)).lecture, IN_A_WEEK)
    phone = await signed_in(client_as, him)
    [(path, sent)] = buttons(await phone.get("/my/training"))
    await phone.post(path, data=sent)
    [booking] = await Booking.select()
    path = f"/my/training/bookings/{booking['id']}/cancellation"
    assert "この申込を取り消す" in said(await phone.get(path))

    answer = await phone.post(path)

    assert answer.headers["location"] == "/my/training?done=cancelled"
    assert (await Course.select(Course.taken).where(Course.id == course.id))[0]["taken"] == 0
    assert len(buttons(await phone.get("/my/training"))) == 1


async def test_a_refused_booking_says_why_and_whom_to_phone(client_as: ClientAs) -> None:
    him = await ichiro()
    course, _ = await lecture_on((await training(him)).lecture, IN_A_WEEK)
    phone = await signed_in(client_as, him)
    [(path, sent)] = buttons(await phone.get("/my/training"))
    await Course.update({Course.seats: 0}).where(Course.id == course.id)

    answer = await phone.post(path, data=sent)

    assert answer.status_code == 409
    assert "満席" in said(answer)
    assert "059-354-0000" in said(answer)


async def test_a_merged_duplicates_booking_is_hers(client_as: ClientAs) -> None:
    him = await ichiro()
    await lecture_on((await training(him)).lecture, IN_A_WEEK)
    double = await make_person(name="田中一朗", reading="たなかいちろう")
    phone = await signed_in(client_as, him)
    [(path, sent)] = buttons(await phone.get("/my/training"))
    await phone.post(path, data=sent)
    await Booking.update({Booking.person: double.id}).where(Booking.person == him.person.id)
    await Person.update({Person.merged_into: him.person.id}).where(Person.id == double.id)

    assert "申込済み" in line(await phone.get("/my/training"), "サポーターの役割")


async def test_who_is_in_no_programme_is_told_so(client_as: ClientAs) -> None:
    phone = await signed_in(client_as, await midori())

    assert "養成講座を受けていません" in said(await phone.get("/my/training"))


async def test_thirty_dates_take_as_many_statements_as_one(client_as: ClientAs) -> None:
    him, her = await ichiro(), await midori()
    taught = await training(him)
    await lecture_on(taught.lecture, IN_A_WEEK)
    await helps(her, await class_on(IN_A_WEEK), HelpRole.lead)
    supporter = await register.get(him.supporter.id)
    made = await progress.of(him.person.id)
    assert supporter is not None
    assert made is not None
    with counted() as one:
        await chances.steps(supporter, made)
    for number in range(29):
        await lecture_on(taught.lecture, IN_A_WEEK + timedelta(days=number))
        await class_on(IN_A_WEEK + timedelta(days=number + 1))
    with counted() as thirty:
        await chances.steps(supporter, made)

    assert len(thirty) == len(one)


async def test_s2_practice_places_fill_one_requirement_after_the_other(
    client_as: ClientAs,
) -> None:
    him, her = await ichiro(), await midori()
    taught = await training(him)
    await make_requirement(
        programme=taught.programme.id, name="実習の仕上げ", kind="practice", position=3
    )
    for number in range(3):
        session = await class_on(IN_A_WEEK + timedelta(days=number))
        await helps(her, session, HelpRole.lead)
        await helps(him, session, HelpRole.trainee)
    assert len(await assignments.of_session(session.id)) == 2
    phone = await signed_in(client_as, him)

    shown = await phone.get("/my/training")

    assert line(shown, "教室での実習").count("申込済み") == 2
    assert line(shown, "実習の仕上げ").count("申込済み") == 1
