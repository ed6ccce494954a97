"""The independent record: what a writer was about to log, and what `log()` returned from, written beside the SDK.

Each entry is one `write` to a file opened for appending, so that what was written before a kill -9 is there after it.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

#: About to log or returned; the run's number; the key's number; step; value.
_ENTRY = struct.Struct("<BHHqd")
_ABOUT, _RETURNED = 0, 1


class Logged(NamedTuple):
    """A point."""

    key: int
    step: int
    value: float


class Recorder:
    """Writes the record of one process."""

    def __init__(self, file: Path) -> None:
        self._fd = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def about(self, run: int, point: Logged) -> None:
        """Say that a point is about to be logged."""
        os.write(self._fd, _ENTRY.pack(_ABOUT, run, *point))

    def returned(self, run: int, point: Logged) -> None:
        """Say that `log()` returned."""
        os.write(self._fd, _ENTRY.pack(_RETURNED, run, *point))


@dataclass
class Record:
    """What one process says of one run."""

    #: The points for which `log()` returned, in order.
    returned: list[Logged]
    #: The point during which the process died, if it did; it may be stored or not.
    pending: Logged | None


def read(file: Path) -> dict[int, Record]:
    """Return the records of a process by the number of the run."""
    records: dict[int, Record] = {}
    for state, run, point in _entries(file.read_bytes()):
        record = records.setdefault(run, Record([], None))
        if state == _ABOUT:
            record.pending = point
        else:
            assert record.pending == point
            record.returned.append(point)
            record.pending = None
    return records


def _entries(data: bytes) -> Iterator[tuple[int, int, Logged]]:
    whole = len(data) - len(data) % _ENTRY.size
    for state, run, *point in _ENTRY.iter_unpack(data[:whole]):
        yield state, run, Logged(*point)


def difference(stored: list[Logged], records: list[Record], dropped: int = 0) -> str:
    """Say how what is stored differs from what its writers recorded; empty when it does not.

    Every point for which `log()` returned is there once, in its writer's order by key, and nothing else is, but for the
    point during which a process died. `dropped` points may be missing. A point's value is its own in the whole run.
    """
    known = {point for record in records for point in (*record.returned, record.pending) if point is not None}
    seen: set[Logged] = set()
    for point in stored:
        if point not in known:
            return f"{point} is stored and was never logged"
        if point in seen:
            return f"{point} is stored twice"
        seen.add(point)
    missing = [point for record in records for point in record.returned if point not in seen]
    if len(missing) != dropped:
        return f"{len(missing)} points are missing ({dropped} were counted as dropped), the first {missing[:1]}"
    for record in records:
        mine = [*record.returned, *([record.pending] if record.pending else [])]
        for key in {point.key for point in mine}:
            wanted = [point for point in mine if point.key == key and point in seen]
            members = set(wanted)
            if [point for point in stored if point in members] != wanted:
                return f"the points of key {key} are not in the order in which they were logged"
    return ""
