"""People from outside who teach: they count for staffing, never as trained."""

from dataclasses import asdict, dataclass
from typing import Any

from server import clock
from server.audit import entries
from server.database import writing
from server.refusals import Refused
from server.roles import Actor
from server.supporters.tables import Lecturer

Row = dict[str, Any]


@dataclass(frozen=True)
class LecturerFacts:
    """Who somebody from outside is."""

    name: str
    reading: str
    organisation: str = ""
    phone: str = ""


async def listed() -> list[Row]:
    """Those who can be asked, by organisation and reading."""
    return await (
        Lecturer.select()
        .where(Lecturer.archived_at.is_null())
        .order_by(Lecturer.organisation, Lecturer.reading, Lecturer.id)
    )


async def get(lecturer_id: int) -> Row | None:
    """One of them, archived or not."""
    row: Row | None = await Lecturer.select().where(Lecturer.id == lecturer_id).first()
    return row


async def add(facts: LecturerFacts, *, by: Actor) -> Row:
    """Add a lecturer."""
    lecturer = Lecturer(**asdict(facts))
    async with writing():
        await Lecturer.insert(lecturer)
        await entries.record("lecturer.added", "lecturer", lecturer.id, by=by)
    return lecturer.to_dict()


async def edit(lecturer_id: int, facts: LecturerFacts, *, by: Actor) -> None:
    """Keep what has changed; the last to save wins, as on a card of the address book."""
    async with writing():
        await Lecturer.update(**asdict(facts)).where(Lecturer.id == lecturer_id)
        await entries.record("lecturer.changed", "lecturer", lecturer_id, by=by)


async def archive(lecturer_id: int, *, by: Actor) -> None:
    """Ask this lecturer no more; past sessions keep the name. Raises Refused if done already."""
    async with writing():
        gone = (
            await Lecturer.update(archived_at=clock.now())
            .where((Lecturer.id == lecturer_id) & Lecturer.archived_at.is_null())
            .returning(Lecturer.id)
        )
        if not gone:
            raise Refused("This lecturer is no longer on the list.")
        await entries.record("lecturer.archived", "lecturer", lecturer_id, by=by)
