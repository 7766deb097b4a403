"""What is typed about trainings for counter staff, and ticked of completions: shape only."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from litestar.datastructures import FormMultiDict
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from server import clock
from server.counter_staff.routes.counter_staff_forms import EARLIEST
from server.counter_staff.staff_trainings import TrainingFacts
from server.counter_staff.tables import StaffTrainingKind
from server.web.addresses import whole
from server.web.fields import day_field, line, minutes_field
from server.web.forms import Form, Required, choices, no_longer_than, no_my_number
from server.web.versions import MergingForm
from server.web.words import gettext
from server.web.words import lazy as _

Row = dict[str, Any]

KIND_WORDS = {
    StaffTrainingKind.dated: _("On a date"),
    StaffTrainingKind.address: _("Video or e-learning at an address"),
    StaffTrainingKind.video: _("Video of ours"),
}


class _NeededOf(Required):
    """Filled in for one way of taking a training; for others it is out of sight, and left."""

    def __init__(self, kind: StaffTrainingKind) -> None:
        """Name the way."""
        super().__init__()
        self.kind = kind

    def __call__(self, form: Any, field: Any) -> None:
        """Ask for it where it is in sight."""
        if form["kind"].data == self.kind:
            super().__call__(form, field)


class TrainingForm(MergingForm):
    """A training for counter staff."""

    name = line(_("Name of the training"), 120, Required(), no_my_number, autocomplete="off")
    kind = RadioField(_("How it is taken"), [Required(_("Please choose one."))])
    course = SelectField(
        _("Class it stands on"),
        [_NeededOf(StaffTrainingKind.dated)],
        coerce=whole,
        description=_(
            "Needed for a training on a date, and only there. Make it as a class of that kind"
            " first."
        ),
    )
    address = line(
        _("Address of the video or e-learning"),
        500,
        _NeededOf(StaffTrainingKind.address),
        inputmode="url",
        autocomplete="off",
        description=_(
            "Needed for a video or e-learning at an address, and only there: the whole address,"
            " beginning with https or http."
        ),
    )
    offered_to = line(
        _("For whom"),
        120,
        Required(),
        no_my_number,
        autocomplete="off",
        description=_(
            "The group that it is offered to, in words, for example all counter staff. The rate"
            " counts everybody in post all the same: leave out one by one who does not belong to"
            " it."
        ),
    )
    first_on = day_field(_("First day"), Required(), first=EARLIEST)
    last_on = day_field(_("Last day"), Required(), first=EARLIEST)
    minutes = minutes_field(_("Minutes it takes"), Optional())
    description = TextAreaField(
        _("Content of the training"),
        [no_longer_than(4000), no_my_number],
        render_kw={"rows": 4, "maxlength": 4000},
    )

    def __init__(
        self, formdata: FormMultiDict | None, courses: Iterable[Row], training: Row | None = None
    ) -> None:
        """Take what was posted; else the training as it stands, or this fiscal year."""
        today = clock.today()
        start = {
            "kind": StaffTrainingKind.address,
            "first_on": today,
            "last_on": clock.fiscal_days(clock.fiscal_year(today))[1],
        }
        super().__init__(formdata, data=training or start)
        self.kind.choices = choices((k.value, str(v)) for k, v in KIND_WORDS.items())
        none = ("", gettext("None"))
        self.course.choices = choices([none, *((str(c["id"]), c["title"]) for c in courses)])
        if formdata is None:
            self.remember()

    def facts(self) -> TrainingFacts:
        """The facts, typed; what belongs to another way of taking it is out of sight, and left."""
        kind = StaffTrainingKind(self.kind.data)
        return TrainingFacts(
            name=self.typed("name"),
            kind=kind,
            offered_to=self.typed("offered_to"),
            first_on=self.data["first_on"],
            last_on=self.data["last_on"],
            description=self.typed("description"),
            course_id=self.course.data or None if kind == StaffTrainingKind.dated else None,
            address=self.typed("address") if kind == StaffTrainingKind.address else "",
            minutes=self.minutes.data or 0,
        )


class TickForm(Form):
    """On which day those who are ticked have completed a training."""

    completed_on = day_field(_("Day of completion"), Required(), first=EARLIEST)


class DatedTickForm(Form):
    """Which of its meetings those who are ticked came to."""

    completed_on = SelectField(_("Day of completion"), [Required()])

    def __init__(
        self, formdata: FormMultiDict | None, days: list[tuple[str, str]], on: date | None = None
    ) -> None:
        """Take the days to pick from, each with its words, and the one that is picked already."""
        super().__init__(formdata, data={"completed_on": on.isoformat()} if on else None)
        self.completed_on.choices = choices(days)


class ExclusionForm(Form):
    """Whom a training's rate leaves out, and why."""

    member = SelectField(_("Who"), [Required()], coerce=whole)
    reason = StringField(
        _("Why this member does not count"),
        [Required(), no_longer_than(200), no_my_number],
        description=_("For example: on leave in the whole period."),
        render_kw={"maxlength": 200, "autocomplete": "off"},
    )

    def __init__(self, formdata: FormMultiDict | None, members: Iterable[Row]) -> None:
        """Take the members to pick from."""
        super().__init__(formdata)
        pairs = ((str(m["member_id"]), f"{m['section_name']} {m['name']}") for m in members)
        self.member.choices = choices([("", gettext("Please choose")), *pairs])
