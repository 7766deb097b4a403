"""Articles for staff: read, written and changed."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.database import writing
from server.helpdesk import answers, articles, matches, missing, pictures
from server.helpdesk.missing import Picked
from server.helpdesk.routes.article_forms import ArticleForm, PictureForm, next_review, state_words
from server.helpdesk.routes.article_steps import steps_of
from server.helpdesk.routes.missing_forms import asked_ticks, picked
from server.places import directory
from server.refusals import Refused
from server.roles import Role
from server.topics import procedures, topics
from server.web.addresses import whole
from server.web.forms import Form
from server.web.pages import note_of, page, see_other
from server.web.versions import VersionedForm
from server.web.words import lazy as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

READS_ARTICLES = {Role.venue, Role.helpdesk, Role.coordinator, Role.administrator}
WRITES_ARTICLES = {Role.helpdesk, Role.coordinator}
NOTES = {
    "created": _("Saved as a draft. Desks see it once it is published."),
    "saved": _("Saved."),
    "merged": _("Saved. What somebody else changed in the meantime has been kept."),
    "published": _("Published."),
    "retired": _("Retired. It is no longer offered."),
    "brought_back": _("It is offered again."),
    "reviewed": _("Looked at. It comes up again in a year."),
    "picture": _("The picture has been added."),
    "picture_gone": _("The picture has been taken away."),
}


@get("/staff/articles/new", roles=WRITES_ARTICLES)
async def new_article(request: AnyRequest) -> Response[str]:
    """A form for an article, begun with a topic and a procedure where the address names them."""
    begun: Row = {name: whole(request.query_params.get(name)) for name in ("topic", "procedure")}
    begun |= {"owner": request.user.id, "public": True, "review_on": next_review()}
    return await _form_page(request, await article_form(None, begun))


@post("/staff/articles/new", roles=WRITES_ARTICLES)
async def create_article(request: AnyRequest) -> Response[Any]:
    """Save a draft, written for the contacts that are ticked."""
    posted = await request.form()
    form = await article_form(posted, None)
    behind = picked(request, posted, whole(request.query_params.get("topic")))
    if not form.validate():
        return await _form_page(request, form, behind=behind, status_code=422)
    try:
        async with writing():
            article = await articles.create(form.facts(), by=request.user)
            await missing.answer(article["id"], behind, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return await _form_page(request, form, behind=behind, status_code=409)
    return done(article["id"], "created")


@get("/staff/articles/{article_id:int}", roles=READS_ARTICLES)
async def show_article(request: AnyRequest, article_id: FromPath[int]) -> Response[str]:
    """What an article says, with its pictures, and what can be done with it."""
    article = await provide_article(article_id)
    return await article_page(request, article, VersionedForm(data=_seen(article)), PictureForm())


@get("/staff/articles/{article_id:int}/edit", roles=WRITES_ARTICLES)
async def edit_article(request: AnyRequest, article_id: FromPath[int]) -> Response[str]:
    """An article, to be changed."""
    article = await provide_article(article_id)
    articles.check_may_edit(request.user, article["section"])
    return await _form_page(request, await article_form(None, article), article)


@post("/staff/articles/{article_id:int}/edit", roles=WRITES_ARTICLES)
async def update_article(request: AnyRequest, article_id: FromPath[int]) -> Response[Any]:
    """Save an article beside what others have saved; show what two have changed."""
    article = await provide_article(article_id)
    posted = await request.form()
    form = await article_form(posted, article)
    behind = picked(request, posted, whole(request.query_params.get("topic")))
    if not form.validate():
        return await _form_page(request, form, article, behind=behind, status_code=422)
    note = "saved"
    if form.seen != article["version"]:
        conflict = form.merge(await article_form(None, article))
        if conflict:
            return await _form_page(
                request, form, article, behind=behind, conflict=conflict, status_code=409
            )
        note = "merged"
    try:
        async with writing():
            await articles.edit(article_id, form.facts(), version=form.seen, by=request.user)
            await missing.answer(article_id, behind, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return await _form_page(request, form, article, behind=behind, status_code=409)
    return done(article_id, note)


async def provide_article(article_id: int) -> Row:
    """The article with the names of what it belongs to, or 404."""
    article = await answers.shown(article_id)
    if article is None:
        raise NotFoundException
    return article


def done(article_id: int, note: str) -> Response[str]:
    """Go on to an article, which says what has been done."""
    return see_other(f"/staff/articles/{article_id}?done={note}")


async def article_page(
    request: AnyRequest,
    article: Row,
    form: Form,
    picture_form: PictureForm,
    status_code: int = 200,
) -> Response[str]:
    """An article as it stands, with why something was refused in either form."""
    shown = await pictures.of_article(article["id"])
    return page(
        request,
        "helpdesk/article.html",
        article=article,
        state=state_words(article),
        steps=steps_of(article, shown),
        form=form,
        version=article["version"],
        picture_form=picture_form,
        written_for=await missing.number_behind(article["id"]),
        number=(await matches.answered([article["id"]])).get(article["id"], 0),
        can_edit=articles.may_edit(request.user, article["section"]),
        reads_contacts=bool(WRITES_ARTICLES & request.user.roles),
        note_words=note_of(request, NOTES),
        status_code=status_code,
    )


async def article_form(formdata: FormMultiDict | None, data: Row | None) -> ArticleForm:
    """The form with what can be chosen, and with what the article holds although it is over."""
    offered = {
        "topic": [(row["id"], row["name"]) for row in await topics.listed()],
        "procedure": [(row["id"], row["name"]) for row in await procedures.listed()],
        "section": [(row["id"], row["name"]) for row in await directory.sections()],
        "owner": await answers.owners(),
    }
    for name, known in offered.items():
        chosen = data.get(name) if data else None
        if chosen and chosen not in dict(known) and f"{name}_name" in (data or {}):
            known.append((chosen, (data or {})[f"{name}_name"]))
    return ArticleForm(formdata, data, offered=offered)


async def _form_page(
    request: AnyRequest,
    form: ArticleForm,
    article: Row | None = None,
    *,
    behind: Picked | None = None,
    conflict: list[tuple[str, str, str]] | None = None,
    status_code: int = 200,
) -> Response[str]:
    """The form; reached from the articles to write it offers the contacts to tick."""
    return page(
        request,
        "helpdesk/article_form.html",
        form=form,
        article=article,
        missing=await asked_ticks(request, behind, beside=article["id"] if article else None),
        conflict=conflict,
        status_code=status_code,
    )


def _seen(article: Row) -> Row:
    return {"version": article["version"]}


handlers = [
    new_article,
    create_article,
    show_article,
    edit_article,
    update_article,
]
