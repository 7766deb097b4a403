"""What a figure on a page leads to, and whoever signs in to look at it."""

from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Page

from server.helpdesk import queries
from server.helpdesk.routes.contact_forms import filters_of
from server.roles import Role
from tests import factories


def links(text: str, path: str) -> list[tuple[dict[str, str], int]]:
    """The words of every link to that path, and the number that it shows."""
    found = []
    for part in text.split(f'<a href="{path}?')[1:]:
        query, rest = part.split('">', 1)
        asked = parse_qs(urlsplit(f"?{query.replace('&amp;', '&')}").query)
        shown = rest.split("<", 1)[0].replace(",", "").removesuffix("件")
        found.append(({name: values[0] for name, values in asked.items()}, int(shown)))
    return found


async def rows_of(asked: dict[str, str]) -> int:
    """How many the list of contacts shows."""
    rows, more = await queries.listed(filters_of(asked), size=1000)
    assert not more
    return sum(row["number"] for row in rows)


async def sign_in(page: Page) -> None:
    """As a coordinator who sees everything."""
    account = await factories.make_account(Role.coordinator)
    await page.goto("/sign-in")
    await page.fill("[name=login]", account.login)
    await page.fill("[name=password]", factories.PASSWORD)
    await page.click("main button")
    await page.wait_for_url("**/staff")
