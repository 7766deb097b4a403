"""How far somebody has come: what is done of each requirement, and what is missing (S2)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any

from server.people import merging
from server.training import queries
from server.training.tables import Source, Unit

Row = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One requirement and the records that count for it, in the order in which it was done."""

    requirement: Row
    records: tuple[Row, ...]

    @property
    def needed(self) -> int:
        """Sessions or hours, as the requirement's unit says."""
        return int(self.requirement["needed"])

    @property
    def done(self) -> float:
        """Sessions, or hours with their fraction, out of minutes over all records."""
        amount = sum(self._amounts())
        return amount / 60 if self._in_hours else amount

    @property
    def missing(self) -> float:
        """What is still to do, never below nothing."""
        return max(self.needed - self.done, 0)

    @property
    def is_done(self) -> bool:
        """Is nothing missing?"""
        return self.done_on is not None

    @property
    def done_on(self) -> date | None:
        """The day on which what was needed was reached."""
        needed = self.needed * (60 if self._in_hours else 1)
        reached = zip(self.records, accumulate(self._amounts()), strict=True)
        return next((record["done_on"] for record, amount in reached if amount >= needed), None)

    @property
    def _in_hours(self) -> bool:
        return bool(self.requirement["unit"] == Unit.hours)

    def _amounts(self) -> list[int]:
        return [int(record["minutes"]) if self._in_hours else 1 for record in self.records]


@dataclass(frozen=True)
class Progress:
    """What one human being has done of the programme that she is in.

    `person_id` is the row that stays; `other_records` count for nothing that is asked now.
    """

    person_id: int
    programme: Row
    lines: tuple[Line, ...]
    other_records: tuple[Row, ...]

    @property
    def is_complete(self) -> bool:
        """Is every requirement done?"""
        return self.completed_on is not None

    @property
    def completed_on(self) -> date | None:
        """The day on which the last missing piece was done."""
        days = [line.done_on for line in self.lines]
        known = [day for day in days if day is not None]
        return max(known) if known and len(known) == len(days) else None


async def of(person_id: int) -> Progress | None:
    """The progress of one person; None where she is in no programme."""
    return (await of_many([person_id])).get(person_id)


async def of_many(person_ids: Iterable[int]) -> dict[int, Progress]:
    """The progress of those who are in a programme, by the id asked for.

    A record counts by the code of its requirement over all editions of the programme, and where
    a newer requirement `replaces` that code, so that moving on loses nothing done. What was done
    under a merged duplicate is hers too. Six statements, however many people.
    """
    selves = await merging.selves(person_ids)
    enrolments = await queries.enrolments_of(selves)
    if not enrolments:
        return {}
    programmes = await queries.programmes({each["programme"] for each in enrolments.values()})
    codes = {programme["code"] for programme in programmes.values()}
    requirements = await queries.requirements_of(codes)
    everybody = sorted({each for group in selves.values() for each in group})
    records = _by_person(await queries.live_records(everybody))
    return {
        asked: _progress(
            selves[asked][0],
            programmes[enrolment["programme"]],
            requirements,
            _in_order(each for own in selves[asked] for each in records[own]),
        )
        for asked, enrolment in enrolments.items()
    }


def _by_person(records: list[Row]) -> dict[int, list[Row]]:
    people: dict[int, list[Row]] = defaultdict(list)
    for record in records:
        people[record["person"]].append(record)
    return people


def _in_order(records: Iterable[Row]) -> list[Row]:
    kept: dict[tuple[Any, ...], Row] = {}
    for record in sorted(records, key=lambda each: (each["done_on"], each["id"])):
        first = kept.setdefault(_session(record), record)
        if first["person"] == record["person"]:
            kept[record["id"],] = record
    return list({each["id"]: each for each in kept.values()}.values())


def _session(record: Row) -> tuple[Any, ...]:
    """What two rows of one human being have in common who were marked at the same session."""
    if record["source"] == Source.coordinator:
        return (record["id"],)
    return tuple(record[name] for name in ("requirement", "done_on", "minutes", "source"))


def _progress(
    person_id: int, programme: Row, requirements: list[Row], records: list[Row]
) -> Progress:
    family = [each for each in requirements if each["programme_code"] == programme["code"]]
    own = [record for record in records if record["programme_code"] == programme["code"]]
    lines = tuple(
        Line(requirement, tuple(each for each in own if each["code"] in codes))
        for requirement in family
        if requirement["programme"] == programme["id"]
        for codes in [_codes_of(requirement, family)]
    )
    counted = {record["id"] for line in lines for record in line.records}
    others = tuple(record for record in records if record["id"] not in counted)
    return Progress(person_id, programme, lines, others)


def _codes_of(requirement: Row, family: list[Row]) -> set[str]:
    """The codes whose records count: its own, what it replaces, and what those replaced before."""
    codes: set[str] = set()
    to_see = {requirement["code"], *queries.replaced(requirement)}
    while to_see:
        codes |= to_see
        older = [each for each in family if each["edition"] < requirement["edition"]]
        before = {
            code for each in older if each["code"] in codes for code in queries.replaced(each)
        }
        to_see = before - codes
    return codes
