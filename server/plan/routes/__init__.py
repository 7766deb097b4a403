"""The pages of this slice, gathered."""

from typing import Any

from server.plan.routes import dashboard

public: list[Any] = []
staff = [*dashboard.handlers]
both: list[Any] = []
