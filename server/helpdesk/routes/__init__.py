"""The pages of the helpdesk and the counter."""

from typing import Any

from server.helpdesk.routes import call_back, call_backs, hand_overs, promises

public: list[Any] = []
both: list[Any] = []
staff: list[Any] = [
    *call_back.handlers,
    *call_backs.handlers,
    *hand_overs.handlers,
    *promises.handlers,
]
