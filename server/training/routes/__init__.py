"""The pages of this slice, gathered."""

from typing import Any

from server.training.routes import editions, programmes, requirements

public: list[Any] = []
staff: list[Any] = [*programmes.handlers, *editions.handlers, *requirements.handlers]
both: list[Any] = []
