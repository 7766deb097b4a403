"""What a person typed, kept as typed, checked for its shape, with words for what is wrong."""

from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, ClassVar

import wtforms
from litestar.datastructures import FormMultiDict
from wtforms import HiddenField, PasswordField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.meta import DefaultMeta
from wtforms.validators import Length, StopValidation, ValidationError

from server import notes
from server.refusals import N_, Refused
from server.text import typed
from server.web import words
from server.web.saying import say

LONGEST_LINE = 200
LONGEST_TEXT = 4000
LARGEST_BODY = 2 * 1024 * 1024  # bytes: even a far too long text is given back

# What WTForms says by itself, so that the catalogue has it.
BUILT_IN = (
    N_("This field is required."),
    N_("Not a valid choice."),
    N_("Not a valid date value."),
    N_("Not a valid integer value."),
    N_("Not a valid time value."),
    N_("Invalid Choice: could not coerce."),
)


class _Typed:
    """Form data as WTForms reads it: texts only, an uploaded file in a text field is nothing."""

    def __init__(self, data: FormMultiDict) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in data.multi_items():
            if isinstance(value, str):
                self._values.setdefault(name, []).append(value)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Any:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def getlist(self, name: str) -> list[str]:
        return self._values.get(name, [])


class _Meta(DefaultMeta):
    def get_translations(self, form: Any) -> Any:
        return words

    def wrap_formdata(self, form: Any, formdata: Any) -> Any:
        return _Typed(formdata) if isinstance(formdata, FormMultiDict) else formdata

    def bind_field(self, form: Any, unbound_field: Any, options: MutableMapping[str, Any]) -> Any:
        """Trim every text but passwords, and give each a longest length."""
        field = super().bind_field(form, unbound_field, options)
        if isinstance(field, StringField):
            if not isinstance(field, PasswordField):
                field.filters = [_trimmed, *field.filters]
            if not any(isinstance(each, Length) and each.max > 0 for each in field.validators):
                many = isinstance(field, TextAreaField | HiddenField)
                longest = no_longer_than(LONGEST_TEXT if many else LONGEST_LINE)
                field.validators = [*field.validators, longest]
        return field


def _trimmed(value: Any) -> Any:
    return typed(value) if isinstance(value, str) else value


class Required:
    """The field must be filled in; spaces alone do not count."""

    def __init__(self, message: str | None = None) -> None:
        """Take other words than the usual ones."""
        self.message = message or words.lazy(N_("Please fill this in."))
        self.field_flags = {"required": True}

    def __call__(self, form: wtforms.Form, field: wtforms.Field) -> None:
        """Raise StopValidation where there is nothing, unless the typed words were unreadable."""
        if field.data in (None, "", []) and not field.errors:
            raise StopValidation(self.message)


def no_longer_than(characters: int) -> Length:
    """The field takes at most so many characters."""
    return Length(max=characters, message=words.lazy(N_("Please use at most %(max)d characters.")))


def no_my_number(_form: wtforms.Form, field: wtforms.Field) -> None:
    """The field holds no My Number and is not too long (H1); the rules refuse it as well."""
    try:
        notes.check(field.data or "")
    except Refused as refused:
        raise ValidationError(say(refused)) from refused


def choices(pairs: Iterable[tuple[str, str]]) -> list[Any]:
    """What a select or a row of radio buttons offers: values, each with its words."""
    return [SelectChoice(value, said) for value, said in pairs]


class Form(wtforms.Form):
    """A form that keeps what was typed and says in the person's language what is wrong."""

    Meta: ClassVar[type[DefaultMeta]] = _Meta

    def __init__(
        self,
        formdata: FormMultiDict | None = None,
        obj: object = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Take what was posted; for a first look, the values of a row or of `data`."""
        self.refusals: list[str] = []
        super().__init__(formdata, obj=obj, data=data, **kwargs)

    def typed(self, field: str) -> str:
        """The text of a field, empty where nothing was typed."""
        value = self[field].data
        return value if isinstance(value, str) else ""

    def refuse(self, refused: Refused, field: str | None = None) -> None:
        """Show a rule's refusal above the form, or beside the field that it is about."""
        said = say(refused)
        if field is None:
            self.refusals.append(said)
        else:
            self[field].errors = [*self[field].errors, said]
