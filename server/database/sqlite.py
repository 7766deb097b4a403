"""SQLite through a small pool of connections, one writer at a time.

Piccolo's own engine opens a connection (and a thread) for every query and begins DEFERRED
transactions, which fail under concurrent writes. This one keeps a few connections open in WAL
mode, lets one task write at a time, and begins IMMEDIATE.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Self

from piccolo.engine.sqlite import SQLiteEngine, SQLiteTransaction, TransactionType

# FULL: a booking that was confirmed on screen survives a power cut (P4).
PRAGMAS = (
    "foreign_keys = ON",
    "journal_mode = WAL",
    "synchronous = FULL",
    "temp_store = MEMORY",
)
BUSY_TIMEOUT = 30.0  # seconds that a writer waits for another process


def _instant(stored: bytes) -> datetime:
    instant = datetime.fromisoformat(stored.decode())
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


# Piccolo's converters go through Decimal, and through every instant twice; lists are many.
sqlite3.register_converter("INTEGER", int)
sqlite3.register_converter("TIMESTAMPTZ", _instant)


class Lease:
    """A pooled connection in one task's hands: what a transaction calls its connection."""

    def __init__(
        self, engine: "PooledSQLiteEngine", connection: sqlite3.Connection, writer: bool
    ) -> None:
        self.engine = engine
        self.connection: sqlite3.Connection | None = connection
        self.writer = writer
        self.begin = ""  # what goes before the first statement

    async def execute(self, sql: str) -> None:
        """Run one statement for its effect; what has not begun needs no end."""
        assert self.connection is not None
        if sql != "ROLLBACK" or self.connection.in_transaction:
            await self.fetch(sql, ())

    async def fetch(self, sql: str, arguments: Any) -> list[dict[str, Any]]:
        """Run one statement and give its rows."""
        begin, self.begin = self.begin, ""
        rows: list[dict[str, Any]] = await self.engine.call(
            _fetch, self.connection, sql, arguments, begin
        )
        return rows

    async def close(self) -> None:
        """Hand the connection back, rolled back if anything is left open on it."""
        if self.connection is None:
            return
        connection, self.connection = self.connection, None
        if connection.in_transaction:  # a failed COMMIT, a cancelled task
            connection.rollback()
        self.engine.take_back(connection, self.writer)


class PooledTransaction(SQLiteTransaction):
    """Piccolo's transaction on a leased connection that is always handed back."""

    engine: "PooledSQLiteEngine"

    async def get_connection(self) -> Lease:
        """Lease a connection, waiting for the writer's turn unless only reading."""
        writer = self.transaction_type is not TransactionType.deferred
        return await self.engine.lease(writer=writer)

    async def begin(self) -> None:
        """Begin together with the first statement: one way to a database thread less."""
        self.connection.begin = f"BEGIN {self.transaction_type.value}"

    async def __aenter__(self) -> Self:
        try:
            await super().__aenter__()
        except BaseException:
            if self._parent is None and getattr(self, "connection", None):
                await self.connection.close()
            raise
        return self

    async def __aexit__(self, *failure: object) -> bool:
        try:
            return await super().__aexit__(*failure)
        finally:
            if self._parent is None:
                await self.connection.close()
                if self.engine.current_transaction.get() is self:
                    self.engine.current_transaction.set(None)


class PooledSQLiteEngine(SQLiteEngine):
    """The embedded default: a database file that several readers and one writer share."""

    def __init__(self, path: str, *, size: int = 4) -> None:
        super().__init__(
            path=path, check_same_thread=False, timeout=BUSY_TIMEOUT, cached_statements=512
        )
        self._size = size
        self._idle: list[sqlite3.Connection] = []
        self._watcher: sqlite3.Connection | None = None
        self._threads: ThreadPoolExecutor | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._slots = asyncio.Semaphore(size)
        self._writing = asyncio.Lock()

    async def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Run `function` on a database thread; a cancelled task waits until it has ended."""
        self._adopt_running_loop()
        assert self._loop is not None
        future = self._loop.run_in_executor(self._threads, function, *arguments)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:  # never hand back a connection that is still at work
            await asyncio.wait([future])
            raise

    async def lease(self, *, writer: bool = False) -> Lease:
        """A connection for one task; a writer waits its turn without holding one."""
        self._adopt_running_loop()
        if writer:
            await self._writing.acquire()
        try:
            await self._slots.acquire()
            try:
                connection = self._idle.pop() if self._idle else await self.call(self._open)
            except BaseException:
                self._slots.release()
                raise
        except BaseException:
            if writer:
                self._writing.release()
            raise
        return Lease(self, connection, writer)

    def take_back(self, connection: sqlite3.Connection, writer: bool) -> None:
        """Put a leased connection back among the idle ones."""
        self._idle.append(connection)
        self._slots.release()
        if writer:
            self._writing.release()

    async def data_version(self) -> str:
        """A number that changes when any other connection, of any process, has committed."""
        if self._watcher is None:
            self._watcher = await self.call(self._open)
        rows = await self.call(_fetch, self._watcher, "PRAGMA data_version", ())
        return str(rows[0]["data_version"])

    def transaction(
        self,
        transaction_type: TransactionType = TransactionType.immediate,
        allow_nested: bool = True,
    ) -> PooledTransaction:
        """A transaction, IMMEDIATE unless asked otherwise."""
        return PooledTransaction(self, transaction_type, allow_nested)

    async def start_connection_pool(self, **_: Any) -> None:
        """Nothing to do: connections open when first needed."""

    async def close_connection_pool(self) -> None:
        """Close every idle connection and the threads."""
        while self._idle:
            self._idle.pop().close()
        if self._watcher is not None:
            self._watcher.close()
            self._watcher = None
        if self._threads is not None:
            self._threads.shutdown()
            self._threads = None
        self._loop = None

    def _adopt_running_loop(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:  # first use, or a new loop (commands, tests)
            self._loop = loop
            self._slots, self._writing = asyncio.Semaphore(self._size), asyncio.Lock()
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._size + 1, "sqlite")

    def _open(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = sqlite3.connect(**self.connection_kwargs)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()
        return connection

    # The next two are private in Piccolo: the pinned version is 1.38, and tests race both.
    async def _run_in_new_connection(
        self, query: str, args: Any = None, query_type: str = "generic", table: Any = None
    ) -> Any:
        lease = await self.lease()
        try:
            return await self.call(_fetch, lease.connection, query, args or ())
        finally:
            await lease.close()

    async def _run_in_existing_connection(
        self,
        connection: Any,
        query: str,
        args: Any = None,
        query_type: str = "generic",
        table: Any = None,
    ) -> Any:
        return await connection.fetch(query, args or ())


def _fetch(
    connection: sqlite3.Connection, query: str, args: Any, begin: str = ""
) -> list[dict[str, Any]]:
    if begin:
        connection.execute(begin).close()
    cursor = connection.execute(query, args)
    try:
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    finally:
        cursor.close()
