"""Words on the screen: the language of a request, gettext, refusals put into words."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from typing import Any

from markupsafe import Markup, escape

from server.settings import LOCALES, ROOT, SettingsError, settings

LANGUAGES = {"ja": "日本語", "en": "English"}
LANGUAGE_COOKIE = "language"

_language: ContextVar[str | None] = ContextVar("language", default=None)


def current_locale() -> str:
    """The language in which words are put now, `ja` or `en`."""
    return _language.get() or settings().locale


def speak(language: str | None) -> None:
    """Use this language for the rest of the request; an unknown one means the city's own."""
    _language.set(language if language in LOCALES else None)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Put words in this language until the block ends."""
    before = _language.set(language)
    try:
        yield
    finally:
        _language.reset(before)


@cache
def catalogue(language: str) -> NullTranslations:
    """The translations of a language; English is written in the source.

    Raises SettingsError, in one line, where the catalogue was not built at set-up.
    """
    if language == "en":
        return NullTranslations()
    path = ROOT / "server" / "locale" / language / "LC_MESSAGES" / "messages.mo"
    try:
        with path.open("rb") as file:
            return GNUTranslations(file)
    except OSError as failure:
        raise SettingsError(
            f"{path.relative_to(ROOT)} is missing; make words builds it"
        ) from failure


def gettext(msgid: str) -> str:
    """The words for an English source string in the current language."""
    return catalogue(current_locale()).gettext(msgid) if msgid else ""


def ngettext(one: str, many: str, number: int) -> str:
    """The words for a number of things in the current language."""
    return catalogue(current_locale()).ngettext(one, many, number)


def marked(msgid: str, /, **values: object) -> Markup:
    """What `_('…', name=…)` of a template says: its `%(name)s` are filled in, escaped."""
    return _filled(gettext(msgid), values) if values else _plain(msgid, current_locale())


def marked_number(one: str, many: str, num: int, /, **values: object) -> Markup:
    """What `ngettext('…', '…', number)` of a template says; the number is `num` in it."""
    return _filled(ngettext(one, many, num), {"num": num, **values})


@lru_cache(4096)
def _plain(msgid: str, _: str) -> Markup:
    return _filled(gettext(msgid), {})


def _filled(words: str, values: dict[str, object]) -> Markup:
    safe = {name: escape(value) for name, value in values.items()}
    return Markup(words % safe)  # noqa: S704  we wrote the words, and the values are escaped


class Lazy(str):
    """A source string that becomes words only when it is shown."""

    __slots__ = ()

    def __str__(self) -> str:
        return gettext(str.__str__(self))

    def __html__(self) -> Markup:
        return escape(str(self))

    def __mod__(self, values: Any) -> str:
        return str(str(self) % values)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


def lazy(msgid: str) -> str:
    """Words for a label that is written down once and shown in many languages.

    `lazy(N_("…"))`, or import it as `_`, so that the catalogue finds the source string.
    """
    return Lazy(msgid)
