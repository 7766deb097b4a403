"""Forms that know what was on the screen, so that nobody's change is lost to another's."""

import json
from collections.abc import Iterator
from typing import Any, ClassVar, Self

from litestar.datastructures import FormMultiDict
from wtforms import DateField, Field, HiddenField, SelectField, TimeField

from server.refusals import Refused
from server.web.addresses import whole
from server.web.dates import day_short
from server.web.forms import Form, no_longer_than
from server.web.words import gettext

LONGEST_OPENED = 20_000  # characters: every field of the longest form, written as JSON


class VersionedForm(Form):
    """A form that says which state of the row was seen (hidden)."""

    version = HiddenField()

    about: ClassVar[dict[str, str]] = {}  # refusals, each by the field that shows it

    def __init__(self, formdata: FormMultiDict | None = None, **known: Any) -> None:
        """Take what was posted; a form that says no version has seen none."""
        super().__init__(formdata, **known)
        if formdata is not None and not self.version.raw_data:
            self.version.data = ""

    @property
    def seen(self) -> int:
        """The version that was on the screen; 0, which no row has, for nonsense."""
        return whole(self.version.data) or 0

    def refuse(self, refused: Refused, field: str | None = None) -> None:
        """Show a refusal beside the field that it is about; above the form where there is none."""
        named = field or self.about.get(refused.msgid)
        super().refuse(refused, named if named and named in self else None)


class MergingForm(VersionedForm):
    """A form that carries what it was opened with, to tell what was changed in it."""

    opened = HiddenField(validators=[no_longer_than(LONGEST_OPENED)])

    beside: ClassVar[tuple[str, ...]] = ()  # fields that are no part of the row

    def remember(self) -> None:
        """Keep what the fields show now as what the form was opened with."""
        self.opened.data = json.dumps(
            {field.name: _plain(field) for field in self._row_fields()}, ensure_ascii=False
        )

    def merge(self, theirs: Self) -> list[tuple[str, str, str]]:
        """Take the values of `theirs`, the row as it stands, where this form was left alone.

        Returns label, theirs and yours, in words, of each field that both have changed, and not
        to the same. What is shown after this was opened with what stands now.
        """
        was, conflicts = self._was(), []
        for field in self._row_fields():
            other = theirs[field.name]
            yours, now = _plain(field), _plain(other)
            if yours == now:
                continue
            if was.get(field.name) == yours:
                field.data, field.raw_data = other.data, None
            elif was.get(field.name) != now:
                conflicts.append((str(field.label.text), _shown(other), _shown(field)))
        self.version.data = str(theirs.version.data)
        self.opened.data = theirs.opened.data
        return conflicts

    def _row_fields(self) -> Iterator[Field]:
        for field in self:
            if not isinstance(field, HiddenField) and field.name not in self.beside:
                yield field

    def _was(self) -> dict[str, Any]:
        try:
            was = json.loads(str(self.opened.data or "{}"))
        except (ValueError, RecursionError):  # nonsense, or nested too deep
            return {}
        return was if isinstance(was, dict) else {}


def _plain(field: Any) -> str:
    if isinstance(field, TimeField):
        return f"{field.data:%H:%M}" if field.data else ""
    return "" if field.data is None else str(field.data).replace("\r\n", "\n")


def _shown(field: Any) -> str:
    if isinstance(field, SelectField):
        words = {str(value): str(label) for value, label, *_rest in field.iter_choices()}
        chosen = field.data if isinstance(field.data, list) else [field.data]
        return gettext(", ").join(words.get(str(each), "") for each in chosen)
    if isinstance(field, DateField) and field.data:
        return day_short(field.data)
    return _plain(field)
