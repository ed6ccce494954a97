"""The points of many runs as one statement.

The columns of all runs stand one after the other, so that a round costs the same few dozen numpy calls however many
runs are in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runlore import v1
from runlore_server.db import Connection
from runlore_server.store import summaries
from runlore_server.store.live import Keys, LiveRun, sql
from runlore_server.store.pgarrays import Float8Array, Int4Array, Int8Array, TextArray, UuidArray

#: A frame's number moves by one and by one more for so many points.
_POINTS_PER_NUMBER = 400


@dataclass(frozen=True, slots=True)
class Piece:
    """What of a frame is new."""

    keys: Keys
    frame: v1.LogStreamFrame
    #: How many of its points are committed already.
    skip: int

    def unknown(self, run: LiveRun) -> list[str]:
        """Return the keys of its stream that the run does not know yet."""
        return [name for name in self.keys.unplaced(run) if name not in run.slots]

    def columns(self) -> tuple[Sequence[int], Sequence[int], Sequence[int], Sequence[float]]:
        """Return its keys, steps, times and values."""
        frame, skip = self.frame, self.skip
        if skip == 0:
            return frame.keys, frame.steps, frame.times_unix_us, frame.values
        return frame.keys[skip:], frame.steps[skip:], frame.times_unix_us[skip:], frame.values[skip:]


@dataclass(frozen=True, slots=True)
class Part:
    """What a round does to one run."""

    run: LiveRun
    #: In the order of their arrival, none without points.
    pieces: list[Piece]
    #: How far each writer comes by it, and how many points it has dropped.
    watermarks: dict[str, tuple[int, int]]


class Round:
    """Parts that are committed together. Each run is loaded, knows the keys of its pieces, and comes once."""

    def __init__(self, parts: Sequence[Part]) -> None:
        """Prepare the statement; nothing that is remembered of the runs moves yet."""
        self._parts = parts
        for part in parts:
            for piece in part.pieces:
                piece.keys.place(part.run)
        columns = [[piece.columns() for piece in part.pieces] for part in parts]
        lengths = [[len(values) for *_, values in found] for found in columns]
        points = np.array([sum(of_part) for of_part in lengths])
        total = int(points.sum())
        flat = list(chain.from_iterable(columns))
        numbers = _column((c[0] for c in flat), np.int64, total)
        steps = _column((c[1] for c in flat), np.int64, total)
        times = _column((c[2] for c in flat), np.int64, total)
        values = _column((c[3] for c in flat), np.float64, total)
        slots = self._slots(numbers, np.array(list(chain.from_iterable(lengths))))

        widths = np.array([len(part.run.summaries) for part in parts])
        self._ends = np.cumsum(widths)
        self._summaries = np.concatenate([part.run.summaries for part in parts])
        places = slots + np.repeat(self._ends - widths, points)
        summaries.fold(self._summaries, places, steps, times, values)

        self._next = np.array([part.run.version for part in parts]) + 1 + points // _POINTS_PER_NUMBER
        new_keys = [list(part.run.slots)[part.run.stored_keys :] for part in parts]
        writers = [(part.run.run_id, writer_id, *mark) for part in parts for writer_id, mark in part.watermarks.items()]
        self._params: dict[str, Any] = {
            "run_ids": UuidArray.of([part.run.run_id for part in parts]),
            "versions": Int8Array.of(np.array([part.run.version for part in parts])),
            "next": Int8Array.of(self._next),
            **_slices("point", points),
            **_slices("key", np.array([len(keys) for keys in new_keys])),
            **_slices("slot", widths),
            "keys": TextArray.of(list(chain.from_iterable(new_keys))),
            **summaries.parameters(self._summaries),
            "slots": Int4Array.of(slots),
            "steps": Int8Array.of(steps),
            "times": Int8Array.of(times),
            "values": Float8Array.of(values),
            "writer_runs": UuidArray.of([writer[0] for writer in writers]),
            "writer_ids": TextArray.of([writer[1] for writer in writers]),
            "points": Int8Array.of(np.array([writer[2] for writer in writers])),
            "dropped_points": Int8Array.of(np.array([writer[3] for writer in writers])),
            "active": v1.LIFECYCLE_STATE_ACTIVE,
        }

    async def commit(self, conn: Connection) -> set[str]:
        """Return the ids of the runs that were committed; the others are not as they are remembered, or busy."""
        return {row.run_id for row in await (await conn.execute(sql.commit, self._params, binary=True)).fetchall()}

    def settle(self, committed: set[str]) -> None:
        """Let what is remembered of the runs follow; what is remembered of those that failed is forgotten."""
        for i, part in enumerate(self._parts):
            run = part.run
            if run.run_id not in committed:
                run.forget()
                continue
            run.version = int(self._next[i])
            run.stored_keys = len(run.slots)
            end = self._ends[i]
            # A copy, so that one run does not keep a whole round's summaries alive.
            run.summaries = self._summaries[end - len(run.summaries) : end].copy()
            for writer_id, (points, _) in part.watermarks.items():
                run.watermarks[writer_id] = points

    def _slots(self, numbers: NDArray[Any], lengths: NDArray[Any]) -> NDArray[Any]:
        """Each point's slot, from its key's number in its stream."""
        pieces = [piece.keys.slots for part in self._parts for piece in part.pieces]
        begins: dict[int, int] = {}
        offset = 0
        for slots in pieces:
            if id(slots) not in begins:
                begins[id(slots)] = offset
                offset += len(slots)
        table = np.concatenate(list({id(slots): slots for slots in pieces}.values()))
        found: NDArray[Any] = table[numbers + np.repeat([begins[id(slots)] for slots in pieces], lengths)]
        return found


def _column(parts: Iterable[Iterable[Any]], kind: type, total: int) -> NDArray[Any]:
    return np.fromiter(chain.from_iterable(parts), kind, total)


def _slices(name: str, counts: NDArray[Any]) -> dict[str, Int8Array]:
    """Each part's slice of a column, as Postgres has it: from 1, both ends included."""
    ends = np.cumsum(counts)
    return {f"first_{name}": Int8Array.of(ends - counts + 1), f"last_{name}": Int8Array.of(ends)}
