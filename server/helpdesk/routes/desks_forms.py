"""A desk as the city keeps it: its name, where it is, what a contact takes there (H1)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from litestar.datastructures import FormMultiDict
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from server.helpdesk.desks import DEFAULT_MINUTES, NAME_TAKEN, DeskFacts
from server.helpdesk.tables import ContactChannel
from server.places import directory
from server.places.tables import Venue
from server.web.fields import line, minutes_field
from server.web.forms import Required, choices
from server.web.versions import MergingForm
from server.web.words import gettext
from server.web.words import lazy as _

Row = dict[str, Any]

LAST_PLACE = 9999


def _minutes(label: str) -> IntegerField:
    return minutes_field(label, InputRequired(_("Please fill this in.")))


class KeptDeskForm(MergingForm):
    """A desk; without a building it is logged at by the helpdesk and coordinators only."""

    about: ClassVar = {NAME_TAKEN: "name"}

    name = line(_("Name of the desk"), 80, Required(), autocomplete="off")
    venue = SelectField(_("Building"), description=_("The staff of this building log here, too."))
    section = SelectField(_("Section in charge"))
    phone_minutes = _minutes(_("Minutes of a phone call"))
    counter_minutes = _minutes(_("Minutes at the counter"))
    visit_minutes = _minutes(_("Minutes away from the desk"))
    fax_minutes = _minutes(_("Minutes for a fax"))
    email_minutes = _minutes(_("Minutes for an e-mail"))
    position = IntegerField(
        _("Place in the list"),
        [
            InputRequired(_("Please fill this in.")),
            NumberRange(0, LAST_PLACE, message=_("This number is too large.")),
        ],
        render_kw={"inputmode": "numeric", "min": 0, "max": LAST_PLACE, "data-width": "s"},
    )

    def __init__(
        self,
        formdata: FormMultiDict | None,
        offered: Mapping[str, list[Row]],
        desk: Row | None = None,
    ) -> None:
        """Take what was posted; else the desk as it stands, or what a new one begins with."""
        super().__init__(formdata, data=_as_typed(desk) if desk else _at_first())
        for name in ("venue", "section"):
            own = desk[name] if desk else None
            rows = [row for row in offered[name] if not row["archived_at"] or row["id"] == own]
            named = [(str(row["id"]), row["name"]) for row in rows]
            field: Any = self[name]
            field.choices = choices([("", gettext("None")), *named])
        if formdata is None:
            self.remember()

    def facts(self) -> DeskFacts:
        """What was typed."""
        return DeskFacts(
            name=self.typed("name"),
            section_id=self._id("section"),
            venue_id=self._id("venue"),
            minutes={each: int(self[f"{each}_minutes"].data) for each in ContactChannel},
            position=int(self.position.data or 0),
        )

    def _id(self, name: str) -> int | None:
        typed = self.typed(name)
        return int(typed) if typed else None


async def offered() -> dict[str, list[Row]]:
    """The buildings and sections that a desk may belong to."""
    return {
        "venue": await Venue.select(Venue.id, Venue.name, Venue.archived_at).order_by(
            Venue.reading, Venue.id
        ),
        "section": [row | {"archived_at": None} for row in await directory.sections()],
    }


def _as_typed(desk: Row) -> Row:
    ids = {name: str(desk[name] or "") for name in ("venue", "section")}
    return {**desk, **ids, "version": str(desk["version"])}


def _at_first() -> Row:
    minutes = {f"{channel}_minutes": number for channel, number in DEFAULT_MINUTES.items()}
    return {**minutes, "venue": "", "section": "", "position": 0, "version": ""}
