"""What the office types about supporters, their papers and how the scheme runs: shape only."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from litestar.datastructures import FormMultiDict
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import NumberRange, Optional

from server import clock
from server.supporters.lecturers import LecturerFacts
from server.supporters.queries import COUNTED
from server.supporters.register import PersonFacts, SupporterFacts
from server.supporters.schemes import SchemeFacts
from server.supporters.tables import CredentialKind, SignUp, Stage, Weekday
from server.web.fields import (
    PressedForm,
    badge_fits,
    birth_date,
    day_field,
    email_address,
    line,
    phone_number,
    readable,
)
from server.web.forms import Form, Required, choices, no_longer_than
from server.web.versions import MergingForm
from server.web.words import gettext
from server.web.words import lazy as _

Row = dict[str, Any]

STAGE_WORDS = {
    Stage.applied: _("Applied"),
    Stage.in_training: _("In training"),
    Stage.completed: _("Completed"),
    Stage.registered: _("Registered"),
    Stage.active: _("Active"),
    Stage.resting: _("Resting"),
    Stage.withdrawn: _("Withdrawn"),
}
PAPER_WORDS = {
    CredentialKind.pledge: _("Pledge"),
    CredentialKind.insurance: _("Volunteer insurance"),
    CredentialKind.promotion_member: _("Digital promotion member"),
    CredentialKind.qualification: _("Other qualification"),
}
LANGUAGE_WORDS = {
    "ja": _("Japanese"),
    "en": _("English"),
    "pt": _("Portuguese"),
    "sign": _("Sign language"),
}
DEVICE_WORDS = {"android": _("Android"), "iphone": _("iPhone"), "pc": _("Computer")}
WEEKDAY_WORDS = {
    Weekday.mon: _("Monday"),
    Weekday.tue: _("Tuesday"),
    Weekday.wed: _("Wednesday"),
    Weekday.thu: _("Thursday"),
    Weekday.fri: _("Friday"),
    Weekday.sat: _("Saturday"),
    Weekday.sun: _("Sunday"),
}
HALF_WORDS = {"am": _("morning"), "pm": _("afternoon")}
SIGN_UP_WORDS = {
    SignUp.both: _("Supporters sign up, and coordinators place them"),
    SignUp.supporters: _("Supporters sign up themselves"),
    SignUp.coordinators: _("Only coordinators place supporters"),
}


def half_days() -> list[tuple[str, str]]:
    """Monday morning to Sunday afternoon, as they are stored, each with its words."""
    joined = _("%(day)s %(half)s")
    return [
        (f"{day.value}_{half}", joined % {"day": str(weekday), "half": str(words)})
        for day, weekday in WEEKDAY_WORDS.items()
        for half, words in HALF_WORDS.items()
    ]


def said(codes: str, words: dict[str, str]) -> str:
    """Codes with a comma between, as people read them."""
    return gettext(", ").join(str(words[each]) for each in codes.split(",") if each in words)


def _number(value: Any) -> int | None:
    return int(value) if value else None


class SupporterForm(MergingForm):
    """What the office knows of a supporter."""

    district = SelectField(_("District"), [Optional()], coerce=_number)
    phone = line(_("Phone"), 40, phone_number, inputmode="tel", data_width="m", autocomplete="off")
    email = line(_("E-mail"), 254, email_address, inputmode="email", autocomplete="off")
    fax = line(_("Fax"), 40, phone_number, inputmode="tel", data_width="m", autocomplete="off")
    postcode = line(_("Postcode"), 20, data_width="s", autocomplete="off")
    address = line(_("Home address"), 300, autocomplete="off")
    languages = SelectMultipleField(_("Languages"))
    devices = SelectMultipleField(_("Devices known"))
    days = SelectMultipleField(_("Half days"))
    may_lead = BooleanField(
        _("May lead a session"),
        description=_("Leading is for those whom the office has named."),
    )
    note = TextAreaField(
        _("Note of the office"),
        [no_longer_than(2000)],
        description=_("Only coordinators read it."),
        render_kw={"rows": 3},
    )

    def __init__(
        self, formdata: FormMultiDict | None, districts: Iterable[Row], supporter: Row
    ) -> None:
        """Take what was posted; else the supporter as she stands."""
        listed = {name: supporter[name].split(",") for name in ("languages", "devices", "days")}
        super().__init__(formdata, data=supporter | listed)
        named = [(str(row["id"]), row["name"]) for row in districts]
        self.district.choices = choices([("", gettext("Not known")), *named])
        self.languages.choices = choices((c, str(w)) for c, w in LANGUAGE_WORDS.items())
        self.devices.choices = choices((c, str(w)) for c, w in DEVICE_WORDS.items())
        self.days.choices = choices(half_days())
        if formdata is None:
            self.remember()

    def facts(self) -> SupporterFacts:
        """What was typed, once it is valid."""
        return SupporterFacts(
            district_id=self.district.data,
            may_lead=bool(self.may_lead.data),
            **{n: self.typed(n) for n in ("phone", "email", "fax", "postcode", "address", "note")},
            **{n: ",".join(self[n].data or ()) for n in ("languages", "devices", "days")},
        )


class CorrectionForm(Form):
    """Who a supporter is, where it was entered wrongly, and why it is corrected."""

    version = HiddenField()
    name = line(_("Name"), 120, Required(), autocomplete="off")
    reading = line(_("Reading of the name"), 200, Required(), readable, autocomplete="off")
    birth_on = DateField(
        _("Date of birth"),
        [Optional(), birth_date],
        render_kw={"data-width": "m", "min": "1900-01-01"},
    )
    badge_number = line(_("Badge number"), 20, badge_fits, autocomplete="off", data_width="s")
    reason = line(_("Why this is corrected"), 200, Required(), autocomplete="off")

    def __init__(self, formdata: FormMultiDict | None, supporter: Row) -> None:
        """Take what was posted; else the supporter as she stands. No badge before she has one."""
        super().__init__(formdata, data=supporter | {"version": str(supporter["version"])})
        if not supporter["badge_number"]:
            del self["badge_number"]

    def facts(self) -> PersonFacts:
        """What was typed, once it is valid."""
        badge = self.typed("badge_number") if "badge_number" in self else ""
        return PersonFacts(self.typed("name"), self.typed("reading"), self.birth_on.data, badge)


class StageForm(Form):
    """A step to another stage: since when, and what that step needs."""

    stage = HiddenField()
    effective_on = day_field(
        _("Day on which this stage was reached"),
        Required(),
        description=_("This day decides the fiscal year."),
    )
    programme = SelectField(_("Programme"), [Optional()], coerce=_number)
    badge_number = line(_("Badge number"), 20, badge_fits, autocomplete="off", data_width="s")
    reason = line(_("Remark"), 200, autocomplete="off")

    def __init__(
        self,
        formdata: FormMultiDict | None,
        stage: Stage,
        programmes: Iterable[Row],
        since: date | None = None,
        badge_number: str = "",
    ) -> None:
        """Take what was posted, else `since` and the next badge number that is free.

        Of the fields only those that the stage needs.
        """
        proposed = {"effective_on": since or clock.today(), "badge_number": badge_number}
        super().__init__(formdata, data={"stage": stage.value} | proposed)
        self.stage.data = stage.value
        named = [(str(row["id"]), row["name"]) for row in programmes]
        self.programme.choices = choices([("", gettext("No programme for now")), *named])
        if stage != Stage.in_training:
            del self["programme"]
        if stage == Stage.registered:
            self.badge_number.validators = [Required(), *self.badge_number.validators]
            self.badge_number.flags.required = True
        else:
            del self["badge_number"]
        if stage in (Stage.completed, Stage.registered, Stage.in_training):
            del self["reason"]


class ReasonForm(Form):
    """Why something is undone or taken back."""

    reason = line(_("Reason"), 200, Required(), autocomplete="off")


class DuplicateForm(Form):
    """Why two rows are one human being, where the dates of birth differ."""

    despite = line(
        _("Why they are one person, where the dates of birth differ"), 200, autocomplete="off"
    )

    def __init__(self, formdata: FormMultiDict | None = None, *, needed: bool = False) -> None:
        """Take what was posted; `needed` where the dates differ."""
        super().__init__(formdata)
        if needed:
            self.despite.validators = [Required(), *self.despite.validators]
            self.despite.flags.required = True


def _next_period(paper: Row) -> Row:
    """The paper after this one: from the day after its end to the next end of a fiscal year."""
    first_on = paper["valid_until"] + timedelta(days=1)
    return {
        "kind": paper["kind"],
        "name": paper["name"],
        "valid_from": first_on,
        "valid_until": clock.fiscal_days(clock.fiscal_year(first_on))[1],
        "after": str(paper["id"]),
    }


class PaperForm(PressedForm):
    """A pledge, an insurance, an appointment or a qualification."""

    kind = SelectField(_("Kind"), [Required()])
    name = line(
        _("Name"),
        120,
        description=_("Of a qualification; of an insurance its policy."),
        autocomplete="off",
    )
    valid_from = day_field(_("Valid from"), Required())
    valid_until = day_field(
        _("Valid until"),
        description=_("An insurance always has one. Leave it empty where another has no end."),
    )
    after = HiddenField()  # the paper that this one follows

    def __init__(
        self, formdata: FormMultiDict | None, kind: str = "", before: Row | None = None
    ) -> None:
        """Take what was posted; else a paper of `kind` from today, or the one after `before`."""
        proposed: Row = {"kind": kind, "valid_from": clock.today()}
        super().__init__(formdata, data=proposed | (_next_period(before) if before else {}))
        self.kind.choices = choices((k.value, str(words)) for k, words in PAPER_WORDS.items())
        needed = {CredentialKind.insurance: "valid_until", CredentialKind.qualification: "name"}
        if self.kind.data in needed:
            field = self[needed[CredentialKind(self.kind.data)]]
            field.validators = [Required(), *field.validators]
            field.flags.required = True
        else:
            self.valid_until.validators = [Optional(), *self.valid_until.validators]

    @property
    def until(self) -> date | None:
        """Its last day; None where it has no end."""
        day: date | None = self.valid_until.data
        return day


class RecordForm(PressedForm):
    """Something that was done of a requirement, entered by the office with a reason (S2)."""

    requirement = SelectField(_("Requirement"), [Required()], coerce=_number)
    done_on = day_field(_("Done on"), Required())
    minutes = IntegerField(
        _("Minutes"), [Required(), NumberRange(1, 1440)], render_kw={"data-width": "s", "min": 1}
    )
    reason = line(_("Reason"), 200, Required(), autocomplete="off")
    same_day = HiddenField()  # filled in once it was said that there is one of that day

    def __init__(self, formdata: FormMultiDict | None, requirements: Iterable[Row]) -> None:
        """Take what was posted, for one of these requirements."""
        super().__init__(formdata, data={"done_on": clock.today()})
        named = [(str(row["id"]), row["name"]) for row in requirements]
        self.requirement.choices = choices(named)

    def same_day_asked(self) -> str:
        """The day and the requirement that are typed now: another one is asked about anew."""
        return f"{self.requirement.data} {self.done_on.data}"


class LecturerForm(Form):
    """Somebody from outside who teaches."""

    name = line(_("Name"), 120, Required(), autocomplete="off")
    reading = line(_("Reading of the name"), 200, Required(), readable, autocomplete="off")
    organisation = line(_("Organisation"), 120, autocomplete="off")
    phone = line(_("Phone"), 40, phone_number, inputmode="tel", data_width="m", autocomplete="off")

    def facts(self) -> LecturerFacts:
        """What was typed, once it is valid."""
        return LecturerFacts(
            *(self.typed(name) for name in ("name", "reading", "organisation", "phone"))
        )


def _days(label: str, least: int, most: int, description: str) -> IntegerField:
    bounds = NumberRange(least, most, message=_("Please write a number from %(min)s to %(max)s."))
    hints = {"data-width": "s", "min": least, "max": most}
    return IntegerField(label, [Required(), bounds], description=description, render_kw=hints)


class SchemeForm(MergingForm):
    """How the city runs its supporters."""

    counted_stage = SelectField(
        _("Stage that counts as trained"),
        [Required()],
        description=_("The plan's figures follow at once, for past years too."),
    )
    sign_up = SelectField(_("Who fills the places at a session"), [Required()])
    leave_days = _days(
        _("Days before a session until which supporters leave by themselves"),
        0,
        60,
        _("Later they phone."),
    )
    participants_per_helper = _days(
        _("Participants per helper"), 1, 100, _("Publishing a class with fewer helpers warns.")
    )
    short_days = _days(
        _("Days ahead that sessions short of people are shown"), 1, 180, _("On the first page.")
    )
    expiry_days = _days(
        _("Days ahead that papers about to end are shown"), 0, 365, _("On the first page.")
    )
    home_visits = BooleanField(
        _("Supporters may visit people at home"), description=_("Off, unless the city decides so.")
    )
    issuer: StringField = line(
        _("Who signs the certificate"),
        80,
        description=_("For example the mayor, as it is to be printed."),
        autocomplete="off",
    )

    def __init__(self, formdata: FormMultiDict | None, facts: SchemeFacts, version: int) -> None:
        """Take what was posted; else the settings as they stand."""
        super().__init__(formdata, data=vars(facts) | {"version": version})
        self.counted_stage.choices = choices((s.value, str(STAGE_WORDS[s])) for s in COUNTED)
        self.sign_up.choices = choices((s.value, str(w)) for s, w in SIGN_UP_WORDS.items())
        if formdata is None:
            self.remember()

    def facts(self) -> SchemeFacts:
        """What was typed, once it is valid."""
        typed = {name: self[name].data for name in SchemeFacts.__dataclass_fields__}
        typed["counted_stage"] = Stage(typed["counted_stage"])
        typed["sign_up"] = SignUp(typed["sign_up"])
        return SchemeFacts(**typed | {"issuer": self.typed("issuer")})
