"""The first page of a supporter, and what she may change of her own data (P1)."""

import re
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from server import clock
from server.activity.tables import ActivityApproval, ActivityReport, ReportState
from server.classes.tables import HelpRole
from server.roles import Role
from server.supporters.tables import Credential, CredentialKind, Supporter
from server.training.tables import Certificate
from tests.activity.my_cast import Helper, class_on, helps, ichiro, lecture_on, midori, training
from tests.classes.resident import field_errors, said
from tests.factories import PASSWORD, make_account, make_municipality, make_training_record
from tests.statements import counted

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

_BOOKS = re.compile(r'<form method="post" action="/my/training/bookings">.*?</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
SATURDAY = date(2026, 11, 21)  # 10:00, by frozen_now

pytestmark = pytest.mark.usefixtures("frozen_now")


async def signed_in(client_as: ClientAs, helper: Helper) -> httpx.AsyncClient:
    await make_municipality()
    return await client_as(Role.supporter, person=helper.person.id, name=helper.person.name)


async def helped(helper: Helper, day: date, minutes: int, **facts: Any) -> ActivityReport:
    """A report of a phone call on that day, and its approval."""
    now, starts_at = clock.now(), clock.at(day, clock.local(clock.now()).time())
    report = ActivityReport(
        **{
            "supporter": helper.supporter.id,
            "kind": "call",
            "starts_at": starts_at,
            "done_on": day,
            "minutes": minutes,
            "people_helped": 2,
            "state": ReportState.approved,
            "recorded_at": now,
            **facts,
        }
    )
    await report.save()
    if report.state == ReportState.approved:
        await ActivityApproval(
            report=report.id,
            supporter=helper.supporter.id,
            effective_on=day,
            minutes=minutes,
            people_helped=2,
            recorded_at=now,
        ).save()
    return report


async def test_a_supporter_begins_at_her_own_page(client: httpx.AsyncClient) -> None:
    her = await midori()
    account = await make_account(Role.supporter, person=her.person.id)

    answer = await client.post("/sign-in", data={"login": account.login, "password": PASSWORD})

    assert answer.headers["location"] == "/my"
    assert "佐藤みどりさんのページ" in said(await client.get("/my"))


async def test_an_account_without_a_supporter_is_told_whom_to_phone(client_as: ClientAs) -> None:
    await make_municipality()
    phone = await client_as(Role.supporter)

    shown = await phone.get("/my")

    assert (shown.status_code, "059-354-0000" in said(shown)) == (200, True)
    assert (await phone.get("/my/sessions")).status_code == 404


async def test_t3_a_class_that_she_led_is_to_be_reported(client_as: ClientAs) -> None:
    her, him = await midori(), await ichiro()
    led, helped_at = (
        await class_on(SATURDAY - timedelta(days=1)),
        await class_on(date(2026, 11, 19)),
    )
    await helps(her, led, HelpRole.lead)
    await helps(her, helped_at, HelpRole.assistant)
    await helps(him, led, HelpRole.trainee)

    shown = await (await signed_in(client_as, her)).get("/my")

    assert f"/my/sessions/{led.id}/log" in shown.text
    assert f"/my/sessions/{helped_at.id}/log" not in shown.text


async def test_s4_only_what_is_approved_since_april_is_summed(client_as: ClientAs) -> None:
    her = await midori()
    await helped(her, date(2026, 4, 1), 90)
    await helped(her, date(2026, 11, 20), 45)
    await helped(her, date(2026, 3, 31), 600)
    await helped(her, date(2026, 11, 19), 600, state=ReportState.submitted)

    shown = said(await (await signed_in(client_as, her)).get("/my"))

    assert "2時間15分" in shown
    assert "活動の回数 2回" in shown
    assert "お手伝いした人数（延べ） 4人" in shown


async def test_s4_a_returned_report_comes_first_with_its_word(client_as: ClientAs) -> None:
    her = await midori()
    report = await helped(
        her, date(2026, 11, 20), 60, state=ReportState.returned, word="時間をもう一度"
    )

    shown = await (await signed_in(client_as, her)).get("/my")

    assert "時間をもう一度" in said(shown)
    assert f"/my/activities/{report.id}/edit" in shown.text


async def test_s8_a_paper_about_to_end_is_told_unless_a_newer_one_holds(
    client_as: ClientAs,
) -> None:
    her = await midori(papers=False)
    ends = {CredentialKind.pledge: date(2026, 12, 31), CredentialKind.insurance: date(2026, 12, 1)}
    for kind, until in ends.items():
        await paper(her, kind, until)
    await paper(her, CredentialKind.insurance, date(2027, 11, 30))

    shown = said(await (await signed_in(client_as, her)).get("/my"))

    assert "誓約書の期限は令和8年12月31日" in shown
    assert "保険の期限" not in shown


async def paper(helper: Helper, kind: CredentialKind, until: date) -> None:
    await Credential(
        supporter=helper.supporter.id,
        kind=kind,
        valid_from=date(2025, 4, 1),
        valid_until=until,
        recorded_at=clock.now(),
    ).save()


async def test_s2_a_trainee_sees_how_far_it_is(client_as: ClientAs) -> None:
    him = await ichiro()
    taught = await training(him)
    await make_training_record(person=him.person.id, requirement=taught.lecture.id)

    shown = said(await (await signed_in(client_as, him)).get("/my"))

    assert "2つの修了要件のうち、1つが済みました" in shown


async def test_who_has_no_papers_yet_is_led_to_the_training(client_as: ClientAs) -> None:
    him = await ichiro(papers=False)
    await training(him)
    phone = await signed_in(client_as, him)

    home, classes = await phone.get("/my"), await phone.get("/my/sessions")

    assert '<a class="button" href="/my/training">' in home.text
    assert "手伝える教室をさがす" not in said(home)
    assert '<a class="button" href="/my/training">' in classes.text
    assert "先に誓約書への署名とボランティア保険の手続きが必要です" in said(classes)


async def test_booked_dates_of_the_training_stand_among_what_comes_next(
    client_as: ClientAs,
) -> None:
    him = await ichiro()
    taught = await training(him)
    await lecture_on(taught.lecture, SATURDAY + timedelta(days=1))
    phone = await signed_in(client_as, him)
    form = _BOOKS.search((await phone.get("/my/training")).text)
    assert form is not None
    await phone.post("/my/training/bookings", data=dict(_HIDDEN.findall(form[0])))

    shown = said(await phone.get("/my"))

    assert "養成講座 第1回" in shown
    assert "明日です" in shown
    assert "予定はありません" not in shown


async def test_thirty_planned_classes_take_as_many_statements_as_one(
    client_as: ClientAs,
) -> None:
    her = await midori()
    phone = await signed_in(client_as, her)
    await helps(her, await class_on(SATURDAY + timedelta(days=1)), HelpRole.lead)
    with counted() as one:
        await phone.get("/my")
    for number in range(2, 31):
        session = await class_on(SATURDAY + timedelta(days=number))
        await helps(her, session, HelpRole.assistant)
    with counted() as thirty:
        await phone.get("/my")

    assert len(thirty) == len(one)


def typed(**facts: object) -> dict[str, object]:
    return {"version": "1", "phone": "090-0000-0042", **facts}


async def test_p1_she_changes_how_to_reach_her_and_when_she_can_help(client_as: ClientAs) -> None:
    her = await midori(note="事務局のメモ", may_lead=True)
    phone = await signed_in(client_as, her)
    assert "事務局のメモ" not in (await phone.get("/my/profile")).text

    answer = await phone.post(
        "/my/profile",
        data=typed(
            phone="０８０-1111-2222", days=["sat_pm", "mon_am"], devices=["pc"], may_lead=""
        ),
    )

    assert answer.headers["location"] == "/my/profile?done=saved"
    [row] = await Supporter.select()
    assert (row["phone"], row["days"], row["devices"]) == (
        "０８０-1111-2222",
        "sat_pm,mon_am",
        "pc",
    )
    assert (row["note"], row["may_lead"], row["version"]) == ("事務局のメモ", True, 2)


async def test_a_phone_number_that_is_none_is_kept_and_refused(client_as: ClientAs) -> None:
    phone = await signed_in(client_as, await midori())

    answer = await phone.post("/my/profile", data=typed(phone="12", email="midori"))

    assert answer.status_code == 422
    assert set(field_errors(answer)) == {"phone", "email"}
    assert 'value="12"' in answer.text


async def test_what_the_office_saved_meanwhile_is_shown_beside_hers(client_as: ClientAs) -> None:
    her = await midori(days="mon_am")
    phone = await signed_in(client_as, her)
    opened = await phone.get("/my/profile")
    kept = opened.text.split('name="opened"')[1].split('value="')[1].split('"')[0]
    await Supporter.update({Supporter.phone: "059-333-4444", Supporter.version: 2}).where(
        Supporter.id == her.supporter.id
    )

    answer = await phone.post(
        "/my/profile",
        data=typed(phone="080-5555-6666", days=["mon_am"], opened=kept.replace("&#34;", '"')),
    )

    assert answer.status_code == 409
    assert "059-333-4444" in said(answer)
    [row] = await Supporter.select()
    assert row["phone"] == "059-333-4444"


async def test_p1_a_certificate_is_shown_to_its_owner_only(client_as: ClientAs) -> None:
    her, him = await midori(), await ichiro()
    taught = await training()
    made = Certificate(
        number="R8-0001",
        person=her.person.id,
        programme=taught.programme.id,
        completed_on=date(2026, 5, 1),
        recorded_at=clock.now(),
    )
    await made.save()
    hers = await signed_in(client_as, her)
    his = await client_as(Role.supporter, person=him.person.id)

    shown = await hers.get(f"/my/certificates/{made.id}")

    assert "R8-0001" in said(shown)
    assert "令和8年5月1日" in said(shown)
    assert (await his.get(f"/my/certificates/{made.id}")).status_code == 404
    await Certificate.update({Certificate.voided_at: clock.now()}).where(Certificate.id == made.id)
    assert (await hers.get(f"/my/certificates/{made.id}")).status_code == 404
