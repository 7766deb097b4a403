"""What people call a thing: each of its names finds the articles that hold another of them."""

import re
import tomllib
from functools import cache
from pathlib import Path

from server import kanji, text

WORDS = Path(__file__).with_name("everyday_words.toml")
# Marks before a word of the index. What is searched is folded to hiragana: no word begins so.
IN_QUESTION, IN_KEYWORDS, NAMED = "ト", "コ", "グ"
MOST_ASKED_FOR = 16  # words of one search
LONG = 5  # letters of a word in kana that is no part of another one
LEAST_KANA = 3  # letters of a word in hiragana that is asked for

_HIRAGANA, _KATAKANA = "ぁ-ゖー", "ァ-ヺー"
_PARTICLES = "のがはをにでともへや"
_ENDINGS = (
    "でしょうか|でした|ですか|です|ますか|ました|ません|ます|なりました|なった|なって|している|"
    "してい|した|して|したい|する|ください|ほしい|という|って|ない|たい|から|まで|より|だ|な|た|て"
)
_NOTHING_ASKED = re.compile(f"(?:{_ENDINGS}|[{_PARTICLES}]|か$|ね$|よ$)+")
_LEADING = re.compile(f"^[{_PARTICLES}]+")
_TRAILING = re.compile(f"(?:{_ENDINGS}|[{_PARTICLES}か])+$")
_STRETCH = re.compile(r"([ぁ-ゖ][ぁ-ゖー]*)|[^\Wぁ-ゖ]+")


def search_text(question: str, keywords: str, rest: str) -> str:
    """What the index keeps of an article: its words, where they stand, and what else one says.

    Words of the question and of the keywords stand there a second time with a mark; a word out
    of everyday_words.toml brings the name of its line.
    """
    asked, other = _words(question), _words(keywords)
    marked = [IN_QUESTION + word for word in asked] + [IN_KEYWORDS + word for word in other]
    return " ".join(dict.fromkeys([*asked, *other, *_words(rest), *marked]))


def asked(query: str) -> list[str]:
    """The words that a search asks for, each as the beginning of a word of `search_text`.

    Names of one thing are one word; particles and polite endings are not asked for, unless there
    is nothing else. At most 16.
    """
    plain = kanji.common(text.normalised(query))
    named = [NAMED + name for name in _names(plain)]
    found = [*named, *_stretches(_pattern().sub(" ", plain))]
    return list(dict.fromkeys(found or text.search_words(query)))[:MOST_ASKED_FOR]


def _words(words: str) -> list[str]:
    named = [NAMED + name for name in _names(text.normalised(words))]
    return [*text.search_text(words).split(), *named]


def _names(plain: str) -> list[str]:
    names = (_lines()[_folded(found[0])] for found in _pattern().finditer(plain))
    return list(dict.fromkeys(names))


def _stretches(plain: str) -> list[str]:
    """The words of hiragana, and of all else, with the first letter that ends a kanji (動か)."""
    words: list[str] = []
    before = ""
    for found in _STRETCH.finditer(plain):
        if found[1] is None:
            words += text.search_words(found[0])
            before = found[0]
            continue
        follows = before if plain[: found.start()].endswith(before) else ""
        if not _NOTHING_ASKED.fullmatch(found[0]):
            words = _joined(words, follows, found[0]) + _kana(found[0])
        before = ""
    return words


def _joined(words: list[str], before: str, kana: str) -> list[str]:
    if not before or not "一" <= before[-1] <= "鿿" or kana[0] in _PARTICLES:
        return words
    alone = words[:-1] if len(before) == 1 else words
    return [*alone, before[-1] + kana[0]]


def _kana(stretch: str) -> list[str]:
    left = _TRAILING.sub("", _LEADING.sub("", stretch))
    return text.search_words(left) if len(left) >= LEAST_KANA else []


def lines() -> list[list[str]]:
    """The lines of everyday_words.toml, each word folded to small letters and hiragana."""
    groups = tomllib.loads(WORDS.read_text("utf-8"))["groups"]
    return [[_folded(word) for word in group] for group in groups]


@cache
def _lines() -> dict[str, str]:
    """Each everyday word with the name of its line."""
    return {word: _name(line[0]) for line in lines() for word in line}


@cache
def _pattern() -> re.Pattern[str]:
    """Any everyday word in a text that is normalised; the longest first."""
    longest = sorted(_lines(), key=lambda word: (-len(word), word))
    return re.compile("|".join(_one(word) for word in longest))


def _one(word: str) -> str:
    """One word; short kana and Latin letters only where they are no part of another word."""
    said = re.escape(word)
    if re.fullmatch("[a-z0-9-]+", word):
        return f"(?<![a-z0-9]){said}(?![a-z0-9])"
    katakana = re.escape(_turned(word, "ぁ", "ゖ", 0x60))
    if len(word) >= LONG or not re.fullmatch(f"[{_HIRAGANA}]+", word):
        return f"{said}|{katakana}"
    follows = f"(?=[^{_HIRAGANA}]|$|{_ENDINGS}|[{_PARTICLES}か])"
    alone = f"(?:(?<![{_HIRAGANA}])|(?<=[{_PARTICLES}])){said}{follows}"
    return f"{alone}|(?<![{_KATAKANA}]){katakana}(?![{_KATAKANA}])"


def _folded(word: str) -> str:
    return _turned(text.normalised(word), "ァ", "ヶ", -0x60)


def _turned(word: str, first: str, last: str, by: int) -> str:
    """The kana between these turned into those of the other kind."""
    return "".join(chr(ord(char) + by) if first <= char <= last else char for char in word)


def _name(word: str) -> str:
    return "".join(char for char in word if char.isalnum() or char == "ー")
