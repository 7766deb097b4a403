"""Numbered certificates (修了証): given, taken back, and due."""

from datetime import date
from typing import Any

from server import clock
from server.audit import entries
from server.database import locked, writing
from server.people import merging
from server.people.tables import Person
from server.refusals import Refused
from server.roles import Actor
from server.training import progress, queries
from server.training.progress import Progress
from server.training.tables import Certificate, Enrolment, Programme

Row = dict[str, Any]

BEFORE_REIWA = 2018  # 令和N年度 is the fiscal year 2018 + N (T1)


async def issue(person_id: int, programme_id: int, completed_on: date, *, by: Actor | None) -> Row:
    """Give a certificate, and return it; `completed_on` is the municipal date of completion.

    Its number is R8-0012: the fiscal year of today in Japan and a running number, never given
    again. Refused for a day to come, and while a certificate of any edition of the programme
    stands, also under a merged duplicate. Whether all was done is asked by who calls this.
    """
    async with writing():
        await locked("certificates")
        programme = await Programme.select().where(Programme.id == programme_id).first()
        if programme is None:
            raise Refused("There is no such programme.")
        if completed_on > clock.today():
            raise Refused("Please give a day up to today.")
        await _check_none_stands(person_id, programme["code"])
        certificate = Certificate(
            number=await _next_number(),
            person=person_id,
            programme=programme_id,
            completed_on=completed_on,
            recorded_at=clock.now(),
            recorded_by=by.id if by else None,
        )
        rows = await Certificate.insert(certificate).returning(Certificate.id)
        issued = await _found(rows[0]["id"])
        facts = {name: issued[name] for name in ("person", "programme", "number", "completed_on")}
        await entries.record("certificate.issued", "certificate", issued["id"], by=by, **facts)
        return issued


async def void(certificate_id: int, reason: str, *, by: Actor | None) -> Row:
    """Take back a certificate given by mistake, and return it; its number stays used.

    Refused without a reason, and for one that was taken back already.
    """
    async with writing():
        if not reason:
            raise Refused("Please write why this was a mistake.")
        rows = await (
            Certificate.update(
                {
                    Certificate.voided_at: clock.now(),
                    Certificate.voided_by: by.id if by else None,
                    Certificate.void_reason: reason,
                }
            )
            .where((Certificate.id == certificate_id) & Certificate.voided_at.is_null())
            .returning(Certificate.id)
        )
        if not rows:
            raise Refused("This certificate has been taken back already.")
        await entries.record("certificate.voided", "certificate", certificate_id, by=by)
        return await _found(certificate_id)


async def of(person_id: int) -> list[Row]:
    """All certificates of one human being, voided ones too, newest first, with
    `programme_code`, `programme_edition` and `programme_name`."""
    selves = await merging.selves([person_id])
    return await queries.certificates_of(selves.get(person_id, ()))


async def get(certificate_id: int) -> Row | None:
    """One certificate, with the programme's name and `person_name` of the row that stays."""
    rows = await Certificate.raw(_CERTIFICATE, certificate_id)
    if not rows:
        return None
    row: Row = rows[0]
    own, staying = row.pop("own_name"), row.pop("staying_name")
    return row | {"person_name": staying or own}


async def due() -> list[Row]:
    """Who has done all and has no certificate that stands: 修了 is waiting. Longest first.

    Rows of `person_id` (the one that stays), `name`, `reading`, `programme_id`,
    `programme_name`, `completed_on`. Nine statements, however many people.
    """
    enrolled = await Enrolment.select(Enrolment.person).where(Enrolment.voided_at.is_null())
    known = await progress.of_many(row["person"] for row in enrolled)
    complete = {each.person_id: each for each in known.values() if each.is_complete}
    held = await _held_by(complete)
    names = await Person.select(Person.id, Person.name, Person.reading).where(
        Person.id.is_in(sorted(complete) or [0])
    )
    people = {row["id"]: row for row in names}
    rows = [
        _due(each, people[each.person_id])
        for each in complete.values()
        if (each.person_id, each.programme["code"]) not in held
    ]
    return sorted(rows, key=lambda row: (row["completed_on"], row["reading"], row["person_id"]))


def _due(known: Progress, person: Row) -> Row:
    return {
        "person_id": known.person_id,
        "name": person["name"],
        "reading": person["reading"],
        "programme_id": known.programme["id"],
        "programme_name": known.programme["name"],
        "completed_on": known.completed_on,
    }


async def _held_by(person_ids: Any) -> set[tuple[int, str]]:
    """Who (the row that stays) has a certificate of which programme that stands."""
    selves = await merging.selves(person_ids)
    owner = {each: group[0] for group in selves.values() for each in group}
    rows = await queries.certificates_of(sorted(owner))
    return {
        (owner[row["person"]], row["programme_code"]) for row in rows if row["voided_at"] is None
    }


async def _check_none_stands(person_id: int, code: str) -> None:
    for row in await of(person_id):
        if row["programme_code"] == code and row["voided_at"] is None:
            raise Refused("This person has the certificate {number} already.", number=row["number"])


async def _next_number() -> str:
    prefix = f"R{clock.fiscal_year(clock.today()) - BEFORE_REIWA}-"
    given = await Certificate.select(Certificate.number).where(
        Certificate.number.like(f"{prefix}%")
    )
    last = max((int(row["number"].removeprefix(prefix)) for row in given), default=0)
    return f"{prefix}{last + 1:04d}"


async def _found(certificate_id: int) -> Row:
    found = await get(certificate_id)
    assert found is not None
    return found


_CERTIFICATE = """
SELECT certificate.*, programme.code AS programme_code, programme.edition AS programme_edition,
    programme.name AS programme_name, own.name AS own_name, staying.name AS staying_name
FROM certificate
JOIN programme ON programme.id = certificate.programme
JOIN person AS own ON own.id = certificate.person
LEFT JOIN person AS staying ON staying.id = own.merged_into
WHERE certificate.id = {}
"""
