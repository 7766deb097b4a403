"""Japanese text: as typed, as compared and searched (B2), as read out to people (T2)."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, time

from server import kanji

_DASHES = "-‐‑‒–—―−⁃﹘﹣－─━ｰ"
_WAVES = "~〜～∼"
_LOOSE_MARK = re.compile(" ([\u3099\u309a])")  # what NFKC makes of ゛ and ゜
_TO_DASH = str.maketrans(dict.fromkeys(_DASHES, "-"))
_TO_LONG_VOWEL = str.maketrans(dict.fromkeys("-" + _WAVES, "ー"))
_KATAKANA = (*range(ord("ァ"), ord("ヶ") + 1), ord("ヽ"), ord("ヾ"))
_TO_HIRAGANA = str.maketrans({code: code - 0x60 for code in _KATAKANA})
_CONTROL = ("Cc", "Cs")
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_DASH_IN_NUMBER = re.compile(r"(?<=\d)ー+(?=\d)")
_KANA = re.compile(r"[ぁ-ゖゝゞァ-ヺヽヾー・\-~〜 ]+")
_LATIN_OR_KANA = re.compile(r"[ぁ-ゖゝゞァ-ヺヽヾー・\-~〜 a-zß-öø-ɏḁ-ỿ'’.]+")
_KANA_LETTER = re.compile(r"[ぁ-ゖァ-ヺ]")
_LETTER = re.compile(r"[ぁ-ゖァ-ヺa-zß-öø-ɏḁ-ỿ]")
_HYPHEN_IN_LATIN = re.compile("(?<=[a-z])ー|ー(?=[a-z])")
_ACCENTED = re.compile("[À-ɏḀ-ỿ]")
_RUN = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")
_GAP_IN_JAPANESE = re.compile(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])")
_JAPAN_CODE = re.compile(r"\+\s*81\D*0?")
_PHONE = re.compile(r"0\d{9,10}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_DIGITS_IN_GROUPS = re.compile(r"[0-9]+(?:[\W_ー]{1,3}[0-9]+)*")
_MY_NUMBER_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)  # of its first eleven digits
_LONGEST_NAME = 120  # characters, as the columns of names have
_LONGEST_WORD = 60  # characters of a Latin word that an index keeps
_WEEKDAYS = "月火水木金土日"
_ERAS = (
    (date(2019, 5, 1), "令和"),
    (date(1989, 1, 8), "平成"),
    (date(1926, 12, 25), "昭和"),
    (date(1912, 7, 30), "大正"),
    (date(1868, 1, 25), "明治"),
)
# A totally anti-symmetric quasigroup of order 10: H. M. Damm, doctoral thesis, Marburg 2004.
_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)


def typed(text: str) -> str:
    """What a person typed, kept as typed: trimmed, without control and direction characters.

    Rare kanji (𠮷, 髙), variant selectors and joined emoji stay; line breaks become "\\n".
    """
    lines = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = (char for char in lines if char in "\n\t" or unicodedata.category(char) not in _CONTROL)
    return "".join(kept).strip()


def normalised(text: str) -> str:
    """The form in which texts are compared (B2).

    NFKC and lower case, voicing marks joined to their kana, every dash "-", runs of space one
    space, variant selectors dropped. Kana keep their kind: ア and あ stay apart.
    """
    plain = unicodedata.normalize("NFKC", _SELECTOR.sub("", typed(text)))
    joined = unicodedata.normalize("NFC", _LOOSE_MARK.sub(r"\1", plain))
    dashed = _DASH_IN_NUMBER.sub("-", joined.translate(_TO_DASH))
    return " ".join(dashed.casefold().split())


def reading_key(text: str) -> str:
    """The key by which the reading of a name is matched (B2): hiragana without spaces or marks.

    ﾔﾏﾀﾞ ﾊﾅｺ, ヤマダ・ハナコ and やまだ　はなこ have one key; so have João da Silva and JOAO DASILVA.
    """
    kana = normalised(text).translate(_TO_LONG_VOWEL).translate(_TO_HIRAGANA)
    plain = _HYPHEN_IN_LATIN.sub("", _without_accents(kana))
    return _repeated("".join(char for char in plain if char.isalnum()))


def name_key(text: str) -> str:
    """The form in which a name is sought: 髙橋　花子 and 高橋花子 have one, João is joao.

    Without blanks, and no longer than a name may be. Never a name to show, nor to tell people
    apart by: those who write their names differently may have one.
    """
    return "".join(_folded(text).split())[:_LONGEST_NAME]


def _without_accents(text: str) -> str:
    return _ACCENTED.sub(lambda found: unicodedata.normalize("NFD", found[0])[0], text)


def _repeated(kana: str) -> str:
    """Iteration marks written out: さゝき is ささき, すゞ is すず."""
    said = ""
    for char in kana:
        if char in "ゝゞ" and said:
            mark = "\u3099" if char == "ゞ" else ""
            said += unicodedata.normalize("NFC", said[-1] + mark)[0]
        else:
            said += char
    return said


def contains_only_kana(text: str) -> bool:
    """Whether a reading is written in kana of either kind, with at least one."""
    plain = normalised(text)
    return bool(_KANA.fullmatch(plain) and _KANA_LETTER.search(plain))


def is_reading(text: str) -> bool:
    """Whether the reading of a name is in kana of either kind or in Latin letters."""
    plain = normalised(text)
    return bool(_LATIN_OR_KANA.fullmatch(plain) and _LETTER.search(plain))


def is_phone(words: str) -> bool:
    """Is it a Japanese number: 10 or 11 digits that begin with 0, or with +81 from abroad?"""
    return bool(_PHONE.fullmatch(phone_key(words)))


def is_email(words: str) -> bool:
    """Is it an e-mail address: one @, a domain, and short enough to be kept?"""
    key = email_key(words)
    return len(key) <= 254 and bool(_EMAIL.fullmatch(key))


def phone_key(text: str) -> str:
    """A phone or fax number as digits only, +81 as a leading 0; "" when there is no digit.

    Nothing is refused here: the shape of a number is the forms' matter.
    """
    plain = unicodedata.normalize("NFKC", text)
    return _digits(_JAPAN_CODE.sub("0", plain, count=1))


def badge_key(text: str) -> str:
    """A badge number as it is kept and compared: ０１２５ and 0125 are one, without spaces."""
    return "".join(unicodedata.normalize("NFKC", typed(text)).split())


def postcode_key(text: str) -> str:
    """A postcode as digits only, whatever mark or dash stands in it."""
    return _digits(text)


def email_key(text: str) -> str:
    """An e-mail address as it is compared: NFKC, lower case, no spaces."""
    return normalised(text).replace(" ", "")


def reference_digits(text: str) -> str:
    """The digits of a reference (受付番号) however it was typed or spaced."""
    return _digits(text)


def _digits(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.decimal(char)) for char in plain if char.isdecimal())


def check_digit(digits: str) -> str:
    """The digit to put behind a number so that a slip in reading it out shows (B8).

    Damm's method finds every single wrong digit and every swap of neighbours.
    """
    interim = 0
    for digit in digits:
        interim = int(_DAMM[interim][int(digit)])
    return str(interim)


def valid_reference(digits: str) -> bool:
    """Whether digits end in the check digit of those before it."""
    return len(digits) > 1 and digits.isascii() and digits.isdigit() and check_digit(digits) == "0"


def holds_my_number(words: str) -> bool:
    """Do the words hold twelve digits that are a valid My Number (H1), however grouped?

    １２３４－５６７８－９０１８, 1234 - 5678 - 9018, 1234-5678 9018 and 123456789018 are one; a day
    with its hour, 2026/11/21 10:30, is none. The check digit: order 85 of 2014 of the Ministry of
    Internal Affairs and Communications, article 5.
    """
    runs = _DIGITS_IN_GROUPS.findall(normalised(words))
    return any(_is_my_number(each) for run in runs for each in _twelves(run))


def _twelves(run: str) -> Iterator[str]:
    """The neighbouring groups of a run that make twelve digits.

    They are parted by one kind of mark; groups of three digits and more by any marks.
    """
    groups = re.findall("[0-9]+", run)
    marks = [each.strip() for each in re.findall("[^0-9]+", run)]
    for first in range(len(groups)):
        for last in range(first, min(first + 12, len(groups))):
            own = groups[first : last + 1]
            alike = len(set(marks[first:last])) < 2 or min(map(len, own)) > 2
            if alike and sum(map(len, own)) == 12:
                yield "".join(own)


def _is_my_number(digits: str) -> bool:
    total = sum(
        int(digit) * weight for digit, weight in zip(digits, _MY_NUMBER_WEIGHTS, strict=False)
    )
    left = total % 11
    return int(digits[11]) == (0 if left <= 1 else 11 - left)


def search_text(text: str) -> str:
    """What an index keeps of a text: its words, parted by spaces.

    Latin words and numbers whole, Japanese as overlapping pairs and the last character alone, so
    that each of `search_words` is the beginning of one of them; かな and カナ are the same, and
    so are the ways to write a kanji (広, 廣).
    """
    words: list[str] = []
    for run in _RUN.findall(_GAP_IN_JAPANESE.sub("", _folded(text))):
        words += [run[:_LONGEST_WORD]] if run.isascii() else _pairs(run, len(run))
    return " ".join(dict.fromkeys(words))


def search_words(query: str) -> list[str]:
    """The words that a text must all have, each as the beginning of a word of `search_text`."""
    words: list[str] = []
    for run in _RUN.findall(_folded(query)):
        words += [run[:_LONGEST_WORD]] if run.isascii() else _pairs(run, max(1, len(run) - 1))
    return list(dict.fromkeys(words))


def _pairs(run: str, number: int) -> list[str]:
    return [run[place : place + 2] for place in range(number)]


def _folded(text: str) -> str:
    return kanji.common(_without_accents(normalised(text).translate(_TO_HIRAGANA)))


def wareki_year(day: date) -> str:
    """The year of a date by its era, 令和8年 or 令和元年; 西暦 before 明治."""
    for first, era in _ERAS:
        if day >= first:
            count = day.year - first.year + 1
            return f"{era}{'元' if count == 1 else count}年"
    return f"{day.year}年"


def date_words(day: date) -> str:
    """A date as public text has it: 令和8年11月21日（土）."""
    return f"{wareki_year(day)}{short_date_words(day)}"


def short_date_words(day: date) -> str:
    """A date of this year as public text has it: 11月21日（土）."""
    return f"{day.month}月{day.day}日（{_WEEKDAYS[day.weekday()]}）"


def hours_words(start: time, end: time) -> str:
    """Hours as public text has them: 午前10時から11時30分まで."""
    half, ending_half = _half_of_day(start), _half_of_day(end)
    ending = _clock_words(end, "" if half == ending_half else ending_half)
    return f"{_clock_words(start, half)}から{ending}まで"


def hour_words(hour: time) -> str:
    """An hour as public text has it: 午後5時, 正午."""
    return _clock_words(hour, _half_of_day(hour))


def _half_of_day(hour: time) -> str:
    if (hour.hour, hour.minute) == (12, 0):
        return "正午"
    return "午前" if hour.hour < 12 else "午後"


def _clock_words(hour: time, half: str) -> str:
    if half == "正午":
        return half
    minutes = f"{hour.minute}分" if hour.minute else ""
    return f"{half}{hour.hour % 12}時{minutes}"
