"""The pages of counter staff and their trainings."""

from typing import Any

from server.counter_staff.routes import (
    completion_voiding,
    completions,
    counter_staff,
    counter_staff_list,
    exclusions,
    memberships,
    rates,
    staff_trainings,
    videos,
)

staff: list[Any] = [
    *completion_voiding.handlers,
    *completions.handlers,
    *counter_staff.handlers,
    *counter_staff_list.handlers,
    *exclusions.handlers,
    *memberships.handlers,
    *rates.handlers,
    *staff_trainings.handlers,
    *videos.handlers,
]
