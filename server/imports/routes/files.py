"""One page that takes in a file: which file, what it must hold, what came of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from litestar import Request, Response
from litestar.datastructures import UploadFile

from server.imports.results import Result
from server.refusals import Refused
from server.web import sheets
from server.web.forms import Form
from server.web.pages import page
from server.web.saying import say

AnyRequest = Request[Any, Any, Any]

LARGEST_FILE = 2 * 1024 * 1024  # bytes
LARGEST_BODY = LARGEST_FILE + 64 * 1024
MOST_SHOWN = 100  # cells that are wrong


@dataclass(frozen=True)
class FileKind:
    """What a page takes in: the columns and rules, its template and address, the way back."""

    columns: ModuleType
    load: Callable[..., Awaitable[Result]]
    template: str
    address: str
    back: str
    name: str = ""


def ask(request: AnyRequest, kind: FileKind) -> Response[str]:
    """Which file, and what it must hold."""
    return _answer(request, kind, Form())


def blank(request: AnyRequest, kind: FileKind) -> Response[bytes]:
    """An empty sheet with the right headings."""
    name = f"{kind.template}-form"
    return sheets.blank(request, name, kind.columns.COLUMNS, kind.columns.TEXTS)


async def take_in(request: AnyRequest, kind: FileKind) -> Response[str]:
    """Check the file whole; then, unless only a check was asked for, take all of it in."""
    typed = await request.form()
    form = Form()
    file = typed.get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    check_only = typed.get("check") is not None
    try:
        if not content:
            raise Refused("Please choose a file.")
        result = await kind.load(content, check_only=check_only, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return _answer(request, kind, form, status_code=422)
    status_code = 422 if result.problems else 200
    return _answer(request, kind, form, result, checked=check_only, status_code=status_code)


def _answer(
    request: AnyRequest,
    kind: FileKind,
    form: Form,
    result: Result | None = None,
    *,
    checked: bool = False,
    status_code: int = 200,
) -> Response[str]:
    problems = result.problems if result else []
    return page(
        request,
        f"imports/{kind.template}.html",
        form=form,
        kind=kind,
        result=result,
        checked=checked,
        problems=[
            {"row": each.row, "column": each.column, "value": each.value, "words": say(each.reason)}
            for each in problems[:MOST_SHOWN]
        ],
        more=max(len(problems) - MOST_SHOWN, 0),
        status_code=status_code,
    )
