"""Reading histories below the services."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from runlore import v1
from runlore_server.db import Database
from runlore_server.histories import Histories, Query
from runlore_server.store.points import Range
from tests.harness.points import Point

ALL = Query(0, Range(), 0)


async def messages(
    db: Database, run_id: str, keys: Sequence[str] = (), query: Query = ALL
) -> AsyncIterator[v1.GetMetricHistoryResponse]:
    """The messages of a history in the workspace `w`."""
    async for response in Histories(db).stream("w", [run_id], keys, query):
        yield response


async def history(db: Database, run_id: str, keys: Sequence[str] = (), query: Query = ALL) -> dict[str, list[Point]]:
    """The points of a run in the workspace `w`, by their keys."""
    found: dict[str, list[Point]] = {}
    async for response in messages(db, run_id, keys, query):
        part = response.series
        found.setdefault(part.key, []).extend(zip(part.steps, part.times_unix_us, part.values, strict=True))
    return found
