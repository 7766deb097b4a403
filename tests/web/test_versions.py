"""A form that says nothing of what was seen has seen nothing."""

from typing import Any

import httpx
import pytest

from server.roles import Role
from server.supporters.tables import Supporter
from tests import factories
from tests.databases import Database


@pytest.mark.parametrize("typed", [{}, {"version": ""}, {"version": "abc"}])
async def test_without_a_version_nothing_is_overwritten(
    database: Database, client_as: Any, typed: dict[str, str]
) -> None:
    await factories.make_municipality()
    supporter = await factories.make_supporter(phone="059-000-1111")
    client = await client_as(Role.coordinator)

    answer = await client.post(
        f"/staff/supporters/{supporter.id}/edit", data={"phone": "059-000-2222", **typed}
    )

    assert answer.status_code == httpx.codes.CONFLICT
    assert [row["phone"] for row in await Supporter.select()] == ["059-000-1111"]


@pytest.mark.parametrize("opened", ["[" * 15_000, '{"a":' * 3_000])
async def test_what_a_form_was_opened_with_may_be_any_nonsense(
    database: Database, client_as: Any, opened: str
) -> None:
    topic = await factories.make_topic()
    coordinator = await client_as(Role.coordinator)

    answer = await coordinator.post(
        f"/staff/topics/{topic.id}/edit",
        data={"name": "べつの名前", "position": "1", "version": "99", "opened": opened},
    )

    assert answer.status_code == httpx.codes.CONFLICT
