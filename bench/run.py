"""`make bench`: the README's speed table, each figure a ratio within one run."""

import os
import platform
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import uvloop

from bench import bookings, helpdesk, pages
from bench.figures import Row, Rows
from tests.postgres import cluster, free_port
from tests.servers import environment, listening, run_command, serving

BARE = ["-m", "uvicorn", "bench.bare:app", "--loop", "uvloop", "--http", "httptools"]
QUIET = ["--ws", "none", "--no-access-log", "--no-server-header", "--log-level", "warning"]


async def measured(folder: Path) -> Rows:
    """All rows of the table, in its order."""
    server = cluster(folder, os.getpid(), durable=True)
    urls = {"SQLite": f"sqlite:///{folder}/city.db", "PostgreSQL": f"{server}/postgres"}
    rows, log = Rows(), folder / "tonari.log"
    for url in urls.values():
        await filled(url)
    await pages.fill_feed(urls["SQLite"])
    async with bare(folder) as yardstick:
        async with serving(urls["SQLite"], log) as tonari:
            rows += await pages.rows(yardstick, tonari.address)
            rows += [await pages.first_visit(tonari.address), pages.memory(tonari.process)]
        for engine, url in urls.items():
            rows += [await bookings.rate(engine, url, yardstick, log)]
    rows += await ten_times(folder, urls["SQLite"])
    rows += [await bookings.race(engine, url, log) for engine, url in urls.items()]
    rows += [await bookings.race("PostgreSQL, two processes", urls["PostgreSQL"], log, 2)]
    async with bare(folder) as yardstick:
        for engine, url in urls.items():
            await helpdesk.fill(url)
            rows += await helpdesk.rows(engine, url, yardstick, log)
    return rows


async def ten_times(folder: Path, once: str) -> Rows:
    """How much longer the same pages take to be made with ten times the city."""
    tenfold = f"sqlite:///{folder}/tenfold.db"
    await filled(tenfold, "--scale", "10")
    async with AsyncExitStack() as both:
        small = await both.enter_async_context(serving(once, folder / "once.log"))
        large = await both.enter_async_context(serving(tenfold, folder / "tenfold.log"))
        return await pages.growth(small.address, large.address)


async def filled(url: str, *options: str) -> None:
    """Migrate the database at `url` and fill it with the demonstration city."""
    await run_command(url, "migrate")
    await run_command(url, "demo", *options)


@asynccontextmanager
async def bare(folder: Path) -> AsyncIterator[str]:
    """The address of the yardstick."""
    port = free_port()
    command, address = [*BARE, *QUIET, "--port", str(port)], f"http://127.0.0.1:{port}"
    variables = environment("sqlite:///unused.db")
    async with listening([sys.executable, *command], variables, address, folder / "bare.log"):
        yield address


def table(rows: Rows) -> str:
    """The rows as Markdown."""
    head = Row("Path, full demonstration city", "Aim", "Measured")
    lines = [f"| {row.path} | {row.aim} | {row.figure} |" for row in [head, *rows]]
    return "\n".join([lines[0], "|---|---|---|", *lines[1:]])


def main() -> None:
    """Measure, and print the table."""
    with tempfile.TemporaryDirectory(prefix="tonari-bench-") as folder:
        rows = uvloop.run(measured(Path(folder)))
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores; ‰ = requests per second")
    print("per 1,000 of a bare Litestar text handler under the same server, measured in turn.\n")
    print(table(rows))


if __name__ == "__main__":
    main()
