"""The shape of what a resident types (B1): what is kept, what is refused, in which words."""

from typing import Any

import pytest
from litestar.datastructures import FormMultiDict

from server.classes.bookings import Applicant
from server.classes.forms import BookingForm
from server.places.directory import DistrictEntry

CHUBU = DistrictEntry(7, "chubu", "中部")
OUTSIDE = DistrictEntry(0, "", "")
LEAST = {"name": "山田花子", "reading": "やまだはなこ", "phone": "059-354-8000"}


def filled(**typed: Any) -> BookingForm:
    pairs = [
        (name, one)
        for name, value in {**LEAST, **typed}.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    return BookingForm(FormMultiDict(pairs), [CHUBU, OUTSIDE])


def errors(**typed: Any) -> dict[str, str]:
    form = filled(**typed)
    form.validate()
    return {field.name: str(field.errors[0]) for field in form if field.errors}


def test_name_reading_and_phone_are_enough() -> None:
    form = filled()

    assert form.validate()
    assert form.applicant() == Applicant(
        name="山田花子", reading="やまだはなこ", phone="059-354-8000", language="ja"
    )


def test_everything_that_can_be_said_arrives() -> None:
    form = filled(
        fax="059-354-8001",
        email="hanako@example.jp",
        postcode="510-8601",
        address="四日市市諏訪町1-5",
        district="7",
        age_band="70s",
        device="none",
        needs=["wheelchair", "other", "wheelchair"],
        needs_other="休憩をはさんでください",
        remarks="よろしくお願いします。\r\n前の席を希望します。",
    )

    assert form.validate(), form.errors
    assert form.applicant() == Applicant(
        name="山田花子",
        reading="やまだはなこ",
        phone="059-354-8000",
        fax="059-354-8001",
        email="hanako@example.jp",
        postcode="510-8601",
        address="四日市市諏訪町1-5",
        district_id=7,
        age_band="70s",
        device="none",
        needs=("wheelchair", "other"),
        needs_other="休憩をはさんでください",
        remarks="よろしくお願いします。\n前の席を希望します。",
        language="ja",
    )


@pytest.mark.parametrize(
    "name", ["𠮷田髙子", "João da Silva", "山田👵花子", "葛\U000e0100城", "㈱山田", "ﾔﾏﾀﾞ"]
)
def test_any_name_is_kept_as_typed(name: str) -> None:
    form = filled(name=f"  {name}　")

    assert form.validate()
    assert form.applicant().name == name


@pytest.mark.parametrize(
    "reading",
    [
        "やまだ　はなこ",
        "ヤマダ ハナコ",
        "ﾔﾏﾀﾞ ﾊﾅｺ",
        "ジョアン・ダ・シルバ",
        "さゝき",
        "ヴァン",
        "おーの",
        "Maria da Silva",
        "ＴＡＮＡＫＡ Ichirō",
    ],
)
def test_reading_in_any_kana_or_in_latin_letters(reading: str) -> None:
    assert errors(reading=reading) == {}


@pytest.mark.parametrize("reading", ["山田", "Иван", "やまだ1", "やまだ👵", "・・・", "ー", "-"])
def test_reading_that_nobody_can_read_out_is_sent_back(reading: str) -> None:
    words = (
        "お名前のふりがなは、ひらがな・カタカナ・ローマ字のどれかで書いてください。"
        "例：やまだ はなこ"
    )

    assert errors(reading=reading) == {"reading": words}


@pytest.mark.parametrize(
    "phone",
    [
        "0593548000",
        "059-354-8000",
        "０５９－３５４－８０００",
        "(059)354 8000",
        "09000001234",
        "090ー0000ー1234",
        "+81 90 0000 1234",
        "+81-(0)59-354-8000",
        "０９０・００００・１２３４",
        "059-354-8000（自宅）",
    ],
)
def test_phone_in_any_writing(phone: str) -> None:
    assert errors(phone=phone) == {}


@pytest.mark.parametrize(
    "number", ["354-8000", "119", "1590354800", "090-0000-12345", "なし", "+1 212 555 0100"]
)
@pytest.mark.parametrize("field", ["phone", "fax"])
def test_number_that_nobody_can_call_is_sent_back(field: str, number: str) -> None:
    words = "市外局番から、0で始まる10けたか11けたの番号を書いてください。例：059-000-0123"

    assert errors(**{field: number}) == {field: words}


@pytest.mark.parametrize(
    "email", ["hanako@example.jp", "ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ", "花子@例え.jp"]
)
def test_email_in_any_writing(email: str) -> None:
    assert errors(phone="", email=email) == {}


@pytest.mark.parametrize(
    "email",
    [
        "hanako",
        "hanako@",
        "@example.jp",
        "a@b",
        "a@@example.jp",
        "a@example.",
        "ﷺ" * 40 + "@example.jp",
    ],
)
def test_email_that_cannot_arrive_is_sent_back(email: str) -> None:
    words = "メールアドレスを最後まで入力してください。例：hanako@example.jp"

    assert errors(email=email) == {"email": words}


@pytest.mark.parametrize(
    "way",
    [
        {"phone": "059-354-8000"},
        {"fax": "059-354-8000"},
        {"email": "hanako@example.jp"},
        {"postcode": "〒５１０ー８６０１", "address": "四日市市諏訪町1-5"},
    ],
)
def test_one_way_to_reach_the_person_is_enough(way: dict[str, str]) -> None:
    assert errors(**{"phone": "", **way}) == {}


@pytest.mark.parametrize("phone", ["", "   ", "\u3000", "\u200b"])
def test_no_way_to_reach_the_person_is_sent_back(phone: str) -> None:
    words = (
        "電話番号、ファックス番号、メールアドレス、ご住所のどれか1つを入力してください。"
        "電話番号だけで結構です。"
    )

    assert errors(phone=phone) == {"phone": words}


def test_letter_needs_postcode_and_address() -> None:
    assert errors(postcode="510-8601") == {"address": "郵便が届くように、住所も入力してください。"}
    assert errors(address="四日市市諏訪町1-5") == {
        "postcode": "郵便が届くように、郵便番号も入力してください。"
    }
    assert errors(postcode="510-860", address="四日市市諏訪町1-5") == {
        "postcode": "郵便番号は7けたの数字で入力してください。例：510-8601"
    }


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("name", "お名前を書いてください。"),
        ("reading", "お名前のふりがなを書いてください。"),
    ],
)
@pytest.mark.parametrize("nothing", ["", " ", "\u3000", "\x00\x07"])
def test_what_is_required_must_be_there(field: str, words: str, nothing: str) -> None:
    assert errors(**{field: nothing}) == {field: words}


@pytest.mark.parametrize(
    ("field", "longest"),
    [
        ("name", 120),
        ("reading", 200),
        ("phone", 40),
        ("fax", 40),
        ("email", 254),
        ("postcode", 20),
        ("address", 300),
        ("needs_other", 200),
        ("remarks", 1000),
    ],
)
def test_too_long_is_sent_back(field: str, longest: int) -> None:
    found = errors(**{field: "あ" * (longest + 1)})

    assert found[field] == f"{longest}文字以内で入力してください。"


def test_reading_that_grows_when_it_is_compared_is_sent_back() -> None:
    assert errors(reading="㌖" * 100) == {"reading": "文字数を減らしてください。"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("district", "8"), ("district", "0"), ("age_band", "old"), ("device", "pc"), ("needs", ["x"])],
)
def test_choice_that_was_not_offered_is_sent_back(field: str, value: Any) -> None:
    assert list(errors(**{field: value})) == [field]


def test_first_of_a_repeated_field_counts() -> None:
    form = filled(name=["山田花子", "山田太郎"])

    assert form.validate()
    assert form.applicant().name == "山田花子"
