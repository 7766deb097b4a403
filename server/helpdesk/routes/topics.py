"""Topics: the list, a new one, a changed one, and the list as a file."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from server.helpdesk.routes.masters import NOTES, NOUNS, SEES_MASTERS, done, history, provide
from server.helpdesk.routes.topic_forms import TopicForm
from server.refusals import Refused
from server.topics import masters, topics
from server.web import sheets
from server.web.pages import note_of, page
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

TOPICS = NOUNS["topics"]


@get("/staff/topics", roles=SEES_MASTERS)
async def list_topics(request: AnyRequest) -> Response[str]:
    """Every topic in its tree, retired ones below; one statement."""
    rows = await topics.everything()
    return page(
        request,
        "helpdesk/topics.html",
        rows=[row for row in rows if row["in_use"]],
        retired=[row for row in rows if not row["in_use"]],
        can_edit=masters.may_edit(request.user),
        note_words=note_of(request, NOTES),
    )


@get("/staff/topics/file", roles=SEES_MASTERS)
async def export_topics(request: AnyRequest) -> Response[bytes]:
    """The topics in use, as the import takes them, in CSV or Excel."""
    codes = {row["id"]: row["code"] for row in await topics.everything()}
    rows = [
        (row["code"], row["name"], codes.get(row["parent"], ""), row["position"])
        for row in await topics.listed()
    ]
    return sheets.download(request, "topics", topics.COLUMNS, rows)


@get("/staff/topics/new", roles=SEES_MASTERS)
async def new_topic(request: AnyRequest) -> Response[str]:
    """The form for a new topic, which comes last until it is moved."""
    offered = await topics.listed()
    last = max((row["position"] for row in offered), default=-1)
    form = TopicForm(None, _tops(offered), {"position": last + 1}, new=True)
    return await _form_page(request, form)


@post("/staff/topics/new", roles=SEES_MASTERS)
async def create_topic(request: AnyRequest) -> Response[Any]:
    """Add a topic."""
    form = TopicForm(await request.form(), _tops(await topics.listed()), {}, new=True)
    if not form.validate():
        return await _form_page(request, form, status_code=422)
    try:
        await topics.create(form.facts(), by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return await _form_page(request, form, status_code=409)
    return done(TOPICS, "created")


@get("/staff/topics/{row_id:int}/edit", roles=SEES_MASTERS)
async def edit_topic(request: AnyRequest, row_id: FromPath[int]) -> Response[str]:
    """The form for a topic, and what was changed of it."""
    topic = await provide(TOPICS, row_id)
    return await _form_page(request, TopicForm(None, await _parents(topic), topic), topic)


@post("/staff/topics/{row_id:int}/edit", roles=SEES_MASTERS)
async def update_topic(request: AnyRequest, row_id: FromPath[int]) -> Response[Any]:
    """Save a topic beside what others have saved; show what two have changed."""
    topic = await provide(TOPICS, row_id)
    parents = await _parents(topic)
    form = TopicForm(await request.form(), parents, topic)
    if not form.validate():
        return await _form_page(request, form, topic, status_code=422)
    note = "saved"
    if form.seen != topic["version"]:
        conflict = form.merge(TopicForm(None, parents, topic))
        if conflict:
            return await _form_page(request, form, topic, conflict=conflict, status_code=409)
        note = "merged"
    try:
        await topics.edit(row_id, form.facts(), version=form.seen, by=request.user)
    except Refused as refused:
        form.refuse(refused)
        return await _form_page(request, form, topic, status_code=409)
    return done(TOPICS, note)


def _tops(rows: list[Row], own_id: int = 0) -> list[Row]:
    return [row for row in rows if row["parent"] is None and row["id"] != own_id]


async def _parents(topic: Row) -> list[Row]:
    """The topics in use that it may stand under, and the one that it stands under."""
    every = await topics.everything()
    kept = topic["parent"]
    return [row for row in _tops(every, topic["id"]) if row["in_use"] or row["id"] == kept]


async def _form_page(
    request: AnyRequest,
    form: TopicForm,
    topic: Row | None = None,
    *,
    conflict: list[tuple[str, str, str]] | None = None,
    status_code: int = 200,
) -> Response[str]:
    return page(
        request,
        "helpdesk/master_form.html",
        form=form,
        row=topic,
        title=_("Change this topic") if topic else _("Add a topic"),
        button=_("Save") if topic else _("Add this topic"),
        path=TOPICS.path,
        history=await history(TOPICS, topic["id"], {}) if topic else [],
        can_edit=masters.may_edit(request.user),
        conflict=conflict,
        status_code=status_code,
    )


handlers = [list_topics, export_topics, new_topic, create_topic, edit_topic, update_topic]
