"""Taking in supporters from before, from a file."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile

from server.imports import supporters
from server.imports.results import Result
from server.refusals import Refused
from server.roles import Role
from server.supporters.schemes import check_may_manage
from server.web import sheets
from server.web.forms import Form
from server.web.pages import page
from server.web.saying import say

AnyRequest = Request[Any, Any, Any]

COORDINATORS = {Role.coordinator}
LARGEST_FILE = 2 * 1024 * 1024  # bytes
MOST_SHOWN = 100


@get("/staff/supporters/import", roles=COORDINATORS)
async def new_supporter_import(request: AnyRequest) -> Response[str]:
    """Which file, and what it must hold."""
    check_may_manage(request.user)
    return _import_page(request, Form())


@get("/staff/supporters/import/form", roles=COORDINATORS)
async def show_supporter_form(request: AnyRequest) -> Response[bytes]:
    """An empty sheet with the right headings."""
    return sheets.blank(request, "supporters-form", supporters.COLUMNS, supporters.TEXTS)


@post(
    "/staff/supporters/import", roles=COORDINATORS, request_max_body_size=LARGEST_FILE + 64 * 1024
)
async def create_supporter_import(request: AnyRequest) -> Response[str]:
    """Check the file whole; then, unless only a check was asked for, take all of it in."""
    check_may_manage(request.user)
    typed = await request.form()
    form = Form()
    file = typed.get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    if not content:
        form.refuse(Refused("Please choose a file."))
        return _import_page(request, form, status_code=422)
    check_only = typed.get("check") is not None
    try:
        result = await supporters.load(content, check_only=check_only, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return _import_page(request, form, status_code=422)
    status_code = 422 if result.problems else 200
    return _import_page(request, form, result, checked=check_only, status_code=status_code)


def _import_page(
    request: AnyRequest,
    form: Form,
    result: Result | None = None,
    *,
    checked: bool = False,
    status_code: int = 200,
) -> Response[str]:
    problems = result.problems if result else []
    return page(
        request,
        "imports/supporters.html",
        form=form,
        result=result,
        checked=checked,
        columns=supporters.COLUMNS,
        required=supporters.REQUIRED,
        stages=list(supporters.STAGES),
        problems=[
            {"row": each.row, "column": each.column, "value": each.value, "words": say(each.reason)}
            for each in problems[:MOST_SHOWN]
        ],
        more=max(len(problems) - MOST_SHOWN, 0),
        status_code=status_code,
    )


handlers = [new_supporter_import, show_supporter_form, create_supporter_import]
