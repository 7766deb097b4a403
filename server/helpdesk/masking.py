"""Small numbers stay unsaid in whatever is public: they may point to somebody."""

LEAST_SHOWN = 5


def masked(number: int) -> int | None:
    """The number, or None where it is below five: shown as 「5未満」, none of them too.

    No total may stand beside numbers of which one is masked: the difference would say it.
    """
    return number if number >= LEAST_SHOWN else None
