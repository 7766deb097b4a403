"""An HTTP/1.1 load client: connections kept open, one request at a time on each."""

import asyncio
import gzip
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlencode, urlsplit

WAIT = 60.0  # seconds after which a load is given up


@dataclass
class Answer:
    """What came back, with the bytes that it took on the wire and the seconds that it took."""

    status: int
    headers: dict[str, str]
    body: bytes
    size: int
    seconds: float

    @property
    def text(self) -> str:
        """The body unpacked."""
        packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if packed else self.body).decode()


class Connection(asyncio.Protocol):
    """One open connection. Reads answers that say their Content-Length, as all of ours do."""

    def __init__(self) -> None:
        """Wait to be connected."""
        self.transport: asyncio.Transport
        self.buffer = b""
        self.waiting: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Hand the answer over once it is whole."""
        self.buffer += data
        head_end = self.buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        length = _length(self.buffer[: head_end + 2].lower())
        if len(self.buffer) >= head_end + 4 + length and self.waiting is not None:
            waiting, self.waiting = self.waiting, None
            whole, self.buffer = self.buffer, b""
            waiting.set_result(whole)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_exception(exc or ConnectionResetError("closed without an answer"))

    async def ask(self, request: bytes) -> bytes:
        """Send a request and return the whole answer as it came."""
        self.waiting = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self.waiting


async def connect(address: str) -> Connection:
    """A new connection to `http://host:port`."""
    host, port = urlsplit(address).netloc.split(":")
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, host, int(port))
    return connection


def get(path: str, **headers: str) -> bytes:
    """The bytes of a GET; header names are written with underscores."""
    return _request("GET", path, {"accept_encoding": "gzip", **headers}, b"")


def post(path: str, fields: dict[str, str], **headers: str) -> bytes:
    """The bytes of a form that is sent."""
    return _request(
        "POST",
        path,
        {"content_type": "application/x-www-form-urlencoded", **headers},
        urlencode(fields).encode(),
    )


async def fetch(address: str, request: bytes) -> Answer:
    """One request on a connection of its own."""
    connection = await connect(address)
    began = time.perf_counter()
    whole = await connection.ask(request)
    seconds = time.perf_counter() - began
    connection.transport.close()
    return parsed(whole, seconds)


@dataclass
class Tally:
    """What a load of requests came to."""

    seconds: float = 0.0
    answers: dict[int, int] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Answers per second, whatever their status."""
        return sum(self.answers.values()) / self.seconds

    @property
    def slowest(self) -> float:
        """Seconds that the last to be served waited."""
        return max(self.waits)

    def note(self, whole: bytes, began: float) -> None:
        """Count one answer."""
        status = int(whole[9:12])
        self.answers[status] = self.answers.get(status, 0) + 1
        self.waits.append(time.perf_counter() - began)


async def load(
    address: str, request: Callable[[], bytes], *, seconds: float, connections: int
) -> Tally:
    """Ask for `seconds` on `connections` at once, each as fast as it is answered."""
    opened = [await connect(address) for _ in range(connections)]
    tally, began = Tally(), time.perf_counter()

    async def keep_asking(connection: Connection) -> None:
        while (sent := time.perf_counter()) - began < seconds:
            tally.note(await connection.ask(request()), sent)

    async with asyncio.timeout(WAIT):
        await asyncio.gather(*map(keep_asking, opened))
    tally.seconds = time.perf_counter() - began
    _close(opened)
    return tally


async def rush(address: str, requests: list[bytes]) -> Tally:
    """Send all the requests at once, each on a connection that stands ready."""
    opened = [await connect(address) for _ in requests]
    tally, began = Tally(), time.perf_counter()

    async def press(connection: Connection, request: bytes) -> None:
        tally.note(await connection.ask(request), began)

    async with asyncio.timeout(WAIT):
        await asyncio.gather(*map(press, opened, requests))
    tally.seconds = time.perf_counter() - began
    _close(opened)
    return tally


def parsed(whole: bytes, seconds: float = 0.0) -> Answer:
    """An answer taken apart."""
    head, _, body = whole.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.split(": ", 1) for line in lines)
    headers = {name.lower(): value for name, value in pairs}
    return Answer(int(status.split()[1]), headers, body, len(whole), seconds)


def _request(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += [f"content-length: {len(body)}"] if method == "POST" else []
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _length(head: bytes) -> int:
    """The length of the body that a lower-case head announces; 304 and the like have none."""
    if head[9:12] in (b"304", b"204"):
        return 0
    start = head.find(b"\r\ncontent-length:")
    assert start >= 0, head
    return int(head[start + 17 : head.index(b"\r\n", start + 2)])


def _close(opened: list[Connection]) -> None:
    for connection in opened:
        connection.transport.close()
