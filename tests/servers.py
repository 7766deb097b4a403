"""Tonari as its users meet it: a process of its own that listens on a port."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import anyio
import httpx

from tests.postgres import free_port

READY_WITHIN = 90.0  # seconds: the machine may be busy with other tests
SECRET = "the-secret-of-the-tests-and-of-nothing-else"


class Server(NamedTuple):
    """A server that answers."""

    address: str
    process: int  # its id


def environment(database_url: str, **settings: str) -> dict[str, str]:
    """The variables of a command run on `database_url`; `settings` without their prefix."""
    own = {"DATABASE_URL": database_url, "SECRET_KEY": SECRET, **settings}
    return {**os.environ, **{f"TONARI_{name}": value for name, value in own.items()}}


async def run_command(database_url: str, *arguments: str) -> str:
    """Run `tonari` with the arguments to its end; gives what it printed. Fails if it fails."""
    command = [sys.executable, "-m", "server", *arguments]
    variables = environment(database_url)
    done = await anyio.run_process(command, env=variables, check=False, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout.decode()
    return done.stdout.decode()


@asynccontextmanager
async def serving(database_url: str, log: Path, **settings: str) -> AsyncIterator[Server]:
    """`tonari serve` on a free port. Fails if it logged an error."""
    address = f"http://127.0.0.1:{free_port()}"
    port = address.rsplit(":", 1)[1]
    variables = environment(database_url, PORT=port, BASE_URL=address, **settings)
    command = [sys.executable, "-m", "server", "serve"]
    async with listening(command, variables, address, log) as process:
        yield Server(address, process)
    assert "Traceback" not in log.read_text(), log.read_text()


@asynccontextmanager
async def listening(
    command: list[str], variables: dict[str, str], address: str, log: Path
) -> AsyncIterator[int]:
    """A server process from when it answers at `address` until it is told to end; gives its id."""
    with log.open("wb") as said:
        process = await anyio.open_process(command, env=variables, stdout=said, stderr=said)
        try:
            await _ready(address, log)
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()
            await process.aclose()


async def _ready(address: str, log: Path) -> None:
    give_up_at = time.monotonic() + READY_WITHIN
    async with httpx.AsyncClient() as client:
        while time.monotonic() < give_up_at:
            try:
                await client.get(f"{address}/healthz")
                return
            except httpx.TransportError:
                pass
            await anyio.sleep(0.1)
    raise AssertionError(f"no answer from {address} in {READY_WITHIN} s\n{log.read_text()}")
