"""What is cleaned up in the background: responses kept for retries, once past their retention."""

from __future__ import annotations

import asyncio

from runlore_server.background import Background
from runlore_server.db import Database
from runlore_server.store import requests

#: Seconds between rounds.
_INTERVAL = 600.0


class Housekeeping(Background):
    """Cleans up; any number of servers may do it at once."""

    name = "housekeeping"

    def __init__(self, db: Database) -> None:
        """Clean one database; nothing runs before `start`."""
        super().__init__()
        self._db = db

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_INTERVAL)
            await self._outlive(lambda: self._db.write(requests.delete_old))
