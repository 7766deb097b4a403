"""What a resident types to apply for classes, and to find a booking again: its shape only."""

from collections.abc import Iterable
from typing import Any, ClassVar

from litestar.datastructures import FormMultiDict
from wtforms import (
    Field,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.validators import AnyOf, ValidationError

from server import text
from server.classes.bookings import Applicant
from server.classes.tables import AgeBand, Device, Need
from server.refusals import N_
from server.web.dates import day_short, hours
from server.web.fields import email_address, line, phone_number, readable
from server.web.forms import Form, Required, choices, no_longer_than
from server.web.words import current_locale, gettext, lazy, ngettext

Row = dict[str, Any]

WAYS = ("phone", "fax", "email", "postcode", "address")

AGE_BANDS = {
    AgeBand.under_60: N_("under 60"),
    AgeBand.sixties: N_("60 to 69"),
    AgeBand.seventies: N_("70 to 79"),
    AgeBand.eighties: N_("80 to 89"),
    AgeBand.over_90: N_("90 or older"),
}
DEVICES = {
    Device.android: N_("I bring my own Android"),
    Device.iphone: N_("I bring my own iPhone"),
    Device.none: N_("I have none and would like to borrow one"),
}
NEEDS = {
    Need.sign_language: N_("Sign language interpreting"),
    Need.note_taking: N_("Note-taking for me"),
    Need.writing: N_("Talking in writing"),
    Need.wheelchair: N_("I come by wheelchair"),
    Need.hearing_aid: N_("I use a hearing aid"),
    Need.other: N_("Something else"),
}


def postcode(form: Form, field: Field) -> None:
    """A postcode has seven digits, and comes with an address."""
    if field.data and len(text.postcode_key(field.data)) != 7:
        raise ValidationError(gettext("Please write the seven digits, for example 510-8601."))
    if form["address"].data and not field.data:
        raise ValidationError(gettext("Please write the postcode too, so that our letter arrives."))


def address(form: Form, field: Field) -> None:
    """An address comes with its postcode."""
    if form["postcode"].data and not field.data:
        raise ValidationError(gettext("Please write the address too, so that our letter arrives."))


class Way:
    """One of the ways to reach the person: the label says so."""

    field_flags: ClassVar[dict[str, bool]] = {"one_of": True}

    def __call__(self, form: Form, field: Field) -> None:
        """Nothing is wrong with this one alone."""


class OneWay(Way):
    """There must be one way to reach the person (B1)."""

    def __call__(self, form: Form, _: Field) -> None:
        """Raise ValidationError where none of WAYS was filled in."""
        if not any(form[name].data for name in WAYS):
            raise ValidationError(
                gettext(
                    "Please write at least one of phone, fax, e-mail or address, so that we can"
                    " reach you. A phone number is enough."
                )
            )


class BookingForm(Form):
    """Who applies, and how to reach them. `district` takes its choices from the city."""

    name = line(
        N_("Your name"), 120, Required(lazy(N_("Please write your name."))), autocomplete="name"
    )
    reading = line(
        N_("Reading of the name"),
        200,
        Required(lazy(N_("Please write the reading of your name."))),
        readable,
        description=N_("In hiragana, katakana or Latin letters, whichever you like."),
    )
    phone = line(
        N_("Phone number"),
        40,
        OneWay(),
        phone_number,
        inputmode="tel",
        autocomplete="tel",
        data_width="m",
        description=N_("The number at which we can reach you by day."),
    )
    fax = line(N_("Fax number"), 40, Way(), phone_number, inputmode="tel", data_width="m")
    email = line(
        N_("E-mail"),
        254,
        Way(),
        email_address,
        inputmode="email",
        autocomplete="email",
        spellcheck="false",
    )
    postcode = line(
        N_("Postcode"),
        20,
        Way(),
        postcode,
        inputmode="numeric",
        autocomplete="postal-code",
        data_width="s",
        description=N_("Only if we are to write you a letter."),
    )
    address = line(N_("Your address"), 300, Way(), address, autocomplete="street-address")
    district = SelectField(N_("District you live in"), default="")
    age_band = SelectField(N_("Age"), default="")
    device = RadioField(N_("Smartphone for the class"), default="")
    needs = SelectMultipleField(
        N_("What we should prepare"), description=N_("Tick all that you would like.")
    )
    needs_other = line(N_("If something else: what?"), 200)
    remarks = TextAreaField(
        N_("Anything else you would like to tell us"),
        [no_longer_than(1000)],
        render_kw={"rows": 3, "maxlength": 1000},
    )

    def __init__(self, formdata: FormMultiDict | None, districts: Iterable[Any] = ()) -> None:
        """Take what was typed; `districts` are those of the directory."""
        super().__init__(formdata)
        nothing = ("", gettext("I would rather not say"))
        named = [(str(one.id), one.name) for one in districts if one.slug]
        self._offer("district", [nothing, *named])
        self._offer("age_band", [nothing, *_said(AGE_BANDS)])
        self._offer("device", [*_said(DEVICES), ("", gettext("I do not know yet"))])
        self._offer("needs", list(_said(NEEDS)))
        for field in self:
            if isinstance(field, SelectField) and field.data is None:
                field.data = ""

    def applicant(self) -> Applicant:
        """The typed values of a form that is valid."""
        said: dict[str, Any] = {name: self[name].data or "" for name in _TEXTS}
        return Applicant(
            **said,
            district_id=int(self["district"].data) if self["district"].data else None,
            needs=tuple(dict.fromkeys(self["needs"].data or ())),
            language=current_locale(),
        )

    def _offer(self, name: str, offered: list[tuple[str, str]]) -> None:
        field = self[name]
        assert isinstance(field, SelectField)
        field.choices = choices(offered)


_TEXTS = (
    *("name", "reading", "phone", "fax", "email", "postcode", "address"),
    *("age_band", "device", "needs_other", "remarks"),
)


def booking_form(
    formdata: FormMultiDict | None,
    courses: Iterable[Row],
    districts: Iterable[Any],
    picked: Iterable[int] = (),
) -> BookingForm:
    """The form for `courses`, with a field `session_<id>` for each where one date is picked.

    `picked` are ids of sessions that were asked for in the address of the page.
    """
    fields: dict[str, Any] = {}
    for course in courses:
        if course["scope"] == "session":
            fields[pick_name(course["id"])] = _pick(course, set(picked))
    made: type[BookingForm] = type("PickingForm", (BookingForm,), fields)
    return made(formdata, districts)


def pick_name(course_id: int) -> str:
    """The name of the field in which a session of a course is picked."""
    return f"session_{course_id}"


def _pick(course: Row, picked: set[int]) -> RadioField:
    to_come = [each for each in course["sessions"] if each["open"] or each["id"] in picked]
    chosen = [str(each["id"]) for each in to_come if each["id"] in picked]
    words = gettext("Please choose one of the dates.")
    return RadioField(
        N_("Choose one date"),
        [Required(words), AnyOf([str(each["id"]) for each in course["sessions"]], words)],
        choices=choices((str(each["id"]), _session_words(each)) for each in to_come),
        default=chosen[0] if chosen else None,
        validate_choice=False,
    )


def _session_words(session: Row) -> str:
    starts_at, ends_at = session["starts_at"], session["ends_at"]
    left = session["seats_left"]
    seats = ngettext("%(num)s seat left", "%(num)s seats left", left) % {"num": left}
    when = f"{day_short(starts_at)} {hours(starts_at, ends_at)}"
    place = session["venue_name"]
    return gettext("%(when)s %(place)s (%(seats)s)") % {
        "when": when,
        "place": place,
        "seats": seats,
    }


def _said(words: dict[Any, str]) -> Iterable[tuple[str, str]]:
    return ((str(value), gettext(msgid)) for value, msgid in words.items())


class FindForm(Form):
    """A reference, and one thing that only the person who applied knows (B8)."""

    reference = line(
        N_("Reference number"),
        40,
        Required(lazy(N_("Please write the reference number."))),
        inputmode="numeric",
        autocomplete="off",
        data_width="m",
        description=N_("The nine digits on your slip."),
    )
    contact = line(
        N_("Phone number that you gave"),
        254,
        Required(lazy(N_("Please write the phone number that you gave."))),
        autocomplete="off",
        description=N_("Or the fax number, e-mail address or postcode, if you gave that."),
    )
