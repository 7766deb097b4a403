"""Procedures: the list, a new one, a changed one, and the list as a file."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath

from server import text
from server.helpdesk.routes.masters import NOTES, NOUNS, SEES_MASTERS, done, history, provide
from server.helpdesk.routes.topic_forms import ProcedureForm
from server.places import directory
from server.refusals import Refused
from server.topics import masters, procedures, topics
from server.web import sheets
from server.web.addresses import sought, whole
from server.web.pages import note_of, page
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

PROCEDURES = NOUNS["procedures"]
PAGE = 100  # rows


@get("/staff/procedures", roles=SEES_MASTERS)
async def list_procedures(request: AnyRequest) -> Response[str]:
    """The procedures that were looked for, those in use first, a hundred a page; three statements.

    Sections have hundreds of them, not thousands, so they are sought in memory.
    """
    asked = sought(request.query_params.get("q"))
    number = whole(request.query_params.get("page")) or 1
    found = [row for row in await procedures.everything() if _matches(row, asked)]
    found.sort(key=lambda row: not row["in_use"])
    first = (number - 1) * PAGE
    more = len(found) > first + PAGE
    return page(
        request,
        "helpdesk/procedures.html",
        rows=found[first : first + PAGE],
        number=len(found),
        asked=asked,
        topics=await topics.names(),
        can_edit=masters.may_edit(request.user),
        note_words=note_of(request, NOTES),
        previous_url=_url(asked, number - 1) if number > 1 else None,
        next_url=_url(asked, number + 1) if more else None,
    )


@get("/staff/procedures/file", roles=SEES_MASTERS)
async def export_procedures(request: AnyRequest) -> Response[bytes]:
    """The procedures in use, as the import takes them, in CSV or Excel."""
    codes = {row["id"]: row["code"] for row in await topics.everything()}
    rows = [
        (
            row["code"],
            row["name"],
            row["reading"],
            codes.get(row["topic"], ""),
            row["section_name"],
            row["address"],
            row["online_since"],
            row["position"],
        )
        for row in await procedures.listed()
    ]
    return sheets.download(request, "procedures", procedures.COLUMNS, rows)


@get("/staff/procedures/new", roles=SEES_MASTERS)
async def new_procedure(request: AnyRequest) -> Response[str]:
    """The form for a new procedure."""
    form = ProcedureForm(
        None, await topics.listed(), await directory.sections(), {"position": 0}, new=True
    )
    return await _form_page(request, form)


@post("/staff/procedures/new", roles=SEES_MASTERS)
async def create_procedure(request: AnyRequest) -> Response[Any]:
    """Add a procedure."""
    posted = await request.form()
    form = ProcedureForm(posted, await topics.listed(), await directory.sections(), {}, new=True)
    if not form.validate():
        return await _form_page(request, form, status_code=422)
    try:
        await procedures.create(form.facts(), by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return await _form_page(request, form, status_code=409)
    return done(PROCEDURES, "created")


@get("/staff/procedures/{row_id:int}/edit", roles=SEES_MASTERS)
async def edit_procedure(request: AnyRequest, row_id: FromPath[int]) -> Response[str]:
    """The form for a procedure, and what was changed of it."""
    procedure = await provide(PROCEDURES, row_id)
    form = ProcedureForm(None, await _offered(procedure), await directory.sections(), procedure)
    return await _form_page(request, form, procedure)


@post("/staff/procedures/{row_id:int}/edit", roles=SEES_MASTERS)
async def update_procedure(request: AnyRequest, row_id: FromPath[int]) -> Response[Any]:
    """Save a procedure beside what others have saved; show what two have changed."""
    procedure = await provide(PROCEDURES, row_id)
    offered, sections = await _offered(procedure), await directory.sections()
    form = ProcedureForm(await request.form(), offered, sections, procedure)
    if not form.validate():
        return await _form_page(request, form, procedure, status_code=422)
    note = "saved"
    if form.seen != procedure["version"]:
        conflict = form.merge(ProcedureForm(None, offered, sections, procedure))
        if conflict:
            return await _form_page(request, form, procedure, conflict=conflict, status_code=409)
        note = "merged"
    try:
        await procedures.edit(row_id, form.facts(), version=form.seen, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return await _form_page(request, form, procedure, status_code=409)
    return done(PROCEDURES, note)


async def _offered(procedure: Row) -> list[Row]:
    """The topics in use, and the one that the procedure has."""
    every = await topics.everything()
    return [row for row in every if row["in_use"] or row["id"] == procedure["topic"]]


def _matches(row: Row, asked: str) -> bool:
    words, read = text.name_key(asked), text.reading_key(asked)
    known = (row["name"], row["code"], row["section_name"] or "")
    return any(words in text.name_key(each) for each in known) or bool(
        read and read in text.reading_key(row["reading"])
    )


def _url(asked: str, number: int) -> str:
    query = ({"q": asked} if asked else {}) | ({"page": str(number)} if number > 1 else {})
    return f"{PROCEDURES.path}?{urlencode(query)}" if query else PROCEDURES.path


async def _form_page(
    request: AnyRequest,
    form: ProcedureForm,
    procedure: Row | None = None,
    *,
    conflict: list[tuple[str, str, str]] | None = None,
    status_code: int = 200,
) -> Response[str]:
    known = {row["id"]: row["name"] for row in await directory.sections()}
    return page(
        request,
        "helpdesk/master_form.html",
        form=form,
        row=procedure,
        title=_("Change this procedure") if procedure else _("Add a procedure"),
        button=_("Save") if procedure else _("Add this procedure"),
        path=PROCEDURES.path,
        history=await history(PROCEDURES, procedure["id"], known) if procedure else [],
        can_edit=masters.may_edit(request.user),
        conflict=conflict,
        status_code=status_code,
    )


handlers = [
    list_procedures,
    export_procedures,
    new_procedure,
    create_procedure,
    edit_procedure,
    update_procedure,
]
