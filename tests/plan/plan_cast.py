"""A small city whose year is counted: the plan as the tests know it."""

from datetime import date, datetime, time
from typing import Any

from server import clock
from server.classes.tables import CourseKind, Outcome, SessionReport
from server.database import writing
from server.plan import plans, queries
from server.supporters.tables import Stage
from tests import factories
from tests.classes.staff_cast import Staff

Row = dict[str, Any]

ICT = Staff(sees_all_sections=True)
MARCH_31 = date(2026, 3, 31)
APRIL_1 = date(2026, 4, 1)

PLAN = """
code = "test-2025"
name = "テスト計画"
municipality = "四日市市"
first_year = 2025
last_year = 2027

[[indicators]]
code = "classes"
name = "スマートフォン教室数"
unit = "session"
counting = "annual"
measure = "sessions_held"
kinds = ["smartphone"]
section = "ICT戦略課"
targets = { 2025 = 1, 2026 = 4 }

[[indicators]]
code = "trained"
name = "養成数（累積）"
unit = "supporter"
counting = "cumulative"
measure = "supporters_trained"
targets = { 2026 = 24, 2027 = 72 }

[[indicators]]
code = "initiatives"
name = "取組件数"
unit = "initiative"
counting = "annual"
measure = "by_hand"
targets = { 2026 = 2 }

[[indicators]]
code = "incidents"
name = "事故の件数"
unit = "item"
counting = "annual"
direction = "at_most"
measure = "by_hand"
targets = { 2026 = 1 }

[[indicators]]
code = "helpdesk"
name = "ヘルプデスク"
unit = "item"
counting = "milestone"
measure = "by_hand"
targets = { 2025 = "検討", 2026 = "試行" }
"""


async def loaded(text: str = PLAN) -> dict[str, Row]:
    """The plan's indicators by their codes, once it is loaded."""
    done = await plans.load(text, by=None)
    return {row["code"]: row for row in await queries.indicators([done.plan_id])}


async def held(
    day: date,
    *,
    kind: CourseKind = CourseKind.smartphone,
    outcome: Outcome | None = Outcome.held,
    head_count: int = 8,
    recorded_at: datetime | None = None,
    hour: int = 10,
    **facts: Any,
) -> int:
    """A session on a day with its report, of a course of its own; without one where None."""
    if "course" not in facts:
        facts["course"] = (await factories.make_course(kind=kind)).id
    starts = clock.at(day, time(hour))
    session = await factories.make_class_session(starts_at=starts, **facts)
    if outcome is not None:
        report = SessionReport(
            session=session.id,
            outcome=outcome,
            head_count=head_count if outcome == Outcome.held else 0,
            effective_on=session.held_on,
            recorded_at=recorded_at or clock.now(),
        )
        async with writing():
            await report.save()
    return session.id


async def trained(day: date, **facts: Any) -> Any:
    """A supporter who completed the training on a day."""
    return await factories.make_supporter((Stage.completed, day), papers=False, **facts)
