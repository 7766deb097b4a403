"""What is typed about a programme and what it asks for: its shape only."""

import re
from collections.abc import Iterable
from typing import Any, ClassVar

from litestar.datastructures import FormMultiDict
from wtforms import Field, IntegerField, RadioField, SelectMultipleField, TextAreaField
from wtforms.validators import NumberRange, ValidationError

from server import text
from server.refusals import N_
from server.training import programmes, requirements
from server.training.requirements import RequirementFacts
from server.training.tables import RequirementKind, Unit
from server.web.fields import line
from server.web.forms import Form, Required, choices, no_longer_than
from server.web.versions import MergingForm
from server.web.words import gettext
from server.web.words import lazy as _

Row = dict[str, Any]

KIND_WORDS = {
    RequirementKind.lecture: _("Lecture"),
    RequirementKind.video: _("Video"),
    RequirementKind.practice: _("Teaching practice"),
}
UNIT_WORDS = {Unit.sessions: _("Times"), Unit.hours: _("Hours")}
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_CODE = 40
MOST_NEEDED, LAST_POSITION = 999, 999


def _code_shape(_form: Form, field: Field) -> None:
    field.data = text.normalised(field.data)
    if not CODE.fullmatch(field.data):
        raise ValidationError(
            gettext("Please use letters from a to z, digits and hyphens, for example basic-1.")
        )


def _whole(label: str, least: int, most: int, description: str = "") -> IntegerField:
    between = NumberRange(least, most, message=_("Please write a number from %(min)s to %(max)s."))
    return IntegerField(
        label,
        [Required(), between],
        description=description,
        render_kw={"data-width": "s", "min": least, "max": most},
    )


class ProgrammeForm(MergingForm):
    """An edition's words; its code is asked only for a new programme."""

    name = line(N_("Name"), 120, Required(), autocomplete="off")
    code = line(
        N_("Code"),
        LONGEST_CODE,
        Required(),
        _code_shape,
        autocomplete="off",
        description=N_("In letters and digits. It stays the same in every edition."),
    )
    description = TextAreaField(N_("Description"), [no_longer_than(2000)], render_kw={"rows": 4})

    about: ClassVar = {programmes.CODE_TAKEN: "code"}

    def __init__(self, formdata: FormMultiDict | None, programme: Row | None = None) -> None:
        """Take what was posted; else the edition as it stands."""
        super().__init__(formdata, data=programme)
        if programme is not None:
            del self["code"]
        if formdata is None:
            self.remember()


class RequirementForm(MergingForm):
    """Something that an edition asks for; `older` is what older editions asked for."""

    name = line(N_("What has to be done"), 120, Required(), autocomplete="off")
    kind = RadioField(
        N_("Kind"),
        [Required()],
        choices=choices((kind.value, words) for kind, words in KIND_WORDS.items()),
    )
    needed = _whole(N_("How much of it"), 1, MOST_NEEDED)
    unit = RadioField(
        N_("Counted in"),
        [Required()],
        choices=choices((unit.value, words) for unit, words in UNIT_WORDS.items()),
    )
    position = _whole(N_("Order"), 1, LAST_POSITION)
    code = line(
        N_("Code"),
        LONGEST_CODE,
        Required(),
        _code_shape,
        autocomplete="off",
        description=N_(
            "The same code in a newer edition is the same thing: what was done of it counts on."
        ),
    )
    replaces = SelectMultipleField(
        N_("Stands for these of older editions"),
        description=N_("What was done of them counts here too."),
    )

    about: ClassVar = {
        programmes.CODE_TAKEN: "code",
        requirements.CODE_REPLACED: "code",
        requirements.NOT_OF_OLDER: "replaces",
    }

    def __init__(
        self, formdata: FormMultiDict | None, older: Iterable[Row], requirement: Row
    ) -> None:
        """Take what was posted; else the requirement as it stands, or what mostly fits."""
        super().__init__(formdata, data=requirement)
        words = _("%(name)s (edition %(number)s)")
        self.replaces.choices = choices(
            (row["code"], str(words) % {"name": row["name"], "number": row["edition"]})
            for row in older
        )
        if not self.replaces.choices:
            del self["replaces"]
        if formdata is None:
            self.remember()

    def facts(self) -> RequirementFacts:
        """What was typed, once it is valid."""
        typed = self.data
        return RequirementFacts(
            code=typed["code"],
            name=typed["name"],
            kind=RequirementKind(typed["kind"]),
            unit=Unit(typed["unit"]),
            needed=typed["needed"],
            position=typed["position"],
            replaces=tuple(typed.get("replaces") or ()),
        )
