"""An indicator: its figure, the rows that make it up, its chart, targets and entries (T5)."""

from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server import clock
from server.audit import entries
from server.places.tables import District
from server.plan import burnup, entered, figures, plans, queries
from server.plan.routes import lines
from server.plan.routes.asked import Asked, asked
from server.plan.routes.notes import NOTES
from server.plan.tables import Counting, Unit
from server.refusals import N_, Refused
from server.roles import Role
from server.web.access import Viewer
from server.web.addresses import wants_file
from server.web.pages import note_of, page
from server.web.sheets import download
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

COORDINATORS = {Role.coordinator}
UNIT_WORDS = {
    Unit.course: N_("unit: courses"),
    Unit.session: N_("unit: sessions"),
    Unit.slot: N_("unit: slots"),
    Unit.visit: N_("unit: visits"),
    Unit.person: N_("unit: people"),
    Unit.initiative: N_("unit: initiatives"),
    Unit.supporter: N_("unit: supporters"),
    Unit.item: N_("unit: items"),
    Unit.yen: N_("unit: yen"),
}


@get("/staff/plan/indicators/{indicator_id:int}", roles=COORDINATORS)
async def show_indicator(request: AnyRequest, indicator_id: FromPath[int]) -> Response[Any]:
    """A figure of one fiscal year with the rows behind it, of one district where asked (T5)."""
    indicator = await provide_indicator(indicator_id)
    question = asked(request.query_params)
    year = lines.year_of(indicator, question.year)
    aims = (await queries.targets([indicator_id]))[indicator_id]
    collected = await figures.collect([indicator], known_at=question.known_at)
    line = lines.line(indicator, collected[indicator_id], aims, year)
    rows = _rows(line, question)
    shown = [_as_seen(each, request.user) for each in rows]
    await _record(request, indicator, rows, year)
    if wants_file(request.query_params):
        return _sheet(request, indicator, rows)
    today = clock.today()
    counts = indicator["counting"] != Counting.milestone and line["figure"].number is not None
    return page(
        request,
        "plan/indicator.html",
        indicator=indicator,
        line=line,
        rows=shown,
        rows_number=sum(row["number"] for row in rows),
        asked=question,
        sheet_query=question.query(year),
        years=lines.years_of(indicator),
        districts=await District.select(District.id, District.name).order_by(District.position),
        chart=burnup.chart(indicator, collected[indicator_id], aims, today) if counts else None,
        aims=[(each, aims.get(each)) for each in _plan_years(indicator)],
        entries=await entered.of(indicator_id),
        may_plan=_may(plans.check_may_plan, request.user),
        may_enter=_may(entered.check_takes_entries, indicator)
        and _may(entered.check_may_enter, indicator, request.user),
        note_words=note_of(request, NOTES),
    )


@get("/staff/plan/helping", roles=COORDINATORS)
async def list_helping(request: AnyRequest) -> Response[Any]:
    """The supporters who are registered or active today, of one district where asked."""
    question = asked(request.query_params)
    found = await figures.helping(clock.today())
    if question.one_district:
        found = list(figures.in_district(found, question.district_id))
    ids = [row["id"] for row in found]
    await entries.record_reading("plan.helping", "supporter", ids, by=request.user)
    district = await _district(question)
    return page(request, "plan/helping.html", rows=found, asked=question, district=district)


async def provide_indicator(indicator_id: int) -> Row:
    """The indicator with its plan's years; 404 where there is none."""
    indicator = await queries.indicator(indicator_id)
    if indicator is None:
        raise NotFoundException
    return indicator


def _rows(line: Row, question: Asked) -> tuple[Row, ...]:
    rows: tuple[Row, ...] = line["figure"].rows
    if question.one_district:
        return figures.in_district(rows, question.district_id)
    return rows


def _as_seen(row: Row, viewer: Viewer) -> Row:
    """Without the way to a class of another section, which its coordinators alone open (C4)."""
    own = viewer.sees_all_sections or row.get("section_id") == viewer.section_id
    return row if own or row["kind"] != "session" else row | {"url": None}


async def _record(request: AnyRequest, indicator: Row, rows: tuple[Row, ...], year: int) -> None:
    """Names of supporters are personal data: who saw them is written down first (P2)."""
    ids = [row["id"] for row in rows if row["kind"] == "supporter"]
    if ids:
        await entries.record_reading(
            "plan.indicator",
            "supporter",
            ids,
            by=request.user,
            indicator=indicator["id"],
            year=year,
        )


async def _district(question: Asked) -> Row | None:
    at = District.id == (question.district_id or 0)
    return await District.select(District.id, District.name).where(at).first()


def _sheet(request: AnyRequest, indicator: Row, rows: tuple[Row, ...]) -> Response[bytes]:
    headings = [
        _("Day that counts"),
        _("What is counted"),
        _("Venue or reading"),
        _("District"),
        _("Counts as"),
        _("Unit"),
    ]
    names = ("effective_on", "title", "detail", "district_name", "number")
    unit = UNIT_WORDS[indicator["unit"]]
    found = [[*(row[name] for name in names), _(unit)] for row in rows]
    return download(request, f"indicator-{indicator['code']}", headings, found)


def _plan_years(indicator: Row) -> range:
    return range(indicator["first_year"], indicator["last_year"] + 1)


def _may(check: Any, *given: Any) -> bool:
    """Would the check let her?"""
    try:
        check(*given)
    except Refused:
        return False
    return True


handlers = [show_indicator, list_helping]
