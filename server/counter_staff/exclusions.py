"""Who of the counter staff does not count in a training's rate of a year, and why (H5)."""

from typing import Any

from server import clock, notes
from server.audit import entries
from server.counter_staff import completions, memberships, staff_trainings
from server.counter_staff.tables import StaffExclusion
from server.database import locked, writing
from server.refusals import Refused
from server.roles import Actor

Row = dict[str, Any]


async def exclude(
    training_id: int, member_id: int, reason: str, *, fiscal_year: int | None = None, by: Actor
) -> None:
    """Leave a member out of the rate of a training in one fiscal year: that of today, or another.

    Refused without a reason, done twice, for a year in which it is not offered, and for a My
    Number in the reason (H1).
    """
    notes.check(reason)
    async with writing():
        await locked(f"staff_training:{training_id}")
        training = await staff_trainings.known(training_id)
        year = staff_trainings.year_on(training, clock.today())
        year = year if fiscal_year is None else fiscal_year
        section_id = await memberships.last_section(member_id)
        await completions.check_may_say(training, [section_id], by)
        if not reason:
            raise Refused("Please write why this member does not count.")
        if year not in staff_trainings.years(training):
            raise Refused("This training is not offered in that fiscal year.")
        if await _stands(training_id, member_id, year):
            raise Refused("This member has been left out already.")
        row = StaffExclusion(
            training=training_id,
            member=member_id,
            fiscal_year=year,
            reason=reason,
            recorded_at=clock.now(),
            recorded_by=by.id,
        )
        await StaffExclusion.insert(row)
        await entries.record(
            "staff_exclusion.entered",
            "staff_exclusion",
            row.id,
            by=by,
            training=training_id,
            member=member_id,
            fiscal_year=year,
        )


async def include(exclusion_id: int, *, by: Actor) -> Row:
    """Let a member count again, and return the exclusion. Done twice, it does nothing."""
    async with writing():
        row = await StaffExclusion.select().where(StaffExclusion.id == exclusion_id).first()
        if row is None:
            raise Refused("There is no such exclusion.")
        await locked(f"staff_training:{row['training']}")
        training = await staff_trainings.known(row["training"])
        section_id = await memberships.last_section(row["member"])
        await completions.check_may_say(training, [section_id], by)
        gone = (
            await StaffExclusion.update(
                {StaffExclusion.voided_at: clock.now(), StaffExclusion.voided_by: by.id}
            )
            .where((StaffExclusion.id == exclusion_id) & StaffExclusion.voided_at.is_null())
            .returning(StaffExclusion.id)
        )
        if gone:
            await entries.record(
                "staff_exclusion.voided",
                "staff_exclusion",
                exclusion_id,
                by=by,
                training=row["training"],
                member=row["member"],
            )
        return row


async def _stands(training_id: int, member_id: int, year: int) -> bool:
    return await StaffExclusion.exists().where(
        (StaffExclusion.training == training_id)
        & (StaffExclusion.member == member_id)
        & (StaffExclusion.fiscal_year == year)
        & StaffExclusion.voided_at.is_null()
    )
