"""The invented counter: its staff, their trainings, and the terminals beside it (P7)."""

from datetime import date, time, timedelta
from random import Random
from typing import Any

from server import clock
from server.counter_staff.tables import (
    CompletionSource,
    Employment,
    StaffCompletion,
    StaffMember,
    StaffMembership,
    StaffTraining,
)
from server.demo.city import City, add_all, facts
from server.demo.people import Resident, add_people, one_of, person_of
from server.helpdesk.tables import HelpedBy, Terminal, TerminalUse
from server.places.tables import Venue
from server.topics.tables import Procedure

EMPLOYED = {Employment.regular: 55, Employment.fiscal_year: 35, Employment.contracted: 10}
USED_DAYS = 90
FINISHED = 0.74
MINUTES = (5, 10, 10, 15, 20, 30)
HELPED = {HelpedBy.nobody: 25, HelpedBy.staff: 55, HelpedBy.supporter: 12, HelpedBy.companion: 8}


async def staff_the_counter(random: Random, city: City, today: date, staff: list[Resident]) -> None:
    """Counter staff by section, their trainings of this fiscal year, terminals and their use."""
    written = facts("helpdesk")
    members = await _members(random, city, today, written["counter_staff"]["per_section"], staff)
    await _train(random, city, today, written["staff_trainings"], members)
    await _place_terminals(random, city, today, written["terminals"])


async def _members(
    random: Random, city: City, today: date, per_section: list[int], staff: list[Resident]
) -> list[StaffMember]:
    recorded_at = clock.at(today - timedelta(days=200), time(9))
    sections = [
        section
        for section, number in zip(city.sections.values(), per_section, strict=False)
        for _ in range(number)
    ]
    people = [(one, person_of(one, recorded_at)) for one in staff[: len(sections)]]
    await add_people(people)
    members = [
        StaffMember(person=person.id, number=f"M{number:04d}", created_at=recorded_at)
        for number, (_, person) in enumerate(people, 1001)
    ]
    await add_all(members)
    await add_all(
        [
            _membership(random, member, section, today)
            for member, section in zip(members, sections, strict=True)
        ]
    )
    return members


def _membership(random: Random, member: StaffMember, section: int, today: date) -> StaffMembership:
    employment = one_of(random, EMPLOYED)
    year = clock.fiscal_year(today)
    yearly = employment == Employment.fiscal_year
    since, ends = clock.fiscal_days(year if yearly else year - random.randint(0, 5))
    return StaffMembership(
        member=member.id,
        section=section,
        employment=employment,
        first_on=since,
        last_on=ends if yearly else None,
        recorded_at=member.created_at,
    )


async def _train(
    random: Random,
    city: City,
    today: date,
    written: list[dict[str, Any]],
    members: list[StaffMember],
) -> None:
    year = clock.fiscal_year(today)
    for one in written:
        training = StaffTraining(
            **{
                key: one[key]
                for key in ("name", "kind", "address", "offered_to", "minutes", "description")
            },
            first_on=date(year, 6, 1),
            last_on=date(year + 1, 2, 28),
            created_at=clock.at(date(year, 5, 20), time(9)),
        )
        await add_all([training])
        days = max((today - training.first_on).days - 1, 0)
        done = [each for each in members if random.random() < one["completed"]] if days else []
        await add_all(
            [
                StaffCompletion(
                    training=training.id,
                    member=member.id,
                    completed_on=(on := training.first_on + timedelta(days=random.randrange(days))),
                    fiscal_year=year,
                    source=CompletionSource.imported,
                    recorded_at=clock.at(on, time(17)),
                    recorded_by=city.accounts["ict"],
                )
                for member in done
            ]
        )


async def _place_terminals(
    random: Random, city: City, today: date, written: list[dict[str, Any]]
) -> None:
    venues = {row["slug"]: row["id"] for row in await Venue.select(Venue.slug, Venue.id)}
    procedures = await Procedure.select(Procedure.id).order_by(Procedure.id).output(as_list=True)
    terminals = [
        Terminal(
            **{key: one[key] for key in ("name", "number", "place")},
            venue=venues[one["venue"]],
            placed_on=today - timedelta(days=400),
        )
        for one in written
    ]
    await add_all(terminals)
    uses = [
        _use(
            random, city, int(terminal.id), today - timedelta(days=days), random.choice(procedures)
        )
        for terminal in terminals
        for days in range(USED_DAYS, 0, -1)
        if (today - timedelta(days=days)).isoweekday() <= 5
        for _ in range(random.randint(0, 2))
    ]
    await add_all(uses)


def _use(random: Random, city: City, terminal: int, on: date, procedure: int) -> TerminalUse:
    used_at = clock.at(on, time(random.randint(9, 16), random.choice((0, 15, 30, 45))))
    return TerminalUse(
        terminal=terminal,
        procedure=procedure,
        finished=random.random() < FINISHED,
        minutes=random.choice(MINUTES),
        helped_by=one_of(random, HELPED),
        used_at=used_at,
        used_on=on,
        submission=f"demo-{random.getrandbits(64):016x}",
        recorded_at=used_at,
        recorded_by=city.accounts["chubu"],
    )
