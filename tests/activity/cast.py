"""Supporters and coordinators whom the tests of activity know by name."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from server.activity import activities
from server.activity.activities import ActivityFacts
from server.activity.tables import ActivityKind
from server.roles import Role
from tests import factories
from tests.classes.staff_cast import Staff

__all__ = ["ICT", "Neighbour", "Staff", "another", "called", "instant", "neighbour"]


ICT = Staff(id=901, sees_all_sections=True)  # no account: ids of those that exist are small


@dataclass(frozen=True)
class Neighbour:
    """A supporter and the account that she signs in with; acts as an actor."""

    id: int
    supporter_id: int
    person_id: int
    district_id: int
    roles: frozenset[Role] = frozenset({Role.supporter})
    section_id: int | None = None
    sees_all_sections: bool = False
    venue_ids: frozenset[int] = frozenset()

    def as_coordinator(self) -> Staff:
        """The same account, which coordinates too."""
        return Staff(id=self.id, sees_all_sections=True)


async def neighbour(name: str = "山本春子", reading: str = "やまもとはるこ") -> Neighbour:
    """A registered supporter in a district of her own."""
    district = await factories.make_district()
    person = await factories.make_person(name=name, reading=reading)
    supporter = await factories.make_supporter(person=person.id, district=district.id)
    account = await factories.make_account(Role.supporter, person=person.id)
    return Neighbour(account.id, supporter.id, person.id, district.id)


def another() -> Staff:
    """A second coordinator of the section that oversees all."""
    return Staff(id=902, sees_all_sections=True)


def instant(text: str) -> datetime:
    """2026-11-20 10:00 on the wall clock of Japan."""
    return datetime.fromisoformat(f"{text}+09:00").astimezone(UTC)


async def called(
    who: Neighbour, at: str = "2026-11-20 10:00", minutes: int = 60, **facts: Any
) -> dict[str, Any]:
    """She reports that she helped on the phone."""
    typed = {"people_helped": 1, "district_id": who.district_id, **facts}
    kind = typed.pop("kind", ActivityKind.call)
    submission = typed.pop("submission", None)
    return await activities.submit(
        who.supporter_id,
        ActivityFacts(kind, instant(at), minutes, **typed),
        submission=submission,
        by=who,
    )
