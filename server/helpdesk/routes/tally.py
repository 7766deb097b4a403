"""A paper tally of one day: a grid of topics and outcomes, entered as totals (H1)."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from wtforms import DateField, RadioField
from wtforms.validators import AnyOf

from server import clock, text
from server.helpdesk import tallies
from server.helpdesk.desks import AT_DESKS
from server.helpdesk.routes.contact_words import CHANNEL_WORDS, OUTCOME_WORDS, pairs
from server.helpdesk.routes.desk_page import provide_desk, provide_own_desk, usual_channel
from server.helpdesk.tables import ContactChannel, ContactOutcome
from server.refusals import N_, Refused
from server.topics import topics
from server.web.addresses import whole
from server.web.fields import SUBMISSION, PressedForm
from server.web.forms import Required, choices
from server.web.pages import page, see_other
from server.web.words import lazy as _
from server.web.words import ngettext

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]
Cell = tuple[int, str]

TAKEN_BACK = "tally taken back"  # the reason that is kept
NO_NUMBER = N_("Please write whole numbers only, of at most 999. Empty is none.")


class TallyForm(PressedForm):
    """The day and the way; the numbers are inputs of the grid, `n-TOPIC-OUTCOME`."""

    on = DateField(_("Day of the contact"), [Required()], render_kw={"data-width": "m"})
    channel = RadioField(
        _("How they turned to us"), [Required(), AnyOf(list(ContactChannel))], validate_choice=False
    )

    def __init__(self, formdata: Any = None, **known: Any) -> None:
        """Take what was posted; nonsense in the grid is told beside the whole."""
        super().__init__(formdata, **known)
        self.channel.choices = choices(pairs(CHANNEL_WORDS))
        self.typed_numbers = _typed_numbers(formdata) if formdata is not None else {}

    def numbers(self) -> dict[Cell, int]:
        """The numbers above none, by topic and outcome. Raises Refused for what is no number."""
        read = {cell: _number(typed) for cell, typed in self.typed_numbers.items()}
        return {cell: number for cell, number in read.items() if number}


@get("/staff/desks/{desk_id:int}/tally", roles=AT_DESKS)
async def new_tally(request: AnyRequest, desk_id: FromPath[int]) -> Response[str]:
    """The empty grid; after a tally was entered it says so, and offers to take it back."""
    desk = await provide_desk(request, desk_id)
    query = request.query_params
    form = TallyForm(data={"on": clock.today(), "channel": usual_channel(desk)})
    press = str(query.get("entered", ""))
    rows = await tallies.entered(press) if SUBMISSION.fullmatch(press) else []
    own = [row for row in rows if row["desk"] == desk_id]
    return await _tally_page(request, desk, form, done=_done(press, own) if own else None)


@post("/staff/desks/{desk_id:int}/tally", roles=AT_DESKS)
async def create_tally(request: AnyRequest, desk_id: FromPath[int]) -> Response[Any]:
    """Enter the grid: every number of it, or none."""
    desk = await provide_own_desk(request, desk_id)
    form = TallyForm(await request.form())
    if not form.validate():
        return await _tally_page(request, desk, form, status_code=422)
    try:
        numbers = form.numbers()
    except Refused as refused:
        form.refuse(refused)
        return await _tally_page(request, desk, form, status_code=422)
    press, on = form.typed("submission"), form.on.data
    assert on is not None  # Required
    try:
        await tallies.enter(
            desk_id, on, form.typed("channel"), numbers, submission=press, by=request.user
        )
    except Refused as refused:
        form.refuse(refused)
        return await _tally_page(request, desk, form, status_code=409)
    return see_other(f"/staff/desks/{desk_id}/tally?{urlencode({'entered': press})}")


@post("/staff/desks/{desk_id:int}/tally/undoing", roles=AT_DESKS)
async def create_undoing(request: AnyRequest, desk_id: FromPath[int]) -> Response[Any]:
    """Take a whole tally back."""
    desk = await provide_desk(request, desk_id)
    press = str((await request.form()).get("submission", ""))
    rows = await tallies.entered(press)
    if all(row["desk"] != desk_id for row in rows):
        raise NotFoundException
    try:
        await tallies.void(press, TAKEN_BACK, by=request.user)
    except Refused as refused:
        form = TallyForm(data={"on": clock.today(), "channel": usual_channel(desk)})
        form.refuse(refused)
        return await _tally_page(request, desk, form, status_code=409)
    return see_other(f"/staff/desks/{desk_id}/tally?{urlencode({'entered': press})}")


async def _tally_page(
    request: AnyRequest,
    desk: Row,
    form: TallyForm,
    *,
    done: Row | None = None,
    status_code: int = 200,
) -> Response[str]:
    return page(
        request,
        "helpdesk/tally.html",
        desk=desk,
        form=form,
        topics=await _topics(form),
        outcomes=_outcomes(form),
        done=done,
        status_code=status_code,
    )


async def _topics(form: TallyForm) -> Sequence[Row]:
    """The topics in use; one that was retired under an open page stays with its numbers."""
    wanted = {topic_id for topic_id, _outcome in form.typed_numbers}
    return [row for row in await topics.everything() if row["in_use"] or row["id"] in wanted]


def _outcomes(form: TallyForm) -> list[tuple[str, str]]:
    """Those that a tally counts; another one from a page left open stays with its numbers."""
    wanted = {*tallies.OUTCOMES, *(outcome for _topic, outcome in form.typed_numbers)}
    return [pair for pair in pairs(OUTCOME_WORDS) if pair[0] in wanted]


def _done(press: str, rows: Sequence[Row]) -> Row:
    standing = sum(row["number"] for row in rows if row["voided_at"] is None)
    day = str(rows[0]["contacted_on"])
    span = {"first_on": day, "last_on": day, "channel": rows[0]["channel"]}
    number = standing or sum(row["number"] for row in rows)
    saved = ngettext("%(num)s contact is entered.", "%(num)s contacts are entered.", number)
    back = ngettext("%(num)s contact is taken back.", "%(num)s contacts are taken back.", number)
    return {
        "words": (saved if standing else back) % {"num": number},
        "submission": press if standing else None,
        "query": urlencode({"desk": rows[0]["desk"], **span}),
    }


def _typed_numbers(formdata: Mapping[str, Any]) -> dict[Cell, str]:
    """What was typed into the grid, by topic and outcome; empty cells are left out."""
    typed: dict[Cell, str] = {}
    for name, value in formdata.items():
        kind, _dash, cell = str(name).partition("-")
        topic, _dash, outcome = cell.partition("-")
        topic_id = whole(topic)
        if kind == "n" and topic_id and outcome in set(ContactOutcome) and str(value).strip():
            typed[topic_id, outcome] = str(value).strip()[:20]
    return typed


def _number(typed: str) -> int:
    plain = text.normalised(typed)
    if not (plain.isascii() and plain.isdecimal() and int(plain) <= tallies.MOST_IN_A_CELL):
        raise Refused(NO_NUMBER)
    return int(plain)


handlers: list[Any] = [new_tally, create_tally, create_undoing]
