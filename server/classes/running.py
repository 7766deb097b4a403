"""Who runs a session, and so says what became of it (P1, C4)."""

from piccolo.querystring import QueryString

from server.roles import Actor, Role


def runs(by: Actor) -> QueryString:
    """Which sessions (`held`, beside their `course`) somebody runs.

    Those of her section, in her building, or that she leads.
    """
    ways = [QueryString("1 = 0")]
    if Role.coordinator in by.roles and by.sees_all_sections:
        ways.append(QueryString("1 = 1"))
    elif Role.coordinator in by.roles and by.section_id is not None:
        ways.append(QueryString("course.section = {}", by.section_id))
    if Role.venue in by.roles and by.venue_ids:
        there = sorted(by.venue_ids)
        places = ", ".join(["{}"] * len(there))
        ways.append(QueryString(f"held.venue IN ({places})", *there))
    if Role.supporter in by.roles:
        ways.append(leads_there(by))
    return QueryString("(" + " OR ".join(["{}"] * len(ways)) + ")", *ways)


def leads_there(by: Actor) -> QueryString:
    """Which sessions (`held`) somebody leads, under whichever of her merged duplicates."""
    return QueryString(_LEADS, by.id)


_LEADS = """EXISTS (SELECT 1 FROM assignment
    JOIN supporter ON supporter.id = assignment.supporter
    JOIN person ON person.id = supporter.person
    JOIN person AS same
        ON COALESCE(same.merged_into, same.id) = COALESCE(person.merged_into, person.id)
    JOIN account ON account.person = same.id
    WHERE assignment.session = held.id AND assignment.role = 'lead'
        AND assignment.voided_at IS NULL AND account.id = {})"""
