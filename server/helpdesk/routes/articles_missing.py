"""The articles to write: what nothing answered, set aside where none is to be written."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.helpdesk import articles, desks, missing
from server.helpdesk.missing import Picked
from server.helpdesk.routes.articles import READS_ARTICLES, WRITES_ARTICLES
from server.helpdesk.routes.missing_forms import picked, ticks, urls
from server.refusals import Refused
from server.web.addresses import whole
from server.web.forms import Form
from server.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]

LIST = "/staff/articles/missing"


@get(LIST, roles=READS_ARTICLES)
async def list_missing(request: AnyRequest) -> Response[str]:
    """What nothing answered; below it what was settled last, each with a way back."""
    reads_contacts = bool(WRITES_ARTICLES & request.user.roles)
    own = desks.readable(missing.ANY, request.user) if reads_contacts else missing.ANY
    latest = await missing.latest()
    settled = whole(request.query_params.get("settled"))
    return page(
        request,
        "helpdesk/articles_missing.html",
        rows=[row | urls(row) for row in await missing.lines(own)],
        only=own.only,
        latest=latest,
        settled=next((row for row in latest if row["id"] == settled), None),
        can_write=articles.may_edit(request.user),
        reads_contacts=reads_contacts,
    )


@get(f"{LIST}/{{topic_id:int}}", roles=WRITES_ARTICLES)
async def show_missing(request: AnyRequest, topic_id: FromPath[int]) -> Response[str]:
    """The contacts of one line, to write from their notes or to set some aside."""
    return await _contacts_page(request, topic_id, Form())


@post(f"{LIST}/{{topic_id:int}}/setting-aside", roles=WRITES_ARTICLES)
async def create_setting_aside(request: AnyRequest, topic_id: FromPath[int]) -> Response[Any]:
    """No article is to be written for these."""
    chosen = picked(request, await request.form(), topic_id)
    if not (chosen.ids or chosen.until or chosen.unnoted_until):
        form = Form()
        form.refuse(Refused("Please tick at least one contact."))
        return await _contacts_page(request, topic_id, form, chosen, status_code=422)
    settled = await missing.set_aside(chosen, by=request.user)
    return see_other(f"{LIST}?settled={settled}" if settled else LIST)


@post(f"{LIST}/settled/{{settled_id:int}}/return", roles=WRITES_ARTICLES)
async def create_return(request: AnyRequest, settled_id: FromPath[int]) -> Response[Any]:
    """Put back on the list what was settled at once."""
    await missing.put_back(settled_id, by=request.user)
    return see_other(LIST)


async def _contacts_page(
    request: AnyRequest,
    topic_id: int,
    form: Form,
    posted: Picked | None = None,
    status_code: int = 200,
) -> Response[str]:
    procedure_id = whole(request.query_params.get("procedure"))
    found = await ticks(request, topic_id, procedure_id, posted)
    if found is None:
        raise NotFoundException
    return page(
        request,
        "helpdesk/articles_missing_contacts.html",
        missing=found,
        form=form,
        candidates=await missing.candidates(topic_id, procedure_id),
        status_code=status_code,
    )


handlers = [list_missing, show_missing, create_setting_aside, create_return]
