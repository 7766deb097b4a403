"""What may answer a contact appears while its topic is tapped (H3)."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import httpx

from server.roles import Role
from tests.databases import Database
from tests.factories import make_article, make_topic
from tests.statements import counted

SignIn = Callable[..., Awaitable[httpx.AsyncClient]]
BLOCK = {"hx-request": "true"}


async def test_h3_articles_and_classes_on_the_topic_appear(
    database: Database, client_as: SignIn, frozen_now: datetime
) -> None:
    topic = await make_topic()
    article = await make_article(topic=topic.id, staff_answer="裏の答え")
    await make_article()
    helpdesk = await client_as(Role.helpdesk)

    answer = await helpdesk.get(
        "/staff/desks/matches", params={"topic": topic.id, "desk": 1}, headers=BLOCK
    )

    assert answer.status_code == httpx.codes.OK
    assert answer.text.count('type="radio"') == 2  # the article, and nothing
    assert f'name="article" value="{article.id}"' in answer.text
    assert "裏の答え" in answer.text
    assert 'name="answer_missing"' in answer.text
    assert "<html" not in answer.text
