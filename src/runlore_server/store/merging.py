"""Merging frames into blocks.

A merge deletes a run's oldest frames, which claims them, and appends their points to their series, in one transaction.
So any number of servers may merge, and one that is killed leaves things as they were. It waits for no writer and no
writer for it: a run's live row is touched after it, by a statement of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from runlore import v1
from runlore_server.db import Connection
from runlore_server.store import pgarrays, queries, series, summaries
from runlore_server.store.blocks import Batch
from runlore_server.store.summaries import Ints

sql = queries.load("merging")

#: Numbers of frames in one transaction: as many frames, or 400 points for each.
_NUMBERS = 512
#: A series' last block of fewer points is written again with what follows it, and no block gets more than so many.
_SMALL, _LARGE = 1_000, 4_000

_FINAL = [v1.RUN_STATUS_FINISHED, v1.RUN_STATUS_FAILED, v1.RUN_STATUS_KILLED]


async def due(conn: Connection, silent_seconds: float) -> list[tuple[str, bool]]:
    """Return (run id, whether its writers are silent or done) of the runs that want merging."""
    params = {"silent_seconds": silent_seconds, "final": _FINAL}
    rows = await (await conn.execute(sql.due, params, binary=True)).fetchall()
    return [(row.run_id, row.is_idle) for row in rows]


async def merge_some(conn: Connection, run_id: str) -> bool:
    """Merge a bounded number of a run's oldest frames, in the caller's transaction; returns whether there were any."""
    async with conn.cursor(binary=True) as cursor:
        pgarrays.load_columns(cursor)
        await cursor.execute(sql.take_frames, {"run_id": run_id, "numbers": _NUMBERS})
        frames = sorted(await cursor.fetchall(), key=lambda row: row.frame)
    if not frames:
        return False
    slots, steps, times, values = (
        np.concatenate([getattr(frame, name) for frame in frames]) for name in ("slots", "steps", "times", "values")
    )
    names = (await queries.one(conn, sql.keys, {"run_id": run_id})).keys
    await _append(conn, run_id, _grouped(names, slots, steps, times, values))
    return True


async def merge_all(conn: Connection, run_id: str) -> None:
    """Merge all frames of a run whose live row the caller's transaction has locked, and end its being live."""
    while (await queries.one(conn, sql.has_frames, {"run_id": run_id})).has_frames:
        await merge_some(conn, run_id)
    await clear(conn, run_id)


async def settle(conn: Connection, run_id: str) -> None:
    """Record how far a run is merged; when a server dies before, the next merge of the run does it."""
    await conn.execute(sql.settle, {"run_id": run_id})


async def clear(conn: Connection, run_id: str) -> None:
    """End a run's being live, when it has no frames: its summaries are in run_metric."""
    await conn.execute(sql.clear, {"run_id": run_id})


async def _append(conn: Connection, run_id: str, batch: Batch) -> None:
    """Append a batch to its series, filling up their last blocks."""
    ends = await series.extend(conn, run_id, batch, batch.summaries())
    async with conn.cursor(binary=True) as cursor:
        pgarrays.load_columns(cursor)
        params = {"run_id": run_id, "keys": batch.key_array(), "ends": ends, "small": _SMALL}
        await cursor.execute(sql.take_small_blocks, params)
        tails = await cursor.fetchall()
    if tails:
        places = {key: place for place, key in enumerate(batch.keys)}
        lengths = [len(tail.steps) for tail in tails]
        for tail, length in zip(tails, lengths, strict=True):
            ends[places[tail.key]] -= length
        batch = _grouped(
            batch.keys,
            np.repeat([*(places[tail.key] for tail in tails), *range(len(batch.keys))], [*lengths, *batch.counts]),
            np.concatenate([*(tail.steps for tail in tails), batch.steps]),
            np.concatenate([*(tail.times for tail in tails), batch.times]),
            np.concatenate([*(tail.values for tail in tails), batch.values]),
        )
    pieces = [
        (place, offset, min(_LARGE, count - offset))
        for place, count in enumerate(batch.counts)
        for offset in range(0, count, _LARGE)
    ]
    blocks = Batch(
        [batch.keys[place] for place, _, _ in pieces],
        [length for _, _, length in pieces],
        batch.steps,
        batch.times,
        batch.values,
    )
    first_indexes = [ends[place] + offset for place, offset, _ in pieces]
    await series.write_blocks(conn, run_id, blocks, first_indexes, blocks.summaries())


def _grouped(names: Sequence[str], places: Ints, steps: Ints, times: Any, values: Any) -> Batch:
    """Return points series by series, each in its order; `places` says which of `names` each belongs to."""
    order = summaries.stable_order(places)
    found, counts = np.unique(places, return_counts=True)
    return Batch([names[i] for i in found], counts.tolist(), steps[order], times[order], values[order])
