"""Who has completed a training, as its table says."""

from typing import Any

from server.counter_staff.tables import StaffCompletion


async def completions_of(training_id: int) -> list[dict[str, Any]]:
    """The completions of a training that stand, in the order in which they were entered."""
    return await (
        StaffCompletion.select()
        .where((StaffCompletion.training == training_id) & StaffCompletion.voided_at.is_null())
        .order_by(StaffCompletion.id)
    )
