"""Rooms to choose from when a session is planned."""

from typing import Any

from server.places.tables import Venue

Row = dict[str, Any]


async def to_choose() -> list[Row]:
    """Every venue in use with each of its rooms in use, by reading; a venue without has None."""
    rows: list[Row] = await Venue.raw(_ROOMS)
    return rows


_ROOMS = """
SELECT venue.id AS venue_id, venue.name AS venue_name, venue.district AS district_id,
    room.id AS room_id, room.name AS room_name, room.capacity
FROM venue
LEFT JOIN room ON room.venue = venue.id AND room.archived_at IS NULL
WHERE venue.archived_at IS NULL
ORDER BY venue.reading, venue.id, room.position, room.id
"""
