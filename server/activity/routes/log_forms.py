"""What the report of a session asks for: shape only; mostly filled in already."""

from collections.abc import Sequence
from typing import Any, ClassVar

from litestar.datastructures import FormMultiDict
from wtforms import Field, HiddenField, IntegerField, RadioField, SelectMultipleField, TextAreaField
from wtforms.validators import NumberRange, Optional, StopValidation

from server import duration
from server.activity.session_logs import HelpDone, shares
from server.classes.practice import minutes_of
from server.classes.reports import ReportFacts
from server.classes.tables import Outcome, Presence
from server.web.addresses import whole
from server.web.forms import Form, Required, choices, no_longer_than
from server.web.words import gettext
from server.web.words import lazy as _

Row = dict[str, Any]

OUTCOMES = {Outcome.held: _("It was held"), Outcome.called_off: _("It was called off")}
MOST_HEADS = 999
NUMBER = {"inputmode": "numeric", "data-width": "s", "autocomplete": "off"}


def _between(least: int, most: int) -> NumberRange:
    return NumberRange(least, most, message=_("Please write a number from %(min)s to %(max)s."))


class IfHeld:
    """How many came is asked of a session that was held."""

    def __call__(self, form: "LogForm", field: Field) -> None:
        """Raise StopValidation where there was no session: nothing is asked then."""
        if form.is_called_off:
            field.errors = []
            raise StopValidation


class IfCalledOff:
    """The reason is asked of a session that was called off."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __call__(self, form: "LogForm", field: Field) -> None:
        """Raise StopValidation where the session was held: nothing is asked then."""
        if not form.is_called_off:
            field.errors = []
            raise StopValidation


class LogForm(Form):
    """The report of a session: who came, who helped, what happened."""

    outcome = RadioField(_("What became of this session?"), [Required()])
    present = SelectMultipleField(
        _("Who came"), description=_("Please take the tick off whoever did not come.")
    )
    walk_ins = IntegerField(
        _("People who came without applying"),
        [IfHeld(), Required(), _between(0, MOST_HEADS)],
        render_kw=NUMBER,
    )
    head_count = IntegerField(
        _("How many people took part"),
        [IfHeld(), Required(_("Please write how many people took part.")), _between(0, MOST_HEADS)],
        render_kw=NUMBER,
    )
    came = SelectMultipleField(
        _("Who helped"), description=_("Please take the tick off whoever did not come.")
    )
    why_called_off = TextAreaField(
        _("Why it was called off"),
        [IfCalledOff(), Required(), no_longer_than(500)],
        render_kw={"rows": 2},
    )
    incidents = TextAreaField(
        _("What else we should know"), [no_longer_than(1000)], render_kw={"rows": 3}
    )
    asked = HiddenField()  # the bookings that were on the screen
    seen = HiddenField()  # the report that was on the screen
    nobody_came = HiddenField()  # asked already, and pressed once more
    ticks = HiddenField()  # who was said to have come, or not, when it was opened

    def validate(self, extra_validators: Any = None) -> bool:
        """Well shaped; held with nobody there only when it is said twice."""
        if not super().validate(extra_validators):
            return False
        if self.is_called_off or self.facts().head_count or self.nobody_came.data:
            return True
        self.nobody_came.data = "y"
        asked = self.head_count if "head_count" in self else self.walk_ins
        asked.errors = [gettext("If nobody took part, please press the button to save once more.")]
        return False

    def facts(self) -> ReportFacts:
        """The session's report as typed; the helpers are told beside it."""
        if self.is_called_off:
            said = [self.typed("why_called_off"), self.typed("incidents")]
            return ReportFacts(Outcome.called_off, incidents="\n".join(filter(None, said)))
        if "head_count" in self:
            heads = self._number("head_count") or 0
        else:
            heads = len(self.present.data or ()) + (self._number("walk_ins") or 0)
        return ReportFacts(Outcome.held, heads, self.typed("incidents"))

    def marks(self) -> dict[int, Presence | None]:
        """Each person who was on the screen, ticked or not."""
        if self.is_called_off or "present" not in self:
            return {}
        ticked = set(self.present.data or ())
        asked = [each for each in self.typed("asked").split(",") if whole(each)]
        return {
            int(each): Presence.present if each in ticked else Presence.absent for each in asked
        }

    def helps(self, helpers: Sequence[Row]) -> list[HelpDone]:
        """What each helper did, as far as it is not as usual."""
        came = set() if self.is_called_off else set(self.came.data or ())
        return [
            HelpDone(
                each["id"],
                str(each["id"]) in came,
                self._number(f"minutes_{each['id']}"),
                self._number(f"people_{each['id']}"),
            )
            for each in helpers
        ]

    @property
    def is_called_off(self) -> bool:
        """Does the report say that there was no session?"""
        return bool(self.outcome.data == Outcome.called_off)

    @property
    def seen_report(self) -> int:
        """The report that was on the screen; 0 for none."""
        return whole(self.typed("seen")) or 0

    @property
    def seen_ticks(self) -> dict[int, str] | None:
        """What was said of each booking when the form was opened; None where it showed nobody."""
        if "present" not in self:
            return None
        pairs = [each.partition(":") for each in self.typed("ticks").split(",")]
        return {int(booking): said for booking, _, said in pairs if whole(booking)}

    def remember(self, known: Row) -> None:
        """Keep what is said so far as what was on the screen."""
        self.seen.data = str(known["report"]["id"] if known["report"] else 0)
        self.remember_ticks(known)

    def remember_ticks(self, known: Row) -> None:
        """Keep who is said to have come so far as what was on the screen."""
        said = known["attendance"].items()
        self.ticks.data = ",".join(f"{booking}:{row['presence']}" for booking, row in said)

    def _number(self, field: str) -> int | None:
        return self[field].data if field in self else None


