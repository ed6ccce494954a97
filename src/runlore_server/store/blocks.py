"""Columns of metric points: from a request to a statement's parameters, or to the rows of a binary COPY.

All series of a batch are worked on at once, as stretches of one long column: a handful of numpy calls a batch instead
of a dozen a series.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from runlore import v1
from runlore_server.store import columns, summaries
from runlore_server.store.pgarrays import Float8Array, Int8Array, TextArray
from runlore_server.store.summaries import Floats, Ints, Summaries

_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_COPY_TRAILER = struct.pack("!h", -1)
#: How many columns, the run, and the key's length.
_ROW = struct.Struct("!hi16si")
#: The first index, the count, the first and the last step, each after its length.
_PLACE = struct.Struct("!iqiiiqiq")
_FLOAT8 = struct.Struct("!id")
_NULL = struct.pack("!i", -1)


@dataclass(frozen=True)
class Batch:
    """The points of several series, one after the other."""

    keys: list[str]
    counts: list[int]
    steps: Ints
    times: Ints
    values: Floats

    @classmethod
    def of(cls, series: Sequence[v1.MetricSeries]) -> Batch:
        """Convert a request's series, whose columns have equal lengths and at least one point."""
        return cls([s.key for s in series], [len(s.values) for s in series], *columns.of_series(series))

    def key_array(self) -> TextArray:
        """Return the keys as the array that a statement unnests."""
        return TextArray.of(self.keys)

    def summaries(self) -> Summaries:
        """Summarize each series as MetricSummary's comments say."""
        return summaries.of_stretches(np.array(self.counts, np.intp), self.steps, self.times, self.values)

    def parameters(self) -> dict[str, Any]:
        """Return the columns, and of each series its slice of them (from 1, both ends included) and its bounds."""
        low, high = self._step_bounds()
        ends = np.cumsum(self.counts)
        return {
            "low_step": Int8Array.of(low),
            "high_step": Int8Array.of(high),
            "first_point": Int8Array.of(ends - self.counts + 1),
            "last_point": Int8Array.of(ends),
            "steps": Int8Array.of(self.steps),
            "times": Int8Array.of(self.times),
            "values": Float8Array.of(self.values),
        }

    def copy_rows(self, run_id: str, first_indexes: Sequence[int], found: Summaries) -> bytes:
        """Return a binary COPY of a block for each series; `first_indexes` are the places of their first points."""
        low, high = self._step_bounds()
        run = bytes.fromhex(run_id)
        rows = zip(
            [key.encode() for key in self.keys],
            first_indexes,
            self.counts,
            low.tolist(),
            high.tolist(),
            found["min"].tolist(),
            found["max"].tolist(),
            Int8Array.copy_fields(self.steps, self.counts),
            Int8Array.copy_fields(self.times, self.counts),
            Float8Array.copy_fields(self.values, self.counts),
            strict=True,
        )
        parts: list[bytes | memoryview] = [_COPY_HEADER]
        for key, first_index, count, first_step, last_step, least, most, steps, times, values in rows:
            parts += (
                _ROW.pack(11, 16, run, len(key)),
                key,
                _PLACE.pack(8, first_index, 4, count, 8, first_step, 8, last_step),
                # NaN stands for "none".
                _FLOAT8.pack(8, least) if least == least else _NULL,
                _FLOAT8.pack(8, most) if most == most else _NULL,
                *steps,
                *times,
                *values,
            )
        parts.append(_COPY_TRAILER)
        return b"".join(parts)

    def _step_bounds(self) -> tuple[Ints, Ints]:
        """Each series' least and greatest step."""
        starts = np.cumsum([0, *self.counts[:-1]])
        return np.minimum.reduceat(self.steps, starts), np.maximum.reduceat(self.steps, starts)
