"""People who do not exist: names with readings, telephones that nobody has (P7)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from random import Random
from typing import Any

from server import text
from server.classes.tables import AgeBand, Device, Need
from server.demo.city import add_all, facts
from server.people.tables import Person, PersonPhone

AGE_BANDS = (AgeBand.sixties, AgeBand.seventies, AgeBand.eighties, AgeBand.over_90)
NEEDS = (Need.hearing_aid, Need.writing, Need.wheelchair)
COUPLES = 0.15  # share of people who answer on the telephone of the one before them


@dataclass(frozen=True)
class Resident:
    """One invented resident, as they would fill in the form."""

    name: str
    reading: str
    phone: str
    age_band: str
    device: str
    needs: str
    district_id: int | None


def one_of(random: Random, weights: Mapping[Any, float]) -> Any:
    """One of these, each as often as its weight says."""
    return random.choices(tuple(weights), tuple(weights.values()))[0]


def person_of(resident: Resident, recorded_at: datetime) -> Person:
    """A resident as the city comes to know them."""
    return Person(
        name=resident.name,
        reading=resident.reading,
        reading_key=text.reading_key(resident.reading),
        recorded_at=recorded_at,
    )


async def add_people(
    known: Sequence[tuple[Resident, Person]], wrote: Callable[[int], None] | None = None
) -> None:
    """Write people and the telephones that they answer on; `wrote` as `add_all` has it."""
    await add_all([person for _, person in known], wrote)
    phones = [
        PersonPhone(person=person.id, phone_key=text.phone_key(resident.phone))
        for resident, person in known
    ]
    await add_all(phones, wrote)


def residents(random: Random, count: int, districts: list[int]) -> list[Resident]:
    """So many different people; a few couples share a landline and its number."""
    return list(islice(_different(random, districts), count))


def _different(random: Random, districts: list[int]) -> Iterator[Resident]:
    names = facts("names")
    seen: set[tuple[str, str]] = set()
    family, phone = random.choice(names["family"]), ""
    while True:
        if not phone or random.random() > COUPLES:
            family, phone = random.choice(names["family"]), _phone(random)
        resident = _resident(random, family, random.choice(names["given"]), phone, districts)
        key = (text.reading_key(resident.reading), text.phone_key(phone))
        if key not in seen:
            seen.add(key)
            yield resident
        else:
            phone = ""


def _resident(
    random: Random, family: str, given: str, phone: str, districts: list[int]
) -> Resident:
    (kanji, kana), (given_kanji, given_kana) = family.split(), given.split()
    return Resident(
        name=f"{kanji}　{given_kanji}",
        reading=f"{kana}　{given_kana}",
        phone=phone,
        age_band=random.choices(AGE_BANDS, (20, 50, 27, 3))[0],
        device=random.choices(tuple(Device), (50, 35, 15))[0],
        needs=random.choice(NEEDS) if random.random() < 0.06 else "",
        district_id=random.choice(districts) if random.random() < 0.8 else None,
    )


def _phone(random: Random) -> str:
    if random.random() < 0.6:
        return f"059-000-{random.randrange(1000, 10000)}"
    return f"0{random.choice((8, 9))}0-0{random.randrange(1000):03d}-{random.randrange(10000):04d}"
