"""Reading the points of series, a window at a time.

A point's place in its series never changes and a series only grows. So a history is what its series have up to the
counts that `find` returned, which are of one moment; it may be read in any number of statements, as slowly as a client
likes, without a transaction that would hold back the database's vacuum. What is missing then was purged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString

import numpy as np

from runlore_server import errors
from runlore_server.db import Connection
from runlore_server.store import pgarrays, queries
from runlore_server.store.pgarrays import Int8Array, TextArray, UuidArray
from runlore_server.store.summaries import Floats, Ints

sql = queries.load("points")

_INT64 = np.iinfo(np.int64)


@dataclass(frozen=True, slots=True)
class Points:
    """Columns of points, of equal length."""

    steps: Ints
    times: Ints
    values: Floats

    def __len__(self) -> int:
        return len(self.values)

    def part(self, which: Any) -> Points:
        """Return some of them: a slice, places or a mask."""
        return Points(self.steps[which], self.times[which], self.values[which])

    @staticmethod
    def joined(parts: Sequence[Points]) -> Points:
        """Return parts one after the other; at least one."""
        if len(parts) == 1:
            return parts[0]
        columns = ([getattr(part, name) for part in parts] for name in ("steps", "times", "values"))
        return Points(*(np.concatenate(column) for column in columns))


NONE = Points(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))


@dataclass(eq=False, slots=True)
class Series:
    """A series as of one moment."""

    run_id: str
    #: Tells the run from one that had its id before and was purged.
    run_created: datetime
    key: str
    #: How many points it has.
    count: int
    #: How many of them are in blocks, at least; those after them are in `tail` once it is loaded (`tails.py`).
    merged: int
    tail: Points = field(default=NONE)


@dataclass(frozen=True, slots=True)
class Range:
    """Which points are wanted, by their steps and times (microseconds); both ends of the steps, not the last time."""

    min_step: int | None = None
    max_step: int | None = None
    since: int | None = None
    until: int | None = None

    def __bool__(self) -> bool:
        """Whether it leaves anything out."""
        return self != Range()

    @property
    def timed(self) -> bool:
        """Whether times matter."""
        return self.since is not None or self.until is not None


@dataclass(frozen=True, slots=True)
class Window:
    """Points of a series from `begin` up to `end`, or those of them whose bits are set."""

    series: Series
    begin: int
    end: int
    bits: Any = None

    @property
    def count(self) -> int:
        """How many points are meant."""
        return self.end - self.begin if self.bits is None else int(np.bitwise_count(self.bits).sum())

    @property
    def chosen(self) -> Any:
        """Which of its points are meant."""
        if self.bits is None:
            return slice(None)
        return np.unpackbits(self.bits, count=self.end - self.begin).view(bool)


async def find(conn: Connection, workspace: str, run_ids: Sequence[str], keys: Sequence[str]) -> list[Series]:
    """Return series of runs, all of them unless `keys` are named, as of now; raises RUN_NOT_FOUND."""
    params = {"workspace": workspace, "run_ids": UuidArray.of(run_ids), "keys": TextArray.of(keys) if keys else None}
    rows = await queries.planned(conn, sql.find, params)
    there = {row.run_id for row in rows}
    for run_id in run_ids:
        if run_id not in there:
            raise errors.run_not_found(run_id)
    return [Series(row.run_id, row.create_time, row.key, row.count, row.merged) for row in rows if row.key is not None]


async def read(conn: Connection, windows: Sequence[Window]) -> list[Points]:
    """Return what is in each window; raises RUN_NOT_FOUND when a run was purged meanwhile."""
    parts: list[list[Points]] = [[NONE] for _ in windows]
    for row in await _rows(conn, sql.columns, windows):
        parts[row.number - 1].append(Points(row.steps, row.times, row.values))
    found = []
    for window, in_blocks in zip(windows, parts, strict=True):
        points = Points.joined([*in_blocks, window.series.tail.part(_in_tail(window))])
        _check(window, len(points))
        found.append(points.part(window.chosen))
    return found


async def read_values(conn: Connection, windows: Sequence[Window]) -> list[tuple[Ints, Floats]]:
    """Return the places in the series, and the values, of what is in each window; raises as `read` does."""
    parts: list[list[Floats]] = [[] for _ in windows]
    for row in await _rows(conn, sql.values, windows):
        parts[row.number - 1].append(row.values)
    found = []
    for window, in_blocks in zip(windows, parts, strict=True):
        values = np.concatenate([*in_blocks, window.series.tail.values[_in_tail(window)]])
        _check(window, len(values))
        found.append((np.arange(window.begin, window.end)[window.chosen], values[window.chosen]))
    return found


async def choose(conn: Connection, windows: Sequence[Window], within: Range) -> list[Window]:
    """Return the windows that have points in a range, each with these points alone; raises as `read` does."""
    low = _INT64.min if within.min_step is None else within.min_step
    high = _INT64.max if within.max_step is None else within.max_step
    parts: list[list[Any]] = [[] for _ in windows]
    params = {"min_step": low, "max_step": high, "timed": within.timed}
    for row in await _rows(conn, sql.ranges, windows, params):
        chosen = np.full(row.length, not row.is_outside)
        if row.steps is not None:
            chosen &= (row.steps >= low) & (row.steps <= high)
        if row.times is not None:
            chosen &= _in_time(row.times, within)
        parts[row.number - 1].append(chosen)
    found = []
    for window, in_blocks in zip(windows, parts, strict=True):
        tail = window.series.tail.part(_in_tail(window))
        in_tail = (tail.steps >= low) & (tail.steps <= high) & _in_time(tail.times, within)
        chosen = np.concatenate([*in_blocks, in_tail])
        _check(window, len(chosen))
        at = np.flatnonzero(chosen)
        if len(at):
            first, end = int(at[0]), int(at[-1]) + 1
            bits = np.packbits(chosen[first:end]) if len(at) < end - first else None
            found.append(Window(window.series, window.begin + first, window.begin + end, bits))
    return found


async def moments(conn: Connection, windows: Sequence[Window], places: Sequence[Ints]) -> list[tuple[Ints, Ints]]:
    """Return steps and times of single points of each window, at ascending `places` of its series; raises as `read`."""
    in_blocks = [at[: np.searchsorted(at, window.series.merged)] for window, at in zip(windows, places, strict=True)]
    ends = np.cumsum([len(at) for at in in_blocks])
    params = {
        "firsts": Int8Array.of(np.append(0, ends[:-1]) + 1),
        "lasts": Int8Array.of(ends),
        "places": Int8Array.of(np.concatenate(in_blocks)),
    }
    parts: list[list[Any]] = [[] for _ in windows]
    for row in await _rows(conn, sql.moments, windows, params):
        parts[row.number - 1].append(row)
    found = []
    for window, at, before, rows in zip(windows, places, in_blocks, parts, strict=True):
        tail = at[len(before) :] - window.series.merged
        steps = np.concatenate([*(row.steps for row in rows), window.series.tail.steps[tail]])
        if len(steps) != len(at):
            raise errors.run_not_found(window.series.run_id)
        found.append((steps, np.concatenate([*(row.times for row in rows), window.series.tail.times[tail]])))
    return found


async def _rows(
    conn: Connection, statement: LiteralString, windows: Sequence[Window], more: dict[str, Any] | None = None
) -> list[Any]:
    """Return the rows of what windows have in blocks."""
    if all(window.begin >= window.series.merged for window in windows):
        return []
    params = {
        "run_ids": UuidArray.of([window.series.run_id for window in windows]),
        "keys": TextArray.of([window.series.key for window in windows]),
        "begins": Int8Array.of(np.array([window.begin for window in windows])),
        "ends": Int8Array.of(np.array([min(window.end, window.series.merged) for window in windows])),
        **(more or {}),
    }
    async with conn.cursor(binary=True) as cursor:
        pgarrays.load_columns(cursor)
        await cursor.execute(statement, params, prepare=False)
        return await cursor.fetchall()


def _in_tail(window: Window) -> slice:
    merged = window.series.merged
    return slice(max(window.begin - merged, 0), max(window.end - merged, 0))


def _in_time(times: Ints, within: Range) -> Any:
    chosen = np.full(len(times), True)
    if within.since is not None:
        chosen &= times >= within.since
    if within.until is not None:
        chosen &= times < within.until
    return chosen


def _check(window: Window, length: int) -> None:
    if length != window.end - window.begin:
        raise errors.run_not_found(window.series.run_id)
