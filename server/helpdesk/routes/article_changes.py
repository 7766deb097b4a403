"""What happens to an article as a whole, and its pictures: published, looked at, retired."""

from collections.abc import Awaitable
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.helpdesk import articles, pictures
from server.helpdesk.routes.article_forms import PictureForm, next_review
from server.helpdesk.routes.articles import (
    READS_ARTICLES,
    WRITES_ARTICLES,
    article_page,
    done,
    provide_article,
)
from server.refusals import Refused
from server.web.validators import header
from server.web.versions import VersionedForm

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

ROOM_BESIDE = 64 * 1024  # bytes of an upload besides its file


@post("/staff/articles/{article_id:int}/publication", roles=WRITES_ARTICLES)
async def create_publication(request: AnyRequest, article_id: FromPath[int]) -> Response[Any]:
    """Offer it to the desks, and to residents where it is for them."""
    form = VersionedForm(await request.form())
    act = articles.publish(article_id, version=form.seen, by=request.user)
    return await _changed(request, article_id, form, act, "published")


@post("/staff/articles/{article_id:int}/review", roles=WRITES_ARTICLES)
async def create_review(request: AnyRequest, article_id: FromPath[int]) -> Response[Any]:
    """It still holds: look at it again in a year."""
    form = VersionedForm(await request.form())
    act = articles.review(article_id, next_review(), version=form.seen, by=request.user)
    return await _changed(request, article_id, form, act, "reviewed")


@post("/staff/articles/{article_id:int}/retirement", roles=WRITES_ARTICLES)
async def create_retirement(request: AnyRequest, article_id: FromPath[int]) -> Response[Any]:
    """Offer it no more."""
    form = VersionedForm(await request.form())
    act = articles.retire(article_id, version=form.seen, by=request.user)
    return await _changed(request, article_id, form, act, "retired")


@post("/staff/articles/{article_id:int}/return", roles=WRITES_ARTICLES)
async def create_return(request: AnyRequest, article_id: FromPath[int]) -> Response[Any]:
    """Offer a retired one again."""
    form = VersionedForm(await request.form())
    act = articles.bring_back(article_id, version=form.seen, by=request.user)
    return await _changed(request, article_id, form, act, "brought_back")


@post(
    "/staff/articles/{article_id:int}/pictures",
    roles=WRITES_ARTICLES,
    request_max_body_size=pictures.LARGEST_FILE + ROOM_BESIDE,
)
async def create_picture(request: AnyRequest, article_id: FromPath[int]) -> Response[Any]:
    """Put a picture beside a step."""
    article = await provide_article(article_id)
    typed = await request.form()
    form, file = PictureForm(typed), typed.get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    sound = form.validate()
    if not content:
        form.refuse(Refused("Please choose a file."))
    if not sound or not content:
        return await _refused(request, article, VersionedForm(), form, 422)
    try:
        await pictures.add(
            article_id, form.step.data or 0, form.typed("description"), content, by=request.user
        )
    except Refused as refused:
        form.refuse(refused)
        return await _refused(request, article, VersionedForm(), form, 409)
    return done(article_id, "picture")


@post("/staff/articles/{article_id:int}/pictures/{picture_id:int}/voiding", roles=WRITES_ARTICLES)
async def create_voiding(
    request: AnyRequest, article_id: FromPath[int], picture_id: FromPath[int]
) -> Response[Any]:
    """Take a picture away."""
    form = VersionedForm(await request.form())
    act = pictures.void(picture_id, by=request.user)
    return await _changed(request, article_id, form, act, "picture_gone")


@get("/staff/articles/pictures/{picture_id:int}/{digest:str}", roles=READS_ARTICLES)
async def show_staff_picture(
    request: AnyRequest, picture_id: FromPath[int], digest: FromPath[str]
) -> Response[bytes]:
    """A picture of any article, of a draft too."""
    return await picture_answer(request, picture_id, digest, public=False)


async def picture_answer(
    request: AnyRequest, picture_id: int, digest: str, *, public: bool
) -> Response[bytes]:
    """The picture at an address that names its content: kept for a day, asked for once.

    Only a day, so that a picture that was taken away is soon gone everywhere.
    """
    picture = await pictures.get(picture_id, public=public)
    if picture is None or picture["digest"] != digest:
        raise NotFoundException
    who = "public" if public else "private"
    headers = {"etag": f'"{digest}"', "cache-control": f"{who}, max-age=86400"}
    if header(request.scope, b"if-none-match") in (headers["etag"], "*"):
        return Response(b"", status_code=304, headers=headers)
    content = await pictures.content(picture_id)
    return Response(content, media_type=picture["media_type"], headers=headers)


async def _changed(
    request: AnyRequest, article_id: int, form: VersionedForm, act: Awaitable[Any], note: str
) -> Response[Any]:
    try:
        await act
    except Refused as refused:
        form.refuse(refused)
        article = await provide_article(article_id)
        return await _refused(request, article, form, PictureForm(), 409)
    return done(article_id, note)


async def _refused(
    request: AnyRequest, article: Row, form: VersionedForm, picture: PictureForm, status: int
) -> Response[str]:
    return await article_page(request, article, form, picture, status_code=status)


handlers = [
    create_publication,
    create_review,
    create_retirement,
    create_return,
    create_picture,
    create_voiding,
    show_staff_picture,
]
