"""The pages of this slice, gathered."""

from typing import Any

from server.supporters.routes import (
    applications,
    applying,
    certificate,
    correction,
    credentials,
    invitations,
    lecturers,
    merging,
    register,
    scheme,
    stages,
    supporter,
)

public: list[Any] = [*applying.handlers]
staff: list[Any] = [
    *applications.handlers,
    *invitations.handlers,
    *register.handlers,
    *supporter.handlers,
    *correction.handlers,
    *stages.handlers,
    *credentials.handlers,
    *certificate.handlers,
    *merging.handlers,
    *scheme.handlers,
    *lecturers.handlers,
]
both: list[Any] = []
