"""The pages of this slice, gathered."""

from typing import Any

from server.activity.routes import my_session_log, session_log

public: list[Any] = []
staff: list[Any] = [*session_log.handlers]
both: list[Any] = [*my_session_log.handlers]
