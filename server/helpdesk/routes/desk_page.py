"""The desk page as it is shown: what is offered, what is kept, what was logged last (H1)."""

from typing import Any

from litestar import Request, Response
from litestar.exceptions import NotFoundException, PermissionDeniedException

from server.helpdesk import call_list, contacts, corrections, desks
from server.helpdesk.routes.contact_words import in_words
from server.helpdesk.routes.desk_keys import keys
from server.helpdesk.routes.due_forms import due_options
from server.helpdesk.routes.press_forms import DeskForms
from server.helpdesk.tables import ContactChannel
from server.places import directory
from server.places.tables import District
from server.refusals import N_
from server.topics import procedures, topics
from server.web.pages import page
from server.web.words import gettext

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

NO_CLASS = N_(
    "A class is recorded when it is booked from the list of classes. Without a booking, please"
    " choose another outcome."
)


async def provide_desk(request: AnyRequest, desk_id: int) -> Row:
    """The desk, where she may log; one that is archived says so (409)."""
    desk = await provide_own_desk(request, desk_id)
    desks.check_may_log(desk, request.user)
    return desk


async def provide_own_desk(request: AnyRequest, desk_id: int) -> Row:
    """A desk of hers, be it archived: what was typed there is shown again, and the rule says no."""
    desk = await desks.get(desk_id)
    if desk is None:
        raise NotFoundException
    if not desks.may_log(desk, request.user):
        raise PermissionDeniedException
    return desk


async def provide_current(request: AnyRequest, contact_id: int) -> tuple[Row, Row]:
    """The contact, or what replaced it, and its desk, as far as the desk is hers."""
    contact = await corrections.current(contact_id)
    desk = await desks.get(contact["desk"]) if contact else None
    if contact is None or desk is None or not desks.may_log(desk, request.user):
        raise NotFoundException
    return contact, desk


def usual_channel(desk: Row) -> str:
    """The way that is chosen already: the counter in a building, else the phone."""
    return ContactChannel.counter if desk["venue"] else ContactChannel.phone


async def desk_page(
    request: AnyRequest,
    desk: Row,
    forms: DeskForms,
    *,
    note_words: str | None = None,
    standing: Row | None = None,
    status_code: int = 200,
) -> Response[str]:
    """The page of a desk with what was tapped and typed; `standing` of a contact taken back."""
    ever, known = await topics.everything(), await procedures.listed()
    offered = [row for row in ever if row["in_use"]]
    districts = await District.select(District.id, District.name).order_by(District.position)
    forms.contact.offer(offered, known, districts)
    dues, owners = await due_options(), await call_list.owners()
    forms.call_back.offer(dues, owners)
    forms.tell.offer(dues, owners)
    forms.hand_over.offer(await directory.sections())
    parents = {row["id"]: row["parent"] for row in offered}
    return page(
        request,
        "helpdesk/desk.html",
        "last",
        desk=desk,
        form=forms,
        keys=keys(ever),
        no_class=gettext(NO_CLASS),
        topic_of={str(row["id"]): _families(row["topic"], parents) for row in known},
        usual={"channel": usual_channel(desk), "minutes": _usual_minutes(desk)},
        note_words=note_words,
        standing=standing,
        status_code=status_code,
        **await logged_here(desk["id"]),
    )


def _usual_minutes(desk: Row) -> dict[str, int]:
    return {str(each): desks.default_minutes(desk, each) for each in ContactChannel}


def _families(topic_id: int | None, parents: dict[int, int | None]) -> str:
    """The topics that a procedure is offered under: its own and the one above; "" for all."""
    found = (topic_id, parents.get(topic_id) if topic_id else None)
    return " ".join(str(each) for each in found if each)


async def logged_here(desk_id: int) -> Row:
    """What was logged last at a desk, and how many stand today."""
    return {
        "last": [in_words(row) for row in await contacts.last(desk_id)],
        "count": await contacts.count_today(desk_id),
    }
