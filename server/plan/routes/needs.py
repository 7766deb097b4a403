"""What needs a person now, out of every slice, as far as each member of staff may act on it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from server import clock
from server.activity import approvals, troubles
from server.classes import overview, reports, vacancies
from server.classes.tables import HelpRole
from server.helpdesk import articles, call_list, hand_overs
from server.notices import queries as notices
from server.roles import Role
from server.supporters import applications, credentials, schemes
from server.training import certificates
from server.web.access import Viewer
from server.web.words import gettext as _
from server.web.words import ngettext

Row = dict[str, Any]

SHOWN_AT_ONCE = 5


async def of(viewer: Viewer) -> list[Row]:
    """The lists in which something waits, the most urgent first.

    Names of classes are shown, of people only how many: who they are is on the pages that these
    lead to, which write down who has read them (P2).
    """
    lists = [
        *await _of_the_desks(viewer),
        _need(_("People to tell"), await notices.calls(viewer), "/staff/calls"),
    ]
    if viewer.roles & {Role.coordinator, Role.venue}:
        ended = await reports.unreported(viewer)
        lists.append(
            _need(_("Sessions without a report"), ended, None, _unreported_line, len(ended))
        )
    if Role.coordinator in viewer.roles:
        lists = [
            _need(_("Reports of trouble"), await troubles.waiting(viewer), "/staff/troubles"),
            *lists,
            *await _of_coordinators(viewer),
        ]
    soon = await overview.sessions_between(viewer, 1, 7)
    lists.append(_need(_("Classes of the next seven days"), soon, None, _soon_line, len(soon)))
    return [each for each in lists if each["count"]]


async def _of_the_desks(viewer: Viewer) -> list[Row]:
    """Call-backs until they are done, questions to sections and their answers (H4)."""
    calls = await call_list.waiting(viewer)
    now = [row for row in calls if row["overdue"]]
    later = [row for row in calls if not row["overdue"]]
    address = "/staff/call-backs"
    return [
        _need(_("Call-backs overdue"), now, address, _call_line),
        _need(_("Call-backs promised"), later, address, _call_line),
        _need(
            _("Answers that came back"),
            await hand_overs.answered(viewer),
            "/staff/hand-overs#returned",
        ),
        _need(
            _("Questions to answer"), await hand_overs.waiting(viewer), "/staff/hand-overs#waiting"
        ),
        _need(_("Answers due for review"), await articles.due(viewer), "/staff/articles#due-title"),
    ]


async def _of_coordinators(viewer: Viewer) -> list[Row]:
    scheme = await schemes.current()
    ends_by = clock.today() + timedelta(days=scheme.expiry_days)
    short = await vacancies.short(scheme.short_days, viewer)
    drafts = await overview.drafts(viewer)
    return [
        _need(_("Sessions short of people"), short, "/staff/staffing", _short_line),
        *(await _of_the_register(ends_by) if schemes.may_manage(viewer) else ()),
        _need(
            _("Activity reports to approve"), await approvals.waiting(viewer), "/staff/activities"
        ),
        _need(
            _("Told twice"),
            await approvals.told_twice(viewer),
            "/staff/activities",
        ),
        _need(
            _("Drafts that residents cannot see yet"),
            drafts,
            "/staff/courses?state=draft",
            _draft_line,
        ),
    ]


async def _of_the_register(ends_by: date) -> list[Row]:
    """What only the section that changes the register can act on."""
    return [
        _need(
            _("Applications to become a supporter"),
            await applications.waiting(),
            "/staff/applications",
        ),
        _need(
            _("Accepted, no programme yet"),
            await applications.without_programme(),
            "/staff/applications",
        ),
        _need(
            _("Training done, certificate due"),
            await certificates.due(),
            "/staff/supporters/due",
        ),
        _need(
            _("Papers that end soon or have ended"),
            await credentials.expiring(ends_by),
            "/staff/supporters/papers",
        ),
    ]


def _need(
    title_words: str,
    found: Sequence[Any],
    url: str | None,
    line: Any = None,
    shown: int = SHOWN_AT_ONCE,
) -> Row:
    """One list: how many wait, where all of them stand, and the first few."""
    rows = [line(each) for each in found[:shown]] if line else []
    return {"title_words": title_words, "count": len(found), "url": url, "rows": rows}


def _unreported_line(session: Row) -> Row:
    return {
        "starts_at": session["starts_at"],
        "title": session["title"],
        "url": f"/staff/sessions/{session['session_id']}/log",
        "detail_words": session["venue_name"],
    }


def _call_line(call: Row) -> Row:
    return {
        "starts_at": call["due_at"],
        "title": call["procedure_name"] or call["topic_name"],
        "url": f"/staff/call-backs/{call['id']}",
        "detail_words": call["owner_name"] or _("Whoever is there"),
    }


def _short_line(session: Row) -> Row:
    return {
        "starts_at": session["starts_at"],
        "title": session["title"],
        "url": f"/staff/sessions/{session['id']}/staffing",
        "detail_words": f"{session['venue_name']} {_lacks_words(session)}",
    }


def _lacks_words(session: Row) -> str:
    lacks = session["lacks"]
    leads, assistants = lacks.get(HelpRole.lead, 0), lacks.get(HelpRole.assistant, 0)
    said = []
    if leads:
        said.append(
            ngettext("%(num)s lead missing", "%(num)s leads missing", leads) % {"num": leads}
        )
    if assistants:
        words = ngettext("%(num)s assistant missing", "%(num)s assistants missing", assistants)
        said.append(words % {"num": assistants})
    if session["trainee_alone"]:
        said.append(_("a trainee without a lead"))
    if any(each["unfit"] for each in session["helpers"]):
        said.append(_("somebody who cannot help any more"))
    return _(", ").join(said)


def _draft_line(course: Row) -> Row:
    return {
        "starts_at": course["starts_at"],
        "title": course["title"],
        "url": f"/staff/courses/{course['id']}",
        "detail_words": _("Check and publish") if course["sessions"] else _("Add the dates"),
    }


def _soon_line(session: Row) -> Row:
    taken = _("%(taken)s of %(seats)s") % session
    return session_line(session) | {"detail_words": f"{session['venue_name']} {taken}"}


def session_line(session: Row) -> Row:
    """A session of a day as the page shows it."""
    names = ("starts_at", "ends_at", "title", "venue_name", "taken", "seats")
    return {name: session[name] for name in names} | {"url": f"/staff/courses/{session['course']}"}
