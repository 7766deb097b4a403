"""What a coordinator types about a plan: shape only."""

from datetime import date
from typing import Any, ClassVar

from litestar.datastructures import FormMultiDict
from wtforms import DateField, IntegerField, StringField, TextAreaField
from wtforms.validators import NumberRange, Optional

from server.plan import entered, targets
from server.plan.tables import Counting
from server.web.fields import PressedForm, year_between
from server.web.forms import Form, Required, no_longer_than
from server.web.versions import VersionedForm
from server.web.words import lazy as _

Row = dict[str, Any]

LARGEST = 1_000_000_000
NO_DAY_BEFORE = 2000  # year


def _number(least: int, label: str, needed: Any, description: str = "") -> IntegerField:
    words = _("Please write a number from %(min)s to %(max)s.")
    return IntegerField(
        label,
        [needed, NumberRange(least, LARGEST, message=words)],
        description=description,
        render_kw={"data-width": "s", "min": least, "inputmode": "numeric"},
    )


def _milestone(*needed: Any) -> StringField:
    return StringField(
        _("Milestone"),
        [*needed, no_longer_than(80)],
        description=_("For example: 検討, 試行, 実施, 維持管理."),
        render_kw={"maxlength": 80, "autocomplete": "off"},
    )


class TargetForm(VersionedForm):
    """A year's target: a number, or a milestone, or nothing."""

    number = _number(
        0, _("Target"), Optional(), _("Leave it empty where the plan states no target.")
    )
    milestone = _milestone()

    about: ClassVar = {targets.NO_NUMBER: "number", targets.NO_MILESTONE: "milestone"}

    def __init__(self, formdata: FormMultiDict | None, indicator: Row, target: Row | None) -> None:
        """Take what was posted, else the target as it stands; only the field that fits."""
        known = target or {"number": None, "milestone": "", "version": 0}
        super().__init__(formdata, data=known)
        _keep_one(self, indicator)


class EntryForm(PressedForm):
    """A figure or a milestone by hand, on its day, with its evidence."""

    effective_on = DateField(
        _("Day that counts"),
        [Required(), year_between(NO_DAY_BEFORE, date.max.year)],
        description=_("It decides the fiscal year."),
        render_kw={"data-width": "m", "min": f"{NO_DAY_BEFORE}-01-01"},
    )
    number = _number(1, _("Number"), Required())
    milestone = _milestone(Required())
    evidence = TextAreaField(
        _("Evidence"),
        [Required(), no_longer_than(2000)],
        description=_("What this figure rests on: a document, its date, who holds it."),
        render_kw={"rows": 3},
    )

    def __init__(self, formdata: FormMultiDict | None, indicator: Row) -> None:
        """Take what was posted; only the field that fits the indicator."""
        super().__init__(formdata)
        _keep_one(self, indicator)

    def say(self, refused: Any) -> None:
        """Show a refusal beside the field that it is about."""
        self.refuse(refused, BESIDE.get(refused.msgid))


BESIDE = {
    entered.NO_EVIDENCE: "evidence",
    entered.IN_FUTURE: "effective_on",
    entered.NUMBER_NEEDED: "number",
    entered.MILESTONE_NEEDED: "milestone",
}


class VoidForm(Form):
    """Why an entry is taken back."""

    reason = StringField(
        _("Reason"), [Required(), no_longer_than(200)], render_kw={"maxlength": 200}
    )


def _keep_one(form: Any, indicator: Row) -> None:
    """A milestone is words, everything else a number (S6)."""
    del form["number" if indicator["counting"] == Counting.milestone else "milestone"]
