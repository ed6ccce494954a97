"""Columns of metric points: from a request to the rows of a binary COPY, and to a series' summary.

A row of `metric_block` is written as Postgres reads it (`array_recv`, `COPY ... BINARY`), straight from numpy, because
a Python object per point would cost more than everything else together.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runlore import v1

_INT8_OID, _FLOAT8_OID = 20, 701
_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_COPY_TRAILER = struct.pack("!h", -1)
_NULL = struct.pack("!i", -1)
_COLUMNS = 11


@dataclass(frozen=True)
class Columns:
    """The points of one series, as arrays of equal length."""

    key: str
    steps: NDArray[np.int64]
    times: NDArray[np.int64]
    values: NDArray[np.float64]

    @classmethod
    def of(cls, series: v1.MetricSeries) -> Columns:
        """Convert a request's series, whose columns have equal lengths."""
        n = len(series.values)
        return cls(
            series.key,
            np.fromiter(series.steps, np.int64, n),
            np.fromiter(series.times_unix_us, np.int64, n),
            np.fromiter(series.values, np.float64, n),
        )

    def summary(self) -> v1.MetricSummary:
        """Summarize the points as MetricSummary's comments say."""
        last = _last(self.steps, self.times)
        summary = v1.MetricSummary(
            key=self.key,
            last=self.values[last],
            last_step=self.steps[last],
            last_time_unix_us=self.times[last],
            count=len(self.values),
        )
        numbers = ~np.isnan(self.values)
        if numbers.any():
            low = int(np.argmin(np.where(numbers, self.values, np.inf)))
            high = int(np.argmax(np.where(numbers, self.values, -np.inf)))
            # A series of infinities and NaN could point at a NaN that stands in for an infinity.
            low = low if numbers[low] else int(np.flatnonzero(numbers)[0])
            high = high if numbers[high] else int(np.flatnonzero(numbers)[0])
            summary.min, summary.min_step = self.values[low], self.steps[low]
            summary.max, summary.max_step = self.values[high], self.steps[high]
        return summary


def _last(steps: NDArray[np.int64], times: NDArray[np.int64]) -> int:
    """The point at the greatest step, then the latest time, then the last written."""
    found = np.flatnonzero(steps == steps.max())
    if len(found) > 1:
        found = found[times[found] == times[found].max()]
    return int(found[-1])


def merge(old: v1.MetricSummary | None, new: v1.MetricSummary) -> v1.MetricSummary:
    """Summarize a series of which `old` summarizes what was written before the points of `new`."""
    if old is None:
        return new
    newest = (new.last_step, new.last_time_unix_us) >= (old.last_step, old.last_time_unix_us)
    last = new if newest else old
    merged = v1.MetricSummary(
        key=new.key,
        last=last.last,
        last_step=last.last_step,
        last_time_unix_us=last.last_time_unix_us,
        count=old.count + new.count,
    )
    if old.HasField("min") or new.HasField("min"):
        low = new if not old.HasField("min") or (new.HasField("min") and new.min < old.min) else old
        high = new if not old.HasField("max") or (new.HasField("max") and new.max > old.max) else old
        merged.min, merged.min_step = low.min, low.min_step
        merged.max, merged.max_step = high.max, high.max_step
    return merged


def copy_rows(run_id: str, blocks: Iterable[tuple[Columns, v1.MetricSummary, int]]) -> bytes:
    """Return a binary COPY of blocks: their points, their own summary, and the index of their first point."""
    run = _field(bytes.fromhex(run_id))
    parts = [_COPY_HEADER]
    for columns, summary, first_index in blocks:
        n = len(columns.values)
        parts += (
            struct.pack("!h", _COLUMNS),
            run,
            _field(columns.key.encode()),
            struct.pack("!iqii", 8, first_index, 4, n),
            struct.pack("!iqiq", 8, int(columns.steps.min()), 8, int(columns.steps.max())),
            struct.pack("!id", 8, summary.min) if summary.HasField("min") else _NULL,
            struct.pack("!id", 8, summary.max) if summary.HasField("max") else _NULL,
            _array(columns.steps, ">i8", _INT8_OID),
            _array(columns.times, ">i8", _INT8_OID),
            _array(columns.values, ">f8", _FLOAT8_OID),
        )
    parts.append(_COPY_TRAILER)
    return b"".join(parts)


def _field(data: bytes) -> bytes:
    return struct.pack("!i", len(data)) + data


def _array(column: NDArray[Any], kind: str, oid: int) -> bytes:
    cells = np.empty(len(column), dtype=[("length", ">i4"), ("value", kind)])
    cells["length"] = 8
    cells["value"] = column
    header = struct.pack("!iiiii", 1, 0, oid, len(column), 1)
    return struct.pack("!i", len(header) + cells.nbytes) + header + cells.tobytes()
