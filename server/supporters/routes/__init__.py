"""The pages of this slice, gathered."""

from typing import Any

from server.supporters.routes import applications, applying, invitations

public: list[Any] = [*applying.handlers]
staff: list[Any] = [*applications.handlers, *invitations.handlers]
both: list[Any] = []
