"""Every coordinator reads the register; the overseeing section changes it (P1)."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import httpx
import pytest

from server import clock
from server.imports.supporters import load
from server.refusals import Refused
from server.roles import Role
from server.supporters import applications, credentials, register, stages
from server.supporters.register import SupporterFacts
from server.supporters.tables import CredentialKind, Stage, SupporterStage
from tests import factories
from tests.classes.helpers_cast import signed_in_as
from tests.classes.staff_cast import Staff
from tests.databases import Database

WELFARE = Staff(section_id=7)
TODAY = date(2026, 11, 21)
WORDS = "The register of supporters is changed by the overseeing section."

Verb = Callable[[Any], Awaitable[Any]]
VERBS: dict[str, Verb] = {
    "reach": lambda row: stages.reach(row.id, Stage.resting, TODAY, by=WELFARE),
    "train": lambda row: stages.train(row.id, TODAY, by=WELFARE),
    "certify": lambda row: stages.certify(row.id, TODAY, by=WELFARE),
    "register": lambda row: stages.register(row.id, "12", TODAY, by=WELFARE),
    "undo": lambda _row: stages.undo(1, "誤り", by=WELFARE),
    "paper": lambda row: credentials.add(row.id, CredentialKind.pledge, TODAY, None, by=WELFARE),
    "void": lambda _row: credentials.void(1, "誤り", by=WELFARE),
    "edit": lambda row: register.edit(row.id, SupporterFacts(None), version=1, by=WELFARE),
    "accept": lambda _row: applications.accept(1, "", by=WELFARE),
    "decline": lambda _row: applications.decline(1, "", by=WELFARE),
    "import": lambda _row: load(b"", by=WELFARE),
}


@pytest.fixture(autouse=True)
async def here(database: Database, frozen_now: Any) -> None:
    await factories.make_municipality()


@pytest.mark.parametrize("verb", VERBS)
async def test_p1_another_section_changes_nothing(verb: str) -> None:
    supporter = await factories.make_supporter()

    with pytest.raises(Refused) as refused:
        await VERBS[verb](supporter)

    assert refused.value.msgid == WORDS


async def test_p1_a_supporter_says_of_herself_what_the_office_knows() -> None:
    supporter = await factories.make_supporter()
    herself = await signed_in_as(supporter)

    await register.edit(supporter.id, SupporterFacts(None, days="mon_am"), version=1, by=herself)

    known = await register.get(supporter.id)
    assert known is not None
    assert known["days"] == "mon_am"


async def test_p1_another_section_reads_the_register_and_is_offered_no_change(
    client_as: Any,
) -> None:
    supporter = await factories.make_supporter()
    client = await client_as(Role.coordinator, section=(await factories.make_section()).id)

    shown = await client.get(f"/staff/supporters/{supporter.id}")
    listed = await client.get("/staff/supporters")
    dashboard = await client.get("/staff")

    assert [each.status_code for each in (shown, listed, dashboard)] == [httpx.codes.OK] * 3
    for offered in ("/edit", "/stages/new", "/papers/new", "/invitation", "/merging", "/voiding"):
        assert f"/staff/supporters/{supporter.id}{offered}" not in shown.text
    assert "/staff/supporters/file" not in listed.text
    assert "/staff/supporters/import" not in listed.text
    assert "/staff/supporters/papers" not in dashboard.text


async def test_p1_another_section_is_told_in_plain_words(client_as: Any) -> None:
    supporter = await factories.make_supporter((Stage.in_training, date(2026, 4, 1)))
    other = await factories.make_supporter()
    asked = await factories.make_requirement()
    await factories.make_enrolment(person=supporter.person, programme=asked.programme)
    done = await factories.make_training_record(person=supporter.person, requirement=asked.id)
    client = await client_as(Role.coordinator, section=(await factories.make_section()).id)
    own = f"/staff/supporters/{supporter.id}"
    withdrawn = {"stage": "withdrawn", "effective_on": clock.today().isoformat()}
    words = {"record": {"reason": "紙の記録から"}, "stage": withdrawn}

    answers = [
        await client.post(f"{own}/stages/new", data=words["stage"]),
        await client.post(f"{own}/records/new", data=words["record"]),
        await client.post(f"{own}/records/{done.id}/voiding", data=words["record"]),
        await client.post(f"{own}/merging/{other.id}"),
        await client.post(f"{own}/parting/{other.person}"),
        await client.post(f"{own}/edition"),
        await client.post(f"{own}/invitation"),
        await client.get("/staff/supporters/file"),
        await client.get("/staff/supporters/import"),
        await client.post("/staff/supporters/import"),
    ]

    assert [each.status_code for each in answers] == [httpx.codes.CONFLICT] * len(answers)
    assert all("取りまとめる課" in each.text for each in answers)
    assert await SupporterStage.count() == 2
