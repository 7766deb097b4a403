"""S1: applying to be a supporter, being accepted or declined, and coming back."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from server import clock
from server.audit.tables import AuditEntry
from server.database import writing
from server.notices import queries as calls
from server.notices.tables import Notice
from server.people import matching
from server.people.tables import Person
from server.refusals import Refused
from server.roles import Role
from server.supporters import applications, stages
from server.supporters.tables import Stage, Supporter, SupporterApplication
from server.training import enrolments
from server.training.tables import Programme
from tests import factories
from tests.classes.staff_cast import ICT, Staff
from tests.databases import Database
from tests.refusals import refusal
from tests.statements import counted
from tests.supporters.applicants import HANAKO, TARO, YUKI, applied
from tests.unlocked import unlock

pytestmark = pytest.mark.usefixtures("frozen_now")
TODAY = date(2026, 11, 21)


async def programme(**facts: Any) -> Programme:
    made = Programme(
        **{
            "code": "basic",
            "name": "デジタルサポーター養成講座",
            "published_at": clock.now(),
            "created_at": clock.now(),
            **facts,
        }
    )
    async with writing():
        await Programme.insert(made)
    return made


async def stage_of(application: dict[str, Any]) -> tuple[str, date]:
    stage = await stages.current(application["supporter"])
    assert stage is not None
    return stage["stage"], stage["effective_on"]


async def test_s1_who_applies_becomes_a_supporter_in_stage_applied(database: Database) -> None:
    district = await factories.make_district()
    application = await applied(replace(HANAKO, district_id=district.id))

    [supporter] = await Supporter.select()
    [person] = await Person.select()
    assert application["supporter"] == supporter["id"]
    assert supporter["person"] == person["id"]
    assert (person["name"], person["birth_on"]) == ("山田花子", date(1956, 5, 3))
    assert (supporter["district"], supporter["phone"]) == (district.id, "059-354-0000")
    assert (supporter["languages"], supporter["days"]) == ("ja,sign", "mon_am,sat_pm")
    assert (application["state"], application["applied_on"]) == ("received", TODAY)
    assert application["why"] == "近所の人の役に立ちたいです。"
    assert await stage_of(application) == ("applied", TODAY)


async def test_s1_an_application_is_dated_in_japan(database: Database) -> None:
    with clock.freeze(datetime(2026, 3, 31, 15, 30, tzinfo=UTC)):
        application = await applied()

    assert application["applied_on"] == date(2026, 4, 1)
    assert await stage_of(application) == ("applied", date(2026, 4, 1))


async def test_who_has_booked_a_class_is_the_same_person(database: Database) -> None:
    known = await factories.make_person("059-354-0000")

    application = await applied()

    [supporter] = await Supporter.select()
    assert (supporter["person"], await Person.count()) == (known.id, 1)
    await applications.accept(application["id"], "", by=ICT)
    [person] = await Person.select()
    assert person["birth_on"] == HANAKO.birth_on


@pytest.mark.parametrize(
    ("born", "first_day"),
    [
        (date(2008, 11, 22), date(2026, 11, 22)),  # 18 tomorrow
        (date(2012, 2, 29), date(2030, 3, 1)),
    ],
)
async def test_nobody_under_18_on_the_day_applies(
    database: Database, born: date, first_day: date
) -> None:
    with pytest.raises(Refused) as refused:
        await applied(replace(HANAKO, birth_on=born))

    assert refused.value.values == {"day": first_day}
    assert (await Person.count(), await SupporterApplication.count()) == (0, 0)


async def test_whoever_is_18_today_applies(database: Database) -> None:
    application = await applied(replace(HANAKO, birth_on=date(2008, 11, 21)))

    assert application["state"] == "received"


async def test_a_second_tap_is_answered_with_the_first_application(database: Database) -> None:
    first, second = await applied(), await applied()

    assert second["id"] == first["id"]
    assert await SupporterApplication.count() == 1


async def test_nobody_applies_twice_at_once(database: Database) -> None:
    await applied(number=1)

    said = await refusal(applied(number=2))

    assert said == "Your application has already arrived. There is no need to apply again."
    assert await SupporterApplication.count() == 1


async def test_a_couple_with_one_telephone_applies_one_by_one(database: Database) -> None:
    hers, his = await applied(HANAKO, 1), await applied(TARO, 2)

    assert hers["supporter"] != his["supporter"]


async def test_who_is_a_supporter_does_not_apply_again(database: Database) -> None:
    application = await applied(number=1)
    await applications.accept(application["id"], "", by=ICT)

    said = await refusal(applied(number=2))

    assert said == "You are already one of our supporters. There is no need to apply again."


async def test_who_was_declined_may_apply_again(database: Database) -> None:
    first = await applied(number=1)
    await applications.decline(first["id"], "今回は定員に達しました。", by=ICT)

    again = await applied(number=2)

    assert (again["supporter"], again["state"]) == (first["supporter"], "received")
    assert len(await stages.history(again["supporter"])) == 1


async def test_s1_who_withdrew_comes_back_as_the_same_supporter(database: Database) -> None:
    with clock.freeze(datetime(2026, 4, 10, 1, 0, tzinfo=UTC)):
        first = await applied(number=1)
        await applications.accept(first["id"], "", by=ICT)
        await stages.reach(first["supporter"], Stage.withdrawn, clock.today(), by=ICT)

    again = await applied(replace(HANAKO, phone="059-354-0001", days=("sun_am",)), 2)

    [supporter] = await Supporter.select()
    assert (again["supporter"], supporter["phone"]) == (supporter["id"], "059-354-0000")
    assert await stage_of(again) == ("applied", TODAY)
    basic = await programme()
    await applications.accept(again["id"], "お帰りなさい。", programme_id=basic.id, by=ICT)
    [supporter] = await Supporter.select()
    assert (supporter["phone"], supporter["days"]) == ("059-354-0001", "sun_am")
    assert await stage_of(again) == ("in_training", TODAY)


async def test_whoever_is_merged_into_another_is_still_the_supporter(database: Database) -> None:
    first = await applied(number=1)
    stays = await factories.make_person("090-0000-9999", name="山田ハナ", reading="やまだはな")
    async with writing():
        await Person.update({Person.merged_into: stays.id}).where(Person.name == "山田花子")

    said = await refusal(applied(number=2))

    assert said == "Your application has already arrived. There is no need to apply again."
    assert [row["id"] for row in await Supporter.select()] == [first["supporter"]]


async def test_s1_accepted_with_a_programme_she_is_in_training(database: Database) -> None:
    application, basic = await applied(), await programme()

    accepted = await applications.accept(
        application["id"], "よろしくお願いします。", programme_id=basic.id, by=ICT
    )

    assert (accepted["state"], accepted["decided_by"]) == ("accepted", ICT.id)
    assert await stage_of(application) == ("in_training", TODAY)
    enrolment = await enrolments.current(accepted["person"])
    assert enrolment is not None
    assert (enrolment["programme"], enrolment["enrolled_on"]) == (basic.id, TODAY)


async def test_accepted_without_a_programme_she_waits_for_one(database: Database) -> None:
    application = await applied()

    accepted = await applications.accept(application["id"], "", by=ICT)

    assert await stage_of(application) == ("applied", TODAY)
    assert await enrolments.current(accepted["person"]) is None


async def test_a_programme_that_is_not_published_leaves_the_application_open(
    database: Database,
) -> None:
    application, draft = await applied(), await programme(published_at=None)

    await refusal(applications.accept(application["id"], "", programme_id=draft.id, by=ICT))

    row = await applications.get(application["id"])
    assert row is not None
    assert (row["state"], row["decided_at"]) == ("received", None)
    assert await Notice.count() == 0


async def test_b10_whoever_applied_is_told_by_telephone_or_mail(database: Database) -> None:
    hers, yukis = await applied(HANAKO, 1), await applied(YUKI, 2)

    await applications.accept(hers["id"], "ようこそ。", by=ICT)
    await applications.decline(yukis["id"], "次の回にぜひ。", by=ICT)

    notices = await Notice.select().order_by(Notice.id)
    assert [(n["occasion"], n["channel"], n["address"]) for n in notices] == [
        ("supporter.accepted", "phone", "059-354-0000"),
        ("supporter.declined", "email", "yuki@example.jp"),
    ]
    assert [json.loads(n["facts"])["message"] for n in notices] == ["ようこそ。", "次の回にぜひ。"]
    assert [call.name for call in await calls.calls(ICT)] == ["鈴木ゆき", "山田花子"]
    counter = Staff(roles=frozenset({Role.helpdesk, Role.venue}))
    assert await calls.calls(counter) == []


async def test_one_decision_wins(database: Database) -> None:
    application = await applied()
    other = replace(ICT, id=2)

    answers = await asyncio.gather(
        applications.accept(application["id"], "ようこそ。", by=ICT),
        applications.decline(application["id"], "ごめんなさい。", by=other),
        return_exceptions=True,
    )

    refused = [each for each in answers if isinstance(each, Refused)]
    assert [each.msgid for each in refused] == [
        "Somebody has already decided about this application."
    ]
    row = await applications.get(application["id"])
    assert row is not None
    assert (row["state"], row["decided_by"]) in [("accepted", 1), ("declined", 2)]
    assert await Notice.count() == 1


async def test_p2_the_audit_names_nobody(database: Database) -> None:
    application = await applied()
    await applications.decline(application["id"], "山田さん、ごめんなさい。", by=ICT)

    entries = await AuditEntry.select().order_by(AuditEntry.id)
    assert [(e["action"], e["actor"]) for e in entries] == [
        ("supporter.stage", None),
        ("supporter.applied", None),
        ("supporter.declined", ICT.id),
    ]
    assert "山田" not in " ".join(e["facts"] for e in entries)


async def test_the_lists_of_applications_take_one_statement(database: Database) -> None:
    for number in range(5):
        person = replace(HANAKO, reading=f"やまだ{'あいうえお'[number]}")
        application = await applied(person, number)
        if number % 2:
            await applications.decline(application["id"], "次の回にぜひ。", by=ICT)

    with counted() as statements:
        waiting, decided = await applications.waiting(), await applications.decided()

    assert [row["reading"][-1] for row in waiting] == ["あ", "う", "お"]
    assert [row["reading"][-1] for row in decided] == ["え", "い"]
    assert len(statements) == 2


async def both_at_once() -> list[Any]:
    return list(await asyncio.gather(applied(number=1), applied(number=2), return_exceptions=True))


async def test_nobody_applies_twice_at_the_same_moment(database: Database) -> None:
    answers = await both_at_once()

    assert sum(isinstance(each, Refused) for each in answers) == 1
    assert (await SupporterApplication.count(), await Person.count()) == (1, 1)


@pytest.mark.engine("postgres")
async def test_control_without_the_lock_one_person_becomes_two(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlock(monkeypatch, matching)

    await both_at_once()

    assert (await SupporterApplication.count(), await Person.count()) == (2, 2)


async def test_a_decision_is_taken_back_while_nothing_rests_on_it(database: Database) -> None:
    row = await applied(HANAKO)
    await applications.decline(row["id"], "今回は見送ります", by=ICT)

    await applications.reopen(row["id"], by=ICT)

    assert [each["id"] for each in await applications.waiting()] == [row["id"]]
    [notice] = await Notice.select()
    assert notice["withdrawn_at"] is not None
    assert "no decision" in await refusal(applications.reopen(row["id"], by=ICT))
    made = await programme()
    await applications.accept(row["id"], "", programme_id=made.id, by=ICT)
    assert "rests on" in await refusal(applications.reopen(row["id"], by=ICT))


async def test_who_is_accepted_without_a_programme_is_not_forgotten(database: Database) -> None:
    hanako, taro = await applied(HANAKO), await applied(TARO, 2)
    await applications.accept(hanako["id"], "", by=ICT)
    await applications.accept(taro["id"], "", programme_id=(await programme()).id, by=ICT)

    assert [row["id"] for row in await applications.without_programme()] == [hanako["id"]]
