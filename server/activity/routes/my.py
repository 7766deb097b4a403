"""The first page of a supporter: what comes next, what is to do, what was done."""

from datetime import date, timedelta
from typing import Any

from litestar import Response, get

from server import clock
from server.activity import chances, totals, troubles
from server.activity.routes.supporter import (
    SUPPORTER,
    AnyRequest,
    Row,
    learns_first,
    with_moves,
)
from server.activity.tables import ActivityReport, ReportState
from server.classes import assignments, reports
from server.classes.tables import HelpRole
from server.supporters import credentials, register, schemes
from server.supporters.queries import same_human
from server.supporters.tables import CredentialKind
from server.training import progress
from server.web.pages import page

A_YEAR = timedelta(days=366)
A_FORTNIGHT = timedelta(days=14)


@get("/my", roles=SUPPORTER)
async def show_home(request: AnyRequest) -> Response[str]:
    """One's own next classes, what waits for one, training and the sums of the fiscal year."""
    supporter = await register.of_account(request.user.id)
    if supporter is None:
        return page(request, "activity/my_nobody.html")
    down = await assignments.of_supporter(supporter["id"], clock.now() - A_YEAR)
    return page(
        request,
        "activity/my_home.html",
        supporter=supporter,
        planned=await with_moves([row for row in down if row["ends_at"] > clock.now()]),
        booked=await chances.booked(supporter),
        learns_first=await learns_first(supporter),
        troubles=await troubles.own(supporter["id"], clock.now() - A_FORTNIGHT),
        to_report=await _to_report(request, down),
        returned=await _returned(supporter["id"]),
        papers=await _ending_papers(supporter["id"]),
        training=await progress.of(supporter["person_id"]),
        sums=await _this_year(supporter["person_id"]),
    )


async def _to_report(request: AnyRequest, down: list[Row]) -> list[Row]:
    """The sessions that she led and that nobody has reported yet (未報告, T3)."""
    led = {row["session"] for row in down if row["role"] == HelpRole.lead}
    waiting = await reports.unreported(request.user) if led else []
    return [row for row in waiting if row["session_id"] in led]


async def _returned(supporter_id: int) -> list[Row]:
    """Her activity reports that a coordinator sent back (差戻し)."""
    return await (
        ActivityReport.select()
        .where(ActivityReport.supporter.is_in(await same_human(supporter_id)))
        .where(ActivityReport.state == ReportState.returned)
        .order_by(ActivityReport.starts_at)
    )


async def _ending_papers(supporter_id: int) -> list[Row]:
    """Her pledge and insurance, where the newest of them has ended or is about to."""
    until = clock.today() + timedelta(days=(await schemes.current()).expiry_days)
    newest: dict[str, Row] = {}
    for paper in await credentials.of(supporter_id):
        known = newest.get(paper["kind"])
        if known is None or _end(paper) > _end(known):
            newest[paper["kind"]] = paper
    asked = (CredentialKind.pledge, CredentialKind.insurance)
    return [newest[kind] for kind in asked if kind in newest and _end(newest[kind]) <= until]


def _end(paper: Row) -> date:
    end: date | None = paper["valid_until"]
    return end or date.max


async def _this_year(person_id: int) -> Row:
    """What was approved since 1 April (T1, S4)."""
    first = clock.fiscal_days(clock.fiscal_year(clock.today()))[0]
    return totals.summed(await totals.rows(first, clock.today(), person_id=person_id))


handlers: list[Any] = [show_home]
