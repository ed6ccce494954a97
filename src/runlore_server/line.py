"""A connection of its own for one small statement that is asked all the time.

Through the pool, such a statement takes about 105 us of CPU: to take a connection and give it back, to make a cursor,
adapt parameters, and begin and end watching the socket. Here it takes about 33 us: the statement is prepared once,
parameters and columns stay in Postgres' text form, and the event loop always watches the socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from typing import Any, LiteralString

import psycopg
from psycopg import AsyncConnection
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

log = logging.getLogger(__name__)

_NAME = b"line"
#: Seconds after which an attempt to connect is given up.
_CONNECT_SECONDS = 5


class Line:
    """Asks one statement, one question at a time.

    It promises no answer: while it has no connection it says so at once, and connects meanwhile. So its caller has
    another way to ask, and that one has the patience and the words for a database that does not answer.
    """

    def __init__(self, url: str, statement: LiteralString, lifetime: float) -> None:
        """Nothing connects before the first question. `statement` has parameters `$1` and so on.

        A connection is replaced after `lifetime` seconds: for good, it might be one to a server that is no longer the
        primary.
        """
        self._url = url
        self._lifetime = lifetime
        self._statement = statement.encode()
        self._session: _Session | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._closed = False

    async def connect(self) -> None:
        """Connect ahead of the first question; why it cannot goes to the log."""
        try:
            conn = await AsyncConnection.connect(self._url, autocommit=True, connect_timeout=_CONNECT_SECONDS)
            session = _Session(conn)
            await session.prepare(self._statement)
            self._session = session
        except psycopg.Error as error:
            log.info("could not connect: %s", " ".join(str(error).split()))
        finally:
            self._connecting = None

    async def ask(self, *parameters: bytes) -> list[bytes] | None:
        """Return the columns of the first row, none if there is no row; None when the line cannot answer now.

        A column that is null is empty. What it answers was read after it was asked.
        """
        if self._session is not None and self._session.age > self._lifetime:
            self._session.close()
        if self._session is None or not self._session.is_open:
            if self._connecting is None and not self._closed:
                self._connecting = asyncio.create_task(self.connect(), name="line")
            return None
        try:
            result = await self._session.ask(parameters)
        except psycopg.Error as error:
            log.info("a connection was lost: %s", " ".join(str(error).split()))
            return None
        return [result.get_value(0, i) or b"" for i in range(result.nfields)] if result.ntuples else []

    async def close(self) -> None:
        """Close the connection for good; a question under way gets None."""
        self._closed = True
        if self._connecting is not None:
            self._connecting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._connecting
        if self._session is not None:
            self._session.close()


class _Session:
    """An open connection, of which one answer at a time is awaited. Whatever goes wrong with it closes it."""

    def __init__(self, conn: AsyncConnection[Any]) -> None:
        self._conn = conn
        self._pgconn = conn.pgconn
        # Kept: a connection that was lost no longer says which it had.
        self._socket = conn.pgconn.socket
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._read)
        self._awaited: asyncio.Future[PGresult] | None = None
        self._result: PGresult | None = None
        self._since = self._loop.time()
        self.is_open = True

    @property
    def age(self) -> float:
        """Seconds since it was opened."""
        return self._loop.time() - self._since

    async def prepare(self, statement: bytes) -> None:
        """Prepare the statement that is asked. Raises psycopg.Error."""
        await self._execute(lambda: self._pgconn.send_prepare(_NAME, statement))

    async def ask(self, parameters: Sequence[bytes]) -> PGresult:
        """Execute the statement. Raises psycopg.Error."""
        return await self._execute(lambda: self._pgconn.send_query_prepared(_NAME, parameters))

    def close(self, error: psycopg.Error | None = None) -> None:
        """Close the connection; whoever waits for an answer gets the error."""
        if self.is_open:
            self.is_open = False
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._pgconn.finish()
        if self._awaited is not None and not self._awaited.done():
            self._awaited.set_exception(error or psycopg.OperationalError("the connection was closed"))

    async def _execute(self, send: Callable[[], None]) -> PGresult:
        assert self._awaited is None, "one question at a time"
        self._awaited, self._result = self._loop.create_future(), None
        try:
            send()
            self._write()
            result = await self._awaited
            if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
                raise psycopg.OperationalError(result.get_error_message())
            return result
        except BaseException:
            # Also when the wait was cancelled: what comes later would be taken for the next question's answer.
            self.close()
            raise
        finally:
            self._awaited = None

    def _write(self) -> None:
        """Send what is to be sent, the rest as soon as the socket takes it."""
        try:
            if self._pgconn.flush():
                self._loop.add_writer(self._socket, self._write)
            else:
                self._loop.remove_writer(self._socket)
        except psycopg.Error as error:
            self.close(error)

    def _read(self) -> None:
        """Take what came, or learn that the connection was lost."""
        try:
            self._pgconn.consume_input()
            while self._awaited is not None and not self._awaited.done() and not self._pgconn.is_busy():
                result = self._pgconn.get_result()
                if result is not None:
                    self._result = result
                elif self._result is not None:
                    self._awaited.set_result(self._result)
        except psycopg.Error as error:
            self.close(error)
