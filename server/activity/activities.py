"""Activity reports: handed in, changed, withdrawn (S4)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server import clock, duration
from server.activity.approvals import check_free, move, void_live
from server.activity.queries import Filters, held_report, hold, is_own, listed
from server.activity.tables import ActivityKind, ActivityReport, ActivityTopic, ReportState
from server.audit import entries
from server.classes import reports
from server.classes.editing import check_version
from server.database import Conflict, writing
from server.places.tables import Venue
from server.refusals import N_, Refused
from server.roles import Actor, Role
from server.supporters import schemes
from server.supporters.queries import same_human

Row = dict[str, Any]

WORDS = ("place", "note")  # may hold names: not in the audit log (P2)
NOT_YET = N_("That time is not over yet. Please report it afterwards.")
TOO_MANY = N_("Nobody can have helped more people than came.")
NO_HOME_VISITS = N_("Visits at home are not part of what supporters do here. Please phone us.")


@dataclass(frozen=True)
class ActivityFacts:
    """What a supporter did; `people_helped` counts visits, not different people (T4)."""

    kind: ActivityKind
    starts_at: datetime
    minutes: int
    people_helped: int = 0
    venue_id: int | None = None
    district_id: int | None = None
    place: str = ""
    note: str = ""
    topics: tuple[int, ...] = ()


async def submit(
    supporter_id: int, facts: ActivityFacts, *, submission: str | None, by: Actor
) -> Row:
    """Hand in a report of help outside a class, and return it; it waits for a coordinator.

    `submission` names one press of the button: pressed again, it answers with the first result.
    Refused for a time that is not over, more minutes than a day has, time shared with another
    report that stands, a home visit where the city has none (S8), and somebody else's report.
    """
    try:
        async with writing():
            ids = await hold(supporter_id)
            await check_may_report(supporter_id, by)
            await check_facts(facts)
            await check_free(ids, facts.starts_at, facts.minutes)
            return await _add(
                await _columns(facts) | {"supporter": supporter_id, "submission": submission},
                facts.topics,
                by,
            )
    except (Conflict, Refused):
        first = await _submitted_before(supporter_id, submission)
        if first is None:
            raise
        return first


async def add_for_assignment(
    assignment: Row, session: Row, minutes: int, people_helped: int, *, by: Actor
) -> Row:
    """Add the report of somebody who helped at a session, and return it, submitted.

    Belongs inside the `writing()` of the session's report, which has checked who came and who may
    say so; for several supporters in the order of their ids. Where it shares time with another
    report it is added all the same and can only not be approved. Refused for more minutes than a
    day has.
    """
    check_minutes(minutes)
    async with writing():
        await hold(assignment["supporter"])
        return await _add(
            {
                "supporter": assignment["supporter"],
                "assignment": assignment["id"],
                "session": session["id"],
                "kind": ActivityKind.session,
                "starts_at": session["starts_at"],
                "done_on": session["held_on"],
                "minutes": minutes,
                "people_helped": people_helped,
                "venue": session["venue"],
                "district": await _district_of(session["venue"]),
            },
            (),
            by,
        )


async def change(report_id: int, facts: ActivityFacts, *, version: int, by: Actor) -> Row:
    """Correct a report, and return it; it waits for a coordinator again.

    An approval is voided with it. Of a class, only minutes, people, note and topics change.
    Refused as `submit`, for a withdrawn one, and for more people than came there; Stale when it
    has changed since `version`.
    """
    async with writing():
        report = await held_report(report_id)
        await check_may_report(report["supporter"], by)
        if report["state"] == ReportState.withdrawn:
            raise Refused("This report was withdrawn. Please write a new one.")
        check_version(report, version)
        if report["session"] is None:
            await check_facts(facts)
            changed: dict[Any, Any] = await _columns(facts)
        else:
            check_minutes(facts.minutes)
            await _check_people(report["session"], facts.people_helped)
            changed = {
                "minutes": facts.minutes,
                "people_helped": facts.people_helped,
                "note": facts.note,
            }
        now = report | changed
        ids = await same_human(report["supporter"])
        await check_free(ids, now["starts_at"], now["minutes"], but_for=report_id)
        await void_live(report_id, "changed by the supporter", by=by)
        await ActivityReport.update(changed).where(ActivityReport.id == report_id)
        await move(report_id, ReportState.submitted)
        await _set_topics(report_id, facts.topics)
        await entries.record(
            "activity.changed", "activity_report", report_id, by=by, **_from_and_to(report, changed)
        )
        return await held_report(report_id)


async def withdraw(report_id: int, *, by: Actor) -> Row:
    """Take a report back: it counts no more, and its approval is voided. Returns the report.

    Done twice, it does nothing the second time. Refused for somebody else's report.
    """
    async with writing():
        report = await held_report(report_id)
        await check_may_report(report["supporter"], by)
        return await _withdraw(report, "withdrawn by the supporter", by)


async def withdraw_for_assignment(assignment_id: int, reason: str, *, by: Actor) -> None:
    """The session's report was changed or voided: what rested on it goes with it.

    Belongs inside its `writing()`, which has checked who may.
    """
    async with writing():
        for row in await ActivityReport.select(ActivityReport.id).where(
            (ActivityReport.assignment == assignment_id)
            & (ActivityReport.state != ReportState.withdrawn)
        ):
            await _withdraw(await held_report(row["id"]), reason, by)


async def check_may_report(supporter_id: int, by: Actor) -> None:
    """The supporter herself, or a coordinator for somebody who phones."""
    if Role.coordinator not in by.roles and not await is_own(supporter_id, by):
        raise Refused("This report belongs to somebody else.")


async def check_facts(facts: ActivityFacts) -> None:
    """Over by now, no longer than a day, and something that supporters here do (S8)."""
    if facts.kind is ActivityKind.session:
        raise Refused("Help at a class is reported with the class.")
    check_minutes(facts.minutes)
    if facts.starts_at + timedelta(minutes=facts.minutes) > clock.now():
        raise Refused(NOT_YET)
    if facts.kind is ActivityKind.home_visit and not (await schemes.current()).home_visits:
        raise Refused(NO_HOME_VISITS)


def check_minutes(minutes: int) -> None:
    """At least one, and no more than a day has."""
    if not 1 <= minutes <= duration.MINUTES_OF_A_DAY:
        raise Refused("A report covers between 1 minute and 24 hours.")


async def _check_people(session_id: int, people_helped: int) -> None:
    held = await reports.current(session_id)
    if held and people_helped > held["head_count"]:
        raise Refused(TOO_MANY)


async def of_supporter(supporter_id: int, page: int | None = 1) -> tuple[list[Row], bool]:
    """A page of a supporter's reports but the withdrawn ones, newest first; and are there more?"""
    shown = [state for state in ReportState if state is not ReportState.withdrawn]
    ids = await same_human(supporter_id)
    return await listed(Filters(states=shown, supporter_ids=ids), page)


