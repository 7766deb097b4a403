"""What becomes of an edition: published, closed to new people, followed by the next one."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from server.refusals import Refused
from server.training import enrolments, programmes
from server.training.routes.programmes import (
    SEES_PROGRAMMES,
    done,
    provide_programme,
    refused_page,
)
from server.web.pages import page, see_other
from server.web.versions import VersionedForm

AnyRequest = Request[Any, Any, Any]


@post("/staff/programmes/{programme_id:int}/publication", roles=SEES_PROGRAMMES)
async def create_publication(request: AnyRequest, programme_id: FromPath[int]) -> Response[Any]:
    """Publish a draft, as it was seen."""
    form = VersionedForm(await request.form())
    try:
        await programmes.publish(programme_id, version=form.seen, by=request.user)
    except Refused as refused:
        return await refused_page(request, programme_id, form, refused)
    return done(programme_id, "published")


@get("/staff/programmes/{programme_id:int}/retirement", roles=SEES_PROGRAMMES)
async def new_retirement(request: AnyRequest, programme_id: FromPath[int]) -> Response[str]:
    """Ask once whether nobody new is to be taken into an edition."""
    programme = await provide_programme(programme_id)
    form = VersionedForm(data={"version": programme["version"]})
    return page(request, "training/programme_retirement.html", form=form, programme=programme)


@post("/staff/programmes/{programme_id:int}/retirement", roles=SEES_PROGRAMMES)
async def create_retirement(request: AnyRequest, programme_id: FromPath[int]) -> Response[Any]:
    """Take nobody new into an edition."""
    form = VersionedForm(await request.form())
    try:
        await programmes.retire(programme_id, version=form.seen, by=request.user)
    except Refused as refused:
        return await refused_page(request, programme_id, form, refused)
    return done(programme_id, "retired")


@post("/staff/programmes/{programme_id:int}/edition", roles=SEES_PROGRAMMES)
async def create_edition(request: AnyRequest, programme_id: FromPath[int]) -> Response[Any]:
    """Make the next edition, a draft, and go on to it."""
    form = VersionedForm(await request.form())
    try:
        edition = await programmes.add_edition(programme_id, by=request.user)
    except Refused as refused:
        return await refused_page(request, programme_id, form, refused)
    return done(edition["id"], "edition")


@post("/staff/programmes/{programme_id:int}/moving", roles=SEES_PROGRAMMES)
async def create_moving(request: AnyRequest, programme_id: FromPath[int]) -> Response[Any]:
    """Move everybody in an older edition to this one."""
    form = VersionedForm(await request.form())
    try:
        moved = await enrolments.move_all(programme_id, by=request.user)
    except Refused as refused:
        return await refused_page(request, programme_id, form, refused)
    return see_other(f"/staff/programmes/{programme_id}?moved={moved}")


handlers = [create_publication, new_retirement, create_retirement, create_edition, create_moving]
