"""The pages of the helpdesk and the counter."""

from typing import Any

public: list[Any] = []
both: list[Any] = []
staff: list[Any] = []
