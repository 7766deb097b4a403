"""What an address of the pages about contacts asks for; nonsense asks for nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from server import clock
from server.helpdesk.learning import Dimension
from server.helpdesk.queries import NOT_SAID, ContactFilters, Own
from server.helpdesk.routes.contact_forms import filters_of
from server.web.addresses import day, whole

FIRST_YEAR = 2000
A_YEAR = 366  # days
FILTERS = (
    "topic",
    "procedure",
    "stuck",
    "channel",
    "outcome",
    "desk",
    "district",
    "weekday",
    "hour",
)


@dataclass(frozen=True)
class Asked:
    """Which contacts, by what; `words` are the filters as they stand in an address.

    `only` what the reader may read, where that is not everything (P1).
    """

    by: Dimension
    first_on: date
    last_on: date
    as_of: date | None = None
    words: dict[str, str] = field(default_factory=dict)
    solved: bool = False
    page: int = 1
    only: Own | None = None

    @property
    def filters(self) -> ContactFilters:
        """The filters of the list of contacts, which shows her the same rows."""
        return replace(filters_of(self.words), only=self.only)

    @property
    def known_at(self) -> datetime | None:
        """The last instant of the day as of which it was asked (T5)."""
        return clock.end_of(self.as_of) if self.as_of else None

    def query(self, **changed: object) -> str:
        """The address's words for this, with changes; those of None fall away."""
        words: dict[str, object] = {
            "by": self.by,
            "first_on": self.first_on,
            "last_on": self.last_on,
            "as_of": self.as_of,
            **self.words,
            **changed,
        }
        return urlencode({name: str(word) for name, word in words.items() if word is not None})

    def rows_url(self, *, solved: bool = False, **more: Any) -> str:
        """Where the rows are that make up a figure (T5).

        The list of contacts; for those solved at once, or as they were known on an earlier day,
        the list that says so.
        """
        if solved or self.as_of:
            own = {"solved": "1"} if solved else {}
            return f"/staff/learning/contacts?{self.query(by=None, **more, **own)}"
        return f"/staff/contacts?{self.query(by=None, as_of=None, **more)}"

    def key_words(self, key: Any) -> dict[str, Any]:
        """The filter words that ask for a line of `counts`."""
        if self.by is Dimension.month:
            end = clock.month_days(key)[1]
            return {"first_on": max(key, self.first_on), "last_on": min(end, self.last_on)}
        if self.by is Dimension.times:
            return {"weekday": key[0], "hour": NOT_SAID if key[1] is None else key[1]}
        return {str(self.by): NOT_SAID if key in (None, "") else key}


def asked(query: Mapping[str, Any], only: Own | None = None) -> Asked:
    """Read the address; what it does not say is this fiscal year up to today, by topic."""
    today = clock.today()
    by = str(query.get("by", ""))
    first_on = _day(query, "first_on") or clock.fiscal_days(clock.fiscal_year(today))[0]
    last_on = _day(query, "last_on") or max(today, first_on)
    return Asked(
        by=Dimension(by) if by in set(Dimension) else Dimension.topic,
        first_on=min(first_on, last_on),
        last_on=max(first_on, last_on),
        as_of=_day(query, "as_of"),
        words={name: str(query[name]) for name in FILTERS if query.get(name)},
        solved=query.get("solved") == "1",
        page=whole(query.get("page")) or 1,
        only=only,
    )


def year_of(query: Mapping[str, Any]) -> int:
    """The fiscal year asked for, else this one."""
    this = clock.fiscal_year(clock.today())
    year = whole(query.get("year"))
    return year if year and FIRST_YEAR <= year <= this else this


def month_of(query: Mapping[str, Any]) -> date:
    """The first day of the month asked for, else of the last whole month."""
    month = day(f"{query.get('month', '')}-01", FIRST_YEAR)
    if month and month <= clock.today():
        return month
    return clock.month_before(clock.today())


def day_to_come(query: Mapping[str, Any], name: str) -> date | None:
    """The day asked for, where it is today or one of the year to come."""
    found = day(query.get(name))
    return found if found and 0 <= (found - clock.today()).days <= A_YEAR else None


def _day(query: Mapping[str, Any], name: str) -> date | None:
    return day(query.get(name), FIRST_YEAR, clock.today().year + 1)
