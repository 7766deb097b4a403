"""Two change a topic, a procedure or a terminal in the same moment: both changes stand."""

import json
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

import httpx
import pytest

from server.helpdesk import terminals
from server.roles import Role
from server.topics import procedures, topics
from tests import factories
from tests.databases import Database
from tests.pages import hidden

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

pytestmark = pytest.mark.usefixtures("frozen_now")


def shown(page: str) -> dict[str, str]:
    """What the form carries along, and what it was opened with."""
    carried = {name: hidden(page, name) for name in ("version", "opened")}
    opened: dict[str, str] = json.loads(carried["opened"])
    return opened | carried


@pytest.mark.parametrize(
    ("rules", "make", "theirs"),
    [
        (topics, factories.make_topic, {"position": 7000}),
        (procedures, factories.make_procedure, {"position": 7000}),
        (terminals, factories.make_terminal, {"place": "1階"}),
    ],
    ids=["topics", "procedures", "terminals"],
)
async def test_who_was_overtaken_presses_again_and_overwrites_nothing(
    database: Database,
    client_as: ClientAs,
    monkeypatch: pytest.MonkeyPatch,
    rules: ModuleType,
    make: Callable[..., Awaitable[Any]],
    theirs: dict[str, object],
) -> None:
    """Between reading the row and saving it there is room for somebody else."""
    await factories.make_municipality()
    row = await make(name="むかしの名前")
    path = f"/staff/{rules.__name__.rpartition('.')[2]}/{row.id}/edit"
    browser = await client_as(Role.administrator)
    seen = shown((await browser.get(path)).text)
    edit = rules.edit

    async def overtaken(*given: Any, **named: Any) -> Any:
        monkeypatch.undo()
        assert (await browser.post(path, data=seen | theirs)).status_code == 303
        return await edit(*given, **named)

    monkeypatch.setattr(rules, "edit", overtaken)
    mine = {"name": "いまの名前"}
    refused = await browser.post(path, data=seen | mine)
    assert refused.status_code == 409

    again = await browser.post(path, data=shown(refused.text) | mine)
    assert again.status_code == 303
    await row.refresh()
    assert {name: getattr(row, name) for name in mine | theirs} == mine | theirs
