"""What a coordinator types about who helps: shape only."""

from collections.abc import Iterable
from typing import Any, ClassVar

from litestar.datastructures import FormMultiDict
from wtforms import BooleanField, HiddenField, IntegerField, SelectField

from server.classes import assignments, staffing
from server.classes.routes.course_forms import between
from server.classes.tables import HelpRole
from server.web.addresses import whole
from server.web.fields import line
from server.web.forms import Form, Required, choices
from server.web.versions import VersionedForm
from server.web.words import lazy as _

Row = dict[str, Any]

MOST_HELPERS = 99
BACK = ("session", "month")


class AssignmentForm(Form):
    """One person for one role; `helper` is s and a supporter's id, or l and a lecturer's."""

    role = HiddenField(validators=[Required()])
    helper = HiddenField(validators=[Required()])
    back = HiddenField()
    overruled = line(_("Why it is done all the same"), 200, autocomplete="off")

    about: ClassVar[dict[str, str]] = {staffing.UNHEEDED: "overruled"}

    def whom(self) -> dict[str, int] | None:
        """Who is meant, as `staffing.assign` names it; None for nonsense."""
        typed = self.typed("helper")
        kind, number = typed[:1], whole(typed[1:])
        if kind not in ("s", "l") or number is None:
            return None
        return {"supporter_id" if kind == "s" else "lecturer_id": number}

    def help_role(self) -> HelpRole | None:
        """The role; None for nonsense."""
        typed = self.typed("role")
        return HelpRole(typed) if typed in list(HelpRole) else None


class NeededForm(VersionedForm):
    """How many people a session takes in each role."""

    leads_needed = IntegerField(_("Leads"), [Required(), between(0, MOST_HELPERS)])
    assistants_needed = IntegerField(_("Assistants"), [Required(), between(0, MOST_HELPERS)])
    trainee_places = IntegerField(_("Places for trainees"), [Required(), between(0, MOST_HELPERS)])

    def numbers(self) -> dict[str, int]:
        """What was typed, by the columns of a session."""
        return {name: self.data[name] for name in assignments.NEEDED.values()}


class TakingOffForm(Form):
    """Why a helper is taken off, and whether she is still to be told."""

    reason = line(_("Reason"), 200, Required(), autocomplete="off")
    tell = BooleanField(_("Put it onto the call list: she does not know it yet"), default=True)


class TeachingForm(Form):
    """For each session of a course the requirement that it teaches, in a field of its own."""

    def __init__(self, formdata: FormMultiDict | None, requirements: Iterable[Row]) -> None:
        """Offer these requirements in every field."""
        super().__init__(formdata)
        named = [
            (str(each["id"]), f"{each['name']} {each['programme_name']}") for each in requirements
        ]
        offered = choices([("", str(_("nothing that counts"))), *named])
        for field in self:
            if isinstance(field, SelectField):
                field.choices = offered
                if field.data is None:
                    field.data = ""


def teaching_form(
    formdata: FormMultiDict | None, sessions: Iterable[Row], requirements: Iterable[Row]
) -> TeachingForm:
    """The form for these sessions, with what each teaches now."""
    fields: dict[str, Any] = {
        f"session_{each['id']}": SelectField(
            str(_("Session {number}")).format(number=each["number"]),
            default=str(each["requirement"] or ""),
        )
        for each in sessions
    }
    made: type[TeachingForm] = type("SessionsTeach", (TeachingForm,), fields)
    return made(formdata, requirements)
