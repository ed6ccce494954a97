"""Fills the search index in the background."""

from __future__ import annotations

import asyncio
import time

from runlore_server.background import Background
from runlore_server.db import Database
from runlore_server.store import indexing

#: Seconds between looks for runs that want indexing.
_BEAT = 0.5
#: The most of the time that it works: who writes and searches comes first.
_SHARE = 0.5


class Indexer(Background):
    """Indexes what is due; of any number of servers, one at a time does it (`store/indexing.py`)."""

    name = "indexer"

    def __init__(self, db: Database) -> None:
        """Index the runs of one database; nothing runs before `start`."""
        super().__init__()
        self._db = db

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_BEAT)
            await self._outlive(self._round)

    async def _round(self) -> None:
        for index in (indexing.index_texts, indexing.index_metrics):
            indexed = 1
            while indexed:
                began = time.perf_counter()
                indexed = await self._db.write(index)
                await asyncio.sleep((time.perf_counter() - began) * (1 / _SHARE - 1))
