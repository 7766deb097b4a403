"""The rate of counter staff who have been trained, per section; every figure opens its people."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get

from server import clock
from server.counter_staff import rates, staff_trainings
from server.counter_staff.rates import Scope
from server.counter_staff.routes.counter_staff import employment_words
from server.counter_staff.routes.staff_notes import (
    COORDINATORS,
    note_reading,
    own_section,
)
from server.web.addresses import day, whole
from server.web.dates import fiscal_year
from server.web.pages import page
from server.web.sheets import Cell, download
from server.web.words import gettext as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

PATH = "/staff/training-rates"
STATES = ("in_post", "excluded", "counted", "completed", "missing")
FIRST_YEAR = 2000


@dataclass(frozen=True)
class Asked:
    """What was asked for; `state` None means no people, `section` None those of every section."""

    scope: Scope
    title: str
    on: date
    as_of: date | None
    section: int | None
    state: str | None

    @property
    def known_at(self) -> datetime | None:
        """The last instant of the day as of which it was asked."""
        return clock.end_of(self.as_of) if self.as_of else None

    @property
    def scope_words(self) -> str:
        """The scope as the address has it."""
        if self.scope.training_id:
            return f"training-{self.scope.training_id}"
        return f"year-{self.scope.fiscal_year}"

    def query(self, **changed: object) -> str:
        """The address's words for this, with changes; without people unless they are named."""
        words: dict[str, object] = {"of": self.scope_words, "on": self.on.isoformat()}
        words |= {"as_of": self.as_of.isoformat()} if self.as_of else {}
        return urlencode(words | {name: value for name, value in changed.items() if value})


@get(PATH, roles=COORDINATORS)
async def show_rates(request: AnyRequest) -> Response[str]:
    """In post, left out, completed, rate and who is missing, per section on a reference day."""
    trainings = await staff_trainings.listed(retired=True)
    asked = _asked(request, trainings)
    lines, total = await _lines(request, asked)
    behind = _behind(asked, total["people"])
    if asked.state:
        await note_reading(request, [row["member_id"] for row in behind])
    return page(
        request,
        "counter_staff/rates.html",
        "results",
        asked=asked,
        lines=lines,
        total=total,
        behind=[row | {"employment_words": employment_words(row["employment"])} for row in behind],
        section_name=next(
            (row["section_name"] for row in lines if row["section_id"] == asked.section), ""
        ),
        state_words=_state_words().get(asked.state or "", ""),
        years=range(clock.fiscal_year(clock.today()), _first_year(trainings) - 1, -1),
        trainings=trainings,
    )


@get(f"{PATH}/file", roles=COORDINATORS)
async def download_rates(request: AnyRequest) -> Response[bytes]:
    """The same table, or the people behind one of its figures, as CSV or Excel."""
    asked = _asked(request, await staff_trainings.listed(retired=True))
    lines, total = await _lines(request, asked)
    if asked.state:
        behind = _behind(asked, total["people"])
        await note_reading(request, [row["member_id"] for row in behind])
        return download(request, "counter-staff-people", _people_headings(), map(_person, behind))
    headings = [_("Belongs to"), *(_state_words()[state] for state in STATES), _("Rate (%)")]
    cells: list[list[Cell]] = [
        [row["section_name"], *(row[state] for state in STATES), row["rate"]]
        for row in [*lines, total | {"section_name": _("In all")}]
    ]
    return download(request, "counter-staff-rates", headings, cells)


async def _lines(request: AnyRequest, asked: Asked) -> tuple[list[Row], Row]:
    lines = await rates.of(
        asked.scope, asked.on, section_id=own_section(request.user), known_at=asked.known_at
    )
    return lines, rates.fold([person for line in lines for person in line["people"]])


def _behind(asked: Asked, people: list[Row]) -> list[Row]:
    """The people who make up the figure that was opened (T5)."""
    if asked.state is None:
        return []
    return [
        row
        for row in people
        if asked.section in (None, row["section_id"]) and _makes_up(asked.state, row["state"])
    ]


def _makes_up(figure: str, state: str) -> bool:
    return figure in ("in_post", state) or (figure == "counted" and state != "excluded")


def _asked(request: AnyRequest, trainings: list[Row]) -> Asked:
    """Read the address; nonsense is this fiscal year on its reference day."""
    query = request.query_params
    kind, _dash, number = str(query.get("of", "")).partition("-")
    training = next(
        (row for row in trainings if kind == "training" and row["id"] == whole(number)), None
    )
    this_year = clock.fiscal_year(clock.today())
    year = whole(number) if kind == "year" else None
    year = year if year and FIRST_YEAR <= year <= this_year else this_year
    scope = Scope(training_id=training["id"]) if training else Scope(fiscal_year=year)
    on = day(query.get("on")) or rates.default_day(scope, training)
    state = str(query.get("state", ""))
    return Asked(
        scope=scope,
        title=_title(training, scope.year(on)),
        on=on,
        as_of=day(query.get("as_of")),
        section=whole(query.get("section")),
        state=state if state in STATES else None,
    )


def _title(training: Row | None, year: int) -> str:
    if training is None:
        return _("Any training in %(year)s") % {"year": fiscal_year(year)}
    return _("%(name)s in %(year)s") % {"name": training["name"], "year": fiscal_year(year)}


def _first_year(trainings: list[Row]) -> int:
    days = [row["first_on"] for row in trainings]
    return clock.fiscal_year(min([*days, clock.today()]))


def _state_words() -> dict[str, str]:
    return {
        "in_post": _("In post"),
        "excluded": _("Left out"),
        "counted": _("Counted"),
        "completed": _("Has completed it"),
        "missing": _("Not completed yet"),
    }


def _people_headings() -> list[str]:
    return [
        *(_("Belongs to"), _("Staff number"), _("Name"), _("Reading"), _("Employment")),
        *(_("State"), _("Day of completion"), _("Counter staff training"), _("Why left out")),
    ]


def _person(row: Row) -> list[Cell]:
    return [
        *(row["section_name"], row["number"], row["name"], row["reading"]),
        *(employment_words(row["employment"]), _state_words()[row["state"]]),
        *(row["completed_on"], row["training_name"], row["reason"]),
    ]


handlers: list[Any] = [show_rates, download_rates]
