"""Columns of metric points: from a request to the summaries of its series and the rows of a binary COPY.

All series of a batch are worked on at once, as stretches of one long column: a handful of numpy calls a batch instead
of a dozen a series.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runlore import v1
from runlore_server.store import columns
from runlore_server.store.columns import Floats, Ints
from runlore_server.store.pgarrays import Float8Array, Int8Array, TextArray

_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_COPY_TRAILER = struct.pack("!h", -1)
#: How many columns, the run, and the key's length.
_ROW = struct.Struct("!hi16si")
#: The first index, the count, the first and the last step, each after its length.
_PLACE = struct.Struct("!iqiiiqiq")
_FLOAT8 = struct.Struct("!id")
_NULL = struct.pack("!i", -1)
_INT64 = np.iinfo(np.int64)


@dataclass(frozen=True)
class Summaries:
    """A summary of each series, as columns; fields as in MetricSummary, a `min` or `max` that is not there as NaN."""

    last: Floats
    last_step: Ints
    last_time: Ints
    min: Floats
    min_step: Ints
    max: Floats
    max_step: Ints
    count: Ints

    def parameters(self) -> dict[str, Any]:
        """Return the columns as the arrays that a statement unnests."""
        columns = vars(self)
        return {
            name: Int8Array.of(column) if column.dtype == np.int64 else Float8Array.of(column)
            for name, column in columns.items()
        }


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
        starts = self._starts()
        last = self._last(starts)
        nan = np.isnan(self.values)
        low, low_step = self._extreme(starts, np.minimum, np.where(nan, np.inf, self.values), nan)
        high, high_step = self._extreme(starts, np.maximum, np.where(nan, -np.inf, self.values), nan)
        return Summaries(
            last=self.values[last],
            last_step=self.steps[last],
            last_time=self.times[last],
            min=low,
            min_step=low_step,
            max=high,
            max_step=high_step,
            count=np.array(self.counts, np.int64),
        )

    def copy_rows(self, run_id: str, first_indexes: Sequence[int], summaries: Summaries) -> bytes:
        """Return a binary COPY of a block for each series; `first_indexes` are the places of their first points."""
        starts = self._starts()
        run = bytes.fromhex(run_id)
        rows = zip(
            [key.encode() for key in self.keys],
            first_indexes,
            self.counts,
            np.minimum.reduceat(self.steps, starts).tolist(),
            np.maximum.reduceat(self.steps, starts).tolist(),
            summaries.min.tolist(),
            summaries.max.tolist(),
            Int8Array.copy_fields(self.steps, self.counts),
            Int8Array.copy_fields(self.times, self.counts),
            Float8Array.copy_fields(self.values, self.counts),
            strict=True,
        )
        parts: list[bytes | memoryview] = [_COPY_HEADER]
        for key, first_index, count, first_step, last_step, low, high, steps, times, values in rows:
            parts += (
                _ROW.pack(11, 16, run, len(key)),
                key,
                _PLACE.pack(8, first_index, 4, count, 8, first_step, 8, last_step),
                # NaN stands for "none".
                _FLOAT8.pack(8, low) if low == low else _NULL,
                _FLOAT8.pack(8, high) if high == high else _NULL,
                *steps,
                *times,
                *values,
            )
        parts.append(_COPY_TRAILER)
        return b"".join(parts)

    def _starts(self) -> NDArray[np.intp]:
        return np.concatenate(([0], np.cumsum(self.counts[:-1], dtype=np.intp))).astype(np.intp)

    def _last(self, starts: NDArray[np.intp]) -> NDArray[np.intp]:
        """For each series, the point at the greatest step, then the latest time, then the last written."""
        found = self.steps == np.repeat(np.maximum.reduceat(self.steps, starts), self.counts)
        times = np.where(found, self.times, _INT64.min)
        found &= times == np.repeat(np.maximum.reduceat(times, starts), self.counts)
        return np.maximum.reduceat(np.where(found, np.arange(len(self.steps)), -1), starts)

    def _extreme(
        self, starts: NDArray[np.intp], pick: np.ufunc, values: Floats, nan: NDArray[np.bool_]
    ) -> tuple[Floats, Ints]:
        """For each series, an extreme value and the step of its first point; NaN and 0 where all are NaN."""
        extremes = pick.reduceat(values, starts)
        # NaN stood aside as an infinity, and must not be taken for one that was logged.
        found = (values == np.repeat(extremes, self.counts)) & ~nan
        after_all = len(values)
        places = np.minimum.reduceat(np.where(found, np.arange(after_all), after_all), starts)
        missing = places == after_all
        steps = self.steps[np.where(missing, starts, places)]
        return np.where(missing, np.nan, extremes), np.where(missing, 0, steps)
