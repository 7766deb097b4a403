"""Taking in topics and procedures from a file."""

from types import ModuleType
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile

from server.imports import procedures, topics
from server.imports.results import Result
from server.refusals import Refused
from server.roles import Role
from server.topics.masters import check_may_edit
from server.web import sheets
from server.web.forms import Form
from server.web.pages import page
from server.web.saying import say

AnyRequest = Request[Any, Any, Any]

SEES_MASTERS = {Role.coordinator, Role.administrator}
LARGEST_FILE = 2 * 1024 * 1024  # bytes
MOST_SHOWN = 100
KINDS: dict[str, ModuleType] = {"topics": topics, "procedures": procedures}
PAGES = ("/staff/topics/import", "/staff/procedures/import")
FORMS = ("/staff/topics/import/form", "/staff/procedures/import/form")


@get([*PAGES], roles=SEES_MASTERS)
async def new_master_import(request: AnyRequest) -> Response[str]:
    """Which file, and what it must hold."""
    check_may_edit(request.user)
    return _import_page(request, Form())


@get([*FORMS], roles=SEES_MASTERS)
async def show_master_form(request: AnyRequest) -> Response[bytes]:
    """An empty sheet with the right headings."""
    name = _name(request)
    return sheets.blank(request, f"{name}-form", KINDS[name].COLUMNS, KINDS[name].TEXTS)


@post([*PAGES], roles=SEES_MASTERS, request_max_body_size=LARGEST_FILE + 64 * 1024)
async def create_master_import(request: AnyRequest) -> Response[str]:
    """Check the file whole; then, unless only a check was asked for, take all of it in."""
    check_may_edit(request.user)
    typed = await request.form()
    form = Form()
    file = typed.get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    if not content:
        form.refuse(Refused("Please choose a file."))
        return _import_page(request, form, status_code=422)
    check_only = typed.get("check") is not None
    try:
        result = await KINDS[_name(request)].load(content, check_only=check_only, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return _import_page(request, form, status_code=422)
    status_code = 422 if result.problems else 200
    return _import_page(request, form, result, checked=check_only, status_code=status_code)


def _name(request: AnyRequest) -> str:
    return request.url.path.split("/")[2]


def _import_page(
    request: AnyRequest,
    form: Form,
    result: Result | None = None,
    *,
    checked: bool = False,
    status_code: int = 200,
) -> Response[str]:
    problems = result.problems if result else []
    name = _name(request)
    return page(
        request,
        "imports/masters.html",
        form=form,
        noun=name,
        result=result,
        checked=checked,
        columns=KINDS[name].COLUMNS,
        required=KINDS[name].REQUIRED,
        problems=[
            {"row": each.row, "column": each.column, "value": each.value, "words": say(each.reason)}
            for each in problems[:MOST_SHOWN]
        ],
        more=max(len(problems) - MOST_SHOWN, 0),
        status_code=status_code,
    )


handlers = [new_master_import, show_master_form, create_master_import]
