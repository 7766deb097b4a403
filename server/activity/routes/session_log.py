"""What took place at a session, as its venue and its section write it down (T3)."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from wtforms import HiddenField, StringField

from server.accounts.tables import Account
from server.activity import session_logs
from server.activity.routes.log_forms import OUTCOMES, LogForm, log_form, person_words
from server.audit import entries
from server.classes import attendance, reports
from server.classes.tables import Outcome, Presence
from server.refusals import Refused, Stale
from server.roles import Role
from server.web.addresses import whole
from server.web.forms import Form, Required, no_longer_than
from server.web.pages import note_of, page, see_other
from server.web.saying import say
from server.web.words import gettext
from server.web.words import lazy as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

LOGS_SESSIONS = {Role.coordinator, Role.venue}
NOTES = {
    "saved": _("The report is saved."),
    "ticked": _("The attendance is saved."),
    "ticked_alone": _(
        "Only who came of those who had applied is saved. Who helped, and how many came without"
        " applying, is not saved yet."
    ),
    "voided": _("The report is taken back. The session is to be reported again."),
}


class VoidingForm(Form):
    """Why a mistaken report is taken back."""

    reason = StringField(_("Reason"), [Required(), no_longer_than(200)])
    report = HiddenField()  # the one that was on the screen

    @property
    def seen_report(self) -> int:
        """The report that was on the screen; 0 for none."""
        return whole(self.typed("report")) or 0


@get("/staff/sessions/{session_id:int}/log", roles=LOGS_SESSIONS)
async def show_log(request: AnyRequest, session_id: FromPath[int]) -> Response[str]:
    """The report that stands; the form to write or correct it. Readings are noted (P2)."""
    session = await provide_session(request, session_id)
    known = await known_of(session_id)
    asks = known["report"] is None or "correct" in request.query_params
    form = people = None
    if asks and why_not(session) is None:
        people = await attendance.roster(session_id)
        form = log_form(None, session, known["helpers"], people, known)
    return await _page(request, session, known, form, people)


@post("/staff/sessions/{session_id:int}/log", roles=LOGS_SESSIONS)
async def create_log(request: AnyRequest, session_id: FromPath[int]) -> Response[Any]:
    """Save attendance, report and helpers' hours in one; or the attendance alone."""
    session = await provide_session(request, session_id)
    known = await known_of(session_id)
    people = await attendance.roster(session_id)
    typed = await request.form()
    form = log_form(typed, session, known["helpers"], people, known)
    alone = "attendance_only" in typed
    if not alone and not form.validate():
        return await _page(request, session, known, form, people, status_code=422)
    try:
        if alone:
            return await _tick(request, session, form, people)
        await save(session_id, form, known["helpers"], request)
    except Refused as refused:
        known = await known_of(session_id)
        conflict = refuse(form, refused, known, people)
        return await _page(request, session, known, form, people, conflict, status_code=409)
    return see_other(f"/staff/sessions/{session_id}/log?done=saved")


async def _tick(
    request: AnyRequest, session: Row, form: LogForm, people: Sequence[Row]
) -> Response[Any]:
    """Save who came, and keep the rest as it was typed; before it begins there is no rest."""
    if form.is_called_off:
        raise Refused("Only of a session that was held it is said who came.")
    await attendance.mark(session["id"], form.marks(), by=request.user, seen=form.seen_ticks)
    if why_not(session) is not None:
        return see_other(f"/staff/sessions/{session['id']}/log?done=ticked")
    known = await known_of(session["id"])
    form.remember_ticks(known)
    return await _page(request, session, known, form, people, note_words=str(NOTES["ticked_alone"]))


@get("/staff/sessions/{session_id:int}/log/voiding", roles=LOGS_SESSIONS)
async def new_voiding(request: AnyRequest, session_id: FromPath[int]) -> Response[str]:
    """What taking the report back would do."""
    session = await provide_session(request, session_id)
    report = await reports.current(session_id)
    if report is None:
        raise NotFoundException
    form = VoidingForm(data={"report": str(report["id"])})
    return await _voiding_page(request, session, form)


@post("/staff/sessions/{session_id:int}/log/voiding", roles=LOGS_SESSIONS)
async def create_voiding(request: AnyRequest, session_id: FromPath[int]) -> Response[Any]:
    """Take a mistaken report back, with what rests on it."""
    session = await provide_session(request, session_id)
    form = VoidingForm(await request.form())
    if not form.validate():
        return await _voiding_page(request, session, form, status_code=422)
    if not await reports.is_of(form.seen_report, session_id):
        raise NotFoundException
    try:
        await session_logs.void(form.seen_report, form.typed("reason"), by=request.user)
    except Stale as stale:
        form.refuse(stale)
        form.report.data = str(stale.current["id"])
        return await _voiding_page(request, session, form, status_code=409)
    return see_other(f"/staff/sessions/{session_id}/log?done=voided")


