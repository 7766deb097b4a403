"""Taking in supporters from before, from a file."""

from litestar import Response, get, post

from server.imports import supporters
from server.imports.routes import files
from server.imports.routes.files import LARGEST_BODY, AnyRequest, FileKind
from server.roles import Role
from server.supporters.schemes import check_may_manage

COORDINATORS = {Role.coordinator}
PAGE = "/staff/supporters/import"
SUPPORTERS = FileKind(supporters, supporters.load, "supporters", PAGE, "/staff/supporters")


@get(PAGE, roles=COORDINATORS)
async def new_supporter_import(request: AnyRequest) -> Response[str]:
    """Which file, and what it must hold."""
    check_may_manage(request.user)
    return files.ask(request, SUPPORTERS)


@get(f"{PAGE}/form", roles=COORDINATORS)
async def show_supporter_form(request: AnyRequest) -> Response[bytes]:
    """An empty sheet with the right headings."""
    return files.blank(request, SUPPORTERS)


@post(PAGE, roles=COORDINATORS, request_max_body_size=LARGEST_BODY)
async def create_supporter_import(request: AnyRequest) -> Response[str]:
    """Check the file whole; then, unless only a check was asked for, take all of it in."""
    check_may_manage(request.user)
    return await files.take_in(request, SUPPORTERS)


handlers = [new_supporter_import, show_supporter_form, create_supporter_import]
