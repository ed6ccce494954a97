"""What is cleaned up in the background: responses kept for retries, once past their retention."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from runlore_server import errors
from runlore_server.db import Database
from runlore_server.store import requests

log = logging.getLogger(__name__)

#: Seconds between rounds.
_INTERVAL = 600.0


class Housekeeping:
    """A background task; any number of servers may run one at once."""

    def __init__(self, db: Database) -> None:
        """Clean one database; nothing runs before `start`."""
        self._db = db
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in the running event loop."""
        self._task = asyncio.create_task(self._run(), name="housekeeping")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_INTERVAL)
            try:
                await self._db.write(requests.delete_old)
            except errors.RunloreError as error:
                log.warning("housekeeping waits: %s", error)
            except Exception:
                log.exception("housekeeping failed; it goes on")
