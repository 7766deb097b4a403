"""The keys of the desk: one for each chip, for as long as it is in use (H1)."""

from collections.abc import Sequence
from typing import Any

from server.helpdesk.tables import ContactChannel, ContactOutcome, Stuck

Row = dict[str, Any]

# One key each, while no text is being typed: topics on top, then what comes after them.
TOPIC_KEYS = "1234567890qwertyuiop"
OUTCOME_KEYS = "asdfg"
CHANNEL_KEYS = "zxcvb"
STUCK_KEYS = "hjkln"


def keys(topics: Sequence[Row]) -> dict[str, dict[str, str]]:
    """The key of each chip, by field and value; topics beyond the last key have none.

    `topics` are all there ever were: a topic keeps its key for as long as it is in use, whatever
    is retired, merged or moved beside it.
    """
    values = {
        "topic": (sorted((str(row["id"]) for row in topics), key=int), TOPIC_KEYS),
        "outcome": ([str(each) for each in ContactOutcome], OUTCOME_KEYS),
        "channel": ([str(each) for each in ContactChannel], CHANNEL_KEYS),
        "stuck": ([str(each) for each in Stuck], STUCK_KEYS),
    }
    return {name: dict(zip(found, row, strict=False)) for name, (found, row) in values.items()}
