"""Who is in which edition of which programme."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from server import clock
from server.audit import entries
from server.database import writing
from server.people import merging
from server.refusals import Refused
from server.roles import Actor
from server.training import queries
from server.training.programmes import check_may_edit
from server.training.tables import Enrolment, Programme

Row = dict[str, Any]

MOVED = "moved"


async def enrol(person_id: int, programme_id: int, enrolled_on: date, *, by: Actor | None) -> Row:
    """Put somebody into a programme; who is in that edition already stays as she is.

    Somebody in another edition of it is moved, and loses nothing done. Refused while she is in
    another programme that she has not completed, for a draft or a retired edition, and for a day
    to come.
    """
    async with writing():
        await merging.hold(person_id)
        programme = await _open_programme(programme_id)
        _check_not_to_come(enrolled_on)
        now = await current(person_id)
        if now is None:
            return await _add(person_id, programme_id, enrolled_on, by)
        if now["programme"] == programme_id:
            return now
        if now["code"] != programme["code"]:
            await _check_completed(now)
            return await _add(person_id, programme_id, enrolled_on, by)
        return await _move(person_id, now, programme_id, by)


async def move(person_id: int, programme_id: int, *, by: Actor | None) -> Row:
    """Move somebody to another edition of the programme she is in; nothing done is lost.

    Done twice, it does nothing the second time. Refused where she is in none, or in another.
    """
    async with writing():
        await merging.hold(person_id)
        programme = await _open_programme(programme_id)
        now = await _enrolled(person_id)
        if now["code"] != programme["code"]:
            raise Refused("This is not an edition of {name}.", name=now["name"])
        if now["programme"] == programme_id:
            return now
        return await _move(person_id, now, programme_id, by)


async def move_all(programme_id: int, *, by: Actor) -> int:
    """Move everybody in an older edition to this one, and return how many; nothing done is lost.

    Refused for a draft or a retired edition, and for who may not edit programmes.
    """
    async with writing():
        check_may_edit(by)
        programme = await _open_programme(programme_id)
        people = sorted(set((await _staying(await behind(programme))).values()))
        for person_id in people:
            await move(person_id, programme_id, by=by)
        return len(people)


async def behind(programme: Row) -> list[int]:
    """The rows of people who are in an older edition of a programme."""
    rows = await (
        Enrolment.select(Enrolment.person)
        .where(Enrolment.voided_at.is_null())
        .where(Enrolment.programme.code == programme["code"])
        .where(Enrolment.programme.edition < programme["edition"])
        .order_by(Enrolment.person)
    )
    return [int(row["person"]) for row in rows]


async def end(person_id: int, reason: str, *, by: Actor | None) -> None:
    """Take somebody out of the programme she is in; what was done stays. Refused without one."""
    async with writing():
        await merging.hold(person_id)
        now = await _enrolled(person_id)
        await _void(person_id, now, reason)
        await entries.record(
            "enrolment.ended", "person", person_id, by=by, programme=now["programme"]
        )


async def current(person_id: int) -> Row | None:
    """The programme somebody is in: the enrolment with its `name`, `edition` and `code`."""
    return (await current_of([person_id])).get(person_id)


async def current_of(person_ids: Iterable[int]) -> dict[int, Row]:
    """As `current`, by the id asked for; also under a merged duplicate. Three statements."""
    return await queries.enrolments_of(await merging.selves(person_ids))


async def _enrolled(person_id: int) -> Row:
    now = await current(person_id)
    if now is None:
        raise Refused("This person is not in a programme.")
    return now


async def _open_programme(programme_id: int) -> Row:
    programme = await Programme.select().where(Programme.id == programme_id).first()
    if programme is None or programme["published_at"] is None:
        raise Refused("This programme has not been published.")
    if programme["retired_at"] is not None:
        raise Refused("Nobody new is taken into {name} any more.", name=programme["name"])
    return programme


def _check_not_to_come(day: date) -> None:
    if day > clock.today():
        raise Refused("Please give a day up to today.")


async def _check_completed(now: Row) -> None:
    """One programme at a time, until it is completed."""
    selves = (await merging.selves([now["person"]]))[now["person"]]
    certificates = await queries.certificates_of(selves)
    live = [each for each in certificates if each["voided_at"] is None]
    if now["code"] not in [each["programme_code"] for each in live]:
        raise Refused("This person is in {name} already. Please end that first.", name=now["name"])


async def _add(person_id: int, programme_id: int, enrolled_on: date, by: Actor | None) -> Row:
    enrolment = Enrolment(
        person=person_id,
        programme=programme_id,
        enrolled_on=enrolled_on,
        recorded_at=clock.now(),
        recorded_by=by.id if by else None,
    )
    await Enrolment.insert(enrolment)
    await entries.record(
        "enrolment.added",
        "person",
        person_id,
        by=by,
        programme=programme_id,
        enrolled_on=enrolled_on,
    )
    return await _enrolled(person_id)


async def _move(person_id: int, was: Row, programme_id: int, by: Actor | None) -> Row:
    await _void(person_id, was, MOVED)
    return await _add(person_id, programme_id, was["enrolled_on"], by)


async def _void(person_id: int, enrolment: Row, reason: str) -> None:
    """Void what stands of the programme's editions under every row of this human being."""
    selves = (await merging.selves([person_id]))[person_id]
    editions = Programme.select(Programme.id).where(Programme.code == enrolment["code"])
    await Enrolment.update({Enrolment.voided_at: clock.now(), Enrolment.void_reason: reason}).where(
        Enrolment.person.is_in(list(selves))
        & Enrolment.voided_at.is_null()
        & Enrolment.programme.is_in([row["id"] for row in await editions])
    )


async def _staying(person_ids: list[int]) -> dict[int, int]:
    return {each: group[0] for each, group in (await merging.selves(person_ids)).items()}
