"""What is typed of terminals, and tapped of their use: shape only."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from litestar.datastructures import FormMultiDict
from wtforms import DateField, RadioField, SelectField, TimeField
from wtforms.validators import AnyOf, Optional

from server import clock, notes
from server.helpdesk.routes.desk_forms import USUAL_MINUTES, moment_of
from server.helpdesk.routes.due_forms import near_year
from server.helpdesk.tables import HelpedBy
from server.helpdesk.terminals import (
    NO_VENUE,
    NUMBER_TAKEN,
    PLACE_HOLDS_MY_NUMBER,
    REMOVED_BEFORE,
    STAYS,
    USED_AFTER,
    USED_BEFORE,
    TerminalFacts,
)
from server.helpdesk.uses import UseFacts
from server.refusals import N_
from server.web.addresses import row_id
from server.web.fields import PressedForm, line, minutes_field
from server.web.forms import Required, choices
from server.web.versions import MergingForm
from server.web.words import gettext
from server.web.words import lazy as _

Row = dict[str, Any]

HELPED_WORDS = {
    HelpedBy.nobody: N_("Alone"),
    HelpedBy.staff: N_("Staff helped"),
    HelpedBy.supporter: N_("A supporter helped"),
    HelpedBy.companion: N_("Somebody who came along helped"),
}
FINISHED_WORDS = {"y": N_("Finished"), "n": N_("Not finished")}


class TerminalForm(MergingForm):
    """A terminal as the register has it."""

    about: ClassVar[dict[str, str]] = {
        NUMBER_TAKEN: "number",
        REMOVED_BEFORE: "removed_on",
        USED_BEFORE: "placed_on",
        USED_AFTER: "removed_on",
        NO_VENUE: "venue",
        STAYS: "venue",
        notes.NAME_HOLDS_MY_NUMBER: "name",
        PLACE_HOLDS_MY_NUMBER: "place",
    }

    name = line(_("Name of the terminal"), 80, Required(), autocomplete="off")
    number = line(_("Number in the inventory"), 40, Optional(), autocomplete="off", data_width="m")
    venue = SelectField(_("Venue"), [Required()], validate_choice=False)
    place = line(_("Where in the building"), 120, Optional(), autocomplete="off")
    placed_on = DateField(_("There since"), [Required()], render_kw={"data-width": "m"})
    removed_on = DateField(
        _("Gone from this day on"),
        [Optional()],
        render_kw={"data-width": "m"},
        description=N_("Leave it empty while the terminal stands there."),
    )

    def __init__(
        self,
        formdata: FormMultiDict | None,
        venues: Sequence[Row],
        known: Mapping[str, Any] | None = None,
    ) -> None:
        """Take what was posted, else the row as `known`; `venues` are those to choose from."""
        super().__init__(formdata, data=_as_typed(known) if known else None)
        named = [(str(row["id"]), str(row["name"])) for row in venues]
        self.venue.choices = choices([("", gettext("Please choose")), *named])
        if formdata is None:
            self.remember()

    def facts(self) -> TerminalFacts:
        """What was typed."""
        assert self.placed_on.data is not None
        return TerminalFacts(
            name=self.typed("name"),
            venue_id=row_id(self.typed("venue")) or 0,
            placed_on=self.placed_on.data,
            number=self.typed("number"),
            place=self.typed("place"),
            removed_on=self.removed_on.data,
        )


def _tapped(label: str, values: Iterable[str]) -> RadioField:
    """One of a few; where none is tapped, that is said and not that it is none of them."""
    asked = [Required(_("Please choose one.")), AnyOf(list(values))]
    return RadioField(label, asked, validate_choice=False)


class UseForm(PressedForm):
    """One use, by taps: only the usual minutes are tapped already."""

    finished = _tapped(_("Did it come to an end?"), FINISHED_WORDS)
    minutes = RadioField(_("Minutes"), [Required()], default="15")
    helped_by = _tapped(_("Helped by"), HELPED_WORDS)
    procedure = RadioField(_("Procedure"), [Optional()], validate_choice=False, default="")
    minutes_other = minutes_field(_("Other minutes"), Optional())
    on = DateField(_("On another day"), [Optional(), near_year], render_kw={"data-width": "m"})
    at = TimeField(_("At"), [Optional()], render_kw={"data-width": "s"})

    def __init__(self, formdata: FormMultiDict | None, procedures: Sequence[Row]) -> None:
        """Take what was posted; `procedures` are those in use."""
        super().__init__(formdata)
        self.finished.choices = choices((k, gettext(v)) for k, v in FINISHED_WORDS.items())
        self.minutes.choices = choices((str(each), str(each)) for each in USUAL_MINUTES)
        self.helped_by.choices = choices((str(k), gettext(v)) for k, v in HELPED_WORDS.items())
        named = [(str(row["id"]), str(row["name"])) for row in procedures]
        self.procedure.choices = choices([("", gettext("None, or not said")), *named])

    def facts(self, terminal_id: int) -> UseFacts:
        """What was tapped."""
        other = self.minutes_other.data
        return UseFacts(
            terminal_id=terminal_id,
            finished=self.typed("finished") == "y",
            minutes=int(self.typed("minutes") if other is None else other),
            helped_by=HelpedBy(self.typed("helped_by")),
            procedure_id=row_id(self.typed("procedure")),
            used_at=self._moment(),
        )

    @property
    def more_opened(self) -> bool:
        """Was something typed, or is something wrong, among what is folded away?"""
        fields = (self.on, self.at, self.minutes_other)
        return any(each.data is not None or each.errors for each in fields)

    def _moment(self) -> datetime | None:
        day, hour = self.on.data, self.at.data
        if day is None and hour is None:
            return None
        return moment_of(day or clock.today(), hour, clock.now())


def _as_typed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "venue": str(row.get("venue") or ""), "number": row.get("number") or ""}
