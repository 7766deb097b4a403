"""Sessions that need people, and the supporters who help at them."""

from datetime import date, datetime
from typing import Any

from server.accounts.tables import Account
from server.classes import staffing
from server.classes.tables import Assignment, ClassSession, HelpRole
from server.roles import Role
from server.supporters.tables import Lecturer, Scheme, Stage, Supporter
from tests.classes.staff_cast import ICT, Staff
from tests.factories import _saved, make_account, make_class_session, make_person, make_supporter

LEAD, ASSISTANT, TRAINEE = HelpRole.lead, HelpRole.assistant, HelpRole.trainee
HERSELF = Staff(id=99, roles=frozenset({Role.supporter}))


async def make_session(starts_at: datetime | None = None, **facts: Any) -> ClassSession:
    """A session in a week that needs a lead, two assistants, and has two places to practise."""
    needed = {"leads_needed": 1, "assistants_needed": 2, "trainee_places": 2}
    return await make_class_session(starts_at=starts_at, **{**needed, **facts})


async def make_lead(**facts: Any) -> Supporter:
    """A supporter whom the office has named to lead."""
    return await make_supporter(may_lead=True, **facts)


async def make_practising(**facts: Any) -> Supporter:
    """Somebody in training."""
    return await make_supporter((Stage.in_training, date(2026, 6, 1)), **facts)


async def named(name: str, reading: str, *steps: tuple[Stage, date], **facts: Any) -> Supporter:
    """A supporter of that name."""
    person = await make_person("090-0000-0001", name=name, reading=reading)
    return await make_supporter(*steps, person=person.id, **facts)


async def make_lecturer(name: str = "外部太郎") -> Lecturer:
    """Somebody from outside who teaches."""
    return await _saved(Lecturer(name=name, reading="がいぶたろう", organisation="携帯ショップ"))


async def save_scheme(**facts: Any) -> None:
    """How this city runs its supporters."""
    await _saved(Scheme(**facts))


async def signed_in_as(supporter: Supporter) -> Staff:
    """The supporter, as she acts by herself."""
    account = await make_account(Role.supporter, person=supporter.person)
    return Staff(id=account.id, roles=frozenset({Role.supporter}))


async def assigned(session: ClassSession, role: HelpRole, supporter: Supporter) -> dict[str, Any]:
    """The coordinator puts her there, whatever speaks against it; she has a page of her own."""
    if not await Account.exists().where(Account.person == supporter.person):
        await make_account(Role.supporter, person=supporter.person)
    return await staffing.assign(
        session.id, role, supporter_id=supporter.id, overruled="人手が足りない", by=ICT
    )


async def live(session: ClassSession) -> list[tuple[str, int | None]]:
    """Role and supporter of everybody who helps at a session."""
    rows = await (
        Assignment.select()
        .where((Assignment.session == session.id) & Assignment.voided_at.is_null())
        .order_by(Assignment.id)
    )
    return [(row["role"], row["supporter"]) for row in rows]
