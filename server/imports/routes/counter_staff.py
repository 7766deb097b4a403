"""Taking in counter staff, and who has completed a training, from a file."""

from functools import partial
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.counter_staff import staff_trainings
from server.imports import completions, counter_staff
from server.imports.routes import files
from server.imports.routes.files import LARGEST_BODY, AnyRequest, FileKind
from server.roles import Role

COORDINATORS = {Role.coordinator}
STAFF_PAGE = "/staff/counter-staff/import"
TRAINING_PAGE = "/staff/trainings/{training_id:int}/completions/import"
MEMBERS = FileKind(
    counter_staff, counter_staff.load, "counter_staff", STAFF_PAGE, "/staff/counter-staff"
)


@get(STAFF_PAGE, roles=COORDINATORS)
async def new_member_import(request: AnyRequest) -> Response[str]:
    """Which file, and what it must hold."""
    return files.ask(request, MEMBERS)


@get(f"{STAFF_PAGE}/form", roles=COORDINATORS)
async def show_member_form(request: AnyRequest) -> Response[bytes]:
    """An empty sheet with the right headings."""
    return files.blank(request, MEMBERS)


@post(STAFF_PAGE, roles=COORDINATORS, request_max_body_size=LARGEST_BODY)
async def create_member_import(request: AnyRequest) -> Response[str]:
    """Check the file whole; then, unless only a check was asked for, take all of it in."""
    return await files.take_in(request, MEMBERS)


@get(TRAINING_PAGE, roles=COORDINATORS)
async def new_completion_import(request: AnyRequest, training_id: FromPath[int]) -> Response[str]:
    """Which file, and what it must hold."""
    return files.ask(request, await _of_training(training_id))


@get(TRAINING_PAGE + "/form", roles=COORDINATORS)
async def show_completion_form(request: AnyRequest, training_id: FromPath[int]) -> Response[bytes]:
    """An empty sheet with the right headings."""
    return files.blank(request, await _of_training(training_id))


@post(TRAINING_PAGE, roles=COORDINATORS, request_max_body_size=LARGEST_BODY)
async def create_completion_import(
    request: AnyRequest, training_id: FromPath[int]
) -> Response[str]:
    """Check the file whole; then, unless only a check was asked for, take all of it in."""
    return await files.take_in(request, await _of_training(training_id))


async def _of_training(training_id: int) -> FileKind:
    row = await staff_trainings.get(training_id)
    if row is None:
        raise NotFoundException
    back = f"/staff/trainings/{training_id}"
    load = partial(completions.load, training_id)
    address = f"{back}/completions/import"
    return FileKind(completions, load, "completions", address, back, row["name"])


handlers: list[Any] = [
    new_member_import,
    show_member_form,
    create_member_import,
    new_completion_import,
    show_completion_form,
    create_completion_import,
]
