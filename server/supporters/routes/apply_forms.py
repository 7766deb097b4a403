"""What somebody who wants to help writes, and what the coordinator writes back: its shape only."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar

from litestar.datastructures import FormMultiDict
from wtforms import Field, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import ValidationError

from server import clock
from server.refusals import N_
from server.supporters.applications import Applicant
from server.supporters.forms import DEVICE_WORDS, LANGUAGE_WORDS, half_days
from server.web.dates import day_plain
from server.web.fields import (
    EraDateField,
    birth_date,
    email_address,
    line,
    phone_number,
    readable,
)
from server.web.forms import Form, Required, choices, no_longer_than
from server.web.words import gettext, lazy

Row = dict[str, Any]

OUTSIDE = "outside"


def born_words(born_on: date) -> str:
    """昭和31年5月3日生まれ、70歳: a day of birth with the age today."""
    age = clock.age(born_on, clock.today())
    return gettext("%(day)s, %(age)s years old") % {"day": day_plain(born_on), "age": age}


class OneOfBoth:
    """A phone number or an e-mail address: one is enough."""

    field_flags: ClassVar[dict[str, bool]] = {"one_of": True}

    def __init__(self, says: bool = True) -> None:
        """Only one of the two fields says what is missing."""
        self.says = says

    def __call__(self, form: Form, _: Field) -> None:
        """Raise ValidationError where neither was filled in."""
        if self.says and not (form["phone"].data or form["email"].data):
            raise ValidationError(
                gettext(
                    "Please write a phone number or an e-mail address, so that we can reach you."
                )
            )


class ApplyForm(Form):
    """Who wants to help, how to reach them, and with what they could help."""

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
    birth_on = EraDateField(
        N_("Date of birth"),
        [Required(lazy(N_("Please write your date of birth."))), birth_date],
        description=N_("Supporters are 18 or over. There is no upper limit."),
    )
    district = SelectField(
        N_("District you live in"), [Required(lazy(N_("Please choose your district.")))], default=""
    )
    phone = line(
        N_("Phone number"),
        40,
        OneOfBoth(),
        phone_number,
        inputmode="tel",
        autocomplete="tel",
        data_width="m",
        description=N_("The number at which we can reach you by day."),
    )
    email = line(
        N_("E-mail"),
        254,
        OneOfBoth(says=False),
        email_address,
        inputmode="email",
        autocomplete="email",
        spellcheck="false",
    )
    days = SelectMultipleField(
        N_("When you could usually help"),
        description=N_("Tick all that may be possible. You can change this at any time."),
    )
    devices = SelectMultipleField(
        N_("Devices that you know"), description=N_("Tick those with which you can help others.")
    )
    languages = SelectMultipleField(N_("Languages in which you can help"))
    why = TextAreaField(
        N_("Why you would like to help"),
        [no_longer_than(1000)],
        description=N_("One sentence will do, or nothing."),
        render_kw={"rows": 3, "maxlength": 1000},
    )

    def __init__(self, formdata: FormMultiDict | None, districts: Iterable[Any]) -> None:
        """Take what was typed; `districts` are those of the directory."""
        super().__init__(formdata)
        named = [(str(one.id), one.name) for one in districts if one.slug]
        self._offer(
            "district",
            [
                ("", gettext("Please choose")),
                *named,
                (OUTSIDE, gettext("I live outside the city")),
            ],
        )
        self._offer("days", half_days())
        self._offer("devices", _worded(DEVICE_WORDS))
        self._offer("languages", _worded(LANGUAGE_WORDS))
        if formdata is None:
            self["languages"].data = ["ja"]

    def applicant(self) -> Applicant:
        """The typed values of a form that is valid."""
        district = self["district"].data
        return Applicant(
            name=self.typed("name"),
            reading=self.typed("reading"),
            birth_on=self["birth_on"].data,
            phone=self.typed("phone"),
            email=self.typed("email"),
            district_id=None if district == OUTSIDE else int(district),
            languages=self._ticked("languages"),
            devices=self._ticked("devices"),
            days=self._ticked("days"),
            why=self.typed("why"),
        )

    def _ticked(self, name: str) -> tuple[str, ...]:
        field = self[name]
        assert isinstance(field, SelectMultipleField)
        offered = [str(value) for value, *_ in field.iter_choices()]
        return tuple(value for value in offered if value in (field.data or ()))

    def _offer(self, name: str, offered: Iterable[tuple[str, str]]) -> None:
        field = self[name]
        assert isinstance(field, SelectField)
        field.choices = choices(offered)


def _worded(words: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    return ((value, str(said)) for value, said in words.items())


class AcceptForm(Form):
    """A word of welcome, and what to learn."""

    programme = SelectField(
        N_("Programme"),
        description=N_(
            "Enrolled from today. It can also be chosen later, on the supporter's page."
        ),
        default="",
    )
    message = TextAreaField(
        N_("Message to the applicant"), [no_longer_than(1000)], render_kw={"rows": 4}
    )

    def __init__(self, formdata: FormMultiDict | None, programmes: Iterable[Row]) -> None:
        """Take what was typed; `programmes` are the published ones."""
        super().__init__(formdata)
        named = [(str(one["id"]), one["name"]) for one in programmes]
        field = self["programme"]
        assert isinstance(field, SelectField)
        field.choices = choices([("", gettext("None for now")), *named])
        if formdata is None:
            self["message"].data = gettext(
                "Thank you for applying. We are glad that you would like to help."
                " You receive a letter with the way to your own page."
            )

    def programme_id(self) -> int | None:
        """The programme that was picked, if any."""
        return int(self["programme"].data) if self["programme"].data else None


class DeclineForm(Form):
    """Kind words."""

    message = TextAreaField(
        N_("Message to the applicant"),
        [Required(lazy(N_("Please write why, kindly."))), no_longer_than(1000)],
        render_kw={"rows": 4},
    )

    def __init__(self, formdata: FormMultiDict | None) -> None:
        """Take what was typed."""
        super().__init__(formdata, prefix="decline-")
        if formdata is None:
            self["message"].data = gettext(
                "Thank you for applying. We are sorry that we cannot take anybody more this time."
                " We would be glad if you applied again."
            )
