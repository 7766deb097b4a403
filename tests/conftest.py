"""What tests ask for by name: a database on either engine, people who click, a frozen clock."""

import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import httpx
import pytest

# Before anything of the server is imported: the tests' settings, whatever the developer's are.
os.environ.update(
    {
        "TONARI_DATABASE_URL": f"sqlite:///{tempfile.gettempdir()}/tonari-tests-never-opened.db",
        "TONARI_SECRET_KEY": "the-secret-of-the-tests-and-of-nothing-else",
        "TONARI_BASE_URL": "http://127.0.0.1:8000",
        "TONARI_SURFACE": "all",
        "TONARI_WORKERS": "1",
        "TONARI_TIME_ZONE": "Asia/Tokyo",
        "TONARI_LOCALE": "ja",
    }
)

from litestar import Litestar
from playwright.async_api import Browser, Page

from server import clock
from server.app import create_app
from server.database import changes, close_pool, engine_for, open_pool, use
from server.roles import Role
from server.settings import settings
from tests import factories
from tests.browser import chromium, screen
from tests.databases import Database, Migrated, migrated
from tests.postgres import cluster
from tests.servers import run_command, serving

ENGINES = ("sqlite", "postgres")
SATURDAY_MORNING = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)  # 令和8年11月21日（土）午前10時

_migrated: dict[str, Migrated] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=[*ENGINES, "both"], default="both")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that asks for a database on both engines, or on `@pytest.mark.engine`'s."""
    if "engine_name" not in metafunc.fixturenames:
        return
    chosen = metafunc.config.getoption("--engine")
    marker = metafunc.definition.get_closest_marker("engine")
    wanted = marker.args if marker else ENGINES
    metafunc.parametrize("engine_name", [name for name in wanted if chosen in (name, "both")])


def pytest_itemcollected(item: pytest.Item) -> None:
    if "browser" in getattr(item, "fixturenames", ()):
        item.add_marker("browser")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def template_url(
    engine_name: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Where this worker keeps the migrated database that tests on the engine copy."""
    base, worker = tmp_path_factory.getbasetemp(), os.environ.get("PYTEST_XDIST_WORKER", "")
    if engine_name == "sqlite":
        return f"sqlite:///{base}/template.db"
    # The run's one cluster: its note lies in the directory above those of the workers.
    shared, run_pid = (base.parent, os.getppid()) if worker else (base, os.getpid())
    return f"{cluster(shared, run_pid)}/template_{worker}"


@pytest.fixture
async def database(engine_name: str, template_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """A migrated, empty database of the test's own, in use and connected."""
    if engine_name not in _migrated:
        _migrated[engine_name] = await migrated(engine_name, template_url)
    copy = await _migrated[engine_name].copy(f"test_{uuid4().hex[:12]}", tmp_path)
    use(engine_for(copy.url))
    changes.committed()  # pages cached from another test's database are of no use here
    await open_pool()
    yield copy
    await close_pool()
    await _migrated[engine_name].drop(copy)


@pytest.fixture
def frozen_now() -> Iterator[datetime]:
    """The clock stands still on 令和8年11月21日（土）午前10時."""
    with clock.freeze(SATURDAY_MORNING) as instant:
        yield instant


@pytest.fixture(scope="session")
def app() -> Litestar:
    """The whole program, once per worker: it keeps nothing between tests but caches."""
    return create_app()


@pytest.fixture
async def new_client(
    app: Litestar, database: Database
) -> AsyncIterator[Callable[..., httpx.AsyncClient]]:
    """Makes one more browser, without JavaScript; it follows no redirect by itself."""
    async with AsyncExitStack() as open_clients:

        def new(**headers: str) -> httpx.AsyncClient:
            client = httpx.AsyncClient(
                transport=httpx.ASGITransport(cast(Any, app), raise_app_exceptions=False),
                base_url=settings().base_url,
                headers={"sec-fetch-site": "same-origin", "accept-language": "ja", **headers},
            )
            open_clients.push_async_callback(client.aclose)
            return client

        yield new


@pytest.fixture
def client(new_client: Callable[..., httpx.AsyncClient]) -> httpx.AsyncClient:
    """Somebody who has not signed in."""
    return new_client()


@pytest.fixture
def client_as(
    new_client: Callable[..., httpx.AsyncClient],
) -> Callable[..., Awaitable[httpx.AsyncClient]]:
    """`await client_as(Role.venue, venue=…)`: a browser signed in as a new account."""

    async def sign_in(role: Role, **facts: Any) -> httpx.AsyncClient:
        account = await factories.make_account(role, **facts)
        client = new_client()
        words = {"login": account.login, "password": factories.PASSWORD}
        answer = await client.post("/sign-in", data=words)
        assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
        return client

    return sign_in


@pytest.fixture
async def running_server(database: Database, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a real server process on this test's own database, empty until filled."""
    async with serving(database.url, tmp_path / "server.log") as server:
        yield server.address


@pytest.fixture(scope="session")
async def demo_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of a real server process with the demonstration city, for looking around."""
    folder = tmp_path_factory.mktemp("demo")
    url = f"sqlite:///{folder}/tonari.db"
    for command in ("migrate", "demo"):
        await run_command(url, command)
    async with serving(url, folder / "server.log") as server:
        yield server.address


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, once per worker."""
    async with chromium() as browser:
        yield browser


@pytest.fixture
async def phone(browser: Browser, running_server: str) -> AsyncIterator[Page]:
    """A phone, 360 px wide, at the running server."""
    async with screen(browser, running_server, "phone") as page:
        yield page


@pytest.fixture
async def desk(browser: Browser, running_server: str) -> AsyncIterator[Page]:
    """A desk screen, 1280 px wide, at the running server."""
    async with screen(browser, running_server, "desk") as page:
        yield page
