"""Taking in topics and procedures from a file."""

from litestar import Response, get, post

from server.imports import procedures, topics
from server.imports.routes import files
from server.imports.routes.files import LARGEST_BODY, AnyRequest, FileKind
from server.roles import Role
from server.topics.masters import check_may_edit

SEES_MASTERS = {Role.coordinator, Role.administrator}
TOPICS = FileKind(topics, topics.load, "topics", "/staff/topics/import", "/staff/topics")
PROCEDURES = FileKind(
    procedures, procedures.load, "procedures", "/staff/procedures/import", "/staff/procedures"
)
KINDS = {kind.address: kind for kind in (TOPICS, PROCEDURES)}


@get([*KINDS], roles=SEES_MASTERS)
async def new_master_import(request: AnyRequest) -> Response[str]:
    """Which file, and what it must hold."""
    check_may_edit(request.user)
    return files.ask(request, KINDS[request.url.path])


@get([f"{address}/form" for address in KINDS], roles=SEES_MASTERS)
async def show_master_form(request: AnyRequest) -> Response[bytes]:
    """An empty sheet with the right headings."""
    return files.blank(request, KINDS[request.url.path.removesuffix("/form")])


@post([*KINDS], roles=SEES_MASTERS, request_max_body_size=LARGEST_BODY)
async def create_master_import(request: AnyRequest) -> Response[str]:
    """Check the file whole; then, unless only a check was asked for, take all of it in."""
    check_may_edit(request.user)
    return await files.take_in(request, KINDS[request.url.path])


handlers = [new_master_import, show_master_form, create_master_import]
