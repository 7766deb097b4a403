"""The video of a training: taken in as it arrives, sent in the parts that a player asks for."""

from collections.abc import AsyncIterator
from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.types import ASGIApp
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from server.counter_staff import videos
from server.counter_staff.routes.staff_notes import COORDINATORS, done
from server.counter_staff.routes.staff_trainings import LIST, provide_training, training_page
from server.refusals import Refused
from server.web.access import STAFF
from server.web.forms import Form
from server.web.ranges import FilePart

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

FIELD = "video"
MOST_HEARD = 4 * videos.MOST_BYTES  # of a file that is refused


@get(LIST + "/{training_id:int}/video", roles=STAFF, streams=True)
async def show_video(training_id: FromPath[int]) -> ASGIApp:
    """The file, or the part of it that was asked for."""
    row = await videos.of(training_id)
    if row is None or not videos.path_of(row).is_file():
        raise NotFoundException
    return FilePart(videos.path_of(row), row["size"], row["media_type"], row["digest"])


@post(LIST + "/{training_id:int}/video", roles=COORDINATORS, request_max_body_size=None)
async def create_video(request: AnyRequest, training_id: FromPath[int]) -> Response[Any]:
    """Take a video in, piece by piece onto the disk; nothing of it is left where it is refused."""
    row = await provide_training(training_id)
    body = _pieces(request)
    try:
        await videos.check_may_keep(training_id, request.user)
        async with videos.receiving() as draft:
            name = await _receive(request, body, draft)
            await videos.keep(training_id, draft, name, by=request.user)
    except Refused as refused:
        await _let_run_out(body)
        form = Form()
        form.refuse(refused)
        return await training_page(request, row, form, status_code=422)
    return done(f"{LIST}/{training_id}", "uploaded")


@post(LIST + "/{training_id:int}/video/removal", roles=COORDINATORS)
async def create_video_removal(request: AnyRequest, training_id: FromPath[int]) -> Response[Any]:
    """Take the video out."""
    row = await provide_training(training_id)
    try:
        await videos.remove(training_id, by=request.user)
    except Refused as refused:
        form = Form()
        form.refuse(refused)
        return await training_page(request, row, form, status_code=409)
    return done(f"{LIST}/{training_id}", "removed")


async def _receive(request: AnyRequest, body: AsyncIterator[bytes], draft: videos.Draft) -> str:
    """Write the first file of the form into the draft; gives the name that it has at home."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise Refused("Please choose a file.")
    name = ""
    try:
        with PushMultipartParser(options["boundary"], max_segment_count=8) as parser:
            wanted = False
            async for chunk in body:
                for event in parser.parse(chunk) if chunk else ():
                    if isinstance(event, MultipartSegment):
                        wanted = not name and event.name == FIELD and bool(event.filename)
                        name = event.filename or "" if wanted else name
                    elif event and wanted:
                        await draft.write(bytes(event))
    except MultipartError as broken:
        raise Refused("The file did not arrive whole. Please send it again.") from broken
    if not draft.size:
        raise Refused("Please choose a file.")
    return name


async def _pieces(request: AnyRequest) -> AsyncIterator[bytes]:
    """What arrives, until it ends or the browser is gone."""
    more = True
    while more:
        event = await request.receive()
        if event["type"] != "http.request":
            return
        yield event["body"]
        more = event["more_body"]


async def _let_run_out(body: AsyncIterator[bytes]) -> None:
    """Hear the browser out: one that is still sending would not read the answer."""
    heard = 0
    async for piece in body:
        heard += len(piece)
        if heard > MOST_HEARD:
            break


handlers: list[Any] = [show_video, create_video, create_video_removal]