def log_form(
    formdata: FormMultiDict | None,
    session: Row,
    helpers: Sequence[Row],
    people: Sequence[Row] | None,
    known: Row,
) -> LogForm:
    """The form of a session; `people` who have a place, None where only their number is asked."""
    hours: dict[str, Any] = {}
    for each in helpers:
        if each["supporter"] is not None:
            hours |= _hours_of(each["id"])
    kind = type("LogFormOfSession", (LogForm,), hours)
    form: LogForm = kind(
        formdata, data=prefilled(session, helpers, known) if formdata is None else None
    )
    form.outcome.choices = choices([(each, str(words)) for each, words in OUTCOMES.items()])
    form.came.choices = choices([(str(each["id"]), helper_words(each)) for each in helpers])
    if people is None:
        del form.present, form.walk_ins
        form.head_count.description = _expected(known)
    else:
        del form.head_count
        form.present.choices = choices([(str(each["id"]), person_words(each)) for each in people])
    if formdata is None:
        form.remember(known)
    if formdata is None and people is not None:
        form.present.data = [str(each["id"]) for each in people if _came(each, known)]
        ticked = len(form.present.data)
        form.walk_ins.data = max(0, known["head_count"] - ticked) if known["report"] else 0
        form.asked.data = ",".join(str(each["id"]) for each in people)
    return form


def prefilled(session: Row, helpers: Sequence[Row], known: Row) -> Row:
    """What a report mostly says: held, everybody came, everybody helped from start to end."""
    report = known["report"]
    again = bool(report and report["outcome"] == Outcome.held)
    there = [each["id"] for each in helpers if not again or each["came"] is not False]
    share = shares(known["head_count"], there)
    values: Row = {
        "outcome": report["outcome"] if report else Outcome.held,
        "head_count": known["head_count"] if report or known["attendance"] else None,
        "came": [str(each) for each in there],
        "why_called_off": report["incidents"] if report and not again else "",
        "incidents": report["incidents"] if again else "",
    }
    for each in helpers:
        people = each["people_helped"]
        values[f"minutes_{each['id']}"] = each["minutes"] or minutes_of(session)
        values[f"people_{each['id']}"] = None if people == share.get(each["id"]) else people
    return values


def _expected(known: Row) -> str:
    """Where nobody was ticked the number must be written: how many were to come helps."""
    if known["report"] or known["attendance"]:
        return ""
    words = gettext("%(num)s people had a place. Please write how many took part on the day.")
    return words % {"num": known["booked"]}


def helper_words(helper: Row) -> str:
    """A helper by name and role."""
    roles = {"lead": _("lead"), "assistant": _("assistant"), "trainee": _("trainee")}
    return gettext("%(name)s (%(role)s)") % {"name": helper["name"], "role": roles[helper["role"]]}


def person_words(person: Row) -> str:
    """Somebody who has a place: by name and reading where staff look, else by reading (S8)."""
    if "name" not in person:
        return str(person["reading"])
    return gettext("%(name)s (%(reading)s)") % person


def _came(person: Row, known: Row) -> bool:
    told = known["attendance"].get(person["id"])
    return not known["attendance"] or bool(told and told["presence"] == Presence.present)


def _hours_of(assignment_id: int) -> Row:
    minutes = [Optional(), _between(1, duration.MINUTES_OF_A_DAY)]
    return {
        f"minutes_{assignment_id}": IntegerField(_("Minutes"), minutes, render_kw=NUMBER),
        f"people_{assignment_id}": IntegerField(
            _("People helped"), [Optional(), _between(0, MOST_HEADS)], render_kw=NUMBER
        ),
    }
