"""What is typed to book somebody in from a desk: the person only, the contact comes along."""

import secrets
from collections.abc import Iterable
from typing import Any, ClassVar

from litestar.datastructures import FormMultiDict
from wtforms import Field, RadioField, SelectField, SelectMultipleField, TextAreaField

from server import text
from server.classes.bookings import Applicant
from server.classes.tables import Device, Need
from server.helpdesk.routes.contact_words import AGE_WORDS, pairs
from server.refusals import N_
from server.web.fields import PressedForm, email_address, line, phone_number, readable
from server.web.forms import Form, Required, choices, no_longer_than
from server.web.words import gettext, lazy
from server.web.words import lazy as _

WAYS = ("phone", "fax", "email", "postcode", "address")
OFF = {"autocomplete": "off"}

DEVICES = {
    Device.android: N_("Android"),
    Device.iphone: N_("iPhone"),
    Device.none: N_("lend one"),
}
NEEDS = {
    Need.sign_language: N_("Sign language"),
    Need.note_taking: N_("Note-taking"),
    Need.writing: N_("In writing"),
    Need.wheelchair: N_("Wheelchair"),
    Need.hearing_aid: N_("Hearing aid"),
    Need.other: N_("Other"),
}


class _OneWay:
    """The label says that one way to reach the person is needed."""

    field_flags: ClassVar[dict[str, bool]] = {"one_of": True}

    def __call__(self, form: Form, field: Field) -> None:
        """Nothing is wrong with this one alone."""


class BookedPersonForm(PressedForm):
    """Who is booked in, and one way to reach her (B1). District and age band come along."""

    name = line(
        _("Name"), 120, Required(lazy(N_("Please write the name."))), autofocus="autofocus", **OFF
    )
    reading = line(
        _("Reading"), 200, Required(lazy(N_("Please write the reading."))), readable, **OFF
    )
    phone = line(_("Phone"), 40, _OneWay(), phone_number, inputmode="tel", data_width="m", **OFF)
    device = RadioField(_("Device"), default="")
    fax = line(_("Fax"), 40, phone_number, inputmode="tel", data_width="m", **OFF)
    email = line(_("E-mail"), 254, email_address, inputmode="email", spellcheck="false", **OFF)
    postcode = line(_("Postcode"), 20, inputmode="numeric", data_width="s", **OFF)
    address = line(_("Address"), 300, **OFF)
    district = SelectField(_("District"), default="")
    age_band = SelectField(_("Age"), default="")
    needs = SelectMultipleField(_("What we should prepare"))
    needs_other = line(_("If something else: what?"), 200, **OFF)
    remarks = TextAreaField(
        _("Remarks"), [no_longer_than(1000)], render_kw={"rows": 2, "maxlength": 1000}
    )

    def __init__(
        self,
        formdata: FormMultiDict | None,
        districts: Iterable[Any] = (),
        known: dict[str, Any] | None = None,
    ) -> None:
        """Take what was typed, or what is `known` of her; `districts` are the directory's."""
        super().__init__(formdata, data=known)
        nothing = ("", gettext("not said"))
        named = [(str(one.id), one.name) for one in districts if one.slug]
        self.district.choices = choices([nothing, *named])
        self.age_band.choices = choices([nothing, *pairs(AGE_WORDS)])
        self.device.choices = choices([*pairs(DEVICES), ("", gettext("not known yet"))])
        self.needs.choices = choices(pairs(NEEDS))
        for field in self:
            if isinstance(field, SelectField) and field.data is None:
                field.data = ""

    def validate(self, extra_validators: Any = None) -> bool:
        """There is one way to reach her; an address stands with its postcode (B1)."""
        super().validate(extra_validators)
        if not any(self.typed(name) for name in WAYS):
            self._wrong("phone", gettext("Please write one way to reach her or him."))
        if self.typed("postcode") and len(text.postcode_key(self.typed("postcode"))) != 7:
            self._wrong("postcode", gettext("Please write the seven digits, for example 510-8601."))
        if bool(self.typed("address")) != bool(self.typed("postcode")):
            missing = "address" if self.typed("postcode") else "postcode"
            self._wrong(missing, gettext("Please write the address with its postcode."))
        return not self.errors

    def press_anew(self) -> None:
        """Name the next press of the button: nothing has been saved with the last one."""
        self.submission.data = secrets.token_urlsafe(16)

    def applicant(self) -> Applicant:
        """The typed values of a form that is valid."""
        said: dict[str, Any] = {name: self.typed(name) for name in _TEXTS}
        return Applicant(
            **said,
            district_id=int(self.district.data) if self.district.data else None,
            needs=tuple(dict.fromkeys(self.needs.data or ())),
        )

    @property
    def more_opened(self) -> bool:
        """Was something typed, or is something wrong, among what is folded away?"""
        return any(self[name].data or self[name].errors for name in _FOLDED)

    def _wrong(self, name: str, words: str) -> None:
        field = self[name]
        if not field.errors:
            field.errors = [words]


_TEXTS = (
    *("name", "reading", "phone", "fax", "email", "postcode", "address"),
    *("age_band", "device", "needs_other", "remarks"),
)
_FOLDED = ("fax", "email", "postcode", "address", "needs", "needs_other", "remarks")
