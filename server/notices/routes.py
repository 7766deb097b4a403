"""The call list: whom to tell what, and ticking off who has been told."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from server.audit import entries
from server.notices import outbox, queries
from server.notices.queries import Call
from server.notices.tables import NoticeChannel, subject_kind
from server.roles import Role
from server.web import dates
from server.web.addresses import whole
from server.web.pages import page, see_other
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]

CALLERS = {Role.coordinator, Role.helpdesk, Role.venue}


@get("/staff/calls", roles=CALLERS)
async def list_calls(request: AnyRequest) -> Response[str]:
    """Whom to tell, the class that starts first at the top; names, so the reading is audited."""
    calls = await queries.calls(request.user)
    told = await _told(request)
    shown = [*calls, told] if told else calls
    await entries.record_reading(
        "/staff/calls", "notice", [call.id for call in shown], by=request.user
    )
    return page(
        request,
        "notices/call_list.html",
        rows=[_row(call) for call in calls],
        told_words=_("Noted: %(name)s has been told.") % {"name": told.name} if told else None,
        undo_url=f"/staff/calls/{told.id}/untold" if told else None,
        note_words=_("Taken back.") if "untold" in request.query_params else None,
    )


@post("/staff/calls/{notice_id:int}/told", roles=CALLERS)
async def create_told(request: AnyRequest, notice_id: FromPath[int]) -> Response[Any]:
    """The person has been told; pressed twice, or by two people, it stays what it was."""
    calls = await queries.calls(request.user)
    call = next((each for each in calls if notice_id in each.ids), None)
    if call is not None:
        await outbox.mark_told(call.ids, by=request.user)
    elif await queries.told(request.user, notice_id) is None:
        raise NotFoundException
    return see_other(f"/staff/calls?told={notice_id}")


@post("/staff/calls/{notice_id:int}/untold", roles=CALLERS)
async def create_untold(request: AnyRequest, notice_id: FromPath[int]) -> Response[Any]:
    """The person has not been told after all and stands on the list again; twice, it stays so."""
    call = await queries.told(request.user, notice_id)
    if call is not None:
        await outbox.mark_untold(call.ids, by=request.user)
    elif all(notice_id not in each.ids for each in await queries.calls(request.user)):
        raise NotFoundException
    return see_other("/staff/calls?untold")


async def _told(request: AnyRequest) -> Call | None:
    number = whole(request.query_params.get("told"))
    return await queries.told(request.user, number) if number else None


def _row(call: Call) -> dict[str, Any]:
    return {
        "id": call.id,
        "starts_at": call.starts_at,
        "name": call.name,
        "reading": call.reading,
        "channel": call.channel,
        "phone": call.address if call.channel == NoticeChannel.phone else "",
        "address": call.address,
        "say_words": say_words(call),
        "done_url": f"/staff/calls/{call.id}/told",
    }


def say_words(call: Call) -> str:
    """What to say, in whole sentences."""
    facts = call.facts
    if call.occasion in queries.DECIDED:
        return _decided(call.occasion, facts["message"])
    known = {
        "title": facts["title"],
        "when": _when(facts["starts_at"], facts["ends_at"]),
        "where": _where(facts["venue"], facts["room"]),
    }
    if call.occasion == "session.moved":
        before = _when(facts["was_starts_at"], facts["was_ends_at"])
        place = _where(facts["was_venue"], facts["was_room"])
        helps = subject_kind(facts) == "assignment"
        said = _moved(known | {"before": before, "place": place}, helps)
    elif call.occasion == "assignment.taken_off":
        said = _("No more help is needed at “%(title)s” of %(when)s.") % known
    elif call.occasion == "assignment.added":
        said = _("You are down to help at “%(title)s” of %(when)s at %(where)s.") % known
    elif call.occasion == "session.added":
        said = _("“%(title)s” has one more date: %(when)s at %(where)s.") % known
    elif call.occasion == "course.called_off":
        said = _("“%(title)s”, which would be next on %(when)s, is called off.") % known
    else:
        said = _("“%(title)s” of %(when)s is called off.") % known
        if not facts.get("ended"):
            said += _(" The other dates stay as they are.")
    return said + _because(facts.get("reason", ""))


def _decided(occasion: str, message: str) -> str:
    if occasion == "supporter.accepted":
        said = _("The application to be a supporter is accepted.")
    else:
        said = _("The application to be a supporter could not be accepted.")
    return said + (_(" (Message: %(message)s)") % {"message": message} if message else "")


def _moved(known: dict[str, str], helps: bool) -> str:
    if known["before"] == known["when"]:
        return (
            _("“%(title)s” of %(when)s is held at another place: %(where)s, not %(place)s.") % known
        )
    if helps:
        return (
            _(
                "“%(title)s” of %(before)s is moved to %(when)s at %(where)s."
                " You are still down to help."
            )
            % known
        )
    return (
        _("“%(title)s” of %(before)s is moved to %(when)s at %(where)s. The booking stays.") % known
    )


def _because(reason: str) -> str:
    return _(" (Reason: %(reason)s)") % {"reason": reason} if reason else ""


def _when(starts: str, ends: str) -> str:
    first, last = datetime.fromisoformat(starts), datetime.fromisoformat(ends)
    return f"{dates.day_short(first)} {dates.hours(first, last)}"


def _where(venue: str, room: str) -> str:
    return f"{venue} {room}".strip()


staff = [list_calls, create_told, create_untold]
