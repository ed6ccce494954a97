"""Numbers committed events, in the background and before reads of the log.

Every server runs one; the database lets one at a time have its turn (`store/events.py`). A change wakes it, and a slow
beat finds what a server that died left behind.
"""

from __future__ import annotations

import asyncio
import contextlib

from runlore_server.background import Background
from runlore_server.db import Database
from runlore_server.store import events

#: Seconds between looks without a reason.
_BEAT = 1.0
#: Seconds after a round in which none begins: the changes of a burst are numbered together, and a single one at once.
_GATHER = 0.01


class Sequencer(Background):
    """Numbers events soon after they are committed. What it leaves when it stops is found by the next server."""

    name = "sequencer"

    def __init__(self, db: Database) -> None:
        """Number the events of one database; nothing runs before `start`."""
        super().__init__()
        self._db = db
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Say that something was committed."""
        self._woken.set()

    async def catch_up(self) -> None:
        """Number everything that is committed now. What was acknowledged before this call has its position after it."""
        if await self._db.read(events.any_unnumbered):
            while await self._db.write(events.number_committed):
                pass

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_BEAT):
                    await self._woken.wait()
            self._woken.clear()
            await self._outlive(self.catch_up)
            await asyncio.sleep(_GATHER)
