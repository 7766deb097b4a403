"""Rules B2 (typed and compared), B8 (references) and T2 (how dates and hours read)."""

from datetime import date, datetime, time

import pytest

from server import text

FAMILY = "👨\u200d👩\u200d👧"
KATSURAGI = "葛\U000e0100城"


@pytest.mark.parametrize(
    "kept",
    [
        "𠮷田",
        "髙橋",
        "山﨑",
        FAMILY,
        KATSURAGI,
        "㈱となり",
        "João",
        "１２３",
        "ﾔﾏﾀﾞ",
        "か\u3099",
        "❤\ufe0f",
    ],
)
def test_b2_typed_keeps_what_was_typed(kept: str) -> None:
    assert text.typed(kept) == kept


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("　山田　花子　", "山田　花子"),
        (" \t山田\r\n", "山田"),
        ("山\x00田\x07", "山田"),
        ("一\r\n二\r三\n四\t五", "一\n二\n三\n四\t五"),
        ("\u202e逆\u202c\u200b\ufeff", "逆"),
        ("山\ud800田", "山田"),
        ("\x85\u3000", ""),
        ("", ""),
    ],
)
def test_b2_typed_trims_and_drops_control_characters(raw: str, kept: str) -> None:
    assert text.typed(raw) == kept


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("ＡＢＣ　１２３", "abc 123"),
        ("ﾔﾏﾀﾞ ﾊﾅｺ", "ヤマダ ハナコ"),
        ("ハ゜ーク", "パーク"),
        ("か゛", "が"),
        ("か\u3099", "が"),
        ("059ー354－8000", "059-354-8000"),
        ("一‐二‑三‒四–五—六―七−八─九", "一-二-三-四-五-六-七-八-九"),
        ("スマートフォン", "スマートフォン"),
        ("ｽﾏｰﾄﾌｫﾝ", "スマートフォン"),
        ("  a \n b　 c ", "a b c"),
        ("①㈱㍻", "1(株)平成"),
        (KATSURAGI, "葛城"),
        ("𠮷髙", "𠮷髙"),
    ],
)
def test_b2_normalised_is_the_form_to_compare(raw: str, plain: str) -> None:
    assert text.normalised(raw) == plain


@pytest.mark.parametrize(
    "raw",
    [
        "やまだはなこ",
        "やまだ はなこ",
        "やまだ　はなこ",
        "ヤマダ ハナコ",
        "ﾔﾏﾀﾞ ﾊﾅｺ",
        "ﾔﾏﾀﾞ･ﾊﾅｺ",
        "ヤマダ・ハナコ",
        "やまた゛はなこ",
        "やまた\u3099はなこ",
        "やまた ゙はなこ",
        " やまだ、はなこ。",
        "やまだ\u200bはなこ",
        "やまだはなこ😊",
    ],
)
def test_b2_one_reading_has_one_key_however_it_is_typed(raw: str) -> None:
    assert text.reading_key(raw) == "やまだはなこ"


@pytest.mark.parametrize("dash", "ー－-‐‑–—―−─〜～~ｰ")
def test_b2_every_long_vowel_and_hyphen_is_the_same_in_a_reading(dash: str) -> None:
    assert text.reading_key(f"じょ{dash}じ") == "じょーじ"


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("さゝき すゞ", "ささきすず"),
        ("サヽキ　スヾ", "ささきすず"),
        ("ゝ", "ゝ"),
        ("João da Silva", "joaodasilva"),
        ("ＪＯＡＯ　ＤＡ　ＳＩＬＶＡ", "joaodasilva"),
        ("Joao daSilva", "joaodasilva"),
        ("Anne-Marie O’Brien", "annemarieobrien"),
        ("ANNE MARIE O'BRIEN", "annemarieobrien"),
        ("ヴァイオレット", "ゔぁいおれっと"),
        ("ヶ", "ゖ"),
        ("", ""),
        ("😊", ""),
        ("・ 　", ""),
    ],
)
def test_b2_reading_key_of_unusual_readings(raw: str, key: str) -> None:
    assert text.reading_key(raw) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [("かとう", "がとう"), ("はま", "ぱま"), ("おおの", "おの"), ("きょう", "きょお")],
)
def test_b2_different_readings_keep_different_keys(one: str, other: str) -> None:
    assert text.reading_key(one) != text.reading_key(other)


@pytest.mark.parametrize(
    "raw", ["やまだ", "ヤマダ ハナコ", "ﾔﾏﾀﾞ", "じょーじ・すみす", "すゞ", "マリア‐ルイザ", "か゛"]
)
def test_b1_a_reading_in_kana_is_known(raw: str) -> None:
    assert text.contains_only_kana(raw)


