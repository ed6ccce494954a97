"""The database: a pool of connections, transactions, and the one place that retries.

A function passed to `read` or `write` takes a connection and may be called again, so it has no other effects.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import nullcontext, suppress
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg import errors as pg
from psycopg.abc import AdaptContext
from psycopg.adapt import Loader
from psycopg.rows import namedtuple_row
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from runlore_server import errors
from runlore_server.line import Line
from runlore_server.policy import Policy
from runlore_server.store import pgarrays, queries

log = logging.getLogger(__name__)

sql = queries.load("session")

T = TypeVar("T")
_DEFAULT_POLICY = Policy()
Connection = AsyncConnection[Any]


class Overtaken(Exception):
    """What a change was decided on has changed before it was written, so that nothing was: `write` runs it again."""


_ATTEMPTS = 8
#: Seconds after which a connection is replaced: it may be one to a server that has not been the primary since.
_LIFETIME = 600.0
#: Collisions that are cured by running the transaction again: a unique violation is one when two callers raced to
#: insert the same row, which the second then finds, and a foreign key violation when one removed what another needs.
_COLLISIONS = (pg.SerializationFailure, pg.DeadlockDetected, pg.UniqueViolation, pg.ForeignKeyViolation, Overtaken)


class Database:
    """A pool of connections to one Postgres database."""

    def __init__(
        self, url: str, pool_size: int = 10, acquire_seconds: float = 5.0, policy: Policy = _DEFAULT_POLICY
    ) -> None:
        """Prepare a pool; nothing connects before `open`. A call waits at most `acquire_seconds` for a connection.

        What `policy` says is a setting of each connection, so that any statement can tell a stale run, or when a
        deleted one will be purged: `runlore.stale_after` (seconds), `runlore.purge_after` (days, 0 for never).
        """

        self._url = url
        self.pool_size = pool_size

        async def configure(conn: Connection) -> None:
            register_types(conn)
            await conn.execute(
                sql.set_policy, {"stale_after": policy.stale_after, "purge_after": policy.purge_after}, prepare=False
            )

        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            kwargs={"autocommit": True, "row_factory": namedtuple_row, "prepare_threshold": 2},
            configure=configure,
            min_size=min(2, pool_size),
            max_size=pool_size,
            timeout=acquire_seconds,
            reconnect_timeout=acquire_seconds,
            max_lifetime=_LIFETIME,
            open=False,
            name="runlore",
        )
        self._lines: list[Line] = []

    async def open(self) -> None:
        """Connect; raises psycopg_pool.PoolTimeout when the database does not answer."""
        await self._pool.open(wait=True, timeout=10.0)

    async def close(self) -> None:
        """Close every connection."""
        for line in self._lines:
            await line.close()
        await self._pool.close()

    def line(self, statement: LiteralString) -> Line:
        """Return a line that asks a statement, on a connection beside the pool's; it lasts until `close`."""
        self._lines.append(Line(self._url, statement, _LIFETIME))
        return self._lines[-1]

    async def read(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run `work` without a transaction: each statement sees a snapshot of its own."""
        for last in (False, True):
            try:
                # Not `connection()`: it would commit, which takes a while, and there is nothing to.
                conn = await self._pool.getconn()
                try:
                    return await work(conn)
                finally:
                    await self._pool.putconn(conn)
            except (psycopg.OperationalError, PoolTimeout, PoolClosed) as error:
                # A connection that broke while idle, as after a restart of Postgres, deserves a second try.
                if last or isinstance(error, PoolTimeout | PoolClosed):
                    raise _unavailable(error) from error
                await self._pool.check()
        raise AssertionError("unreachable")

    async def snapshot(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run `work` so that all of its statements see one moment; they change nothing."""

        async def at_one_moment(conn: Connection) -> T:
            await conn.execute(sql.begin_snapshot)
            try:
                found = await work(conn)
            except BaseException:
                # Nothing was changed, and a connection that broke has no transaction.
                with suppress(psycopg.Error):
                    await conn.rollback()
                raise
            await conn.execute(sql.end_snapshot)
            return found

        return await self.read(at_one_moment)

    async def notified(self, listen: LiteralString) -> AsyncIterator[None]:
        """Execute a LISTEN on a connection of its own; yields once then, and for each notification that comes."""
        try:
            async with await AsyncConnection.connect(self._url, autocommit=True) as conn:
                await conn.execute(listen)
                yield
                async for _ in conn.notifies():
                    yield
        except psycopg.OperationalError as error:
            raise _unavailable(error) from error

    async def write(self, work: Callable[[Connection], Awaitable[T]], *, one_statement: bool = False) -> T:
        """Run `work` in a transaction and commit it; run it again when it collided with another.

        `one_statement`: work that writes by a single statement needs no transaction around it, and saves two round
        trips.
        """
        for attempt in range(_ATTEMPTS):
            try:
                async with self._pool.connection() as conn, nullcontext() if one_statement else conn.transaction():
                    return await work(conn)
            except _COLLISIONS as error:
                log.debug("transaction collided (%s), attempt %d", error, attempt + 1)
                await asyncio.sleep(random.uniform(0, 0.005 * 2**attempt))
            except (psycopg.OperationalError, PoolTimeout, PoolClosed) as error:
                # Whether a broken connection's COMMIT arrived is unknown: only the caller's request id can tell.
                raise _unavailable(error) from error
        raise errors.contention()


def _unavailable(error: Exception) -> errors.RunloreError:
    if isinstance(error, pg.QueryCanceled):
        raise error
    log.warning("database unavailable: %s", " ".join(str(error).split()))
    return errors.database_unavailable()


class _HexUuid(Loader):
    """Loads a uuid as 32 hex digits, the form that the contract has."""

    def load(self, data: Any) -> str:
        return bytes(data).decode().replace("-", "")


class _HexUuidBinary(Loader):
    """As `_HexUuid`, from the binary form."""

    format = psycopg.pq.Format.BINARY

    def load(self, data: Any) -> str:
        return bytes(data).hex()


def register_types(context: AdaptContext) -> None:
    """Teach a connection our types: a uuid is 32 hex digits, and columns of points are arrays that are encoded."""
    assert context.connection is not None or context.adapters is not None
    context.adapters.register_loader("uuid", _HexUuid)
    context.adapters.register_loader("uuid", _HexUuidBinary)
    pgarrays.register(context)
