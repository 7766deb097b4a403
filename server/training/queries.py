"""Reads of training that are used twice: whose records, which requirements."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from piccolo.query.functions import Count

from server.database.conditions import among
from server.training.tables import Certificate, Enrolment, Programme, Requirement, TrainingRecord

Row = dict[str, Any]


async def enrolments_of(selves: Mapping[int, tuple[int, ...]]) -> dict[int, Row]:
    """The newest enrolment that stands of each id asked for, of any of her rows.

    With `code`, `edition` and `name` of the programme. `selves` are as people.merging has them.
    """
    everybody = sorted({each for group in selves.values() for each in group})
    if not everybody:
        return {}
    rows = await (
        Enrolment.select(
            *Enrolment.all_columns(),
            Enrolment.programme.code.as_alias("code"),
            Enrolment.programme.edition.as_alias("edition"),
            Enrolment.programme.name.as_alias("name"),
        )
        .where(Enrolment.person.is_in(everybody) & Enrolment.voided_at.is_null())
        .order_by(Enrolment.enrolled_on, Enrolment.id)
    )
    newest = {row["person"]: row for row in rows}
    place = {row["id"]: number for number, row in enumerate(rows)}
    found = {}
    for asked, group in selves.items():
        own = [newest[each] for each in group if each in newest]
        if own:
            found[asked] = max(own, key=lambda row: place[row["id"]])
    return found


async def programmes(programme_ids: Iterable[int]) -> dict[int, Row]:
    """Those editions, by id."""
    rows = await Programme.select().where(Programme.id.is_in(list(programme_ids)))
    return {row["id"]: row for row in rows}


async def requirements_of(codes: Iterable[str]) -> list[Row]:
    """The requirements of every edition of those programmes, in order, with `programme_code`
    and `edition`."""
    return await (
        Requirement.select(
            *Requirement.all_columns(),
            Requirement.programme.code.as_alias("programme_code"),
            Requirement.programme.edition.as_alias("edition"),
        )
        .where(Requirement.programme.code.is_in(list(codes)))
        .order_by(Requirement.position, Requirement.id)
    )


async def live_records(person_ids: Sequence[int]) -> list[Row]:
    """Training records that stand, in the order in which it was done, with the requirement's
    `code`, `name`, `kind`, `unit` and its `programme_code`."""
    if not person_ids:
        return []
    theirs = among("training_record.person", person_ids)
    return list(await TrainingRecord.raw(_LIVE_RECORDS, theirs))


async def certificates_of(person_ids: Sequence[int]) -> list[Row]:
    """Certificates of those people, voided ones too, newest first, with `programme_code`,
    `programme_edition` and `programme_name`."""
    if not person_ids:
        return []
    return await (
        Certificate.select(
            *Certificate.all_columns(),
            Certificate.programme.code.as_alias("programme_code"),
            Certificate.programme.edition.as_alias("programme_edition"),
            Certificate.programme.name.as_alias("programme_name"),
        )
        .where(Certificate.person.is_in(list(person_ids)))
        .order_by(Certificate.completed_on, Certificate.id, ascending=False)
    )


def replaced(requirement: Row) -> list[str]:
    """The codes of older editions that a requirement stands for."""
    return [code for code in requirement["replaces"].split(",") if code]


async def how_many() -> tuple[dict[int, int], dict[int, int]]:
    """How many requirements, and how many people, each edition has; two statements."""
    asked = await Requirement.select(Requirement.programme, Count(alias="number")).group_by(
        Requirement.programme
    )
    people = await Enrolment.raw(_PEOPLE)
    return (
        {row["programme"]: row["number"] for row in asked},
        {row["programme"]: row["number"] for row in people},
    )


_PEOPLE = """
SELECT enrolment.programme, COUNT(DISTINCT COALESCE(person.merged_into, person.id)) AS number
FROM enrolment JOIN person ON person.id = enrolment.person
WHERE enrolment.voided_at IS NULL
GROUP BY enrolment.programme
"""

_LIVE_RECORDS = """
SELECT training_record.*, requirement.code, requirement.name, requirement.kind, requirement.unit,
    programme.code AS programme_code
FROM training_record
JOIN requirement ON requirement.id = training_record.requirement
JOIN programme ON programme.id = requirement.programme
WHERE {} AND training_record.voided_at IS NULL
ORDER BY training_record.done_on, training_record.id
"""
