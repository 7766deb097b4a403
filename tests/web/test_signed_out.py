"""Whoever's time signed in ran out while typing loses nothing."""

from collections.abc import AsyncIterator, Awaitable, Callable
from html.parser import HTMLParser
from operator import itemgetter

import httpx
import pytest

from server.helpdesk.tables import Article
from server.roles import Role
from tests import factories

ClientAs = Callable[..., Awaitable[httpx.AsyncClient]]

HOSTILE = "「暗証番号」<script>\"'&\n二行目 𠮷"
TYPED = [("question", HOSTILE), ("steps", "1"), ("steps", "2"), ("submission", "press")]
FORMS = [
    "/my/activities/new",
    "/staff/articles/new",
    "/staff/call-backs/1/attempts",
    "/staff/contacts/1/bookings",
    "/staff/contacts/1/correction",
    "/staff/contacts/1/hand-overs",
    "/staff/counter-staff/new",
    "/staff/courses/new",
    "/staff/desks/1/tally",
    "/staff/desks/1/bookings",
    "/staff/desks/1/contacts",
    "/staff/hand-overs/1/answer",
    "/staff/terminals/1/uses",
]


class Kept(HTMLParser):
    """The form of the page: where it goes, and what it holds."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = known["action"]
        if tag == "input":
            self.fields.append((known["name"], known["value"]))


def body(typed: list[tuple[str, str]]) -> dict[str, list[str]]:
    return {name: [value for each, value in typed if each == name] for name, _ in typed}


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("path", FORMS)
async def test_what_was_typed_stands_on_the_page_that_asks_to_sign_in(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.post(f"{path}?from=list", data=body(TYPED))

    kept = Kept(answer.text)
    assert answer.status_code == 401
    assert kept.action == f"{path}?from=list"
    assert sorted(kept.fields, key=itemgetter(0)) == TYPED
    assert "<script>" not in answer.text.split("<form")[1]
    assert answer.headers["cache-control"] == "private, no-store"
    assert f'href="/sign-in?next=/{path.split("/")[1]}"' in answer.text


async def test_it_is_sent_again_after_signing_in(
    client: httpx.AsyncClient, client_as: ClientAs
) -> None:
    topic = await factories.make_topic()
    typed = {
        "question": "写真を送るには",
        "steps": "写真を選びます",
        "topic": str(topic.id),
        "public": "1",
    }
    lost = await client.post("/staff/articles/new", data=typed)
    kept = Kept(lost.text)
    assert await Article.count() == 0

    helpdesk = await client_as(Role.helpdesk)
    answer = await helpdesk.post(kept.action, data=body(kept.fields))

    assert answer.status_code == 303
    assert [row["question"] for row in await Article.select()] == [typed["question"]]


@pytest.mark.engine("sqlite")
async def test_a_password_is_never_given_back(client: httpx.AsyncClient) -> None:
    answer = await client.post("/sign-in/password", data={"password": "secret", "name": "はなこ"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/staff")
    assert "secret" not in answer.text


@pytest.mark.engine("sqlite")
async def test_a_press_without_words_or_with_a_file_goes_to_the_sign_in_page(
    client: httpx.AsyncClient,
) -> None:
    file = {"file": ("topics.csv", b"a,b")}

    pressed = await client.post("/staff/articles/1/publication")
    sent = await client.post("/staff/topics/import", files=file, data={"check": "1"})

    assert [pressed.headers["location"], sent.headers["location"]] == ["/sign-in?next=/staff"] * 2


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("path", ["/staff/trainings/1/video", "/staff/desks/1/contacts"])
async def test_of_a_body_longer_than_anybody_types_no_more_is_read(
    client: httpx.AsyncClient, path: str
) -> None:
    pieces, sent = 64, 0

    async def flood() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(pieces):
            sent += 1
            yield b"a=" + b"x" * 65_533 + b"&"

    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = await client.post(path, content=flood(), headers=form)

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/staff")
    assert sent < 6


@pytest.mark.engine("sqlite")
async def test_of_more_fields_than_any_form_has_none_is_given_back(
    client: httpx.AsyncClient,
) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = await client.post("/staff/articles/new", content=b"a=1&" * 20_000, headers=form)

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/staff")


@pytest.mark.engine("sqlite")
async def test_a_script_is_told_in_words(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/staff/articles/new", data={"question": "あ"}, headers={"accept": "application/json"}
    )

    assert answer.status_code == 401
    assert answer.json() == {
        "words": "ログインの有効時間が過ぎました。入力した内容は、このページに残っています。"
    }
