"""Who runs a session, and so says what became of it (P1, C4)."""

from piccolo.querystring import QueryString

from server.database.conditions import among, either
from server.roles import Actor, Role, oversees
from server.supporters import register, stages
from server.supporters.tables import Stage

AWAY = (Stage.resting, Stage.withdrawn)


async def runs(by: Actor) -> QueryString:
    """Which sessions (`held`, beside their `course`) somebody runs.

    Those of her section, in her building, or that she leads.
    """
    ways = []
    if oversees(by):
        ways.append(QueryString("1 = 1"))
    elif Role.coordinator in by.roles and by.section_id is not None:
        ways.append(QueryString("course.section = {}", by.section_id))
    if Role.venue in by.roles and by.venue_ids:
        ways.append(among("held.venue", sorted(by.venue_ids)))
    if Role.supporter in by.roles:
        ways.append(await leads_there(by))
    return either(ways)


async def leads_there(by: Actor) -> QueryString:
    """Which sessions (`held`) somebody leads, under whichever of her merged duplicates.

    None while she rests, and once she has left (S8).
    """
    supporter = await register.of_account(by.id)
    if supporter is None or supporter["stage"] in AWAY:
        return QueryString("1 = 0")
    return QueryString(_LEADS, by.id)


async def is_away(supporter_id: int) -> bool:
    """Does the supporter rest, or has she left?"""
    stage = await stages.current(supporter_id)
    return stage is not None and stage["stage"] in AWAY


_LEADS = """EXISTS (SELECT 1 FROM assignment
    JOIN supporter ON supporter.id = assignment.supporter
    JOIN person ON person.id = supporter.person
    JOIN person AS same
        ON COALESCE(same.merged_into, same.id) = COALESCE(person.merged_into, person.id)
    JOIN account ON account.person = same.id
    WHERE assignment.session = held.id AND assignment.role = 'lead'
        AND assignment.voided_at IS NULL AND account.id = {})"""
