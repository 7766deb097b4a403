"""What pages for staff say: notes after a change, refusals with their dates, short facts."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response

from server.classes.bookings import check_not_begun, reachable
from server.classes.forms import AGE_BANDS
from server.classes.tables import LIVE_STATES, AgeBand, Device, Need
from server.classes.telling import Effect
from server.notices.tables import NoticeChannel
from server.refusals import Refused
from server.web.addresses import whole
from server.web.pages import note_of, see_other
from server.web.words import gettext, ngettext
from server.web.words import lazy as _

Row = dict[str, Any]

NOTES = {
    "created": _("Saved as a draft. Please add the dates next."),
    "saved": _("Saved."),
    "merged": _("Saved. What somebody else changed in the meantime has been kept."),
    "removed": _("The date is removed."),
    "discarded": _("The draft is discarded."),
    "published": _("Published. Residents can see this class now."),
    "added": _("The date is added."),
    "moved": _("The date is moved."),
    "called_off": _("The date is called off."),
    "course_called_off": _("The class is called off."),
    "cancelled": _("The place is given back."),
}
DEVICE_WORDS = {
    Device.android: _("Android"),
    Device.iphone: _("iPhone"),
    Device.none: _("lend one"),
}
NEED_WORDS = {
    Need.sign_language: _("Sign language"),
    Need.note_taking: _("Note-taking"),
    Need.writing: _("In writing"),
    Need.wheelchair: _("Wheelchair"),
    Need.hearing_aid: _("Hearing aid"),
    Need.other: _("Other"),
}


def done(path: str, note: str, effect: Effect | None = None) -> Response[str]:
    """Go on to a page that says what has been done, and to how many people."""
    told = {"told": effect.bookings + effect.helpers, "ended": effect.ended} if effect else {}
    return see_other(f"{path}?{urlencode({'done': note} | told)}")


def done_words(request: Request[Any, Any, Any]) -> str | None:
    """What an address says has been done, and to how many people; None where it says nothing."""
    said = note_of(request, NOTES)
    if said is None:
        return None
    told, ended = (whole(request.query_params.get(name)) or 0 for name in ("told", "ended"))
    if told:
        said += ngettext(
            " %(num)s person is to be told: please see the call list.",
            " %(num)s people are to be told: please see the call list.",
            told,
        ) % {"num": told}
    if ended:
        said += ngettext(" %(num)s booking has ended.", " %(num)s bookings have ended.", ended) % {
            "num": ended
        }
    return said


def contact_words(booking: Row) -> str:
    """The one way to reach somebody, where it is not the telephone that stands beside it."""
    to = reachable(booking)
    return to.address if to.channel != NoticeChannel.phone else ""


def can_be_left(state: str, begins_at: datetime | None) -> bool:
    """Would the checks let somebody give this place back now?"""
    try:
        check_not_begun(begins_at)
    except Refused:
        return False
    return state in LIVE_STATES


def age_words(age_band: str) -> str:
    """The age band, or nothing."""
    return gettext(AGE_BANDS[AgeBand(age_band)]) if age_band else ""


def device_words(device: str) -> str:
    """What the person brings, or that one is lent."""
    return str(DEVICE_WORDS[Device(device)]) if device else ""


def needs_words(booking: Row) -> str:
    """配慮 in short words."""
    ticked = [Need(each) for each in booking["needs"].split(",") if each]
    return "、".join([*(str(NEED_WORDS[each]) for each in ticked), *_other(booking)])


def _other(booking: Row) -> list[str]:
    return [booking["needs_other"]] if booking["needs_other"] else []
