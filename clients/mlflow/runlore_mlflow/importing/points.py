"""Metric points, each once however often an import is broken off.

A batch is its own writer (LogBatch): the writer's id is a digest of the batch, so that a batch that is sent again, as
by an import whose predecessor died before it heard of the commit, is known and stores nothing. Batches end at fixed
places of the series, so that an import that goes on makes the batches that are missing, and not others.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from runlore import v1
from runlore_mlflow.importing import facts
from runlore_mlflow.importing.context import Importing
from runlore_mlflow.importing.source import Series

#: Points in a batch: some 2 MB.
_BATCH = 100_000
_SERIES = 1_000
#: Seconds for a history to be read, however long it is.
_HISTORY_TIMEOUT = 24 * 3600.0


def carry(ctx: Importing, run_id: str, keys: Iterable[str], present: v1.Run | None) -> None:
    """Add the points that Runlore does not have yet."""
    has = {summary.key for summary in present.metrics} if present else set()
    batch = _Batch(ctx, run_id)
    for key in sorted(keys, key=str.encode):
        why = facts.unfit_key(key)
        if why:
            ctx.report.lose("metric of run", f"{run_id} {key!r}", why)
            continue
        for start, points in _missing(ctx, run_id, key) if key in has else _all(ctx, run_id, key):
            batch.add(key, start, points)
    batch.send()


def _all(ctx: Importing, run_id: str, key: str) -> Iterator[tuple[int, Series]]:
    start = 0
    for page in ctx.source.series(run_id, key):
        yield start, page
        start += len(page)


def _missing(ctx: Importing, run_id: str, key: str) -> Iterator[tuple[int, Series]]:
    """Yield what Runlore lacks of a series that it has a part of, with where it begins at the source."""
    wanted, found = Series(), Series()
    for page in ctx.source.series(run_id, key):
        wanted.extend(page)
    for _, series in stored(ctx, run_id, [key]):
        found.extend(series)
    if wanted[: len(found)].tobytes() == found.tobytes():
        # As it is when an import was broken off.
        yield len(found), wanted[len(found) :]
        return
    kept = Counter(found.points())
    start, part = 0, Series()
    for place, point in enumerate(wanted.points()):
        if kept[point]:
            kept[point] -= 1
            if len(part):
                yield start, part
                part = Series()
            continue
        if not len(part):
            start = place
        part.extend(wanted[place : place + 1])
    yield start, part


def stored(ctx: Importing, run_id: str, keys: Iterable[str] = ()) -> Iterator[tuple[str, Series]]:
    """Yield Runlore's series of a run, whole, in the order of their keys' UTF-8 bytes."""
    request = v1.GetMetricHistoryRequest(run_ids=[run_id], keys=keys)
    answers = ctx.client.tracking.GetMetricHistory(request, timeout=_HISTORY_TIMEOUT)
    for key, parts in groupby(answers, lambda answer: str(answer.series.key)):
        series = Series()
        for part in parts:
            series.take(part.series.steps, part.series.times_unix_us, part.series.values)
        yield key, series


def compare(ctx: Importing, run_id: str, keys: Iterable[str]) -> list[str]:
    """Return in what the points of a run differ; those of one series are in memory at a time."""
    lines: list[str] = []
    wanted = [key for key in sorted(keys, key=str.encode) if not facts.unfit_key(key)]
    found = stored(ctx, run_id)
    ours = next(found, None)
    for key in wanted:
        while ours is not None and ours[0].encode() < key.encode():
            lines.append(f"metric {ours[0]!r} is in Runlore only")
            ours = next(found, None)
        theirs = Series()
        for page in ctx.source.series(run_id, key):
            theirs.extend(page)
        mine = Series()
        if ours is not None and ours[0] == key:
            mine = ours[1]
            ours = next(found, None)
        ctx.report.found["points"] += len(theirs)
        ctx.report.compared["points"] += len(theirs)
        ctx.progress()
        if mine.tobytes() != theirs.tobytes() and Counter(mine.points()) != Counter(theirs.points()):
            lacking = Counter(theirs.points()) - Counter(mine.points())
            lines.append(
                f"metric {key!r}: {len(theirs):,} points at the source, {len(mine):,} in Runlore, "
                f"{lacking.total():,} missing there"
            )
    if ours is not None:
        lines.append(f"metric {ours[0]!r} is in Runlore only")
        lines.extend(f"metric {key!r} is in Runlore only" for key, _ in found)
    return lines


class _Batch:
    """Gathers points of a run and sends them as they fill batches."""

    def __init__(self, ctx: Importing, run_id: str) -> None:
        self._ctx, self._run_id = ctx, run_id
        self._series: dict[str, Series] = {}
        self._count = 0
        self._digest = hashlib.sha256(run_id.encode())

    def add(self, key: str, start: int, points: Series) -> None:
        """Add points of a series, of which the first is number `start` at the source."""
        while len(points):
            part = points[: _BATCH - self._count]
            self._digest.update(f"{len(key)} {key} {start} {len(part)}\n".encode() + part.tobytes())
            self._series.setdefault(key, Series()).extend(part)
            self._count += len(part)
            points, start = points[len(part) :], start + len(part)
            if self._count == _BATCH or len(self._series) == _SERIES:
                self.send()

    def send(self) -> None:
        """Send what there is."""
        if not self._count:
            return
        request = v1.LogBatchRequest(
            run_id=self._run_id, writer_id=f"mlflow-{self._digest.hexdigest()[:40]}", sequence=1
        )
        for key, part in self._series.items():
            request.series.add(key=key, steps=part.steps, times_unix_us=part.times_unix_us, values=part.values)
        if not self._ctx.client.tracking.LogBatch(request).replayed:
            self._ctx.wrote("points", self._count)
        self._series, self._count = {}, 0
        self._digest = hashlib.sha256(self._run_id.encode())
