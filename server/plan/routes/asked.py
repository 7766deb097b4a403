"""What an address of the plan's pages asks for; nonsense asks for nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from server import clock
from server.web.addresses import day, whole

NOWHERE = "none"  # rows that belong to no district


@dataclass(frozen=True)
class Asked:
    """A fiscal year, a district (or those of none), and the day whose knowledge is asked for."""

    year: int | None
    district_id: int | None
    nowhere: bool
    known_on: date | None

    @property
    def known_at(self) -> datetime | None:
        """The last instant of `known_on` (T5)."""
        return clock.end_of(self.known_on) if self.known_on else None

    @property
    def one_district(self) -> bool:
        """Is it about the rows of one district, or of none?"""
        return self.nowhere or self.district_id is not None

    def query(self, year: int) -> str:
        """The same question, of that year, for an address."""
        asked: dict[str, Any] = {"year": year}
        if self.one_district:
            asked["district"] = NOWHERE if self.nowhere else self.district_id
        if self.known_on:
            asked["known"] = self.known_on.isoformat()
        return urlencode(asked)


def asked(query: Mapping[str, Any]) -> Asked:
    """Read the question of an address."""
    return Asked(
        year=whole(query.get("year")),
        district_id=whole(query.get("district")),
        nowhere=query.get("district") == NOWHERE,
        known_on=day(query.get("known")),
    )