async def provide_session(request: AnyRequest, session_id: int) -> Row:
    """A session that the viewer runs; for anybody else there is none (P1)."""
    session = await session_logs.session(session_id)
    if session is None:
        raise NotFoundException
    try:
        await reports.check_may_report(session, request.user)
    except Refused as refused:
        raise NotFoundException from refused
    return session


async def known_of(session_id: int) -> Row:
    """What is said of a session so far: its report, helpers, attendance, and how many came."""
    report = await reports.current(session_id)
    said = await attendance.of_session(session_id)
    present = sum(1 for each in said.values() if each["presence"] == Presence.present)
    return {
        "report": report,
        "helpers": await session_logs.helpers(session_id),
        "attendance": said,
        "present": present,
        "booked": len(await attendance.roster(session_id)),
        "head_count": report["head_count"] if report else present,
    }


def why_not(session: Row) -> str | None:
    """Why there is nothing to report yet, or at all; None where there is."""
    if session["called_off_at"] is not None:
        return gettext("This session has been called off.")
    try:
        reports.check_begun(session, session)
    except Refused as refused:
        return say(refused)
    return None


async def save(session_id: int, form: LogForm, helpers: Sequence[Row], request: AnyRequest) -> None:
    """Save what the form says."""
    await session_logs.save(
        session_id,
        form.facts(),
        form.helps(helpers),
        by=request.user,
        marks=form.marks(),
        seen=form.seen_report,
        seen_ticks=form.seen_ticks,
    )


def refuse(
    form: LogForm, refused: Refused, known: Row, people: Sequence[Row] | None
) -> list[tuple[str, str, str]] | None:
    """Show a refusal; where somebody else has saved, what she said beside what is typed here."""
    if not isinstance(refused, Stale):
        form.refuse(refused)
        return None
    conflict = [*_other_report(form, known["report"]), *_other_ticks(form, known, people or ())]
    form.remember(known)
    if not conflict:
        form.refuse(refused)
    return conflict or None


def _other_ticks(form: LogForm, known: Row, people: Sequence[Row]) -> list[tuple[str, str, str]]:
    seen, mine, found = form.seen_ticks or {}, form.marks(), []
    for person in people:
        told = known["attendance"].get(person["id"])
        theirs = told["presence"] if told else None
        if theirs not in (seen.get(person["id"]), mine.get(person["id"])):
            yours = mine.get(person["id"])
            found.append((person_words(person), _tick_words(theirs), _tick_words(yours)))
    return found


def _tick_words(presence: str | None) -> str:
    if presence is None:
        return ""
    return gettext("came") if presence == Presence.present else gettext("did not come")


def _other_report(form: LogForm, theirs: Row | None) -> list[tuple[str, str, str]]:
    if theirs is None or theirs["id"] == form.seen_report:
        return []
    mine = form.facts()
    return [
        (
            gettext("What became of this session?"),
            str(OUTCOMES[Outcome(theirs["outcome"])]),
            str(OUTCOMES[mine.outcome]),
        ),
        (
            gettext("How many people took part"),
            str(theirs["head_count"]),
            str(mine.head_count),
        ),
        (gettext("What else we should know"), theirs["incidents"], mine.incidents),
    ]


async def note_reading(request: AnyRequest, session_id: int, people: Sequence[Row]) -> None:
    """Write down who is about to be seen by whom (P2)."""
    await entries.record_reading(
        request.url.path,
        "booking",
        [each["id"] for each in people],
        by=request.user,
        session=session_id,
    )


async def _page(
    request: AnyRequest,
    session: Row,
    known: Row,
    form: LogForm | None,
    people: Sequence[Row] | None,
    conflict: list[tuple[str, str, str]] | None = None,
    note_words: str | None = None,
    status_code: int = 200,
) -> Response[str]:
    if people:
        await note_reading(request, session["id"], people)
    report = known["report"]
    return page(
        request,
        "activity/staff/session_log.html",
        session=session,
        known=known,
        form=form,
        conflict=conflict,
        why_not=why_not(session),
        saved_by=await _saved_by(report),
        note_words=note_words or note_of(request, NOTES),
        status_code=status_code,
    )


async def _voiding_page(
    request: AnyRequest, session: Row, form: VoidingForm, status_code: int = 200
) -> Response[str]:
    known = await known_of(session["id"])
    if known["report"] is None:
        raise NotFoundException
    return page(
        request,
        "activity/staff/session_log_voiding.html",
        session=session,
        known=known,
        form=form,
        status_code=status_code,
    )


async def _saved_by(report: Row | None) -> str:
    if report is None:
        return ""
    rows = await Account.select(Account.name).where(Account.id == report["recorded_by"])
    return rows[0]["name"] if rows else ""


handlers = [show_log, create_log, new_voiding, create_voiding]
