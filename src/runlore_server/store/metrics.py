"""Metric points: columnar blocks, with a summary row a series and a watermark row a writer, in one transaction."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from runlore import v1
from runlore_server import errors
from runlore_server.db import Connection
from runlore_server.store import merging, pgarrays, queries, series
from runlore_server.store.blocks import Batch

sql = queries.load("metrics")

#: Points in one message of a history, so that a reader's memory stays small whatever the series.
_HISTORY_POINTS = 20_000


async def advance_writer(conn: Connection, run_id: str, writer_id: str, sequence: int) -> tuple[bool, int]:
    """Move a writer's watermark to `sequence`; returns whether this batch is new, and the watermark.

    Streams of the run wait until the transaction ends, and what of them is not merged is merged first. Raises
    SEQUENCE_GAP when batches before this one are missing.
    """
    params = {"run_id": run_id, "writer_id": writer_id, "sequence": sequence}
    row = await queries.one(conn, sql.advance_writer, params)
    if row.is_live:
        await merging.merge_all(conn, run_id)
    if row.sequence is not None:
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


async def append(conn: Connection, run_id: str, points: Sequence[v1.MetricSeries]) -> None:
    """Append points to a run's series and bring their summaries up to date; no key twice."""
    batch = Batch.of(points)
    found = batch.summaries()
    await series.write_blocks(conn, run_id, batch, await series.extend(conn, run_id, batch, found), found)


async def history(conn: Connection, run_id: str, keys: Sequence[str]) -> AsyncGenerator[v1.MetricSeries, None]:
    """Yield a run's points, series by series in the order of their keys, each in the order written."""
    pending: v1.MetricSeries | None = None
    async with conn.cursor(binary=True) as cursor:
        pgarrays.load_columns(cursor)
        async for row in cursor.stream(sql.history, {"run_id": run_id, "keys": list(keys) or None}):
            for begin in range(0, len(row.steps), _HISTORY_POINTS):
                if pending is not None and (pending.key != row.key or len(pending.values) >= _HISTORY_POINTS):
                    yield pending
                    pending = None
                if pending is None:
                    pending = v1.MetricSeries(key=row.key)
                part = slice(begin, begin + _HISTORY_POINTS)
                pending.steps.extend(row.steps[part].tolist())
                pending.times_unix_us.extend(row.times[part].tolist())
                pending.values.extend(row.values[part].tolist())
    if pending is not None:
        yield pending
