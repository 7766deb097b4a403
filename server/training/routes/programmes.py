"""Programmes: their editions, made, changed, published and closed to new people."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.refusals import Refused, Stale
from server.roles import Role
from server.training import enrolments, programmes, queries, requirements
from server.training.forms import ProgrammeForm
from server.web.pages import note_of, page, see_other
from server.web.versions import VersionedForm
from server.web.words import lazy as _
from server.web.words import ngettext

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

SEES_PROGRAMMES = {Role.coordinator, Role.administrator}
NOTES = {
    "created": _("Saved as a draft. Please add what has to be done next."),
    "saved": _("Saved."),
    "merged": _("Saved. What somebody else changed in the meantime has been kept."),
    "published": _("Published. People can be taken into it now."),
    "retired": _("Closed to new people. Whoever is in it goes on."),
    "edition": _("The next edition is a draft. It asks for the same until you change it."),
    "added": _("Added."),
    "removed": _("Taken out."),
}
MOST_SAID = 5  # digits of a number in an address


@get("/staff/programmes", roles=SEES_PROGRAMMES)
async def list_programmes(request: AnyRequest) -> Response[str]:
    """Every edition of every programme, with how many people are in it; three statements."""
    asked, people = await queries.how_many()
    rows = [
        row | {"requirements": asked.get(row["id"], 0), "people": people.get(row["id"], 0)}
        for row in await programmes.listed()
    ]
    return page(
        request,
        "training/programmes.html",
        rows=rows,
        can_edit=programmes.may_edit(request.user),
    )


@get("/staff/programmes/new", roles=SEES_PROGRAMMES)
async def new_programme(request: AnyRequest) -> Response[str]:
    """The form for a new programme."""
    return _form_page(request, ProgrammeForm(None))


@post("/staff/programmes/new", roles=SEES_PROGRAMMES)
async def create_programme(request: AnyRequest) -> Response[Any]:
    """Save the first edition as a draft."""
    form = ProgrammeForm(await request.form())
    if not form.validate():
        return _form_page(request, form, status_code=422)
    try:
        programme = await programmes.create(
            form.typed("code"), form.typed("name"), form.typed("description"), by=request.user
        )
    except Refused as refused:
        form.refuse(refused)
        return _form_page(request, form, status_code=409)
    return done(programme["id"], "created")


@get("/staff/programmes/{programme_id:int}", roles=SEES_PROGRAMMES)
async def show_programme(request: AnyRequest, programme_id: FromPath[int]) -> Response[str]:
    """One edition: what it asks for, and what can be done with it."""
    programme = await provide_programme(programme_id)
    form = VersionedForm(data={"version": programme["version"]})
    return await _programme_page(request, programme, form)


@get("/staff/programmes/{programme_id:int}/edit", roles=SEES_PROGRAMMES)
async def edit_programme(request: AnyRequest, programme_id: FromPath[int]) -> Response[str]:
    """The form for an edition's words."""
    programme = await provide_programme(programme_id)
    return _form_page(request, ProgrammeForm(None, programme), programme)


@post("/staff/programmes/{programme_id:int}/edit", roles=SEES_PROGRAMMES)
async def update_programme(request: AnyRequest, programme_id: FromPath[int]) -> Response[Any]:
    """Save an edition's words beside what others have saved; show what two have changed."""
    programme = await provide_programme(programme_id)
    form = ProgrammeForm(await request.form(), programme)
    if not form.validate():
        return _form_page(request, form, programme, status_code=422)
    note = "saved"
    if form.seen != programme["version"]:
        conflict = form.merge(ProgrammeForm(None, programme))
        if conflict:
            return _form_page(request, form, programme, conflict=conflict, status_code=409)
        note = "merged"
    try:
        await programmes.edit(
            programme_id,
            form.typed("name"),
            form.typed("description"),
            version=form.seen,
            by=request.user,
        )
    except Refused as refused:
        form.refuse(refused)
        return _form_page(request, form, programme, status_code=409)
    return done(programme_id, note)


async def provide_programme(programme_id: int) -> Row:
    """The edition, or 404."""
    programme = await programmes.get(programme_id)
    if programme is None:
        raise NotFoundException
    return programme


def done(programme_id: int, note: str) -> Response[str]:
    """Go on to an edition, which says what has been done."""
    return see_other(f"/staff/programmes/{programme_id}?done={note}")


def _note(request: AnyRequest) -> str | None:
    moved = str(request.query_params.get("moved", ""))
    if moved.isdecimal() and len(moved) <= MOST_SAID:
        number = int(moved)
        words = ngettext("%(num)s person was moved.", "%(num)s people were moved.", number)
        return words % {"num": number}
    return note_of(request, NOTES)


async def refused_page(
    request: AnyRequest, programme_id: int, form: VersionedForm, refused: Refused
) -> Response[str]:
    """The edition as it stands, with why it was not changed."""
    programme = await provide_programme(programme_id)
    form.refuse(refused)
    if isinstance(refused, Stale):
        form.version.data = str(programme["version"])
    return await _programme_page(request, programme, form, status_code=409)


async def _programme_page(
    request: AnyRequest, programme: Row, form: VersionedForm, status_code: int = 200
) -> Response[str]:
    can_edit = programmes.may_edit(request.user)
    editions = await programmes.editions(programme["code"])
    open_ = programme["published_at"] is not None and programme["retired_at"] is None
    return page(
        request,
        "training/programme.html",
        programme=programme,
        form=form,
        requirements=await requirements.listed(programme),
        editions=[row for row in editions if row["id"] != programme["id"]],
        is_open=open_,
        can_edit=can_edit,
        can_add_edition=can_edit and all(row["published_at"] for row in editions),
        behind=len(await enrolments.behind(programme)) if open_ else 0,
        people=(await queries.how_many())[1].get(programme["id"], 0),
        note_words=_note(request),
        status_code=status_code,
    )


def _form_page(
    request: AnyRequest,
    form: ProgrammeForm,
    programme: Row | None = None,
    *,
    conflict: list[tuple[str, str, str]] | None = None,
    status_code: int = 200,
) -> Response[str]:
    return page(
        request,
        "training/programme_form.html",
        form=form,
        programme=programme,
        conflict=conflict,
        status_code=status_code,
    )


handlers = [
    list_programmes,
    new_programme,
    create_programme,
    show_programme,
    edit_programme,
    update_programme,
]
