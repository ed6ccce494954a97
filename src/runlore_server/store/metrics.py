"""Metric points: columnar blocks, with a summary row a series and a watermark row a writer, in one transaction."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any

from runlore import v1
from runlore_server import errors
from runlore_server.db import Connection
from runlore_server.store import queries
from runlore_server.store.blocks import Columns, copy_rows, merge
from runlore_server.store.runs import to_summary

sql = queries.load("metrics")

#: Points in one message of a history, so that a reader's memory stays small whatever the series.
_HISTORY_POINTS = 20_000


async def advance_writer(conn: Connection, run_id: str, writer_id: str, sequence: int) -> tuple[bool, int]:
    """Move a writer's watermark to `sequence`; returns whether this batch is new, and the watermark.

    Raises SEQUENCE_GAP when batches before this one are missing.
    """
    params = {"run_id": run_id, "writer_id": writer_id, "sequence": sequence}
    if await queries.one(conn, sql.advance_writer, params) is not None:
        return True, sequence
    row = await queries.one(conn, sql.writer, params)
    committed = row.sequence if row is not None else 0
    if sequence <= committed:
        return False, committed
    if sequence > committed + 1:
        raise errors.sequence_gap(run_id, writer_id, sequence, committed + 1)
    # A twin of this call may insert the same watermark first: this one then collides, runs again and finds a replay.
    await conn.execute(sql.insert_writer, params)
    return True, sequence


async def append(conn: Connection, run_id: str, series: Sequence[v1.MetricSeries]) -> None:
    """Append points to a run's series and bring their summaries up to date."""
    columns = [Columns.of(s) for s in series]
    cursor = await conn.execute(sql.lock_summaries, {"run_id": run_id, "keys": [c.key for c in columns]}, binary=True)
    known = {row.key: to_summary(row) for row in await cursor.fetchall()}
    blocks: list[tuple[Columns, v1.MetricSummary, int]] = []
    updated: list[v1.MetricSummary] = []
    inserted: list[v1.MetricSummary] = []
    for c in columns:
        own, old = c.summary(), known.get(c.key)
        blocks.append((c, own, old.count if old is not None else 0))
        (inserted if old is None else updated).append(merge(old, own))
    if updated:
        await conn.execute(sql.update_summaries, _arrays(run_id, updated), binary=True)
    if inserted:
        await conn.execute(sql.insert_summaries, _arrays(run_id, inserted), binary=True)
    async with conn.cursor() as cursor, cursor.copy(sql.copy_blocks) as copy:
        await copy.write(copy_rows(run_id, blocks))


async def history(conn: Connection, run_id: str, keys: Sequence[str]) -> AsyncGenerator[v1.MetricSeries, None]:
    """Yield a run's points, series by series in the order of their keys, each in the order written."""
    pending: v1.MetricSeries | None = None
    async with conn.cursor(binary=True) as cursor:
        async for row in cursor.stream(sql.history, {"run_id": run_id, "keys": list(keys) or None}):
            if pending is not None and (pending.key != row.key or len(pending.values) >= _HISTORY_POINTS):
                yield pending
                pending = None
            if pending is None:
                pending = v1.MetricSeries(key=row.key)
            pending.steps.extend(row.steps)
            pending.times_unix_us.extend(row.times)
            pending.values.extend(row.values)
    if pending is not None:
        yield pending


def _arrays(run_id: str, summaries: list[v1.MetricSummary]) -> dict[str, Any]:
    """Columns of summaries for `unnest`."""
    return {
        "run_id": run_id,
        "keys": [s.key for s in summaries],
        "last": [s.last for s in summaries],
        "last_step": [s.last_step for s in summaries],
        "last_time": [s.last_time_unix_us for s in summaries],
        "min": [s.min if s.HasField("min") else None for s in summaries],
        "min_step": [s.min_step for s in summaries],
        "max": [s.max if s.HasField("max") else None for s in summaries],
        "max_step": [s.max_step for s in summaries],
        "count": [s.count for s in summaries],
    }
