"""Merges frames of live runs into blocks, in the background."""

from __future__ import annotations

import asyncio
import random
import time

from runlore_server.background import Background
from runlore_server.committer import Committer
from runlore_server.db import Database
from runlore_server.store import merging

#: Seconds between looks for runs that want merging.
_BEAT = 2.0
#: A run whose writers are silent for so many seconds is merged to its end.
_SILENT = 60.0
#: The share of the time that counts as free at least, so that merging goes on whatever is written.
_LEAST_FREE = 0.05


class Merger(Background):
    """Merges what is due; any number of servers may do it at once (`store/merging.py`)."""

    name = "merger"

    def __init__(self, db: Database, committer: Committer) -> None:
        """Merge in one database, beside a committer; nothing runs before `start`."""
        super().__init__()
        self._db = db
        self._committer = committer

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_BEAT)
            await self._outlive(self._round)

    async def _round(self) -> None:
        due = await self._db.read(lambda conn: merging.due(conn, _SILENT))
        # Servers that look at the same time begin with different runs.
        random.shuffle(due)
        for run_id, is_idle in due:
            began = time.perf_counter()
            await merge(self._db, run_id, is_idle=is_idle)
            # At most half of what commits leave of the time: who writes comes first.
            free = max(_LEAST_FREE, 1 - self._committer.busy)
            await asyncio.sleep((time.perf_counter() - began) / free)


async def merge(db: Database, run_id: str, *, is_idle: bool = False) -> None:
    """Merge a run until little is left; of an idle one all, after which it is live no more."""
    merged, left = True, merging.ENOUGH
    while merged and (is_idle or left >= merging.ENOUGH):
        merged = await db.write(lambda conn: merging.merge_some(conn, run_id))
        left = await db.write(lambda conn: merging.settle(conn, run_id), one_statement=True)
    if is_idle:
        await db.write(lambda conn: merging.clear(conn, run_id), one_statement=True)
