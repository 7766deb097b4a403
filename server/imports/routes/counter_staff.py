"""Taking in counter staff, and who has completed a training, from a file."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.helpdesk import staff_trainings
from server.imports import completions, counter_staff
from server.imports.results import Result
from server.refusals import Refused
from server.roles import Role
from server.web import sheets
from server.web.forms import Form
from server.web.pages import page
from server.web.saying import say

AnyRequest = Request[Any, Any, Any]

COORDINATORS = {Role.coordinator}
LARGEST_FILE = 2 * 1024 * 1024  # bytes
LARGEST_BODY = LARGEST_FILE + 64 * 1024
MOST_SHOWN = 100
STAFF_PAGE = "/staff/counter-staff/import"
TRAINING_PAGE = "/staff/trainings/{training_id:int}/completions/import"


@dataclass(frozen=True)
class Import:
    """What a page takes in: its noun, the rules, where it lies, and what it leads back to."""

    noun: str
    rules: ModuleType
    load: Callable[..., Awaitable[Result]]
    action: str
    back: str
    name: str = ""


MEMBERS = Import("members", counter_staff, counter_staff.load, STAFF_PAGE, "/staff/counter-staff")


@get(STAFF_PAGE, roles=COORDINATORS)
async def new_member_import(request: AnyRequest) -> Response[str]:
    """Which file, and what it must hold."""
    return _import_page(request, MEMBERS, Form())


@get(f"{STAFF_PAGE}/form", roles=COORDINATORS)
async def show_member_form(request: AnyRequest) -> Response[bytes]:
    """An empty sheet with the right headings."""
    columns, texts = counter_staff.COLUMNS, counter_staff.TEXTS
    return sheets.blank(request, "counter-staff-form", columns, texts)


@post(STAFF_PAGE, roles=COORDINATORS, request_max_body_size=LARGEST_BODY)
async def create_member_import(request: AnyRequest) -> Response[str]:
    """Check the file whole; then, unless only a check was asked for, take all of it in."""
    return await _take_in(request, MEMBERS)


@get(TRAINING_PAGE, roles=COORDINATORS)
async def new_completion_import(request: AnyRequest, training_id: FromPath[int]) -> Response[str]:
    """Which file, and what it must hold."""
    return _import_page(request, await _of_training(training_id), Form())


@get(TRAINING_PAGE + "/form", roles=COORDINATORS)
async def show_completion_form(request: AnyRequest, training_id: FromPath[int]) -> Response[bytes]:
    """An empty sheet with the right headings."""
    await _of_training(training_id)
    return sheets.blank(request, "completions-form", completions.COLUMNS, completions.TEXTS)


@post(TRAINING_PAGE, roles=COORDINATORS, request_max_body_size=LARGEST_BODY)
async def create_completion_import(
    request: AnyRequest, training_id: FromPath[int]
) -> Response[str]:
    """Check the file whole; then, unless only a check was asked for, take all of it in."""
    return await _take_in(request, await _of_training(training_id))


async def _of_training(training_id: int) -> Import:
    row = await staff_trainings.get(training_id)
    if row is None:
        raise NotFoundException
    back = f"/staff/trainings/{training_id}"
    load = partial(completions.load, training_id)
    return Import("completions", completions, load, f"{back}/completions/import", back, row["name"])


async def _take_in(request: AnyRequest, what: Import) -> Response[str]:
    typed = await request.form()
    form = Form()
    file = typed.get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    if not content:
        form.refuse(Refused("Please choose a file."))
        return _import_page(request, what, form, status_code=422)
    check_only = typed.get("check") is not None
    try:
        result = await what.load(content, check_only=check_only, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return _import_page(request, what, form, status_code=422)
    status_code = 422 if result.problems else 200
    return _import_page(request, what, form, result, checked=check_only, status_code=status_code)


def _import_page(
    request: AnyRequest,
    what: Import,
    form: Form,
    result: Result | None = None,
    *,
    checked: bool = False,
    status_code: int = 200,
) -> Response[str]:
    problems = result.problems if result else []
    return page(
        request,
        "imports/counter_staff.html",
        form=form,
        what=what,
        result=result,
        checked=checked,
        columns=what.rules.COLUMNS,
        required=what.rules.REQUIRED,
        employments=list(counter_staff.EMPLOYMENTS),
        problems=[
            {"row": each.row, "column": each.column, "value": each.value, "words": say(each.reason)}
            for each in problems[:MOST_SHOWN]
        ],
        more=max(len(problems) - MOST_SHOWN, 0),
        status_code=status_code,
    )


handlers: list[Any] = [
    new_member_import,
    show_member_form,
    create_member_import,
    new_completion_import,
    show_completion_form,
    create_completion_import,
]
