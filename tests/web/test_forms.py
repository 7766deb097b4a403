"""Forms keep what was typed, and say in the person's language what is wrong."""

import pytest
from litestar.datastructures import FormMultiDict, UploadFile
from wtforms import (
    IntegerField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
)

from server.refusals import N_, Refused
from server.web.fields import PressedForm
from server.web.forms import Form, Required, choices, no_longer_than
from server.web.words import lazy, speaking


class Card(Form):
    """A form with one field of each kind."""

    name = StringField(lazy("Name"), [Required()])
    short = StringField("", [no_longer_than(3)])
    remarks = TextAreaField()
    number = IntegerField()
    secret = PasswordField()
    kind = SelectField(choices=choices([("a", "A"), ("b", "B")]))


def posted(**typed: object) -> Card:
    return Card(FormMultiDict([*{"name": "山田", "number": "1", "kind": "a", **typed}.items()]))


def test_a_form_is_trimmed_and_keeps_rare_characters() -> None:
    form = posted(name=" 𠮷田　髙子👵\u0000 ", secret=" spaces stay ")

    assert form.validate()
    assert (form.typed("name"), form.typed("secret")) == ("𠮷田　髙子👵", " spaces stay ")


def test_an_empty_form_says_what_is_missing_in_japanese() -> None:
    form = Card(FormMultiDict([]))

    assert not form.validate()
    assert {name: [str(each) for each in said] for name, said in form.errors.items()} == {
        "name": ["入力してください。"],
        "kind": ["選べるものの中から選んでください。"],
    }


def test_spaces_alone_are_nothing() -> None:
    assert not posted(name="　 ").validate()


def test_what_was_typed_is_kept_when_it_is_wrong() -> None:
    form = posted(number="三", kind="z", short="長すぎる言葉")

    assert not form.validate()
    assert 'value="三"' in form.number()
    assert 'value="長すぎる言葉"' in form.short()
    assert {name: [str(each) for each in said] for name, said in form.errors.items()} == {
        "short": ["3文字以内で入力してください。"],
        "number": ["数字で入力してください。"],
        "kind": ["選べるものの中から選んでください。"],
    }


def test_full_width_digits_are_a_number() -> None:
    form = posted(number="１２")

    assert form.validate()
    assert form.number.data == 12


def test_every_text_has_a_longest_length() -> None:
    assert not posted(name="あ" * 201).validate()
    assert not posted(remarks="あ" * 4001).validate()
    assert posted(name="あ" * 200, remarks="あ" * 4000).validate()


async def test_a_file_where_a_text_belongs_is_nothing() -> None:
    file = UploadFile(content_type="text/plain", filename="x", file_data=b"x")
    form = posted(name=file)
    await file.close()

    assert not form.validate()
    assert form.typed("name") == ""


def test_a_refusal_stands_above_the_form_or_beside_its_field() -> None:
    form = posted()
    refused = Refused(N_("Please use at least {number} characters for a password."), number=12)

    form.refuse(refused)
    form.refuse(refused, "secret")

    assert form.refusals == ["パスワードは12文字以上にしてください。"]
    assert form.errors == {"secret": ["パスワードは12文字以上にしてください。"]}


def test_words_follow_the_language_of_the_moment() -> None:
    form = posted(name="")
    form.validate()

    with speaking("en"):
        said = [str(form.name.label.text), str(form.name.errors[0])]

    assert said == ["Name", "Please fill this in."]


@pytest.mark.parametrize(
    ("submission", "good"),
    [
        ("a" * 16, True),
        ("Az0-_" * 8, True),
        ("a" * 15, False),
        ("a" * 41, False),
        ("a" * 20 + " é", False),
        ("", False),
    ],
)
def test_a_press_is_named_by_16_to_40_letters_to_the_last_one(submission: str, good: bool) -> None:
    """Columns hold forty: PostgreSQL would answer a longer one with an error."""
    assert PressedForm(FormMultiDict([("submission", submission)])).validate() is good
