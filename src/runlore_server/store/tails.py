"""What series have in frames, which a reader takes into memory as a whole.

A frame never changes, and who follows a live run comes again and again, or asks for one series after the other: so
frames are remembered, and only those that came since are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias

import numpy as np

from runlore_server import errors
from runlore_server.db import Connection
from runlore_server.remembered import Remembered
from runlore_server.store import pgarrays, queries, summaries
from runlore_server.store.pgarrays import Int8Array
from runlore_server.store.points import NONE, Points, Series
from runlore_server.store.summaries import Ints

sql = queries.load("points")

#: What a remembered frame takes beside its columns, about.
_FRAME_BYTES = 1_000


class _Name(NamedTuple):
    """A run is told from one that had its id before and was purged."""

    run_id: str
    run_created: datetime
    frame: int


class _Frame(NamedTuple):
    slots: Ints
    points: Points

    @property
    def size(self) -> int:
        columns = (self.slots, self.points.steps, self.points.times, self.points.values)
        return sum(column.nbytes for column in columns) + _FRAME_BYTES


#: Frames that were read.
Frames: TypeAlias = Remembered[_Name, _Frame]


async def load(conn: Connection, wanted: Sequence[Series], remembered: Frames) -> None:
    """Bring what series of one run have in frames into memory; raises RUN_NOT_FOUND."""
    run_id = wanted[0].run_id
    while True:
        row = await queries.one(conn, sql.tail, {"run_id": run_id})
        if row is None:
            raise errors.run_not_found(run_id)
        slots = {key: slot for slot, key in enumerate(row.keys)}
        numbers = np.full(len(slots), -1)
        for number, series in enumerate(wanted):
            # What the run's live row does not have any more is in blocks.
            slot = slots.get(series.key)
            series.merged = series.count if slot is None else min(series.count, int(row.merged[slot]))
            if slot is not None and series.merged < series.count:
                numbers[slot] = number
        parts = await _parts(conn, wanted[0], row.frames, numbers, remembered)
        # Else some of it was merged meanwhile.
        if parts is not None:
            break
    joined = Points.joined([NONE, *(part for _, part in parts)])
    of = np.concatenate([np.empty(0, np.int64), *(places for places, _ in parts)])
    order = summaries.stable_order(of)
    ends = np.searchsorted(of[order], np.arange(len(wanted)), "right")
    begins = np.searchsorted(of[order], np.arange(len(wanted)), "left")
    for series, begin, end in zip(wanted, begins, ends, strict=True):
        series.tail = joined.part(order[begin:end][: series.count - series.merged])


async def _parts(
    conn: Connection, run: Series, frames: Sequence[int], numbers: Ints, remembered: Frames
) -> list[tuple[Ints, Points]] | None:
    """Return what of each frame is wanted, with whose it is; None when a frame is not there any more."""
    found: dict[int, tuple[Ints, Points]] = {}
    missing = []
    for number in frames:
        known = remembered.known(_Name(run.run_id, run.run_created, number))
        if known is None:
            missing.append(number)
        else:
            found[number] = _chosen(known, numbers)
    if missing:
        async with conn.cursor(binary=True) as cursor:
            pgarrays.load_columns(cursor)
            params = {"run_id": run.run_id, "frames": Int8Array.of(np.array(missing))}
            async for row in cursor.stream(sql.frames, params):
                frame = _Frame(row.slots, Points(row.steps, row.times, row.values))
                remembered.keep(_Name(run.run_id, run.run_created, row.frame), frame, frame.size)
                found[row.frame] = _chosen(frame, numbers)
    return [found[number] for number in frames] if len(found) == len(frames) else None


def _chosen(frame: _Frame, numbers: Ints) -> tuple[Ints, Points]:
    """Return the points of a frame that are wanted, with the number of the series that each is of."""
    of = numbers[frame.slots]
    chosen = of >= 0
    return of[chosen], frame.points.part(chosen)
