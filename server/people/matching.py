"""Finding the same human being again (B2)."""

from dataclasses import dataclass, field
from datetime import date

from server import clock, text
from server.database import locked
from server.people.tables import Person, PersonPhone


@dataclass(frozen=True)
class Identity:
    """Who somebody says they are, as typed."""

    name: str
    reading: str
    phones: tuple[str, ...] = ()
    birth_on: date | None = None


async def find_or_add(identity: Identity) -> int:
    """The id of the person that `identity` is, added if nobody matches.

    The same reading key with the same birth date or a common phone is one person; couples who
    share a landline differ in their reading, and two known birth dates that differ are two
    people. Belongs inside `writing()`; holds others with the same reading until it ends.
    """
    key = text.reading_key(identity.reading)
    phones = {text.phone_key(phone) for phone in identity.phones} - {""}
    await locked(f"person:{key}")
    for known in await _known_by_reading(key):
        if known.is_same(phones, identity.birth_on):
            await _add_phones(known.id, phones - known.phones)
            return known.id
    return await _add(identity, key, phones)


@dataclass
class _Known:
    id: int
    birth_on: date | None
    phones: set[str] = field(default_factory=set)

    def is_same(self, phones: set[str], birth_on: date | None) -> bool:
        if birth_on is not None and self.birth_on is not None:
            return birth_on == self.birth_on
        return bool(self.phones & phones)


async def _known_by_reading(key: str) -> list[_Known]:
    rows = await Person.raw(
        "SELECT COALESCE(person.merged_into, person.id) AS stays, person.birth_on,"
        " person_phone.phone_key"
        " FROM person LEFT JOIN person_phone ON person_phone.person = person.id"
        " WHERE person.reading_key = {} ORDER BY stays",
        key,
    )
    people: dict[int, _Known] = {}
    for row in rows:
        known = people.setdefault(row["stays"], _Known(row["stays"], None))
        known.birth_on = known.birth_on or row["birth_on"]
        known.phones |= {row["phone_key"]} - {None}
    return list(people.values())


async def _add(identity: Identity, key: str, phones: set[str]) -> int:
    person = Person(
        name=identity.name,
        reading=identity.reading,
        reading_key=key,
        birth_on=identity.birth_on,
        recorded_at=clock.now(),
    )
    await Person.insert(person)
    person_id = int(person.id)
    await _add_phones(person_id, phones)
    return person_id


async def _add_phones(person_id: int, phones: set[str]) -> None:
    if phones:
        rows = [PersonPhone(person=person_id, phone_key=phone) for phone in sorted(phones)]
        await PersonPhone.insert(*rows)
