"""Classes that are held at the same time."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

Row = dict[str, Any]


def overlap(courses: Sequence[Row]) -> bool:
    """Does a session of one course begin before one of another has ended?

    One that ends when the other begins does not; what was called off is in nobody's way.
    """
    held = [
        (place, session["starts_at"], session["ends_at"])
        for place, course in enumerate(courses)
        for session in course["sessions"]
        if session["called_off_at"] is None
    ]
    return any(
        one != other and starts < other_ends and other_starts < ends
        for (one, starts, ends), (other, other_starts, other_ends) in combinations(held, 2)
    )
