"""The pages of this slice, gathered."""

from typing import Any

public: list[Any] = []
staff: list[Any] = []
both: list[Any] = []
