"""The list of supporters, one of them, and what the office changes."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server import phones
from server.audit import entries
from server.places.tables import District
from server.refusals import Refused, Stale
from server.roles import Role
from server.supporters import applications, register
from server.supporters.forms import (
    DEVICE_WORDS,
    LANGUAGE_WORDS,
    STAGE_WORDS,
    SupporterForm,
    half_days,
    said,
)
from server.supporters.register import Filters
from server.supporters.routes.notes import NOTES, done, stage_words
from server.supporters.schemes import check_may_manage, may_manage
from server.supporters.tables import Stage
from server.web import sheets
from server.web.addresses import sought, whole
from server.web.pages import note_of, page
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

COORDINATORS = {Role.coordinator}
SORTS = ("reading", "stage", "since", "district")


@get("/staff/supporters", roles=COORDINATORS)
async def list_supporters(request: AnyRequest) -> Response[str]:
    """The supporters that fit the filters in the address, fifty on a page."""
    filters = filters_of(request.query_params)
    number = whole(request.query_params.get("page")) or 1
    rows, more = await register.listed(filters, number)
    await note_reading(request, [row["id"] for row in rows])
    applied = await applications.newest_of([row["id"] for row in rows])
    return page(
        request,
        "supporters/supporters.html",
        "results",
        filters=filters,
        stages=[(stage.value, str(words)) for stage, words in STAGE_WORDS.items()],
        districts=await districts(),
        rows=[
            row | {"stage_words": stage_words(row["stage"]), "application": applied.get(row["id"])}
            for row in rows
        ],
        may_manage=may_manage(request.user),
        query=_query(filters),
        previous_url=_url(filters, number - 1) if number > 1 else None,
        next_url=_url(filters, number + 1) if more else None,
        note_words=note_of(request, NOTES),
    )


@get("/staff/supporters/file", roles=COORDINATORS)
async def export_supporters(request: AnyRequest) -> Response[bytes]:
    """The same list, all of it, as CSV or Excel."""
    check_may_manage(request.user)
    rows, _more = await register.listed(filters_of(request.query_params), page=None)
    await note_reading(request, [row["id"] for row in rows])
    headings = [
        *(_("Name"), _("Reading"), _("District"), _("Stage"), _("Since"), _("Badge number")),
        *(_("Phone"), _("E-mail"), _("Languages"), _("Devices known")),
        _("Half days"),
    ]
    return sheets.download(request, "supporters", headings, [_cells(row) for row in rows])


@get("/staff/supporters/{supporter_id:int}/edit", roles=COORDINATORS)
async def edit_supporter(request: AnyRequest, supporter_id: FromPath[int]) -> Response[str]:
    """What the office knows of a supporter, to be changed."""
    supporter = await provide_managed(request, supporter_id)
    return _form_page(request, SupporterForm(None, await districts(), supporter), supporter)


@post("/staff/supporters/{supporter_id:int}/edit", roles=COORDINATORS)
async def update_supporter(request: AnyRequest, supporter_id: FromPath[int]) -> Response[Any]:
    """Save what was changed beside what others have saved; show what two have changed."""
    supporter = await provide_managed(request, supporter_id)
    known = await districts()
    form = SupporterForm(await request.form(), known, supporter)
    if not form.validate():
        return _form_page(request, form, supporter, status_code=422)
    note = "saved"
    if form.seen != supporter["version"]:
        conflict = form.merge(SupporterForm(None, known, supporter))
        if conflict:
            return _form_page(request, form, supporter, conflict=conflict, status_code=409)
        note = "merged_changes"
    try:
        await register.edit(
            supporter_id, form.facts(), version=supporter["version"], by=request.user
        )
    except Stale as stale:  # in the very moment since the row was read
        form.refuse(stale)
        return _form_page(request, form, supporter, status_code=409)
    except Refused as refused:
        form.refuse(refused)
        return _form_page(request, form, supporter, status_code=409)
    return done(f"/staff/supporters/{supporter_id}", note)


async def provide_supporter(request: AnyRequest, supporter_id: int) -> Row:
    """The supporter, or 404; who looked is written down before anything is shown (P2)."""
    supporter = await register.get(supporter_id)
    if supporter is None:
        raise NotFoundException
    await note_reading(request, [supporter_id])
    return supporter


async def provide_managed(request: AnyRequest, supporter_id: int) -> Row:
    """As `provide_supporter`, for a change. Raises Refused for who only reads the register."""
    check_may_manage(request.user)
    return await provide_supporter(request, supporter_id)


async def note_reading(request: AnyRequest, supporter_ids: list[int]) -> None:
    """Write down who is about to see whose data."""
    await entries.record_reading(request.url.path, "supporter", supporter_ids, by=request.user)


async def districts() -> list[Row]:
    """The districts to pick from, in the city's order."""
    return await District.select(District.id, District.name).order_by(
        District.position, District.id
    )


def filters_of(query: Any) -> Filters:
    """The filters in an address; nonsense is none."""
    stage, sort = str(query.get("stage", "")), str(query.get("sort", ""))
    return Filters(
        stage=Stage(stage) if stage in list(Stage) else None,
        district_id=whole(query.get("district")),
        words=sought(query.get("q")),
        sort=sort if sort in SORTS else SORTS[0],
    )


def _cells(row: Row) -> list[sheets.Cell]:
    return [
        *(row["name"], row["reading"], row["district_name"], stage_words(row["stage"])),
        *(row["since"], row["badge_number"], phones.shown(row["phone"]), row["email"]),
        said(row["languages"], LANGUAGE_WORDS),
        said(row["devices"], DEVICE_WORDS),
        said(row["days"], dict(half_days())),
    ]


def _query(filters: Filters) -> str:
    asked = {
        "stage": filters.stage,
        "district": filters.district_id,
        "q": filters.words,
        "sort": filters.sort if filters.sort != SORTS[0] else "",
    }
    return urlencode({name: value for name, value in asked.items() if value})


def _url(filters: Filters, number: int) -> str:
    pages = [urlencode({"page": number})] if number > 1 else []
    asked = "&".join([*filter(None, [_query(filters)]), *pages])
    return f"/staff/supporters?{asked}" if asked else "/staff/supporters"


def _form_page(
    request: AnyRequest,
    form: SupporterForm,
    supporter: Row,
    *,
    conflict: list[tuple[str, str, str]] | None = None,
    status_code: int = 200,
) -> Response[str]:
    return page(
        request,
        "supporters/supporter_form.html",
        form=form,
        supporter=supporter,
        conflict=conflict,
        status_code=status_code,
    )


handlers = [list_supporters, export_supporters, edit_supporter, update_supporter]
