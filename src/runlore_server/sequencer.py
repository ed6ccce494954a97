"""Numbers committed events, in the background and before reads of the log.

Every server runs one; the database lets one at a time have its turn (`store/events.py`). A change wakes it, and a slow
beat finds what a server that died left behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from runlore_server import errors
from runlore_server.db import Database
from runlore_server.store import events

log = logging.getLogger(__name__)

#: Seconds between looks without a reason.
_BEAT = 1.0
#: Seconds over which the changes of a burst are numbered together.
_GATHER = 0.01


class Sequencer:
    """A background task that numbers events soon after they are committed."""

    def __init__(self, db: Database) -> None:
        """Number the events of one database; nothing runs before `start`."""
        self._db = db
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in the running event loop."""
        self._task = asyncio.create_task(self._run(), name="sequencer")

    async def stop(self) -> None:
        """End; events that are not numbered yet are found by the next server."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def wake(self) -> None:
        """Say that something was committed."""
        self._woken.set()

    async def catch_up(self) -> None:
        """Number everything that is committed now. What was acknowledged before this call has its position after it."""
        while await self._db.read(events.any_unnumbered):
            await self._db.write(events.number_committed)

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), _BEAT)
                await asyncio.sleep(_GATHER)
            self._woken.clear()
            try:
                await self.catch_up()
            except errors.RunloreError as error:
                log.warning("sequencer waits: %s", error)
            except Exception:
                log.exception("sequencer failed; it goes on")
