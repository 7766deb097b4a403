"""The pages of this slice, gathered."""

from typing import Any

from server.activity.routes import (
    activities,
    activity,
    activity_totals,
    my,
    my_activities,
    my_leaving,
    my_profile,
    my_session_log,
    my_sessions,
    my_training,
    my_trouble,
    session_log,
    troubles,
)

public: list[Any] = []
staff: list[Any] = [
    *my_training.staff,
    *session_log.handlers,
    *activities.handlers,
    *activity.handlers,
    *activity_totals.handlers,
    *troubles.handlers,
]
both: list[Any] = [
    *my.handlers,
    *my_sessions.handlers,
    *my_leaving.handlers,
    *my_training.handlers,
    *my_profile.handlers,
    *my_session_log.handlers,
    *my_activities.handlers,
    *my_trouble.handlers,
]
