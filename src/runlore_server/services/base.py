"""What services share: what they serve from, and how they change it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from weakref import WeakValueDictionary

from google.protobuf.message import Message

from runlore_server.db import Connection, Database
from runlore_server.pages import PageTokens
from runlore_server.sequencer import Sequencer
from runlore_server.store import requests

T = TypeVar("T")
Response = TypeVar("Response", bound=Message)


class Methods:
    """A service, or a part of one."""

    def __init__(self, db: Database, pages: PageTokens, sequencer: Sequencer) -> None:
        """Serve from a database; `sequencer` is told of every change."""
        self._db = db
        self._pages = pages
        self._sequencer = sequencer
        self._turns: WeakValueDictionary[tuple[str, ...], asyncio.Lock] = WeakValueDictionary()

    def _turn(self, *record: str) -> asyncio.Lock:
        """Return the turn to write a record, which one call of this process has at a time.

        For those who would otherwise collide in the database, each with a connection and work to be done again.
        """
        return self._turns.setdefault(record, asyncio.Lock())

    async def _change(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Make a change that writes an event."""
        result = await self._db.write(work)
        self._sequencer.wake()
        return result

    async def _once(
        self,
        request: requests.Mutation,
        response_type: type[Response],
        change: Callable[[Connection], Awaitable[Response]],
    ) -> Response:
        """Make a change that writes an event, once for the request's id."""
        return await self._change(lambda conn: requests.once(conn, request, response_type, lambda: change(conn)))
