"""What is entered by hand, each with its evidence (S5); never overwritten or deleted (T5)."""

from datetime import date
from typing import Any

from server import clock
from server.audit import entries
from server.database import locked, writing
from server.plan import queries
from server.plan.tables import Counting, IndicatorEntry, Measure
from server.refusals import N_, Refused
from server.roles import Actor, Role

Row = dict[str, Any]

NO_EVIDENCE = N_("Please write what this figure rests on.")
IN_FUTURE = N_("That day is still to come.")
NUMBER_NEEDED = N_("Please write a number, 1 or more.")
MILESTONE_NEEDED = N_("Please write the milestone that was reached.")
SOMEBODY = N_(
    "Supporters are counted one by one. Those from before come in by import, or on their own page."
)


async def add(
    indicator_id: int,
    effective_on: date,
    *,
    number: int | None = None,
    milestone: str = "",
    evidence: str,
    submission: str | None = None,
    by: Actor | None,
) -> Row:
    """Enter a figure, or a milestone that was reached, on the day that decides its year (T1).

    It is added to what Tonari counts itself: a class from before, a video training. `submission`
    names one press of the button: pressed again, it answers with the first result. Refused
    without evidence, for a day to come, and where every one counted is a person with a name.
    """
    async with writing():
        await locked(f"indicator:{indicator_id}")
        indicator = await queries.indicator(indicator_id)
        assert indicator is not None
        check_may_enter(indicator, by)
        first = await _submitted_before(indicator_id, submission)
        if first is not None:
            return first
        check_entry(indicator, effective_on, number, milestone, evidence)
        entry = IndicatorEntry(
            indicator=indicator_id,
            effective_on=effective_on,
            number=number,
            milestone=milestone,
            evidence=evidence,
            submission=submission,
            recorded_at=clock.now(),
            recorded_by=by.id if by else None,
        )
        await entry.save()
        facts = {"indicator": indicator_id, "on": effective_on, "number": number}
        await entries.record("indicator.entered", "indicator_entry", entry.id, by=by, **facts)
        return (await IndicatorEntry.select().where(IndicatorEntry.id == entry.id))[0]


async def _submitted_before(indicator_id: int, submission: str | None) -> Row | None:
    if submission is None:
        return None
    pressed = IndicatorEntry.submission == submission
    return await (
        IndicatorEntry.select().where(pressed & (IndicatorEntry.indicator == indicator_id)).first()
    )


async def void(entry_id: int, reason: str, *, by: Actor | None) -> None:
    """Take a mistaken entry back; it stays to be seen. Refused where that was done already."""
    async with writing():
        entry = await get(entry_id)
        assert entry is not None
        await locked(f"indicator:{entry['indicator']}")
        indicator = await queries.indicator(entry["indicator"])
        assert indicator is not None
        check_may_enter(indicator, by)
        if not reason:
            raise Refused("Please write why it is taken back.")
        changed = await (
            IndicatorEntry.update(
                {
                    "voided_at": clock.now(),
                    "voided_by": by.id if by else None,
                    "void_reason": reason,
                }
            )
            .where((IndicatorEntry.id == entry_id) & IndicatorEntry.voided_at.is_null())
            .returning(IndicatorEntry.id)
        )
        if not changed:
            raise Refused("This has been taken back already.")
        await entries.record("indicator.voided", "indicator_entry", entry_id, by=by)


async def get(entry_id: int) -> Row | None:
    """One entry, voided or not."""
    return await IndicatorEntry.select().where(IndicatorEntry.id == entry_id).first()


async def of(indicator_id: int) -> list[Row]:
    """All entries of an indicator, voided ones too, the newest day first."""
    return await (
        IndicatorEntry.select()
        .where(IndicatorEntry.indicator == indicator_id)
        .order_by(IndicatorEntry.effective_on, IndicatorEntry.id, ascending=False)
    )


def check_may_enter(indicator: Row, by: Actor | None) -> None:
    """The section in charge of the indicator, or the overseeing one (C4); None is a command."""
    if by is None:
        return
    own = by.sees_all_sections or (
        indicator["section"] is not None and by.section_id == indicator["section"]
    )
    if Role.coordinator not in by.roles or not own:
        raise Refused("This indicator belongs to another section.")


def check_takes_entries(indicator: Row) -> None:
    """Each supporter who counts is somebody, so that the figure opens its rows (T5)."""
    if indicator["measure"] == Measure.supporters_trained:
        raise Refused(SOMEBODY)


def check_entry(
    indicator: Row, effective_on: date, number: int | None, milestone: str, evidence: str
) -> None:
    """A number for what is counted, words for a milestone; evidence; not in the future."""
    check_takes_entries(indicator)
    if effective_on > clock.today():
        raise Refused(IN_FUTURE)
    if indicator["counting"] == Counting.milestone:
        if not milestone or number is not None:
            raise Refused(MILESTONE_NEEDED)
    elif number is None or number < 1 or milestone:
        raise Refused(NUMBER_NEEDED)
    if not evidence:
        raise Refused(NO_EVIDENCE)
