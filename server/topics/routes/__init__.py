"""The pages of this slice, gathered."""

from typing import Any

from server.topics.routes import ending, merging, procedures, topics

public: list[Any] = []
staff: list[Any] = [
    *topics.handlers,
    *procedures.handlers,
    *ending.handlers,
    *merging.handlers,
]
both: list[Any] = []
