"""Filling the search index: entries of runs that have changed since they were indexed, or never were.

No writer waits for it, and it locks no run while it works: what it read counts only if the run is still of the same
revision (its metrics: version) at the end. Until then, searches read such a run itself. One server at a time fills, by
the lock on the row `search_indexing`; one that is killed leaves things as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString

from runlore_server.db import Connection
from runlore_server.store import queries
from runlore_server.store.finding.keys import PREFIX, KeyKind

sql = queries.load("indexing")

#: Runs in one transaction.
_RUNS = 500
#: Seconds for which a run has been left alone before it is indexed.
_QUIET_SECONDS = 1.0


@dataclass(frozen=True)
class _Part:
    """What is indexed together: a run's texts, or its metrics."""

    due: LiteralString
    steps: tuple[LiteralString, ...]
    mark: LiteralString
    remove: LiteralString


_TEXTS = _Part(sql.due_runs, (sql.add_text_keys, sql.remove_texts, sql.add_texts), sql.mark_runs, sql.remove_texts)
_METRICS = _Part(
    sql.due_metrics, (sql.add_metric_keys, sql.remove_metrics, sql.add_metrics), sql.mark_metrics, sql.remove_metrics
)


async def index_texts(conn: Connection, limit: int = _RUNS, quiet_seconds: float = _QUIET_SECONDS) -> int:
    """Index name, params and tags of some runs, in the caller's transaction; returns of how many."""
    return await _index(conn, _TEXTS, limit, quiet_seconds)


async def index_metrics(conn: Connection, limit: int = _RUNS, quiet_seconds: float = _QUIET_SECONDS) -> int:
    """Index the metrics of some runs that are not live, in the caller's transaction; returns of how many."""
    return await _index(conn, _METRICS, limit, quiet_seconds)


async def _index(conn: Connection, part: _Part, limit: int, quiet_seconds: float) -> int:
    if await queries.one(conn, sql.take_turn) is None:
        return 0
    due = await queries.planned(conn, part.due, {"limit": limit, "quiet_seconds": quiet_seconds})
    if not due:
        return 0
    params = {
        "run_ids": [row.run_id for row in due],
        "seen": [row.seen for row in due],
        "prefix": PREFIX,
        "experiments": int(KeyKind.EXPERIMENT),
        "params": int(KeyKind.PARAM),
        "tags": int(KeyKind.TAG),
        "attributes": int(KeyKind.ATTRIBUTE),
        "metrics": int(KeyKind.METRIC),
    }
    for step in part.steps:
        await conn.execute(step, params, prepare=False)
    marked = {row.run_id for row in await queries.planned(conn, part.mark, params)}
    changed = [row.run_id for row in due if row.run_id not in marked]
    if changed:
        # Of a run that is purged meanwhile nothing may stay, and entries of one that changed serve nobody.
        await conn.execute(part.remove, {"run_ids": changed})
    return len(marked)
