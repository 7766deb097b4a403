"""Fields and checks of what people type about themselves: names, numbers, a date of birth."""

import re
import secrets
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from wtforms import DateField, Field, HiddenField, IntegerField, StringField, TelField
from wtforms.validators import NumberRange, Regexp, ValidationError

from server import clock, duration, text
from server.refusals import N_
from server.web.forms import Form, no_longer_than
from server.web.words import gettext, lazy

SUBMISSION = re.compile(r"[A-Za-z0-9_-]{16,40}\Z")
OLDEST = 120

# The first year of each era less one, so that the first year of the era is 1.
ERAS = {
    "meiji": (N_("Meiji"), 1867),
    "taisho": (N_("Taisho"), 1911),
    "showa": (N_("Showa"), 1925),
    "heisei": (N_("Heisei"), 1988),
    "reiwa": (N_("Reiwa"), 2018),
    "western": (N_("Western year"), 0),
}


PARTS = (N_("Era"), N_("Year of the era"), N_("Month"), N_("Day of the month"))


class EraDateField(Field):
    """A date as people know it: the era, then year, month and day (B1).

    Its four inputs have one name; `parts` keeps what was typed. A year of four digits is taken
    as it is, whatever the era.
    """

    parts: tuple[str, ...] = ("", "", "", "")

    def process_formdata(self, values: list[str]) -> None:
        """Read the four inputs. Raises ValueError where they are no date."""
        self.parts = tuple(text.typed(each)[:20] for each in (*values, "", "", "", "")[:4])
        self.data = None
        if any(self.parts):
            self.data = self._date()

    def _date(self) -> date:
        era, *typed = self.parts
        numbers = [_count(each) for each in typed]
        if era not in ERAS or None in numbers:
            missing = [name for name, typed in zip(PARTS, self.parts, strict=True) if not typed]
            said = gettext("Please choose the era and write the year, the month and the day.")
            if missing:
                parts = gettext(", ").join(gettext(name) for name in missing)
                said = gettext("Still missing: %(parts)s.") % {"parts": parts}
            raise ValueError(said)
        year, month, day = (number or 0 for number in numbers)
        try:
            return date(year if year > 999 else ERAS[era][1] + year, month, day)
        except ValueError as no_date:
            raise ValueError(gettext("There is no such day. Please look again.")) from no_date

    def eras(self) -> Iterator[tuple[str, str, bool]]:
        """The eras to pick from: value, words, whether it is picked."""
        for value, (words, _) in ERAS.items():
            yield value, gettext(words), value == self.parts[0]


class PressedForm(Form):
    """A form that names one press of its button (hidden), so that a double tap enters one thing."""

    submission = HiddenField(
        validators=[Regexp(SUBMISSION)], default=lambda: secrets.token_urlsafe(16)
    )


def _count(typed: str) -> int | None:
    """A number as written on paper: ５８, 5月, 元年."""
    plain = text.normalised(typed).strip("年月日 ")
    if plain == "元":
        return 1
    return int(plain) if plain.isdecimal() and len(plain) <= 4 else None


def minutes_field(label: str, *validators: Any) -> IntegerField:
    """Minutes of one day, 0 to 1440."""
    most = duration.MINUTES_OF_A_DAY
    return IntegerField(
        label,
        [*validators, NumberRange(0, most, message=lazy(duration.NO_MINUTES))],
        render_kw={"inputmode": "numeric", "min": 0, "max": most, "data-width": "s"},
    )


def birth_date(_: Form, field: Field) -> None:
    """A day of birth lies in the past, at most 120 years ago."""
    if field.data and not 0 <= clock.age(field.data, clock.today()) <= OLDEST:
        raise ValidationError(gettext("Please look at the era and the year again."))


def readable(_: Form, field: Field) -> None:
    """The reading of a name is written in kana of either kind, or in Latin letters."""
    if not text.is_reading(field.data):
        raise ValidationError(
            gettext(
                "Please write the reading in hiragana, katakana or Latin letters, for example"
                " やまだ はなこ."
            )
        )
    _check_fits(text.reading_key(field.data), 200)


def kana_only(_: Form, field: Field) -> None:
    """A reading is written in hiragana or katakana, full or half width."""
    if not text.contains_only_kana(field.data):
        raise ValidationError(
            gettext(
                "Please write the reading in hiragana or katakana only, for example やまだ はなこ."
            )
        )
    _check_fits(text.reading_key(field.data), 200)


def badge_fits(_: Form, field: Field) -> None:
    """The number of a badge, or of counter staff, fits as it is kept."""
    _check_fits(text.badge_key(field.data or ""), 20)


def _check_fits(key: str, longest: int) -> None:
    if len(key) > longest:  # one sign may stand for a whole word
        raise ValidationError(gettext("Please use fewer characters."))


def phone_number(_: Form, field: Field) -> None:
    """A Japanese number has 10 or 11 digits and begins with 0, or with +81 from abroad."""
    if field.data and not text.is_phone(field.data):
        raise ValidationError(
            gettext(
                "Please write the number with its area code, 10 or 11 digits beginning with 0,"
                " for example 059-000-0123."
            )
        )


def email_address(_: Form, field: Field) -> None:
    """An e-mail address has one @ and a domain."""
    if text.email_key(field.data or "") and not text.is_email(field.data):
        raise ValidationError(
            gettext("Please write the whole address, for example hanako@example.jp.")
        )


def line(label: str, longest: int, *validators: Any, **hints: str) -> StringField:
    """A line of text; `hints` are attributes for the browser, `description` the help text."""
    kind = TelField if hints.get("inputmode") == "tel" else StringField
    description = hints.pop("description", "")
    return kind(
        label,
        [no_longer_than(longest), *validators],
        description=description,
        render_kw={"maxlength": longest, **{k.replace("_", "-"): v for k, v in hints.items()}},
    )


def day_field(
    label: str, *validators: Any, first: int = 2000, last: int = 2100, description: str = ""
) -> DateField:
    """A date in the years from `first` to `last`."""
    return DateField(
        label,
        [*validators, year_between(first, last)],
        description=description,
        render_kw={"data-width": "m", "min": f"{first}-01-01", "max": f"{last}-12-31"},
    )


def year_between(first: int, last: int) -> Callable[[Form, Field], None]:
    """A day, where there is one, is in the years from `first` to `last`: others are mistyped."""

    def check(_: Form, field: Field) -> None:
        if field.data and not first <= field.data.year <= last:
            raise ValidationError(gettext("Please check the year."))

    return check
