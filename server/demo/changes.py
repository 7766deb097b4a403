"""What the city changed after people had applied: through the real rules, so that all are told."""

from dataclasses import dataclass
from datetime import date, time, timedelta

from server import clock
from server.classes import sessions
from server.classes.tables import ClassSession
from server.demo.city import City, facts
from server.demo.timetable import Plan, Standing, Timetable
from server.roles import Role
from server.supporters import applications


@dataclass(frozen=True)
class Coordinator:
    """The account `ict`, as rules know an actor."""

    id: int
    section_id: int
    roles: frozenset[Role] = frozenset({Role.coordinator})
    sees_all_sections: bool = True
    venue_ids: frozenset[int] = frozenset()


async def change_some(timetable: Timetable, plans: list[Plan]) -> None:
    """The day before today, call off a session of each way to book and move one (B10)."""
    by = _coordinator(timetable.city)
    still_open = [plan for plan in plans if plan.standing is Standing.open]
    series = (plan for plan in still_open if not plan.picks and len(plan.sessions) > 1)
    whole = next(plan for plan in series if "3日間" not in plan.course.title)
    picked = next(plan for plan in still_open if plan.picks)
    single = next(plan for plan in still_open if len(plan.sessions) == 1)
    with clock.freeze(clock.at(timetable.today - timedelta(days=1), time(15))):
        await sessions.call_off(int(whole.sessions[-1].id), "講師の都合により", version=1, by=by)
        await sessions.call_off(
            int(picked.sessions[-1].id), "会場が投票所になるため", version=1, by=by
        )
        await _postpone(timetable, single, by)


async def apply_some(city: City, today: date) -> None:
    """The days before today, three people apply to be supporters; nobody has decided yet."""
    for number, one in enumerate(facts("volunteers")["applicants"], 1):
        with clock.freeze(clock.at(today - timedelta(days=number), time(20, 10 * number))):
            applicant = applications.Applicant(
                **one,
                email="",
                district_id=city.places[5 * number].district_id,
                languages=("ja", "pt") if "ポルトガル" in one["why"] else ("ja",),
                devices=("android", "iphone"),
                days=("sat_am", "sat_pm"),
            )
            await applications.apply(applicant, submission=f"demonstration-{number}")


def _coordinator(city: City) -> Coordinator:
    return Coordinator(city.accounts["ict"], city.sections["ICT戦略課"])


async def _postpone(timetable: Timetable, plan: Plan, by: Coordinator) -> None:
    session: ClassSession = plan.sessions[0]
    later = timetable.later_day(plan) - session.held_on
    facts = sessions.SessionFacts(
        starts_at=session.starts_at + later,
        ends_at=session.ends_at + later,
        venue_id=plan.use.place.venue_id,
        room_id=int(plan.use.room.id),
    )
    await sessions.move(int(session.id), facts, "会場の都合により", version=1, by=by)
