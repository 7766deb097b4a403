"""The filters of the list of courses, as they stand in the address."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from litestar.datastructures import MultiDict

from server import text
from server.classes.listings import Filters
from server.classes.tables import CourseKind
from server.places.directory import DistrictEntry
from server.web.addresses import sought

KINDS = tuple(kind for kind in CourseKind if kind != CourseKind.staff_training)
MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
PAGE = re.compile(r"[1-9]\d{0,3}")


@dataclass
class Asked:
    """What somebody asked for in words of the address, each "" where nothing or nonsense was.

    `wrong` names the filters that could not be understood.
    """

    district: str = ""
    venue: str = ""
    kind: str = ""
    month: str = ""
    open: bool = False
    q: str = ""
    page: int = 1
    wrong: list[str] = field(default_factory=list)

    def filters(self, districts: Iterable[DistrictEntry]) -> Filters:
        """The same as the list takes it."""
        places = [
            venue["id"]
            for district in districts
            for venue in district.venues
            if self.district in ("", district.slug) and self.venue in ("", venue["slug"])
        ]
        return Filters(
            venue_ids=tuple(places) if self.district or self.venue else None,
            kind=self.kind,
            month=date.fromisoformat(f"{self.month}-01") if self.month else None,
            open=self.open,
            words=tuple(text.search_words(self.q)),
        )

    def url(self, page: int) -> str:
        """The address of a page of this list."""
        names = ("district", "venue", "kind", "month", "q")
        asked = {name: getattr(self, name) for name in names if getattr(self, name)}
        asked |= {"open": "1"} if self.open else {}
        asked |= {"page": str(page)} if page > 1 else {}
        return f"/courses?{urlencode(asked)}" if asked else "/courses"


def asked(query: MultiDict[Any], districts: Iterable[DistrictEntry]) -> Asked:
    """Read the filters of an address; empty ones are none, and the first of a name counts."""
    known = list(districts)
    allowed: dict[str, Any] = {
        "district": {district.slug for district in known},
        "venue": {venue["slug"] for district in known for venue in district.venues},
        "kind": set(KINDS),
        "open": {"0", "1"},
    }
    found = Asked(q=sought(query.get("q")))
    for name in ("district", "venue", "kind", "month", "open", "page"):
        value = str(query.get(name, "")).strip()
        if not value:
            continue
        if not _understood(name, value, allowed):
            found.wrong.append(name)
        elif name == "page":
            found.page = int(value)
        elif name == "open":
            found.open = value == "1"
        else:
            setattr(found, name, value)
    return found


def _understood(name: str, value: str, allowed: dict[str, Any]) -> bool:
    if name == "month":
        return bool(MONTH.fullmatch(value))
    if name == "page":
        return bool(PAGE.fullmatch(value))
    return value in allowed[name]
