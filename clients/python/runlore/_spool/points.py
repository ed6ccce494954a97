"""The points of a run on their way: `add` appends them to the spool and returns."""

from __future__ import annotations

import errno
import itertools
import logging
import struct
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from operator import index
from typing import SupportsFloat, SupportsIndex
from zlib import crc32

from runlore._spool import records
from runlore._spool.folders import WriterFolder
from runlore._spool.reader import PointReader
from runlore._spool.segments import Segment, file_name
from runlore.errors import invalid_field

log = logging.getLogger("runlore")

#: Bytes of memory for the points of a run that has no folder.
MEMORY_LIMIT = 64 * records.SEGMENT_BYTES
#: Seconds after a failed allocation until the next try: a full disk is not asked at every call.
_PATIENCE = 1.0

_LEAST_STEP, _GREATEST_STEP = -(2**63), 2**63 - 1

_now = time.time_ns
_crc_bytes = records.crc_bytes


class PointSpool:
    """What one process writes of one run.

    `add` may be called by any thread, and from a signal handler. What it returned from survives the death of the
    process, unless the points were dropped, which `dropped` counts, or there is no folder.
    """

    def __init__(
        self,
        run_id: str,
        workspace: str,
        *,
        limit: int,
        open_folder: Callable[[], WriterFolder | None],
        wake: Callable[[], None],
        next_steps: Mapping[str, int] | None = None,
    ) -> None:
        """Begin without a folder: `open_folder` makes it for the first point, None when it cannot.

        `limit` is in bytes. `wake` is called when a segment is begun. `next_steps` are those of metrics whose steps
        are counted; the others begin at 0.
        """
        self.run_id = run_id
        self.workspace = workspace
        #: Whether this process made it; a forked child's run is its parent's to end.
        self.ours = True
        self._limit = limit
        self._open_folder = open_folder
        self._wake = wake
        self._next_step = dict(next_steps or {})
        self._known: set[str] = set()
        self._dropped_before = 0
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.RLock()
        self._segments: list[Segment] = []
        self._numbers = itertools.count()
        #: None before the first point, and for points in memory only.
        self.folder: WriterFolder | None = None
        self._begun = False
        self._memory_writer = uuid.uuid4().hex
        self._memory_offset = 0
        #: Points turned away so far.
        self.dropped = 0
        self._told = False
        self._next_try = 0.0
        #: Reads what is here; for the sender alone.
        self.reader = PointReader(self._segments)

    # What runs call.

    @property
    def dropped_in_all(self) -> int:
        """How many points this process has had to drop, also as an earlier writer of the run."""
        return self._dropped_before + self.dropped

    def add(
        self, metrics: Mapping[str, SupportsFloat], step: SupportsIndex | None, time_unix_us: int | None = None
    ) -> None:
        """Append one point for each metric, taken now or at a time, or count them as dropped.

        Raises InvalidArgumentError, and adds none, when a key, a value or the step cannot be stored.
        """
        try:
            segment = self._segments[-1]
            shape = segment.shapes[tuple(metrics)]
            # Whatever is no number fails here too.
            body = shape.pack(
                shape.head, _now() // 1000 if time_unix_us is None else time_unix_us, step, *metrics.values()
            )
            segment.write(_crc_bytes(crc32(body)) + body)
        except (IndexError, KeyError, ValueError, TypeError, OverflowError, struct.error):
            self._add_slowly(metrics, step, time_unix_us)

    def _add_slowly(
        self, metrics: Mapping[str, SupportsFloat], step: SupportsIndex | None, time_unix_us: int | None
    ) -> None:
        """Do the same for what is new here, does not fit, has counted steps, or is refused."""
        number = None if step is None else _checked_step(step)
        now = _now() // 1000 if time_unix_us is None else time_unix_us
        values = {}
        for key, value in metrics.items():
            if key not in self._known:
                _check_key(key)
                self._known.add(key)
            values[key] = value if type(value) is float else _checked_value(key, value)
        with self._lock:
            if number is not None:
                self._append_all(list(values), now, number, values)
                return
            by_step: dict[int, list[str]] = {}
            for key in values:
                counted = self._next_step.get(key, 0)
                self._next_step[key] = counted + 1
                by_step.setdefault(counted, []).append(key)
            for counted, keys in by_step.items():
                self._append_all(keys, now, counted, values)

    def _append_all(self, keys: list[str], now: int, step: int, values: Mapping[str, float]) -> None:
        for start in range(0, len(keys), records.SHAPE_KEYS):
            part = tuple(keys[start : start + records.SHAPE_KEYS])
            if not self._append(part, now, step, [values[key] for key in part]):
                self._drop(len(part))

    def _append(self, keys: tuple[str, ...], now: int, step: int, values: list[float]) -> bool:
        while True:
            segment = self._segments[-1] if self._segments else None
            if segment is not None:
                try:
                    shape = segment.declare(keys)
                    body = shape.pack(shape.head, now, step, *values)
                    segment.write(_crc_bytes(crc32(body)) + body)
                    return True
                except ValueError:
                    # It is full.
                    pass
            if not self._next_segment(segment):
                return False

    def _next_segment(self, full: Segment | None) -> bool:
        """Begin a segment after the one that is full; False when there is no room for it, or none for now."""
        if not self._begun:
            folder = self._open_folder()
            if self._begun:
                # A signal handler in the midst of this was first.
                if folder is not None:
                    folder.delete()
            else:
                self.folder, self._begun = folder, True
        limit = self._limit if self.folder is not None else min(self._limit, MEMORY_LIMIT)
        if (len(self._segments) + 1) * records.SEGMENT_BYTES > limit:
            self._tell_once(f"its spool has all of the {limit // 2**20} MiB that it may have")
            return False
        if time.monotonic() < self._next_try:
            return False
        # Counted by a single call: a signal handler in the midst of this may begin a segment of its own.
        number = next(self._numbers)
        try:
            new = Segment(number, self.folder.path / file_name(number) if self.folder is not None else None)
        except OSError as error:
            self._next_try = time.monotonic() + _PATIENCE
            self._tell_once(f"its spool cannot grow: {_words_of(error)}")
            return False
        if self._segments and self._segments[-1] is not full:
            # It did. The file stays, empty, for the indexes to have no gap.
            return True
        records.write_cell(new.data, records.DROPPED_CELL, self.dropped)
        if full is None:
            new.begin_at(self.reader.first_point)
        self._segments.append(new)
        self._wake()
        return True

    def _drop(self, count: int) -> None:
        self.dropped += count
        if self._segments:
            records.write_cell(self._segments[-1].data, records.DROPPED_CELL, self.dropped)

    def _tell_once(self, why: str) -> None:
        if not self._told:
            self._told = True
            log.warning(
                "run %s: %s; points are dropped until the server takes some, and counted as dropped_points",
                self.run_id,
                why,
            )

    # What the sender calls.

    @property
    def writer(self) -> tuple[str, int]:
        """Return the id under which the server knows the writer, and what to subtract from a point's number."""
        if self.folder is not None:
            return self.folder.about.writer_id, self.folder.about.offset
        return self._memory_writer, self._memory_offset

    def become(self, writer_id: str, offset: int) -> None:
        """Be another writer for the points that are left."""
        if self.folder is None:
            self._memory_writer, self._memory_offset = writer_id, offset
            return
        try:
            self.folder.become(writer_id, offset)
        except OSError as error:
            log.warning("run %s: a new writer id could not be recorded in the spool: %s", self.run_id, error)

    def end(self) -> tuple[int, int] | None:
        """Return the place behind the last point, as `PointReader.position` has it; None before the first point."""
        if not self._segments:
            return None
        last = self._segments[-1]
        return last.index, last.end

    def folder_to_keep(self) -> WriterFolder | None:
        """Return the folder, made if there was no point yet; None when the points are in memory only."""
        with self._lock:
            if not self._begun:
                self.folder, self._begun = self._open_folder(), True
            return self.folder

    def rest(self) -> None:
        """Have the next `add` call `wake` again."""
        with self._lock:
            if self._segments:
                self._segments[-1].seal()

    def close(self, *, delete: bool) -> None:
        """Let go of the spool: what was not sent stays for `runlore sync`, unless it is deleted."""
        with self._lock:
            folder, self.folder = self.folder, None
            self._segments.clear()
            if folder is not None and delete:
                folder.delete()
            elif folder is not None:
                folder.release()
            # Whatever comes now, as from a forked child's handle, is another writer's.
            self._dropped_before += self.dropped
            self._begin()

    def after_fork_in_child(self) -> None:
        """Leave all points to the parent and become another writer; steps are counted on."""
        self.ours = False
        if self.folder is not None:
            self.folder.release()
        self._begin()


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
    try:
        key.encode()
    except UnicodeEncodeError:
        raise invalid_field("metrics", f"has the key {key!r}: it is not Unicode text") from None


def _words_of(error: OSError) -> str:
    return "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else str(error.strerror or error)
