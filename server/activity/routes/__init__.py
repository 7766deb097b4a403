"""The pages of this slice, gathered."""

from typing import Any

from server.activity.routes import (
    my,
    my_profile,
    my_session_log,
    my_sessions,
    my_training,
    session_log,
)

public: list[Any] = []
staff: list[Any] = [*my_training.staff, *session_log.handlers]
both: list[Any] = [
    *my.handlers,
    *my_sessions.handlers,
    *my_training.handlers,
    *my_profile.handlers,
    *my_session_log.handlers,
]
