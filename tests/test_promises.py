"""Promises about the whole: locks, words, templates, style sheets, tables."""

import re
import string
import subprocess
import sys
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from piccolo.apps.migrations.commands.new import AutoMigrationManager

from server.piccolo_app import APP_CONFIG
from server.settings import ROOT
from server.web.pages import environment
from tests.databases import Database

CATALOGUES = sorted((ROOT / "server/locale").glob("*/LC_MESSAGES/messages.po"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted((ROOT / "static").rglob("*.css"))
SCRIPTS = sorted((ROOT / "static").rglob("*.js"))
HOSTLESS = [*sorted(ROOT.glob("requirements*")), ROOT / "Makefile", *CATALOGUES]
HOST = re.compile(r"(https?:)?//[\w{]")


def named(path: Path) -> str:
    """A test's name for a file."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", HOSTLESS, ids=named)
def test_set_up_names_no_host(path: Path) -> None:
    words = path.read_text(encoding="utf-8")
    if path.name == "Makefile":
        words = words.replace("http://127.0.0.1:8000", "").replace("--no-index", "")

    found = [word for word in ("://", "--index", "--extra-index", "--find-links") if word in words]

    assert found == []


def test_japanese_is_complete_and_holds_nothing_else(tmp_path: Path) -> None:
    wanted = extracted(tmp_path)
    kept = catalogue(ROOT / "server/locale/ja/LC_MESSAGES/messages.po")

    assert {message.id for message in kept if message.id} == {m.id for m in wanted if m.id}
    assert [m.id for m in kept if m.id and (m.fuzzy or not all(strings(m)))] == []
    assert list(kept.obsolete) == []


def test_japanese_fills_in_the_same_facts() -> None:
    kept = catalogue(ROOT / "server/locale/ja/LC_MESSAGES/messages.po")

    differing = [
        message.id
        for message in kept
        if message.id and any(places(said) - places_of(message) for said in strings(message))
    ]

    assert differing == []


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_template_compiles(path: Path) -> None:
    environment().get_template(path.relative_to(ROOT / "templates").as_posix())


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_template_loads_nothing_from_elsewhere_and_is_allowed_by_the_policy(path: Path) -> None:
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()

    assert reader.wrong == []


@pytest.mark.parametrize("path", [*STYLES, *SCRIPTS], ids=named)
def test_static_file_names_no_other_host(path: Path) -> None:
    words = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    quoted = re.findall(r"""(?:["'`]|url\()\s*((?:https?:)?//[^"'`)\s]+)""", words)

    assert quoted == []


@pytest.mark.parametrize("path", sorted((ROOT / "static").rglob("*.svg")), ids=named)
def test_drawing_has_no_script_or_style_of_its_own(path: Path) -> None:
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", ""))

    assert reader.wrong == []


async def test_migrations_make_the_tables_of_the_code(database: Database) -> None:
    changes = await AutoMigrationManager(auto_input="n").get_alter_statements(APP_CONFIG)

    assert [line for change in changes for line in change.statements] == []
    for table in APP_CONFIG.table_classes:
        assert await table.select() == []


class Reader(HTMLParser):
    """Notes what the content security policy forbids, and what another host would serve."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self._script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one tag."""
        given = dict(attrs)
        self._script = tag == "script"
        if tag == "style" or (tag == "script" and "src" not in given):
            self.wrong.append(f"inline <{tag}>")
        for name, value in attrs:
            if name == "style" or name.startswith(("on", "hx-on")):
                self.wrong.append(f"<{tag} {name}>")
            elif tag != "a" and not name.startswith("xmlns") and HOST.match(value or ""):
                self.wrong.append(f"<{tag} {name}={value}>")

    def handle_data(self, data: str) -> None:
        """Look at the text of a script."""
        if self._script and data.strip():
            self.wrong.append("inline <script>")

    def handle_endtag(self, tag: str) -> None:
        """Look no further for a script's text."""
        self._script = False


def extracted(folder: Path) -> Catalog:
    """What the source says today."""
    pot = folder / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract"]
    options = ["--mapping", "babel.cfg", "--keyword", "Refused", "--keyword", "N_"]
    subprocess.run([*command, *options, "--output", str(pot), "."], cwd=ROOT, check=True)
    return read_po(BytesIO(pot.read_bytes()))


def catalogue(path: Path) -> Catalog:
    """A catalogue as it is kept."""
    return read_po(BytesIO(path.read_bytes()), locale="ja")


def strings(message: Message) -> list[str]:
    """The translations of a message: one, or one for each plural form."""
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def places_of(message: Message) -> set[str]:
    """The facts that the English message may be given."""
    ids = [message.id] if isinstance(message.id, str) else list(message.id)
    return {place for words in ids for place in places(words)}


def places(words: str) -> set[str]:
    """`{name}` and `%(name)s` in a text."""
    braces = {name for _, name, _, _ in string.Formatter().parse(words) if name}
    return braces | set(re.findall(r"%\((\w+)\)s", words))
