"""Two taps on one button enter one thing: a training record, a paper, an entry of an indicator."""

import asyncio
from datetime import date
from typing import Any

import httpx
import pytest

from server import clock
from server.plan import entered
from server.plan.tables import IndicatorEntry
from server.roles import Role
from server.supporters import credentials
from server.supporters.tables import Credential, CredentialKind, Stage
from server.training import records
from server.training.tables import TrainingRecord
from tests import factories
from tests.classes.staff_cast import ICT
from tests.databases import Database
from tests.plan.plan_cast import loaded

PRESS = "press-0000000001"


@pytest.fixture(autouse=True)
async def here(database: Database) -> None:
    await factories.make_municipality()


async def make_trainee() -> tuple[Any, Any]:
    """A supporter in training, and what her programme asks for."""
    supporter = await factories.make_supporter((Stage.in_training, date(2026, 4, 1)))
    requirement = await factories.make_requirement(needed=2)
    await factories.make_enrolment(person=supporter.person, programme=requirement.programme)
    return supporter, requirement


async def test_a_record_is_entered_once() -> None:
    supporter, asked = await make_trainee()
    done = (supporter.person, asked.id, clock.today(), 60, "紙の記録から")

    one, two = await asyncio.gather(
        *(records.add(*done, submission=PRESS, by=ICT) for _ in range(2))
    )

    assert one == two
    assert await TrainingRecord.count() == 1


async def test_a_paper_is_entered_once() -> None:
    supporter = await factories.make_supporter(papers=False)
    paper = (supporter.id, CredentialKind.pledge, clock.today(), None)

    one, two = await asyncio.gather(
        *(credentials.add(*paper, submission=PRESS, by=ICT) for _ in range(2))
    )

    assert one["id"] == two["id"]
    assert await Credential.count() == 1


async def test_an_entry_of_an_indicator_is_entered_once() -> None:
    indicator = (await loaded())["classes"]
    facts: dict[str, Any] = {"number": 5, "evidence": "報告書", "submission": PRESS, "by": ICT}

    one, two = await asyncio.gather(
        *(entered.add(indicator["id"], clock.today(), **facts) for _ in range(2))
    )

    assert one == two
    assert await IndicatorEntry.count() == 1


async def test_two_presses_are_two_papers() -> None:
    supporter = await factories.make_supporter(papers=False)
    paper = (supporter.id, CredentialKind.pledge, clock.today(), None)

    for press in (PRESS, f"{PRESS}-again"):
        await credentials.add(*paper, submission=press, by=ICT)

    assert await Credential.count() == 2


@pytest.mark.parametrize("what", ["record", "paper", "entry"])
async def test_the_pages_name_the_press(client_as: Any, what: str) -> None:
    supporter, asked = await make_trainee()
    path, typed, table = {
        "record": (
            f"/staff/supporters/{supporter.id}/records/new",
            {"requirement": str(asked.id), "minutes": "60", "reason": "紙の記録から"}
            | {"done_on": clock.today().isoformat()},
            TrainingRecord,
        ),
        "paper": (
            f"/staff/supporters/{supporter.id}/papers/new",
            {"kind": "promotion_member", "valid_from": "2026-04-01"},
            Credential,
        ),
        "entry": (
            f"/staff/plan/indicators/{(await loaded())['classes']['id']}/entries/new",
            {"effective_on": clock.today().isoformat(), "number": "5", "evidence": "報告書"},
            IndicatorEntry,
        ),
    }[what]
    before = await table.count()
    client = await client_as(Role.coordinator)
    shown = await client.get(path)
    key = shown.text.split('name="submission"')[1].split('value="')[1].split('"')[0]

    answers = [await client.post(path, data=typed | {"submission": key}) for _ in range(2)]

    assert [each.status_code for each in answers] == [httpx.codes.SEE_OTHER] * 2
    assert await table.count() == before + 1
