"""The pages of this slice, gathered."""

from typing import Any

from server.plan.routes import dashboard, entries, indicators, plans, targets

public: list[Any] = []
staff = [
    *dashboard.handlers,
    *plans.handlers,
    *indicators.handlers,
    *targets.handlers,
    *entries.handlers,
]
both: list[Any] = []
