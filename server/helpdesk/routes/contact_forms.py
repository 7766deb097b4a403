"""What an address of the list of contacts asks for; nonsense asks for nothing."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import urlencode

from server.helpdesk.queries import NOT_SAID, ContactFilters, Unsaid
from server.helpdesk.tables import ContactChannel, ContactOutcome, Stuck
from server.web.addresses import day, sought, whole

HOURS, WEEKDAYS = range(24), range(1, 8)


def filters_of(query: Mapping[str, Any]) -> ContactFilters:
    """The filters in the words of an address; `none` asks for those where it is not said."""
    return ContactFilters(
        desk=whole(query.get("desk")),
        topic=whole(query.get("topic")),
        procedure=_unsaid(query, "procedure") or whole(query.get("procedure")),
        stuck=_unsaid(query, "stuck") or _word(query, "stuck", Stuck),
        channel=_word(query, "channel", ContactChannel),
        outcome=_word(query, "outcome", ContactOutcome),
        district=_unsaid(query, "district") or whole(query.get("district")),
        first_on=day(query.get("first_on")),
        last_on=day(query.get("last_on")),
        weekday=_number(query, "weekday", WEEKDAYS),
        hour=_unsaid(query, "hour") or _number(query, "hour", HOURS),
        article=whole(query.get("article")),
        missing=query.get("missing") == "1",
        q=sought(query.get("q")),
    )


def query_of(filters: ContactFilters, page: int = 1) -> str:
    """The words of the address that ask for these filters, and for a page of them."""
    asked = {
        each.name: getattr(filters, each.name) for each in fields(filters) if each.name != "only"
    }
    asked |= {"missing": 1 if filters.missing else None, "page": page if page > 1 else None}
    return urlencode({name: str(value) for name, value in asked.items() if value not in (None, "")})


def _unsaid(query: Mapping[str, Any], name: str) -> Unsaid | None:
    return NOT_SAID if query.get(name) == NOT_SAID else None


def _word(query: Mapping[str, Any], name: str, known: Any) -> str | None:
    said = str(query.get(name, ""))
    return said if said in set(known) else None


def _number(query: Mapping[str, Any], name: str, known: range) -> int | None:
    said = str(query.get(name, ""))
    return int(said) if said in {str(each) for each in known} else None
