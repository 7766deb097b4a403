"""Duplicates: two rows that turned out to be one human being, and parting them again."""

from collections.abc import Iterable
from typing import Any

from server.audit import entries
from server.database import locked, writing
from server.people.tables import Person
from server.refusals import Refused
from server.roles import Actor

Row = dict[str, Any]


async def merge(duplicate_id: int, into_id: int, *, despite: str = "", by: Actor) -> None:
    """Let `duplicate_id` point to `into_id`, the one that stays; whoever pointed to it follows.

    Nothing else moves: what a row tells of the duplicate is found through the one that stays, so
    that `separate` takes nothing away. Refused for one and the same row, where either is merged
    already, and for two known birth dates that differ, unless `despite` says why they are one.
    """
    async with writing():
        await locked("person:merging")
        for each in sorted({duplicate_id, into_id}):
            await locked(f"person:{each}")
        duplicate, into = await _person(duplicate_id), await _person(into_id)
        _check_mergeable(duplicate, into)
        _check_birth_dates(duplicate, into, despite)
        await Person.update({Person.merged_into: into_id}).where(
            (Person.id == duplicate_id) | (Person.merged_into == duplicate_id)
        )
        facts = {"despite": despite} if despite else {}
        await entries.record("person.merged", "person", duplicate_id, by=by, into=into_id, **facts)


async def separate(person_id: int, *, by: Actor) -> None:
    """Let a merged person stand alone again. Refused for one that is not merged.

    Those who had been merged into this person before stay with the one it was merged into.
    """
    async with writing():
        await locked("person:merging")
        for each in sorted({person_id, await stays(person_id)}):
            await locked(f"person:{each}")
        person = await _person(person_id)
        if person["merged_into"] is None:
            raise Refused("This person has not been merged with anybody.")
        await Person.update({Person.merged_into: None}).where(Person.id == person_id)
        await entries.record(
            "person.separated", "person", person_id, by=by, was=person["merged_into"]
        )


async def stays(person_id: int) -> int:
    """The id of the row that stays for this human being: the person's own, unless merged."""
    rows = await Person.select(Person.merged_into).where(Person.id == person_id)
    return int((rows[0]["merged_into"] if rows else None) or person_id)


async def hold(person_id: int) -> None:
    """Hold others who would change what is known of this human being, whichever row they name.

    Belongs inside `writing()`, after courses and sessions, before supporters.
    """
    staying = 0
    while staying != (now := await stays(person_id)):  # she was merged or parted meanwhile
        await locked(f"person:{now}")
        staying = now


async def selves(person_ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """Every row of the same human being by each id asked for, the one that stays first.

    Two statements, for one person as for a thousand.
    """
    asked = sorted(set(person_ids))
    if not asked:
        return {}
    rows = await Person.select(Person.id, Person.merged_into).where(Person.id.is_in(asked))
    staying = {row["id"]: row["merged_into"] or row["id"] for row in rows}
    everybody: dict[int, list[int]] = {each: [each] for each in staying.values()}
    merged = await (
        Person.select(Person.id, Person.merged_into)
        .where(Person.merged_into.is_in(sorted(everybody)))
        .order_by(Person.id)
    )
    for row in merged:
        everybody[row["merged_into"]].append(row["id"])
    return {each: tuple(everybody[stay]) for each, stay in staying.items()}


async def _person(person_id: int) -> Row:
    person = await Person.select().where(Person.id == person_id).first()
    if person is None:
        raise Refused("There is no such person.")
    return person


def _check_mergeable(duplicate: Row, into: Row) -> None:
    if duplicate["id"] == into["id"]:
        raise Refused("A person cannot be merged with herself or himself.")
    if duplicate["merged_into"] is not None or into["merged_into"] is not None:
        raise Refused("One of the two has been merged already.")


def _check_birth_dates(duplicate: Row, into: Row, despite: str) -> None:
    born = {duplicate["birth_on"], into["birth_on"]} - {None}
    if len(born) > 1 and not despite:
        raise Refused(
            "Their dates of birth differ. Please write why they are one person all the same."
        )
