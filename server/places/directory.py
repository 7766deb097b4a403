"""The sections of the office; the districts and their venues, as residents look through them."""

from dataclasses import dataclass, field
from typing import Any

from server import text
from server.places.tables import Section, Venue

Row = dict[str, Any]


@dataclass(frozen=True)
class DistrictEntry:
    """A district and its venues in use; the one without a slug holds venues outside districts."""

    id: int
    slug: str
    name: str
    venues: list[Row] = field(default_factory=list)

    @property
    def venue_ids(self) -> tuple[int, ...]:
        """The ids of its venues."""
        return tuple(venue["id"] for venue in self.venues)


async def sections() -> list[Row]:
    """Every section, its `id` and `name`, by name."""
    return await Section.select(Section.id, Section.name).order_by(Section.name)


async def section_ids() -> dict[str, int]:
    """The id of every section by its name, in the form in which texts are compared."""
    return {text.normalised(row["name"]): row["id"] for row in await sections()}


async def districts() -> list[DistrictEntry]:
    """Every district in the city's order, with or without venues; one statement."""
    entries: dict[int, DistrictEntry] = {}
    for row in await Venue.raw(_DIRECTORY):
        key = row["district_id"] or 0
        slug, name = row["district_slug"] or "", row["district_name"] or ""
        entry = entries.setdefault(key, DistrictEntry(key, slug, name))
        if row["id"] is not None:
            entry.venues.append(row)
    return list(entries.values())


async def venue(slug: str) -> Row | None:
    """The venue in use at that address, with its district's name and slug."""
    rows = await Venue.raw(_VENUE, slug)
    return rows[0] if rows else None


_DIRECTORY = """
SELECT venue.id, venue.slug, venue.name, venue.kind, venue.address, venue.phone,
    district.id AS district_id, district.slug AS district_slug, district.name AS district_name
FROM (SELECT * FROM venue WHERE archived_at IS NULL) AS venue
FULL JOIN district ON district.id = venue.district
ORDER BY CASE WHEN district.id IS NULL THEN 1 ELSE 0 END, district.position, district.id,
    venue.reading, venue.id
"""

_VENUE = """
SELECT venue.*, district.name AS district_name, district.slug AS district_slug
FROM venue LEFT JOIN district ON district.id = venue.district
WHERE venue.slug = {} AND venue.archived_at IS NULL
"""
