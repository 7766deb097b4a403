"""How the city runs its supporters, and its lecturers from outside."""

import json
from dataclasses import replace

import pytest

from server.audit.tables import AuditEntry
from server.refusals import Refused, Stale
from server.roles import Role
from server.supporters import lecturers, schemes
from server.supporters.lecturers import LecturerFacts
from server.supporters.schemes import SchemeFacts
from server.supporters.tables import SignUp, Stage
from tests.databases import Database
from tests.supporters.cast import ICT, Staff

FACTS = SchemeFacts(
    counted_stage=Stage.registered, sign_up=SignUp.coordinators, leave_days=5, issuer="四日市市長"
)


async def test_without_a_row_the_defaults_hold(database: Database) -> None:
    scheme = await schemes.current()

    assert scheme == SchemeFacts()
    assert (scheme.counted_stage, scheme.sign_up) == (Stage.completed, SignUp.both)
    assert scheme.home_visits is False


async def test_saved_changed_and_audited(database: Database) -> None:
    await schemes.save(FACTS, version=0, by=ICT)
    assert await schemes.versioned() == (FACTS, 1)

    await schemes.save(replace(FACTS, leave_days=2), version=1, by=ICT)

    assert (await schemes.current()).leave_days == 2
    entry = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    assert entry is not None
    assert json.loads(entry["facts"]) == {"changed": {"leave_days": [5, 2]}}


async def test_a_stale_save_shows_what_stands(database: Database) -> None:
    await schemes.save(FACTS, version=0, by=ICT)

    with pytest.raises(Stale) as stale:
        await schemes.save(SchemeFacts(), version=0, by=ICT)

    assert stale.value.current["issuer"] == "四日市市長"
    assert stale.value.current["version"] == 1


@pytest.mark.parametrize("stage", [Stage.applied, Stage.resting, Stage.withdrawn])
async def test_s1_only_what_shows_training_can_count(database: Database, stage: Stage) -> None:
    with pytest.raises(Refused, match="can count as trained"):
        await schemes.save(replace(FACTS, counted_stage=stage), version=0, by=ICT)


async def test_p1_the_scheme_belongs_to_the_overseeing_section(database: Database) -> None:
    with pytest.raises(Refused, match="overseeing section"):
        await schemes.save(FACTS, version=0, by=Staff(section_id=3))

    admin = Staff(roles=frozenset({Role.administrator}))
    await schemes.save(FACTS, version=0, by=admin)


async def test_lecturers_are_added_changed_and_archived(database: Database) -> None:
    yuki = await lecturers.add(
        LecturerFacts("鈴木ゆき", "すずきゆき", "みなと通信", "059-354-0000"), by=ICT
    )
    taro = await lecturers.add(LecturerFacts("山田太郎", "やまだたろう"), by=ICT)

    await lecturers.edit(yuki["id"], LecturerFacts("鈴木ゆき", "すずきゆき"), by=ICT)
    assert [row["id"] for row in await lecturers.listed()] == [yuki["id"], taro["id"]]
    await lecturers.archive(yuki["id"], by=ICT)
    with pytest.raises(Refused, match="no longer on the list"):
        await lecturers.archive(yuki["id"], by=ICT)

    assert [row["id"] for row in await lecturers.listed()] == [taro["id"]]
    gone = await lecturers.get(yuki["id"])
    assert gone is not None
    assert (gone["name"], gone["organisation"]) == ("鈴木ゆき", "")
