"""Metric points on their way: through the client's spool, or each call at once.

MLflow's rules of visibility hold either way: what a process reads has what it wrote, and a run that ends has all of its
points. Between, points are in the spool on disk, from where the client's thread sends them exactly once.
"""

from __future__ import annotations

import os
import threading
import uuid
import weakref
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence

from mlflow.entities import Metric

import runlore
from runlore import v1
from runlore._sender import Sender
from runlore._spool.points import PointSpool
from runlore.errors import RunloreError

#: Runs that may have a writer at once; who logs to more of them has the longest-open one closed, after a flush.
_OPEN_RUNS = 200


class _Writer:
    """The spool of a run in this process."""

    def __init__(self, spool: PointSpool) -> None:
        self.spool = spool
        #: Held while points are added, so that none is added behind the end.
        self.lock = threading.Lock()
        self.closed = False
        #: Whether there may be points that are not committed.
        self.dirty = False


class PointWriters:
    """Writes the points of this process's runs."""

    def __init__(self, client: runlore.Client) -> None:
        """`client` must have been found to talk to the right server before points are logged."""
        self._client = client
        if not isinstance(client.sender, Sender):
            raise TypeError("MLflow's calls need a client with a server")
        self._sender = client.sender
        self._writers: dict[str, _Writer] = {}
        #: Runs that this process has just created, which take points.
        self._created: OrderedDict[str, v1.Run] = OrderedDict()
        self._opening = threading.Lock()
        #: Of runs that are written at once: the writer's id and the number of its last batch.
        self._batches: dict[str, tuple[str, int]] = {}
        self._batching = threading.Lock()
        forked = weakref.WeakMethod(self._after_fork_in_child)
        os.register_at_fork(after_in_child=lambda: (method := forked()) and method())

    def _after_fork_in_child(self) -> None:
        """Leave locks and numbers to the parent."""
        self._opening = threading.Lock()
        self._batching = threading.Lock()
        self._batches.clear()
        for writer in self._writers.values():
            writer.lock = threading.Lock()

    # Through the spool.

    def created(self, run: v1.Run) -> None:
        """Note that a run has just been created: whether it takes points need not be asked."""
        self._created[run.run_id] = run
        if len(self._created) > _OPEN_RUNS:
            self._created.popitem(last=False)

    def add(self, run_id: str, metrics: Sequence[Metric]) -> None:
        """Put valid points of an active run into the spool; raises RunloreError when the run takes none."""
        while True:
            writer = self._writers.get(run_id) or self._open(run_id)
            with writer.lock:
                if writer.closed:
                    continue
                add = writer.spool.add
                for time_ms, step, values in _together(metrics):
                    add(values, step, time_ms * 1000)
                writer.dirty = True
                return

    def _open(self, run_id: str) -> _Writer:
        with self._opening:
            if found := self._writers.get(run_id):
                return found
            # Whether it takes points is known at once, and not when they are sent.
            run = self._created.pop(run_id, None) or self._client.tracking.GetRun(v1.GetRunRequest(run_id=run_id)).run
            if run.lifecycle_state == v1.LIFECYCLE_STATE_DELETED:
                self._client.tracking.LogBatch(v1.LogBatchRequest(run_id=run_id))
            while len(self._writers) >= _OPEN_RUNS:
                self.release(next(iter(self._writers)))
            spool = self._sender.open(run_id, run.workspace, run.name)
            # At exit its points are sent, and no more: when a run ends is for MLflow to say.
            spool.ours = False
            writer = self._writers[run_id] = _Writer(spool)
            return writer

    def flush(self, run_ids: Iterable[str] | None = None) -> None:
        """Wait until all points are stored that this process logged so far, of some runs or of all."""
        for run_id in list(self._writers) if run_ids is None else run_ids:
            writer = self._writers.get(run_id)
            if writer is not None and writer.dirty:
                # Points that come meanwhile make it dirty again.
                writer.dirty = False
                try:
                    self._sender.flush(writer.spool)
                except RunloreError:
                    writer.dirty = True
                    raise

    def release(self, run_id: str) -> None:
        """Store what is left of a run, and forget it: whether it takes points is asked again."""
        if writer := self._close(run_id):
            self._sender.release(writer.spool)

    def release_all(self) -> None:
        """Do so with every run."""
        self._created.clear()
        for run_id in list(self._writers):
            self.release(run_id)

    def end(self, request: v1.UpdateRunRequest) -> v1.Run | None:
        """Store what is left of a run and make the call that ends it; returns the run.

        None: the server could not be reached for it, and both stay in the spool for `runlore sync`, as a warning says.
        """
        if writer := self._close(request.run_id):
            return self._sender.end(writer.spool, request)
        return self._client.tracking.UpdateRun(request).run

    def _close(self, run_id: str) -> _Writer | None:
        self._created.pop(run_id, None)
        self._batches.pop(run_id, None)
        writer = self._writers.pop(run_id, None)
        if writer is not None:
            with writer.lock:
                writer.closed = True
        return writer

    # At once.

    def write(self, request: v1.LogBatchRequest, metrics: Sequence[Metric]) -> None:
        """Store points with the rest of a batch; all of it is stored when this returns."""
        with self._batching:
            writer_id, sequence = self._batches.get(request.run_id, (uuid.uuid4().hex, 0))
            if metrics:
                request.writer_id, request.sequence = writer_id, sequence + 1
                request.series.extend(_series(metrics))
            # Should the call fail, nobody knows whether it was stored: the next one is another writer's.
            self._batches.pop(request.run_id, None)
            self._client.tracking.LogBatch(request)
            if metrics:
                self._batches[request.run_id] = (writer_id, sequence + 1)


def _together(metrics: Sequence[Metric]) -> Iterator[tuple[int, int, dict[str, float]]]:
    """Put neighbours of one time and step, and of different keys, into one record."""
    values: dict[str, float] = {}
    place: tuple[int, int] = (0, 0)
    for metric in metrics:
        at = (int(metric.timestamp), int(metric.step))
        if values and (at != place or metric.key in values):
            yield (*place, values)
            values = {}
        place = at
        values[metric.key] = float(metric.value)
    if values:
        yield (*place, values)


def _series(metrics: Sequence[Metric]) -> Iterator[v1.MetricSeries]:
    by_key: dict[str, list[Metric]] = {}
    for metric in metrics:
        by_key.setdefault(metric.key, []).append(metric)
    for key, points in by_key.items():
        yield v1.MetricSeries(
            key=key,
            steps=[int(point.step) for point in points],
            times_unix_us=[int(point.timestamp) * 1000 for point in points],
            values=[float(point.value) for point in points],
        )
