"""A rule said no: raised by rules, put into words at the edge."""

from typing import Any


def N_(msgid: str) -> str:
    """Mark an English source string for the catalogue; it is translated where it is shown."""
    return msgid


class Refused(Exception):
    """A rule refuses, with words for the person who asked.

    `msgid` is the English source string with `{name}` places, `values` fills them after
    translation. Rules raise it; only routes know which status it becomes (409).
    """

    def __init__(self, msgid: str, **values: object) -> None:
        super().__init__(msgid.format(**values) if values else msgid)
        self.msgid = msgid
        self.values = values


class Stale(Refused):
    """Somebody else has saved in between; `current` is the row as it stands now."""

    def __init__(self, current: dict[str, Any]) -> None:
        super().__init__(N_("Somebody else has changed this in the meantime."))
        self.current = current
