"""S8: papers that hold on the very day, and those that are about to end."""

from datetime import date
from typing import Any

import pytest

from server.refusals import Refused
from server.supporters import credentials, register
from server.supporters.tables import CredentialKind, Stage
from tests.databases import Database
from tests.factories import make_credential, make_supporter
from tests.supporters.cast import ICT, merged

pytestmark = pytest.mark.usefixtures("frozen_now")

PLEDGE, INSURANCE = CredentialKind.pledge, CredentialKind.insurance
APRIL = date(2026, 4, 1)
YEAR_END = date(2027, 3, 31)
NEXT_YEAR = date(2027, 4, 1)


async def row_of(supporter_id: int) -> dict[str, Any]:
    row = await register.get(supporter_id)
    assert row is not None
    return row


async def test_s8_pledge_and_insurance_hold_from_first_to_last_day(database: Database) -> None:
    hanako = await make_supporter(papers=False)
    await make_credential(hanako.id, PLEDGE, valid_from=APRIL)
    await make_credential(hanako.id, INSURANCE, valid_from=APRIL, valid_until=YEAR_END)

    await credentials.check_valid(hanako.id, APRIL)
    await credentials.check_valid(hanako.id, YEAR_END)

    with pytest.raises(Refused, match="no volunteer insurance") as refused:
        await credentials.check_valid(hanako.id, NEXT_YEAR)
    assert refused.value.values == {"day": NEXT_YEAR}
    with pytest.raises(Refused, match="no pledge"):
        await credentials.check_valid(hanako.id, date(2026, 3, 31))


async def test_s8_nobody_helps_without_both(database: Database) -> None:
    hanako = await make_supporter(papers=False)

    with pytest.raises(Refused, match="no pledge"):
        await register.check_may_help(await row_of(hanako.id), "assistant", YEAR_END)
    await credentials.add(hanako.id, PLEDGE, APRIL, None, by=ICT)
    with pytest.raises(Refused, match="no volunteer insurance"):
        await register.check_may_help(await row_of(hanako.id), "assistant", YEAR_END)
    paper = await credentials.add(hanako.id, INSURANCE, APRIL, YEAR_END, by=ICT)
    await register.check_may_help(await row_of(hanako.id), "assistant", YEAR_END)
    await credentials.void(paper["id"], "別の人の保険", by=ICT)

    with pytest.raises(Refused, match="no volunteer insurance"):
        await register.check_may_help(await row_of(hanako.id), "assistant", YEAR_END)


@pytest.mark.parametrize(
    ("stage", "roles"),
    [
        (Stage.applied, []),
        (Stage.in_training, ["trainee"]),
        (Stage.completed, ["trainee"]),
        (Stage.registered, ["lead", "assistant"]),
        (Stage.active, ["lead", "assistant"]),
        (Stage.resting, []),
        (Stage.withdrawn, []),
    ],
)
async def test_s8_which_stage_takes_which_place(
    database: Database, stage: Stage, roles: list[str]
) -> None:
    hanako = await make_supporter((stage, APRIL), may_lead=True)
    taken = []

    for role in ("lead", "assistant", "trainee"):
        try:
            await register.check_may_help(await row_of(hanako.id), role, YEAR_END)
            taken.append(role)
        except Refused:
            continue

    assert taken == roles


async def test_s8_only_whom_the_office_has_named_leads(database: Database) -> None:
    hanako = await make_supporter()

    with pytest.raises(Refused, match="can lead"):
        await register.check_may_help(await row_of(hanako.id), "lead", YEAR_END)


async def test_s8_a_merged_duplicates_papers_are_hers(database: Database) -> None:
    stays = await make_supporter(papers=False)
    duplicate = await make_supporter()
    await merged(duplicate, into=stays)

    await credentials.check_valid(stays.id, YEAR_END)
    assert len(await credentials.of(stays.id)) == 2


async def test_s8_a_paper_ends_after_it_begins_and_a_qualification_has_a_name(
    database: Database,
) -> None:
    hanako = await make_supporter(papers=False)

    with pytest.raises(Refused, match="end before it begins"):
        await credentials.add(hanako.id, INSURANCE, YEAR_END, APRIL, by=ICT)
    with pytest.raises(Refused, match="which qualification"):
        await credentials.add(hanako.id, CredentialKind.qualification, APRIL, None, by=ICT)
    paper = await credentials.add(
        hanako.id, CredentialKind.qualification, APRIL, None, "手話通訳", by=ICT
    )
    with pytest.raises(Refused, match="write why"):
        await credentials.void(paper["id"], "", by=ICT)
    await credentials.void(paper["id"], "まちがい", by=ICT)
    with pytest.raises(Refused, match="taken back already"):
        await credentials.void(paper["id"], "まちがい", by=ICT)

    assert await credentials.of(hanako.id) == []


async def test_s8_what_ends_soon_is_told_ahead_unless_the_next_is_there(
    database: Database,
) -> None:
    hanako = await make_supporter(papers=False)
    renewed = await make_supporter(papers=False)
    gone = await make_supporter((Stage.withdrawn, APRIL), papers=False)
    for each in (hanako, renewed, gone):
        await make_credential(each.id, INSURANCE, valid_from=APRIL, valid_until=YEAR_END)
    await make_credential(renewed.id, INSURANCE, valid_from=NEXT_YEAR, valid_until=None)
    member = await make_credential(
        hanako.id, CredentialKind.promotion_member, valid_until=date(2026, 9, 30)
    )

    rows = await credentials.expiring(YEAR_END)

    assert [(row["kind"], row["supporter_id"]) for row in rows] == [
        ("promotion_member", hanako.id),
        ("insurance", hanako.id),
    ]
    assert (rows[0]["id"], rows[0]["person_id"]) == (member.id, hanako.person)
    assert await credentials.expiring(date(2026, 9, 29)) == []