async def _add(columns: Row, topics: tuple[int, ...], by: Actor) -> Row:
    report = ActivityReport(recorded_at=clock.now(), recorded_by=by.id, **columns)
    rows = await ActivityReport.insert(report).returning(*ActivityReport.all_columns())
    await _set_topics(rows[0]["id"], topics)
    await entries.record(
        "activity.submitted",
        "activity_report",
        rows[0]["id"],
        by=by,
        supporter=columns["supporter"],
        minutes=columns["minutes"],
        people_helped=columns["people_helped"],
    )
    return dict(rows[0])


async def _set_topics(report_id: int, topics: tuple[int, ...]) -> None:
    await ActivityTopic.delete().where(ActivityTopic.report == report_id)
    if topics:
        rows = [ActivityTopic(report=report_id, topic=topic) for topic in sorted(set(topics))]
        await ActivityTopic.insert(*rows)


async def _columns(facts: ActivityFacts) -> Row:
    return {
        "kind": facts.kind,
        "starts_at": facts.starts_at,
        "done_on": clock.on(facts.starts_at),
        "minutes": facts.minutes,
        "people_helped": facts.people_helped,
        "venue": facts.venue_id,
        "district": await _district_of(facts.venue_id) or facts.district_id,
        "place": facts.place,
        "note": facts.note,
    }


async def _district_of(venue_id: int | None) -> int | None:
    if venue_id is None:
        return None
    venue = await Venue.select(Venue.district).where(Venue.id == venue_id)
    district: int | None = venue[0]["district"]
    return district


async def _withdraw(report: Row, reason: str, by: Actor) -> Row:
    if report["state"] == ReportState.withdrawn:
        return report
    await void_live(report["id"], reason, by=by)
    await move(report["id"], ReportState.withdrawn)
    await entries.record(
        "activity.withdrawn", "activity_report", report["id"], by=by, was=report["state"]
    )
    return await held_report(report["id"])


async def _submitted_before(supporter_id: int, submission: str | None) -> Row | None:
    if submission is None:
        return None
    found: Row | None = (
        await ActivityReport.select()
        .where(ActivityReport.submission == submission)
        .where(ActivityReport.supporter == supporter_id)
        .first()
    )
    return found


def _from_and_to(was: Row, now: Row) -> Row:
    names = [name for name in now if name not in WORDS and was[name] != now[name]]
    return {"was": {name: was[name] for name in names}, "now": {name: now[name] for name in names}}
