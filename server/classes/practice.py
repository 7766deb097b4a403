"""What trainees have practised at a session that took place (S2)."""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any

from server.classes.tables import HelpRole
from server.people import merging
from server.roles import Actor
from server.training import records
from server.training.tables import Source, TrainingRecord

Row = dict[str, Any]


async def keep(session: Row, there: Sequence[Row], came: Collection[int], by: Actor) -> None:
    """Let a trainee's practice stand on her coming beside a lead who came, and on nothing else.

    `there` are the helpers of the session, `came` the assignments of those who were there.
    Belongs inside the `writing()` of the session's report.
    """
    led = any(each["role"] == HelpRole.lead and each["id"] in came for each in there)
    trainees = [each for each in there if each["role"] == HelpRole.trainee]
    await hold(each["person"] for each in trainees)
    known = await _practised([each["id"] for each in trainees])
    minutes = minutes_of(session)
    for each in trainees:
        practised = led and each["id"] in came
        if practised and each["id"] not in known:
            await records.of_assignment(
                each["person"], session["held_on"], minutes, each["id"], by=by
            )
        elif not practised and each["id"] in known:
            reason = "The report of the session was changed."
            await records.void_source(Source.assignment, each["id"], reason, by=by)


async def hold(person_ids: Iterable[int]) -> None:
    """Hold others who would change what these people have done, whoever is named first.

    Belongs inside `writing()`, before its first record: all at once and in one order, so that no
    two changes wait for each other.
    """
    for each in sorted({rows[0] for rows in (await merging.selves(person_ids)).values()}):
        await merging.hold(each)


async def _practised(assignment_ids: Sequence[int]) -> set[int]:
    if not assignment_ids:
        return set()
    rows: list[int] = (
        await TrainingRecord.select(TrainingRecord.source_id)
        .where(TrainingRecord.source == Source.assignment)
        .where(TrainingRecord.source_id.is_in(list(assignment_ids)))
        .where(TrainingRecord.voided_at.is_null())
        .output(as_list=True)
    )
    return set(rows)


def minutes_of(session: Row) -> int:
    """How long a session lasts."""
    lasts: timedelta = session["ends_at"] - session["starts_at"]
    return round(lasts.total_seconds() / 60)