@pytest.mark.parametrize(
    "raw", ["", " ", "ー", "・", "山田", "やまだ1", "Yamada", "やまだ😊", "やま田"]
)
def test_b1_anything_else_is_not_a_reading_in_kana(raw: str) -> None:
    assert not text.contains_only_kana(raw)


@pytest.mark.parametrize(
    "raw",
    ["やまだ はなこ", "ﾔﾏﾀﾞ", "Maria da Silva", "ＭＡＲＩＡ", "João O’Brien-Nguyễn", "マリア Silva"],
)
def test_b1_a_reading_is_in_kana_or_latin_letters(raw: str) -> None:
    assert text.is_reading(raw)


@pytest.mark.parametrize(
    "raw", ["", " ", "ー", "-", "'", "山田", "やまだ1", "Maria 2", "Иван", "マリ亜"]
)
def test_b1_what_cannot_be_read_out_is_not_a_reading(raw: str) -> None:
    assert not text.is_reading(raw)


def test_b1_a_very_long_reading_is_judged_at_once() -> None:
    assert not text.is_reading("あ" * 200_000 + "山")
    assert not text.contains_only_kana("あ" * 200_000 + "山")


@pytest.mark.parametrize(
    "raw",
    [
        "09012345678",
        "090-1234-5678",
        "０９０－１２３４－５６７８",
        "090ー1234ー5678",
        "090‐1234−5678",
        "(090) 1234 5678",
        "+81 90-1234-5678",
        "＋８１９０１２３４５６７８",
        "+81(0)90-1234-5678",
        "+81-090-1234-5678",
        "tel:+81-90-1234-5678",
        "０９０・１２３４・５６７８",
    ],
)
def test_b2_a_phone_is_its_digits(raw: str) -> None:
    assert text.phone_key(raw) == "09012345678"


@pytest.mark.parametrize(
    ("raw", "key"),
    [("", ""), ("なし", ""), ("11", "11"), ("+55 11 91234", "551191234"), ("8190", "8190")],
)
def test_b2_phone_key_refuses_nothing(raw: str, key: str) -> None:
    assert text.phone_key(raw) == key


@pytest.mark.parametrize(
    "raw", ["5108016", "510-8016", "〒510-8016", "〒５１０－８０１６", "510ー8016"]
)
def test_b8_a_postcode_is_its_digits(raw: str) -> None:
    assert text.postcode_key(raw) == "5108016"


def test_b8_an_email_is_compared_without_case_width_or_space() -> None:
    assert text.email_key(" Ｈanako.Yamada＠Example.JP ") == "hanako.yamada@example.jp"


@pytest.mark.parametrize("raw", ["5724", "57-24", " ５７ ２４ ", "受付番号 5724", "57ー24"])
def test_b8_a_reference_is_its_digits(raw: str) -> None:
    assert text.reference_digits(raw) == "5724"


def test_b8_check_digit_is_damms() -> None:
    assert text.check_digit("572") == "4"
    assert text.valid_reference("5724")


@pytest.mark.parametrize("bad", ["", "0", "5", "572", "5720", "57２4", "57a4", "-5724"])
def test_b8_a_reference_without_its_check_digit_is_not_valid(bad: str) -> None:
    assert not text.valid_reference(bad)


def test_b8_every_single_slip_shows() -> None:
    digits = "20261121"
    whole = digits + text.check_digit(digits)
    slips = {
        whole[:place] + wrong + whole[place + 1 :]
        for place in range(len(whole))
        for wrong in "0123456789"
    } - {whole}

    assert len(slips) == 9 * len(whole)
    assert [slip for slip in slips if text.valid_reference(slip)] == []


def test_b8_every_swap_of_neighbours_shows() -> None:
    pairs = [f"{one}{other}" for one in range(10) for other in range(10) if one != other]
    wholes = [f"31{pair}7" + text.check_digit(f"31{pair}7") for pair in pairs]
    swapped = [whole[:2] + whole[3] + whole[2] + whole[4:] for whole in wholes]

    assert all(text.valid_reference(whole) for whole in wholes)
    assert not any(text.valid_reference(whole) for whole in swapped)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("スマホ教室", "すま まほ ほ教 教室 室"),
        ("Zoomで家族と", "zoom で家 家族 族と と"),
        ("山田　花子", "山田 田花 花子 子"),
        ("059-000-1234", "059 000 1234"),
        ("教室教室", "教室 室教 室"),
        ("𠮷", "吉"),
        ("João", "joao"),
        ("😊 ", ""),
    ],
)
def test_b2_search_text_keeps_words_and_pairs(raw: str, kept: str) -> None:
    assert text.search_text(raw) == kept


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("教室", ["教室"]),
        ("スマホ", ["すま", "まほ"]),
        ("室", ["室"]),
        ("ﾗｲﾝ ＺＯＯＭ", ["らい", "いん", "zoom"]),
        ("", []),
        ("%_*\"'", []),
    ],
)
def test_b2_search_words_are_pairs_without_wildcards(query: str, words: list[str]) -> None:
    assert text.search_words(query) == words


