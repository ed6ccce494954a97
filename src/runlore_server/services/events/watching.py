"""Watch: events as they are committed."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

from runlore import v1
from runlore_server.db import Connection, Database
from runlore_server.pages import PageTokens
from runlore_server.sequencer import Sequencer
from runlore_server.services.base import Methods
from runlore_server.services.events import filters
from runlore_server.store import events
from runlore_server.store.event_pages import Wanted
from runlore_server.tailer import Tailer

#: Seconds between positions while nothing happens, unless the request says otherwise.
_INTERVAL = 10.0


class WatchMethods(Methods):
    """The method that follows the log."""

    def __init__(self, db: Database, pages: PageTokens, sequencer: Sequencer, tailer: Tailer) -> None:
        """As for all methods; `tailer` follows the log for all watches."""
        super().__init__(db, pages, sequencer)
        self._tailer = tailer

    async def Watch(self, request: v1.WatchRequest, context: Any) -> None:
        """Send what the tailer hands over; `context.write` waits while the client does not read."""
        # Everything that is acknowledged by now has its number: it is not new to who asks for what is new.
        await self._sequencer.catch_up()

        async def begin(conn: Connection) -> tuple[events.Log, Wanted]:
            return await events.log(conn), await filters.wanted(conn, request)

        log, wanted = await self._db.read(begin)
        after = log.number("after_position", request.after_position) if request.after_position else log.last_position
        interval = _INTERVAL
        if request.HasField("checkpoint_interval"):
            interval = request.checkpoint_interval.ToTimedelta().total_seconds()
        async with aclosing(self._tailer.watch(wanted, after, interval)) as batches:
            async for batch in batches:
                found = [event.event(log, include_canonical=request.include_canonical) for event in batch.events]
                await context.write(v1.WatchResponse(events=found, position=log.position(batch.upto)))
