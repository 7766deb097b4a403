"""Where classes are missing, and what was asked after those that were held (H6)."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get

from server import clock
from server.helpdesk import counting, demand, desks, repeats
from server.helpdesk.demand import ASKED_DAYS, COMING_DAYS
from server.helpdesk.queries import NOT_SAID
from server.helpdesk.routes import learning
from server.helpdesk.routes.learning import READERS
from server.helpdesk.routes.learning_forms import year_of
from server.roles import Role
from server.web.addresses import wants_file, whole
from server.web.pages import page
from server.web.sheets import Cell, download
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]


@get("/staff/learning/demand", roles=READERS)
async def list_demand(request: AnyRequest) -> Response[Any]:
    """What was asked about lately beside the classes to come, with a draft to open."""
    wanted = {name: str(request.query_params.get(name, "")) for name in ("topic", "district")}
    hers = desks.readable(counting.ANY, request.user)
    rows = [_suggested(row) for row in await demand.listed(hers) if _fits(row, wanted)]
    if wants_file(request.query_params):
        return _demand_file(request, rows)
    return page(
        request,
        "helpdesk/demand.html",
        **_paged(request, rows, wanted),
        choices=await learning.choices(),
        chosen=wanted,
        only=hers.only,
        asked_days=ASKED_DAYS,
        coming_days=COMING_DAYS,
        may_draft=Role.coordinator in request.user.roles,
    )


@get("/staff/learning/classes", roles=READERS)
async def list_repeats(request: AnyRequest) -> Response[Any]:
    """Contacts on a class's topic from its district in the thirty days before and after."""
    year = year_of(request.query_params)
    this_year = clock.fiscal_year(clock.today())
    first_on, last_on = clock.fiscal_days(year)
    last_on = min(last_on, clock.today())
    hers = desks.readable(counting.ANY, request.user)
    rows = [_linked(row) for row in await repeats.after_classes(first_on, last_on, hers)]
    if wants_file(request.query_params):
        return _repeats_file(request, rows)
    first = await counting.first_on()
    begun = min(year, clock.fiscal_year(first)) if first else year
    return page(
        request,
        "helpdesk/learning_classes.html",
        **_paged(request, rows, {"year": year}),
        year=year,
        years=range(this_year, begun - 1, -1),
        days=repeats.DAYS,
        only=hers.only,
    )


def _fits(row: Row, wanted: dict[str, str]) -> bool:
    topic, district = wanted["topic"], wanted["district"]
    return topic in ("", str(row["topic_id"])) and district in (
        "",
        str(row["district_id"] or NOT_SAID),
    )


def _paged(request: AnyRequest, rows: list[Row], words: dict[str, Any]) -> Row:
    """One page of fifty rows, the ways to its neighbours, and the address's other words."""
    number = whole(request.query_params.get("page")) or 1
    last = number * counting.PAGE

    def url(other: int) -> str:
        return f"?{urlencode({**words, 'page': other})}"

    return {
        "rows": rows[last - counting.PAGE : last],
        "previous_url": url(number - 1) if number > 1 else None,
        "next_url": url(number + 1) if len(rows) > last else None,
        "sheet_query": urlencode(words),
    }


def _suggested(row: Row) -> Row:
    """The row with its suggestion in words, and the addresses that it leads to."""
    first_on, last_on = demand.asked_days()
    place = row["district_id"] or NOT_SAID
    behind = {
        "topic": row["topic_id"],
        "district": place,
        "first_on": first_on,
        "last_on": last_on,
    }
    draft = {
        "title": _("Class: {topic}").format(topic=row["topic_name"]),
        "topic": row["topic_id"],
        "district": row["district_id"] or "",
    }
    if row["last"]:
        draft |= {"kind": row["last"]["kind"], "like": row["last"]["course"]}
    return row | {
        "words": _suggestion(row),
        "url": f"/staff/contacts?{urlencode(behind)}",
        "draft_url": f"/staff/courses/new?{urlencode(draft)}" if row["missing"] else None,
    }


def _suggestion(row: Row) -> str:
    values = {"number": row["missing"], "left": row["seats_left"]}
    if not row["missing"]:
        return _("The places left suffice.")
    if not row["sessions"] and row["district_id"] is None:
        return _("No class on this is to come anywhere. A first one would help.")
    if not row["sessions"]:
        return _("No class on this is to come in this district. A first one would help.")
    if not row["seats_left"]:
        return _("The classes to come take nobody more. Another date would help.")
    return _("{left} places are left, {number} fewer than asked. Another date would help.").format(
        **values
    )


def _linked(row: Row) -> Row:
    base = {"topic": row["topic_id"], "district": row["district_id"]}
    urls = {}
    for name, (first_on, last_on) in zip(
        ("before", "after"), repeats.spans(row["effective_on"]), strict=True
    ):
        span = {"first_on": first_on, "last_on": last_on}
        urls[f"{name}_url"] = f"/staff/contacts?{urlencode(base | span)}"
    return row | urls | {"change": row["after"] - row["before"] if row["over"] else None}


def _demand_file(request: AnyRequest, rows: list[Row]) -> Response[bytes]:
    headings = [
        _("Topic"),
        _("District"),
        _("Contacts in {days} days").format(days=ASKED_DAYS),
        _("Classes in {days} days").format(days=COMING_DAYS),
        _("Places left"),
        _("Places missing"),
        _("Suggestion"),
    ]
    return download(request, "demand", headings, map(_demand_cells, rows))


def _demand_cells(row: Row) -> list[Cell]:
    return [
        row["topic_name"],
        row["district_name"] or _("Not said"),
        row["number"],
        len(row["sessions"]),
        row["seats_left"],
        row["missing"],
        row["words"],
    ]


def _repeats_file(request: AnyRequest, rows: list[Row]) -> Response[bytes]:
    headings = [
        _("Held on"),
        _("Class"),
        _("Venue"),
        _("District"),
        _("Topic"),
        _("Contacts before"),
        _("Contacts after"),
        _("All {days} days are over").format(days=repeats.DAYS),
    ]
    return download(request, "contacts-around-classes", headings, map(_repeat_cells, rows))


def _repeat_cells(row: Row) -> list[Cell]:
    return [
        row["effective_on"],
        row["title"],
        row["venue_name"],
        row["district_name"],
        row["topic_name"],
        row["before"],
        row["after"],
        _("Yes") if row["over"] else _("No"),
    ]


handlers: list[Any] = [list_demand, list_repeats]
