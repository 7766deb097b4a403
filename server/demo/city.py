"""The city itself: municipality, sections, districts, venues, rooms, closed days, accounts."""

import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from piccolo.table import Table

from server import clock
from server.accounts import passwords
from server.accounts.tables import Account, AccountRole
from server.places.tables import District, Municipality, Room, Section, Venue, VenueClosure
from server.roles import Role

Facts = dict[str, Any]

PASSWORD = "tonari-demo"  # noqa: S105 - said aloud in the README: the data are invented
CHUNK = 200


@dataclass(frozen=True)
class Place:
    """A venue as the timetable sees it."""

    venue_id: int
    district_id: int
    rooms: tuple[Room, ...]
    closed: frozenset[date]


@dataclass(frozen=True)
class City:
    """What courses and bookings need to know of the city; accounts and sections by their name."""

    places: tuple[Place, ...]
    sections: dict[str, int]
    accounts: dict[str, int]


def facts(name: str) -> Facts:
    """A data file of this folder."""
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))


async def add_all(rows: Sequence[Table], wrote: Callable[[int], None] | None = None) -> None:
    """Insert rows of one table, in chunks that both engines take, and give each its id.

    `wrote` is told how many rows each chunk had.
    """
    for first in range(0, len(rows), CHUNK):
        chunk = rows[first : first + CHUNK]
        await type(chunk[0]).insert(*chunk)
        if wrote:
            wrote(len(chunk))


async def found(today: date) -> City:
    """Write the city into an empty database, with closed days from last year to the next."""
    known = facts("yokkaichi")
    await add_all([Municipality(**known["municipality"], demonstration=True)])
    sections = [Section(**one) for one in known["sections"]]
    await add_all(sections)
    by_section = {section.name: int(section.id) for section in sections}
    places = await _centres(known, today)
    venues = dict(zip((one["slug"] for one in known["districts"]), places, strict=True))
    accounts = await _accounts(known["accounts"], by_section, venues, today)
    return City(tuple(places), by_section, accounts)


async def _centres(known: Facts, today: date) -> list[Place]:
    districts = [
        District(slug=one["slug"], name=one["name"], reading=one["reading"], position=position)
        for position, one in enumerate(known["districts"], 1)
    ]
    await add_all(districts)
    venues = [
        _venue(one, known["centre"], int(district.id), position)
        for position, (one, district) in enumerate(
            zip(known["districts"], districts, strict=True), 1
        )
    ]
    await add_all(venues)
    return [
        await _place(one, known["centre"], venue, today)
        for one, venue in zip(known["districts"], venues, strict=True)
    ]


def _venue(one: Facts, centre: Facts, district_id: int, position: int) -> Venue:
    return Venue(
        slug=one["slug"],
        name=one.get("venue", f"{one['name']}地区市民センター"),
        reading=one.get("venue_reading", f"{one['reading']}ちくしみんせんたー"),
        district=district_id,
        postcode=one.get("postcode", ""),
        address=one.get("address", centre["address"]),
        phone=f"059-000-02{position:02d}",
        opens=centre["opens"],
        closes=one.get("closes", centre["closes"]),
    )


async def _place(one: Facts, centre: Facts, venue: Venue, today: date) -> Place:
    rooms = [
        Room(venue=venue.id, position=position, **room)
        for position, room in enumerate(one.get("rooms") or centre["rooms"], 1)
    ]
    await add_all(rooms)
    years = range(today.year - 1, today.year + 2)
    closures = [*_year_ends(venue, centre["year_end"], years)]
    if one.get("closed_second_mondays"):
        closures += _second_mondays(venue, years)
    await add_all(closures)
    closed = frozenset(day for closure in closures for day in _days(closure))
    return Place(int(venue.id), int(venue.district), tuple(rooms), closed)


def _year_ends(venue: Venue, year_end: Facts, years: range) -> Iterator[VenueClosure]:
    for year in years:
        yield VenueClosure(
            venue=venue.id,
            first_on=date.fromisoformat(f"{year}-{year_end['first']}"),
            last_on=date.fromisoformat(f"{year + 1}-{year_end['last']}"),
            reason=year_end["reason"],
        )


def _second_mondays(venue: Venue, years: range) -> Iterator[VenueClosure]:
    for year in years:
        for month in range(1, 13):
            eighth = date(year, month, 8)
            day = eighth + timedelta(days=-eighth.weekday() % 7)
            reason = "定休日（第2月曜日）"
            yield VenueClosure(venue=venue.id, first_on=day, last_on=day, reason=reason)


def _days(closure: VenueClosure) -> Iterator[date]:
    day = closure.first_on
    while day <= closure.last_on:
        yield day
        day += timedelta(days=1)


async def _accounts(
    known: list[Facts], sections: dict[str, int], venues: dict[str, Place], today: date
) -> dict[str, int]:
    password_hash = await passwords.hashed(PASSWORD)
    created_at = clock.at(today - timedelta(days=400), time(9))
    accounts = [
        Account(
            login=one["login"],
            name=one["name"],
            password_hash=password_hash,
            created_at=created_at,
        )
        for one in known
    ]
    await add_all(accounts)
    roles = [
        AccountRole(
            account=account.id,
            role=Role(one["role"]),
            section=sections.get(one.get("section", "")),
            venue=venues[one["venue"]].venue_id if "venue" in one else None,
        )
        for one, account in zip(known, accounts, strict=True)
    ]
    await add_all(roles)
    return {account.login: int(account.id) for account in accounts}
