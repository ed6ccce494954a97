"""Streams the points of series, and remembers what stands for long ones.

A history is read in short statements (`store/points.py`), a little ahead of its reader. Between them it has no
connection and no transaction, so a reader that is slow, or stuck, holds nothing but a few megabytes of this process.
All readers together have half of the pool's connections at most.

What stands for a series of so many points never changes, because a series only grows: so it is remembered by how many
points it stands for.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from runlore import v1
from runlore_server.db import Connection, Database
from runlore_server.merger import merge
from runlore_server.remembered import Remembered
from runlore_server.store import columns, points, tails
from runlore_server.store.m4 import M4
from runlore_server.store.points import Points, Range, Series, Window
from runlore_server.store.summaries import Ints
from runlore_server.store.tails import Frames

T = TypeVar("T")
Response = v1.GetMetricHistoryResponse

#: Points in one message.
_MESSAGE = 20_000
#: Points, and windows, of one statement.
_READ = 100_000
_WINDOWS = 1_000
#: Points of short series that are read as one group; more when few of each are wanted, so that the database reads those
#: of one series while another's are looked at.
_GROUP, _THINNED_GROUP = 100_000, 400_000
#: Groups that are read at once: the database sends the values of one while it looks up steps and times of another.
_GROUPS_AT_ONCE = 2
#: Messages that wait for their reader.
_AHEAD = 4
#: Points that a run has in frames; if it has more, they are merged before they are read, and not all taken into memory.
_TAIL = 1_000_000
#: Bytes of messages that are remembered, and of frames, and what a message takes beside its columns, about.
_REMEMBERED_BYTES = 32 * 1024 * 1024
_MESSAGE_BYTES = 1_000


@dataclass(frozen=True)
class Query:
    """Which points of series are wanted, and how many of each at most (0: all)."""

    first_index: int
    within: Range
    max_points: int


class Histories:
    """Reads histories from one database."""

    def __init__(self, db: Database, remembered_bytes: int = _REMEMBERED_BYTES) -> None:
        """Remember messages of at most so many bytes, about, and as many of frames."""
        self._db = db
        self._memory: Remembered[_Name, list[Response]] = Remembered(remembered_bytes)
        self._frames: Frames = Remembered(remembered_bytes)
        self._turns = asyncio.Semaphore(max(1, db.pool_size // 2))

    async def stream(
        self, workspace: str, run_ids: Sequence[str], keys: Sequence[str], query: Query
    ) -> AsyncGenerator[Response, None]:
        """Yield the messages of GetMetricHistory; raises RUN_NOT_FOUND, also when a run is purged meanwhile."""
        found = await self._read(lambda conn: points.find(conn, workspace, run_ids, keys))
        async with aclosing(_ahead(self._all(found, query), _AHEAD)) as responses:
            async for response in responses:
                yield response

    async def _all(self, found: Sequence[Series], query: Query) -> AsyncGenerator[Response, None]:
        wanted = [series for series in found if series.count > query.first_index]
        remembered = self._known(wanted, query) if query.max_points else {}
        to_load = {
            run_id: [series for series in of_run if series not in remembered]
            for run_id, of_run in groupby(wanted, lambda series: series.run_id)
        }
        going: deque[_Ahead[Response]] = deque()
        try:
            for group in _groups(wanted, remembered, query):
                for run_id in dict.fromkeys(series.run_id for series in group if series not in remembered):
                    await self._load_tails(run_id, to_load.pop(run_id, ()))
                going.append(_Ahead(self._in_order(group, remembered, query), _AHEAD))
                if len(going) == _GROUPS_AT_ONCE:
                    async for response in going[0].items():
                        yield response
                    await going.popleft().stop()
            for of_group in going:
                async for response in of_group.items():
                    yield response
        finally:
            for of_group in going:
                await of_group.stop()

    def _known(self, wanted: Sequence[Series], query: Query) -> dict[Series, list[Response]]:
        known = {series: self._memory.known(_name(series, query)) for series in wanted}
        return {series: responses for series, responses in known.items() if responses is not None}

    async def _in_order(
        self, group: Sequence[Series], remembered: Mapping[Series, Sequence[Response]], query: Query
    ) -> AsyncGenerator[Response, None]:
        """Yield the messages of a group, series by series."""
        unread = [series for series in group if series not in remembered]
        async with aclosing(self._group(unread, query)) as of_group:
            if len(unread) == len(group) == 1:
                async for _, response in of_group:
                    yield response
            else:
                ready = {series: list(remembered.get(series, ())) for series in group}
                async for series, response in of_group:
                    ready[series].append(response)
                for response in (response for responses in ready.values() for response in responses):
                    yield response
        for series in unread:
            series.tail = points.NONE

    async def _load_tails(self, run_id: str, wanted: Sequence[Series]) -> None:
        """Bring what series of a run have in frames into memory, so that frames are read once for all of them."""
        unmerged = sum(series.count - series.merged for series in wanted)
        if unmerged > _TAIL:
            await merge(self._db, run_id)
        if unmerged:
            await self._read(lambda conn: tails.load(conn, wanted, self._frames))

    async def _group(self, group: Sequence[Series], query: Query) -> AsyncGenerator[tuple[Series, Response], None]:
        """Yield the messages of series, each one's in order."""
        windows = list(_windows(group, query.first_index))
        if query.within:
            chosen: list[Window] = []
            async with aclosing(self._reads(partial(points.choose, within=query.within), _batches(windows))) as reads:
                async for _, found in reads:
                    chosen += found
            windows = chosen
        counts = dict.fromkeys(group, 0)
        for window in windows:
            counts[window.series] += window.count
        picks = {series: M4(n, query.max_points) for series, n in counts.items() if 0 < query.max_points < n}
        for series, picked in await self._picked([window for window in windows if window.series in picks], picks):
            responses = list(_messages(series, picked, counts[series]))
            size = sum(response.ByteSize() + _MESSAGE_BYTES for response in responses)
            self._memory.keep(_name(series, query), responses, size)
            for response in responses:
                yield series, response
        rest = [window for window in windows if window.series not in picks]
        async with aclosing(self._reads(points.read, _batches(rest))) as raw:
            async for batch, read in raw:
                for window, of_window in zip(batch, read, strict=True):
                    for response in _messages(window.series, of_window, counts[window.series]):
                        yield window.series, response

    async def _picked(self, windows: Sequence[Window], picks: Mapping[Series, M4]) -> list[tuple[Series, Points]]:
        """Return the points that stand for each series; `windows` are all that is wanted of them."""
        async with aclosing(self._reads(points.read_values, _batches(windows))) as reads:
            async for batch, values in reads:
                for window, of_window in zip(batch, values, strict=True):
                    picks[window.series].add(*of_window)
        picked = {series: picker.picked() for series, picker in picks.items()}
        steps: dict[Series, list[Ints]] = {series: [] for series in picks}
        times: dict[Series, list[Ints]] = {series: [] for series in picks}
        for begin in range(0, len(windows), _WINDOWS):
            some = windows[begin : begin + _WINDOWS]
            places = [_between(picked[window.series][0], window) for window in some]
            moments = await self._read(partial(points.moments, windows=some, places=places))
            for window, (of_steps, of_times) in zip(some, moments, strict=True):
                steps[window.series].append(of_steps)
                times[window.series].append(of_times)
        return [
            (series, Points(np.concatenate(steps[series]), np.concatenate(times[series]), picked[series][1]))
            for series in picks
        ]

    def _reads(
        self, read: Callable[..., Awaitable[T]], batches: Iterator[Sequence[Window]]
    ) -> AsyncGenerator[tuple[Sequence[Window], T], None]:
        """Yield what is read of each batch; the next one's read is under way meanwhile."""

        async def one_by_one() -> AsyncGenerator[tuple[Sequence[Window], T], None]:
            for batch in batches:
                yield batch, await self._read(partial(read, windows=batch))

        return _ahead(one_by_one(), 1)

    async def _read(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        async with self._turns:
            return await self._db.read(work)


def _groups(wanted: Sequence[Series], remembered: Mapping[Series, object], query: Query) -> Iterator[list[Series]]:
    """Cut series into groups that are read together: of short ones, or one that is long."""
    most = _THINNED_GROUP if query.max_points else _GROUP
    group: list[Series] = []
    total = 0
    for series in wanted:
        size = 0 if series in remembered else series.count - query.first_index
        if group and (total + size > most or len(group) >= _WINDOWS):
            yield group
            group, total = [], 0
        group.append(series)
        total += size
    if group:
        yield group


def _windows(group: Sequence[Series], first_index: int) -> Iterator[Window]:
    for series in group:
        for begin in range(first_index, series.count, _READ):
            yield Window(series, begin, min(begin + _READ, series.count))


def _batches(windows: Sequence[Window]) -> Iterator[list[Window]]:
    """Cut windows into those of one statement."""
    batch: list[Window] = []
    total = 0
    for window in windows:
        if batch and (total + window.end - window.begin > _READ or len(batch) >= _WINDOWS):
            yield batch
            batch, total = [], 0
        batch.append(window)
        total += window.end - window.begin
    if batch:
        yield batch


def _between(places: Ints, window: Window) -> Ints:
    return places[np.searchsorted(places, window.begin) : np.searchsorted(places, window.end)]


def _messages(series: Series, found: Points, count: int) -> Iterator[Response]:
    for begin in range(0, len(found), _MESSAGE):
        part = found.part(slice(begin, begin + _MESSAGE))
        response = Response(run_id=series.run_id, point_count=count)
        columns.to_series(response.series, series.key, part.steps, part.times, part.values)
        yield response


class _Ahead(Generic[T]):
    """What comes from a source, which goes on by itself from now on until it is some items ahead."""

    def __init__(self, source: AsyncGenerator[T, None], most: int) -> None:
        """`most`: how far ahead. To be stopped in any case."""
        self._made: asyncio.Queue[T | None] = asyncio.Queue(most)
        self._task = asyncio.create_task(self._work(source), name="history")

    async def items(self) -> AsyncGenerator[T, None]:
        """Yield them, and raise what the source raises."""
        while (item := await self._made.get()) is not None:
            yield item
        await self._task

    async def stop(self) -> None:
        """Let the source go."""
        while not self._task.done():
            self._task.cancel()
            # Once may not do (`background.py`).
            await asyncio.wait([self._task], timeout=1)

    async def _work(self, source: AsyncGenerator[T, None]) -> None:
        try:
            async with aclosing(source):
                async for item in source:
                    await self._made.put(item)
        except Exception:
            await self._made.put(None)
            raise
        await self._made.put(None)


async def _ahead(source: AsyncGenerator[T, None], most: int) -> AsyncGenerator[T, None]:
    """Yield what comes from a source, which goes on meanwhile until it is `most` ahead."""
    going = _Ahead(source, most)
    try:
        async for item in going.items():
            yield item
    finally:
        await going.stop()


class _Name(NamedTuple):
    """What messages stand for. A run is told from one that had its id before and was purged."""

    run_id: str
    run_created: datetime
    key: str
    of_points: int
    query: Query


def _name(series: Series, query: Query) -> _Name:
    return _Name(series.run_id, series.run_created, series.key, series.count, query)
