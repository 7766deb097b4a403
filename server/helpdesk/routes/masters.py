"""What the pages of topics and procedures have in common: who, where, and what they say."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from litestar import Request, Response
from litestar.exceptions import NotFoundException

from server.accounts.tables import Account
from server.roles import Role
from server.topics import masters, procedures, topics
from server.topics.masters import Master
from server.topics.tables import Procedure, Topic
from server.web.pages import see_other
from server.web.words import gettext
from server.web.words import lazy as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

SEES_MASTERS = {Role.coordinator, Role.administrator}
NOTES = {
    "created": _("Added."),
    "saved": _("Saved."),
    "merged": _("Saved. What somebody else changed in the meantime has been kept."),
    "retired": _("Saved. It is no longer offered from that day on; what was logged stays."),
    "back": _("It is offered again."),
    "counted": _("Merged. What was logged under it counts with the other one from now on."),
}
ACTION_WORDS = {
    "created": _("Added"),
    "changed": _("Changed"),
    "retired": _("Retired"),
    "brought_back": _("Brought back"),
    "merged": _("Merged"),
}
FIELD_WORDS = {
    "name": _("Name"),
    "reading": _("Reading"),
    "parent": _("Stands under"),
    "position": _("Order"),
    "code": _("Code in files"),
    "topic": _("Topic"),
    "section": _("Section in charge"),
    "address": _("Address on the web"),
    "online_since": _("Online since"),
    "retired_on": _("No longer offered from"),
    "merged_into": _("Counts with"),
}


@dataclass(frozen=True)
class Noun:
    """One of the two: its table, its rules, and where its pages are."""

    table: Master
    rules: ModuleType
    path: str

    @property
    def name(self) -> str:
        """What addresses and the audit call one of them."""
        return masters.subject(self.table)


NOUNS = {
    "topics": Noun(Topic, topics, "/staff/topics"),
    "procedures": Noun(Procedure, procedures, "/staff/procedures"),
}


def noun_of(request: AnyRequest) -> Noun:
    """Which of the two an address is about."""
    return NOUNS[request.url.path.split("/")[2]]


async def provide(noun: Noun, row_id: int) -> Row:
    """The topic or procedure, or 404."""
    row = await masters.get(noun.table, row_id)
    if row is None:
        raise NotFoundException
    return row


def done(noun: Noun, note: str) -> Response[str]:
    """Go on to the list, which says what has been done."""
    return see_other(f"{noun.path}?done={note}")


async def history(noun: Noun, row_id: int, sections: dict[int, str]) -> list[Row]:
    """What was changed, when and by whom, in words; `by_name` is empty for the command line.

    Of each change `at` and `what`, and of each field label, was and now.
    """
    found = await masters.history(noun.table, row_id)
    known = {
        "parent": await topics.names(),
        "merged_into": await masters.names(noun.table),
        "section": sections,
    }
    known["topic"] = known["parent"]
    names = await _names({change["by"] for change in found} - {None})
    return [
        {
            "at": change["at"],
            "what": str(ACTION_WORDS.get(change["action"], change["action"])),
            "changes": list(_changes(change, known)),
            "by_name": names.get(change["by"], ""),
        }
        for change in found
    ]


async def _names(account_ids: set[int]) -> dict[int, str]:
    if not account_ids:
        return {}
    rows = await Account.select(Account.id, Account.name).where(
        Account.id.is_in(sorted(account_ids))
    )
    return {row["id"]: row["name"] for row in rows}


def _changes(change: Row, known: dict[str, dict[int, str]]) -> Iterator[tuple[str, str, str]]:
    for field, label in FIELD_WORDS.items():
        if field in change["now"]:
            was = _shown(field, change["was"].get(field), known)
            now = _shown(field, change["now"][field], known)
            if was != now:
                yield str(label), was, now


def _shown(field: str, value: Any, known: dict[str, dict[int, str]]) -> str:
    if value is None or value == "":
        return gettext("(empty)")
    return known[field].get(value, str(value)) if field in known else str(value)