@pytest.mark.parametrize(
    "query",
    [
        "書道",
        "道",
        "ショドウ",
        "しょどう",
        "初めて",
        "山田花子",
        "山田 花子",
        "zo",
        "ＺＯＯＭ",
        "室",
    ],
)
def test_b2_each_search_word_begins_a_word_of_the_text(query: str) -> None:
    kept = text.search_text("はじめての書道 ショドウ 初めて Zoom 山田 花子 教室").split()

    words = text.search_words(query)

    assert words
    assert all(any(one.startswith(word) for one in kept) for word in words)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 21), "令和8年11月21日（土）"),
        (date(2026, 4, 1), "令和8年4月1日（水）"),
        (date(2019, 5, 1), "令和元年5月1日（水）"),
        (date(2019, 4, 30), "平成31年4月30日（火）"),
        (date(1989, 1, 8), "平成元年1月8日（日）"),
        (date(1989, 1, 7), "昭和64年1月7日（土）"),
        (date(1948, 2, 29), "昭和23年2月29日（日）"),
        (date(1926, 12, 25), "昭和元年12月25日（土）"),
        (date(1926, 12, 24), "大正15年12月24日（金）"),
        (date(1912, 7, 29), "明治45年7月29日（月）"),
    ],
)
def test_t2_a_date_reads_with_its_era_and_weekday(day: date, words: str) -> None:
    assert text.date_words(day) == words


def test_t2_years_before_meiji_have_no_era() -> None:
    assert text.wareki_year(date(1868, 1, 24)) == "1868年"
    assert text.wareki_year(date(1868, 1, 25)) == "明治元年"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (time(10, 0), time(11, 30), "午前10時から11時30分まで"),
        (time(10, 0), time(12, 0), "午前10時から正午まで"),
        (time(11, 0), time(12, 30), "午前11時から午後0時30分まで"),
        (time(12, 0), time(13, 0), "正午から午後1時まで"),
        (time(13, 30), time(15, 0), "午後1時30分から3時まで"),
        (time(8, 30), time(21, 0), "午前8時30分から午後9時まで"),
        (time(0, 0), time(0, 5), "午前0時から0時5分まで"),
    ],
)
def test_t2_hours_read_by_halves_of_the_day(start: time, end: time, words: str) -> None:
    assert text.hours_words(start, end) == words


def test_t2_hours_take_the_time_of_local_instants() -> None:
    start, end = datetime(2026, 11, 21, 10), datetime(2026, 11, 21, 11, 30)  # noqa: DTZ001

    assert text.hours_words(start.time(), end.time()) == "午前10時から11時30分まで"


@pytest.mark.parametrize(
    ("words", "holds"),
    [
        ("123456789018", True),
        ("番号は1234 5678 9018です", True),
        ("１２３４－５６７８－９０１８", True),
        ("1234\n5678\n9018", True),
        ("12345678901８", True),
        ("1234 - 5678 - 9018", True),
        ("1234 -5678 -9018", True),
        ("1234-5678 9018", True),
        ("1234－5678　9018", True),
        ("1234ー5678 ー 9018", True),
        ("番号（1234）5678（9018）", True),
        ("12 34 56 78 90 18", True),
        *((mark.join(("1234", "5678", "9018")), True) for mark in "./、・_,:+=~()〜｜*"),
        ("2026/11/21 09:08", False),  # these twelve would be a number
        ("1234、それから5678、9018", False),  # words stand between them
        ("123456789019", False),  # a wrong check digit
        ("1234567890180", False),  # thirteen digits: of a company
        ("059-354-0000 090-0000-1234", False),
        ("受付番号 1234-5678", False),
        ("", False),
    ],
)
def test_h1_a_my_number_is_told_by_its_check_digit(words: str, holds: bool) -> None:
    assert text.holds_my_number(words) is holds
