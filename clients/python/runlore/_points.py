"""The points of a run between `run.log` and the server's acknowledgement."""

from __future__ import annotations

import threading
import time
import uuid
from array import array
from collections.abc import Mapping
from operator import index
from typing import SupportsFloat, SupportsIndex

from runlore import v1
from runlore.errors import RunloreError, invalid_field

#: Points and series of one batch: what the server takes in a few milliseconds; its own caps are higher.
BATCH_POINTS = 20_000
BATCH_SERIES = 1_000

_LEAST_STEP, _GREATEST_STEP = -(2**63), 2**63 - 1


class _Columns:
    """Points of one metric, 24 bytes each."""

    __slots__ = ("steps", "times", "values")

    def __init__(self) -> None:
        self.steps = array("q")
        self.times = array("q")
        self.values = array("d")

    def __len__(self) -> int:
        return len(self.values)

    def cut(self, count: int) -> _Columns:
        """Cut off the first `count` points and return them."""
        head = _Columns()
        head.steps, self.steps = self.steps[:count], self.steps[count:]
        head.times, self.times = self.times[:count], self.times[count:]
        head.values, self.values = self.values[:count], self.values[count:]
        return head


class PointBuffer:
    """Collects points, and cuts them into numbered batches.

    `add` may be called by any thread, and from a signal handler: it appends once, so that it is done or not done
    whatever interrupts it. Everything else belongs to whoever holds the sender's gate.

    A batch keeps its writer and its number until the server has answered for good, so that sending it twice cannot
    store it twice. At most `capacity` points wait; more are refused and counted in `dropped`.
    """

    def __init__(self, run_id: str, workspace: str, capacity: int) -> None:
        self.run_id = run_id
        self.workspace = workspace
        #: Whether this process made the buffer; a forked child's run is its parent's to end.
        self.ours = True
        #: The error for which points of this run were last refused by the server; told by the next flush.
        self.error: RunloreError | None = None
        #: Points lost so far: turned away by a full buffer, or refused by the server.
        self.dropped = 0
        self._capacity = capacity
        self._known: set[str] = set()
        self._next_step: dict[str, int] = {}
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.RLock()
        self._added = 0
        self._settled = 0
        self._calls: list[tuple[int, int | None, list[tuple[str, float]]]] = []
        self._series: dict[str, _Columns] = {}
        self._batch: v1.LogBatchRequest | None = None
        self._writer_id = uuid.uuid4().hex
        self._sequence = 0

    def after_fork_in_child(self) -> None:
        """Leave all points to the parent and become another writer."""
        self.ours = False
        self.dropped = 0
        self.error = None
        self._begin()

    @property
    def added(self) -> int:
        """How many points were taken in so far."""
        return self._added

    @property
    def settled(self) -> int:
        """How many of those were stored, or refused for good."""
        return self._settled

    def add(self, metrics: Mapping[str, SupportsFloat], step: SupportsIndex | None) -> bool:
        """Add one point for each metric; False when the buffer is full and they were dropped.

        Raises InvalidArgumentError, and adds none, when a key, a value or the step cannot be stored.
        """
        now = time.time_ns() // 1000
        number = None if step is None else _checked_step(step)
        points = []
        for key, value in metrics.items():
            if key not in self._known:
                _check_key(key)
                self._known.add(key)
            points.append((key, value if type(value) is float else _checked_value(key, value)))
        with self._lock:
            if self._added - self._settled + len(points) > self._capacity:
                self.dropped += len(points)
                return False
            self._added += len(points)
            self._calls.append((now, number, points))
        return True

    def absorb(self) -> None:
        """Sort what was added into columns."""
        with self._lock:
            calls, self._calls = self._calls, []
        for now, step, points in calls:
            for key, value in points:
                columns = self._series.get(key)
                if columns is None:
                    columns = self._series[key] = _Columns()
                if step is None:
                    counted = self._next_step.get(key, 0)
                    self._next_step[key] = counted + 1
                    columns.steps.append(counted)
                else:
                    columns.steps.append(step)
                columns.times.append(now)
                columns.values.append(value)

    def batch(self) -> v1.LogBatchRequest | None:
        """Return the batch in hand, cutting one when there is none; None when no points wait."""
        if self._batch is None:
            self.absorb()
            taken = self._take()
            if taken:
                self._sequence += 1
                self._batch = v1.LogBatchRequest(
                    workspace=self.workspace,
                    run_id=self.run_id,
                    writer_id=self._writer_id,
                    sequence=self._sequence,
                    series=[
                        v1.MetricSeries(key=key, steps=c.steps, times_unix_us=c.times, values=c.values)
                        for key, c in taken
                    ],
                )
        return self._batch

    def _take(self) -> list[tuple[str, _Columns]]:
        taken: list[tuple[str, _Columns]] = []
        room = BATCH_POINTS
        for key in list(self._series):
            if room == 0 or len(taken) == BATCH_SERIES:
                break
            columns = self._series[key]
            part = columns.cut(room) if len(columns) > room else self._series.pop(key)
            taken.append((key, part))
            room -= len(part)
        return taken

    def acknowledged(self) -> None:
        """The batch in hand is stored."""
        self._settle()

    def refused(self, error: RunloreError) -> int:
        """The batch in hand will never be stored: drop it, and return how many points it had."""
        lost = self._settle()
        self.dropped += lost
        self.error = error
        # Its number was not used up, and the next batch must not leave a gap.
        self._sequence -= 1
        return lost

    def _settle(self) -> int:
        count = sum(len(series.values) for series in self._batch.series) if self._batch is not None else 0
        self._batch = None
        with self._lock:
            self._settled += count
        return count

    def become_another_writer(self) -> bool:
        """Send the batch in hand as the first of a new writer; False when it is a first one already."""
        if self._batch is None or self._sequence == 1:
            return False
        self._writer_id = self._batch.writer_id = uuid.uuid4().hex
        self._sequence = self._batch.sequence = 1
        return True


def _checked_step(step: SupportsIndex) -> int:
    try:
        number = index(step)
    except TypeError:
        raise invalid_field("step", f"is {step!r}: give a whole number, or None to have steps counted") from None
    if not _LEAST_STEP <= number <= _GREATEST_STEP:
        raise invalid_field("step", f"is {number}: at most 64 bits, from -2**63 to 2**63 - 1")
    return number


def _checked_value(key: str, value: object) -> float:
    if isinstance(value, SupportsFloat) and not isinstance(value, str | bytes):
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError):
            pass
    raise invalid_field(f"metrics['{key}']", f"is {value!r}: give a number")


def _check_key(key: object) -> None:
    if not isinstance(key, str):
        raise invalid_field("metrics", f"has the key {key!r}: give a string")
    if not 1 <= len(key) <= 250:
        raise invalid_field("metrics", f"has a key of {len(key)} characters: give 1 to 250")
    if any(ord(c) < 32 or ord(c) == 127 for c in key):
        raise invalid_field("metrics", f"has the key {key!r}: control characters are not allowed")
