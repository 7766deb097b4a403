"""What may answer a contact appears while its topic is tapped (H3)."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import httpx
import pytest

from server.classes.tables import CourseTopic
from server.database import writing
from server.roles import Role
from tests.databases import Database
from tests.factories import (
    make_article,
    make_class_session,
    make_contact,
    make_course,
    make_desk,
    make_procedure,
    make_topic,
)
from tests.statements import counted

SignIn = Callable[..., Awaitable[httpx.AsyncClient]]

PATH = "/staff/desks/matches"
BLOCK = {"hx-request": "true"}


async def shown(client: httpx.AsyncClient, **asked: Any) -> str:
    answer = await client.get(PATH, params=asked, headers=BLOCK)
    assert answer.status_code == httpx.codes.OK
    return answer.text


async def test_h3_articles_and_classes_on_the_topic_appear(
    database: Database, client_as: SignIn, frozen_now: datetime
) -> None:
    topic, desk = await make_topic(), await make_desk()
    article = await make_article(topic=topic.id, staff_answer="裏の答え")
    await make_article()
    course = await make_course(title="写真の教室")
    session = await make_class_session(course=course.id)
    async with writing():
        await CourseTopic(course=course.id, topic=topic.id).save()
    helpdesk = await client_as(Role.helpdesk)

    block = await shown(helpdesk, topic=topic.id, desk=desk.id)

    assert block.count('type="radio"') == 2  # the article, and nothing
    assert f'name="article" value="{article.id}"' in block
    assert "裏の答え" in block
    assert 'name="answer_missing"' in block
    assert "写真の教室" in block
    assert f'formaction="/staff/desks/{desk.id}/booking"' in block
    assert str(session.course) in block
    assert "<html" not in block


async def test_h3_what_answers_most_stands_first(
    database: Database, client_as: SignIn, frozen_now: datetime
) -> None:
    topic, procedure = await make_topic(), await make_procedure()
    asked = await make_article(topic=topic.id, question="よく聞かれる")
    await make_article(topic=topic.id, question="手続のこと", procedure=procedure.id)
    await make_contact(topic=topic.id, article=asked.id)
    helpdesk = await client_as(Role.helpdesk)

    plain = await shown(helpdesk, topic=topic.id)
    on_it = await shown(helpdesk, topic=topic.id, procedure=procedure.id)

    assert plain.index("よく聞かれる") < plain.index("手続のこと")
    assert on_it.index("手続のこと") < on_it.index("よく聞かれる")


async def test_what_was_chosen_stays_chosen(database: Database, client_as: SignIn) -> None:
    topic = await make_topic()
    article = await make_article(topic=topic.id)
    helpdesk = await client_as(Role.helpdesk)

    block = await shown(helpdesk, topic=topic.id, article=article.id, answer_missing="y")

    assert f'value="{article.id}" checked' in block
    assert 'value="y" checked' in block


@pytest.mark.parametrize(
    "asked",
    [{}, {"topic": ""}, {"topic": "x"}, {"topic": "-1"}, {"topic": "9" * 30}, {"topic": "１"}],
)
async def test_without_a_topic_it_says_what_to_do(
    database: Database, client_as: SignIn, asked: dict[str, str]
) -> None:
    helpdesk = await client_as(Role.helpdesk)

    assert "分野を選ぶと" in await shown(helpdesk, **asked)


async def test_nonsense_beside_the_topic_is_left_out(database: Database, client_as: SignIn) -> None:
    article = await make_article(question="そのままの質問")
    helpdesk = await client_as(Role.helpdesk)

    block = await shown(
        helpdesk, topic=article.topic, procedure="'", district="x", desk="<b>", article="y"
    )

    assert "そのままの質問" in block
    assert await shown(helpdesk, topic=2_000_000_000)  # a topic that nobody knows


async def test_p5_without_javascript_it_is_a_page(database: Database, client_as: SignIn) -> None:
    article = await make_article()
    venue = await client_as(Role.venue)

    answer = await venue.get(PATH, params={"topic": article.topic})

    assert answer.status_code == httpx.codes.OK
    assert "<h1>" in answer.text
    assert answer.headers["cache-control"] == "private, no-store"


async def test_it_takes_as_many_statements_for_one_article_as_for_many(
    database: Database, client_as: SignIn
) -> None:
    topic, procedure = await make_topic(), await make_procedure()
    helpdesk = await client_as(Role.helpdesk)
    asked = {"topic": topic.id, "procedure": procedure.id}

    taken = []
    for _ in range(2):
        await make_article(topic=topic.id)
        await shown(helpdesk, **asked)
        with counted() as sent:
            await shown(helpdesk, **asked)
        taken.append(len(sent))

    assert taken[0] == taken[1] <= 6  # with who is signed in
