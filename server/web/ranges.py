"""A file sent whole or in part, a piece at a time, never held in memory (RFC 9110 §13, §14)."""

import asyncio
import os
import re
from pathlib import Path

from litestar.types import Receive, Scope, Send

from server.web.validators import Headers, header

PIECE = 256 * 1024  # bytes
ONE_RANGE = re.compile(r"bytes=\s*(\d*)-(\d*)\s*", re.IGNORECASE)


class Unsatisfiable(Exception):
    """The part that was asked for lies outside of the file."""


def part(asked: str, size: int) -> tuple[int, int] | None:
    """The first and the last byte that a Range header asks for; None: all of it.

    What cannot be read, and several parts at once, are as if nothing had been asked (§14.2).
    Raises Unsatisfiable where no byte of the file is meant (§14.1.2).
    """
    found = ONE_RANGE.fullmatch(asked)
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        length = min(_number(last), size)
        if length == 0:
            raise Unsatisfiable
        return size - length, size - 1
    start = _number(first)
    end = min(_number(last), size - 1) if last else size - 1
    if last and _number(last) < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return start, end


def _number(digits: str) -> int:
    return int(digits[:18])  # beyond any file


class FilePart:
    """An ASGI app that a handler returns: the file, or the part of it that was asked for."""

    def __init__(self, path: Path, size: int, media_type: str, tag: str) -> None:
        """`tag` names the content: it is a strong validator."""
        self.path = path
        self.size = size
        self.tag = f'"{tag}"'
        self.headers = {
            "content-type": media_type,
            "etag": self.tag,
            "accept-ranges": "bytes",
            "cache-control": "private, no-cache",
            "vary": "Cookie",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 200, 206, 304 or 416."""
        if self._has(header(scope, b"if-none-match")):
            await self._answer(send, 304, {})
            return
        asked, given = header(scope, b"range"), header(scope, b"if-range")
        try:
            wanted = part(asked, self.size) if asked and given in ("", self.tag) else None
        except Unsatisfiable:
            await self._answer(send, 416, {"content-range": f"bytes */{self.size}"})
            return
        first, last = wanted or (0, self.size - 1)
        headers = {"content-length": str(last - first + 1)}
        if wanted:
            headers["content-range"] = f"bytes {first}-{last}/{self.size}"
        await self._start(send, 206 if wanted else 200, headers)
        if scope.get("state", {}).get("head"):
            await _send(send, b"", more=False)
        else:
            await self._pieces(receive, send, first, last)

    def _has(self, known: str) -> bool:
        tags = [each.strip().removeprefix("W/") for each in known.split(",")]
        return self.tag in tags or tags == ["*"]

    async def _answer(self, send: Send, status: int, headers: dict[str, str]) -> None:
        if status != 304:
            headers |= {"content-length": "0"}
        await self._start(send, status, headers)
        await _send(send, b"", more=False)

    async def _start(self, send: Send, status: int, headers: dict[str, str]) -> None:
        raw: Headers = [
            (name.encode("latin-1"), value.encode("latin-1"))
            for name, value in {**self.headers, **headers}.items()
        ]
        await send({"type": "http.response.start", "status": status, "headers": raw})

    async def _pieces(self, receive: Receive, send: Send, first: int, last: int) -> None:
        """Send the bytes; stop where the browser has gone, as it does at every jump."""
        handle = await asyncio.to_thread(os.open, self.path, os.O_RDONLY)
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            while first <= last and not gone.done():
                length = min(PIECE, last - first + 1)
                piece = await asyncio.to_thread(os.pread, handle, length, first)
                first += len(piece)
                await _send(send, piece, more=first <= last)
                if not piece:
                    break
        finally:
            gone.cancel()
            os.close(handle)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(send: Send, body: bytes, *, more: bool) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})
