"""The list of lecturers from outside."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.refusals import Refused
from server.supporters import lecturers
from server.supporters.forms import LecturerForm
from server.supporters.routes.notes import NOTES, done
from server.supporters.routes.register import COORDINATORS
from server.web.form_page import Asking, form_page
from server.web.forms import Form
from server.web.pages import note_of, page
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

LIST = "/staff/lecturers"


@get(LIST, roles=COORDINATORS)
async def list_lecturers(request: AnyRequest) -> Response[str]:
    """Who can be asked to teach."""
    return await _list_page(request, Form())


@get("/staff/lecturers/new", roles=COORDINATORS)
async def new_lecturer(request: AnyRequest) -> Response[str]:
    """A form for a lecturer."""
    return _form_page(request, LecturerForm())


@post("/staff/lecturers/new", roles=COORDINATORS)
async def create_lecturer(request: AnyRequest) -> Response[Any]:
    """Put a lecturer on the list."""
    form = LecturerForm(await request.form())
    if not form.validate():
        return _form_page(request, form, status_code=422)
    await lecturers.add(form.facts(), by=request.user)
    return done(LIST, "added")


@get("/staff/lecturers/{lecturer_id:int}/edit", roles=COORDINATORS)
async def edit_lecturer(request: AnyRequest, lecturer_id: FromPath[int]) -> Response[str]:
    """A lecturer, to be changed."""
    lecturer = await _provide_lecturer(lecturer_id)
    return _form_page(request, LecturerForm(data=lecturer), lecturer)


@post("/staff/lecturers/{lecturer_id:int}/edit", roles=COORDINATORS)
async def update_lecturer(request: AnyRequest, lecturer_id: FromPath[int]) -> Response[Any]:
    """Save what was changed."""
    lecturer = await _provide_lecturer(lecturer_id)
    form = LecturerForm(await request.form())
    if not form.validate():
        return _form_page(request, form, lecturer, status_code=422)
    await lecturers.edit(lecturer_id, form.facts(), by=request.user)
    return done(LIST, "saved")


@post("/staff/lecturers/{lecturer_id:int}/archiving", roles=COORDINATORS)
async def create_archiving(request: AnyRequest, lecturer_id: FromPath[int]) -> Response[Any]:
    """Take a lecturer off the list."""
    await _provide_lecturer(lecturer_id)
    try:
        await lecturers.archive(lecturer_id, by=request.user)
    except Refused as refused:
        form = Form()
        form.refuse(refused)
        return await _list_page(request, form, status_code=409)
    return done(LIST, "archived")


async def _provide_lecturer(lecturer_id: int) -> Row:
    lecturer = await lecturers.get(lecturer_id)
    if lecturer is None:
        raise NotFoundException
    return lecturer


async def _list_page(request: AnyRequest, form: Form, status_code: int = 200) -> Response[str]:
    return page(
        request,
        "supporters/lecturers.html",
        form=form,
        rows=await lecturers.listed(),
        note_words=note_of(request, NOTES),
        status_code=status_code,
    )


def _form_page(
    request: AnyRequest, form: LecturerForm, lecturer: Row | None = None, status_code: int = 200
) -> Response[str]:
    return form_page(
        request,
        form,
        Asking(
            title=_("Edit a lecturer") if lecturer else _("Add a lecturer"),
            back=LIST,
            action=f"{LIST}/{lecturer['id']}/edit" if lecturer else f"{LIST}/new",
            button=_("Save") if lecturer else _("Add to the list"),
        ),
        status_code=status_code,
    )


handlers = [
    list_lecturers,
    new_lecturer,
    create_lecturer,
    edit_lecturer,
    update_lecturer,
    create_archiving,
]
