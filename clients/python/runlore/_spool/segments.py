"""Segments of a spool: allocated before they are mapped, so that a full disk is an error and not a signal."""

from __future__ import annotations

import contextlib
import errno
import itertools
import mmap
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from runlore._spool import records

SUFFIX = ".points"

_ZEROS = bytes(64 * 1024)
#: What file systems say that cannot allocate without writing.
_CANNOT_ALLOCATE = {errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS}


@dataclass(frozen=True)
class Shape:
    """Keys that are logged together, and how a row of them is packed."""

    head: int
    pack: Callable[..., bytes]


class Segment:
    """A segment that this process writes; without a path, one in memory only.

    `write` appends a record, or raises ValueError when there is no room: one call into C that writes and advances, so
    that threads and signal handlers need no lock between them.
    """

    def __init__(self, index: int, path: Path | None) -> None:
        """Allocate and map it; raises OSError, and then leaves nothing behind."""
        self.index = index
        self.path = path
        #: Shapes declared in here, by their keys.
        self.shapes: dict[tuple[str, ...], Shape] = {}
        self.data = mmap.mmap(-1, records.SEGMENT_BYTES) if path is None else _map_new(path)
        self.data[: records.HEADER_BYTES] = records.header(index)
        self.data.seek(records.HEADER_BYTES)
        self.write = self.data.write
        # Counted by a single call, so that no two shapes have one number whatever interrupts `declare`.
        self._numbers = itertools.count(1)
        self._sealed_at: int | None = None

    def declare(self, keys: tuple[str, ...]) -> Shape:
        """Return the shape of these keys, declaring it when it is new; ValueError when there is no room."""
        shape = self.shapes.get(keys)
        if shape is None:
            number = next(self._numbers)
            self.write(records.declaration(number, keys))
            shape = Shape(records.row_head(number, len(keys)), records.row_struct(len(keys)).pack)
            self.shapes[keys] = shape
        return shape

    @property
    def end(self) -> int:
        """Where the records end that are there now."""
        return self.data.tell() if self._sealed_at is None else self._sealed_at

    def seal(self) -> None:
        """Take no more records. A thread that was late to notice the next segment may write here until then."""
        while self._sealed_at is None:
            end = self.data.tell()
            try:
                self.write(bytes(len(self.data) - end))
            except ValueError:
                # Another record came in between.
                continue
            self._sealed_at = end

    def begin_at(self, number: int) -> None:
        """Record the number of the first point in here: what came before may be freed then."""
        records.write_cell(self.data, records.FIRST_POINT_CELL, number)

    def let_go(self) -> None:
        """Nothing to do: the mapping costs no memory of this process."""

    def discard(self) -> None:
        """Free the disk space; what others still look at stays until they let go of it."""
        if self.path is not None:
            with contextlib.suppress(OSError):
                self.path.unlink()


class DamagedError(Exception):
    """What stands here is not what was written; says where, for people."""


class ClosedSegment:
    """A segment that some process has left behind, read as far as its records are whole, and only while in use."""

    def __init__(self, path: Path) -> None:
        """Read it; raises OSError, and DamagedError when not even its header is whole."""
        self.path = path
        self._data: bytes | None = None
        data = self.data
        index = records.index_of(data)
        if index is None or path.name != file_name(index):
            raise DamagedError(f"{path} does not begin as a segment of a spool")
        self.index = index
        self.end = records.end_of_records(data)
        #: The number of its first point; None when that is not recorded.
        self.first_point = records.read_cell(data, records.FIRST_POINT_CELL)
        self.dropped = records.read_cell(data, records.DROPPED_CELL)
        #: Whether nothing stands behind the last record, as where no write was cut off.
        self._is_clean = len(data) == records.SEGMENT_BYTES and not data[self.end :].strip(b"\0")
        self.let_go()

    @property
    def data(self) -> bytes:
        """The segment's bytes."""
        if self._data is None:
            self._data = self.path.read_bytes()
        return self._data

    def seal(self) -> None:
        """Check that nothing is lost behind the last record; raises DamagedError."""
        if not self._is_clean:
            raise DamagedError(f"{self.path} is damaged at byte {self.end}")

    def begin_at(self, number: int) -> None:
        """Check that the first point in here has this number; raises DamagedError."""
        if self.first_point is not None and self.first_point != number:
            raise DamagedError(f"points {number} to {self.first_point - 1} are missing before {self.path}")

    def let_go(self) -> None:
        """Free the memory; it is read again when it is needed again."""
        self._data = None

    def discard(self) -> None:
        """Leave it: what a spool held goes as a whole."""


def file_name(index: int) -> str:
    """Return the name of the segment of that index; names sort as indexes do."""
    return f"{index:08d}{SUFFIX}"


def _map_new(path: Path) -> mmap.mmap:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        _allocate(descriptor, records.SEGMENT_BYTES)
        return mmap.mmap(descriptor, records.SEGMENT_BYTES)
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise
    finally:
        os.close(descriptor)


def _allocate(descriptor: int, size: int) -> None:
    """Have the file system set space aside: writing to a mapping of a file with holes kills when the disk is full."""
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(descriptor, 0, size)
            return
        except OSError as error:
            if error.errno not in _CANNOT_ALLOCATE:
                raise
    # Really written: to extend the file alone would leave a hole.
    for offset in range(0, size, len(_ZEROS)):
        left = memoryview(_ZEROS)[: size - offset]
        while left:
            left = left[os.write(descriptor, left) :]
