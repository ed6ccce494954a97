"""Chunks on their way into a file, verified while they arrive. Everything here blocks."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import Protocol

from runlore import v1
from runlore._files import PIECE_BYTES
from runlore.errors import IntegrityError


class Sink(Protocol):
    """Takes the bytes of a chunk."""

    def __call__(self, data: bytes | memoryview) -> None:
        """Take the next bytes; there may be too many of them."""

    def restart(self) -> None:
        """Begin again, from the chunk's first byte."""

    @property
    def is_good(self) -> bool:
        """Whether exactly the chunk's bytes came."""


class MemorySink:
    """Keeps a chunk's bytes."""

    def __init__(self, chunk: v1.Chunk) -> None:
        self._chunk = chunk
        self.data = bytearray()

    def __call__(self, data: bytes | memoryview) -> None:
        """Take the next bytes."""
        if len(self.data) <= self._chunk.size:
            self.data += data

    def restart(self) -> None:
        """Begin again."""
        self.data.clear()

    @property
    def is_good(self) -> bool:
        """Whether exactly the chunk's bytes came."""
        return len(self.data) == self._chunk.size and hashlib.sha256(self.data).hexdigest() == self._chunk.sha256


class FileSink:
    """Writes a chunk's bytes to their place in a file."""

    def __init__(self, file: Path, chunk: v1.Chunk) -> None:
        self._chunk = chunk
        self._file = file.open("r+b", buffering=0)
        self.restart()

    def restart(self) -> None:
        """Begin again, from the chunk's first byte."""
        self._digest = hashlib.sha256()
        self._size = 0
        self._file.seek(self._chunk.offset)

    def __call__(self, data: bytes | memoryview) -> None:
        """Take the next bytes; what goes beyond the chunk is only counted."""
        room = max(0, self._chunk.size - self._size)
        self._size += len(data)
        self._digest.update(data)
        view = memoryview(data)[:room]
        while view:
            view = view[self._file.write(view) :]

    @property
    def is_good(self) -> bool:
        """Whether exactly the chunk's bytes came."""
        return self._size == self._chunk.size and self._digest.hexdigest() == self._chunk.sha256

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Incoming:
    """A file that is being downloaded, whose chunks may come in any order. The whole is hashed as they do."""

    def __init__(self, path: Path, entry: v1.FileEntry) -> None:
        """Nothing is touched before `prepare`."""
        self.path = path
        self.entry = entry
        self._prepared = False
        self._found = False
        self._whole = hashlib.sha256()
        self._done: set[int] = set()
        self._hashed = 0
        self._hashing = False
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Make the file at its size, or take what an earlier try left; doing it again does nothing."""
        with self._lock:
            if self._prepared:
                return
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._found = self.path.exists()
            with self.path.open("ab") as file:
                file.truncate(self.entry.size)
            self._prepared = True

    def has(self, chunk: v1.Chunk) -> bool:
        """Whether an earlier try brought this chunk."""
        if not self._found:
            return False
        digest = hashlib.sha256()
        with self.path.open("rb", buffering=0) as file:
            file.seek(chunk.offset)
            left = chunk.size
            while left and (piece := file.read(min(PIECE_BYTES, left))):
                digest.update(piece)
                left -= len(piece)
        return digest.hexdigest() == chunk.sha256

    def came(self, number: int) -> bool:
        """Note that a chunk is in its place, and return whether the file is complete.

        Raises IntegrityError when it is, and is not the file that its uploader claimed. Whichever thread finds the next
        chunks in order hashes them while others still download.
        """
        with self._lock:
            self._done.add(number)
            if self._hashing:
                return False
            self._hashing = True
        while True:
            with self._lock:
                if self._hashed not in self._done:
                    self._hashing = False
                    return self._is_whole()
                chunk = self.entry.chunks[self._hashed]
            self._take(chunk)
            with self._lock:
                self._hashed += 1

    def _take(self, chunk: v1.Chunk) -> None:
        if len(self.entry.chunks) == 1:
            # It is the whole, and was verified.
            return
        with self.path.open("rb", buffering=0) as file:
            file.seek(chunk.offset)
            left = chunk.size
            while left and (piece := file.read(min(PIECE_BYTES, left))):
                self._whole.update(piece)
                left -= len(piece)

    def _is_whole(self) -> bool:
        if self._hashed < len(self.entry.chunks):
            return False
        found = self._whole.hexdigest() if len(self.entry.chunks) != 1 else self.entry.chunks[0].sha256
        if found != self.entry.sha256:
            raise IntegrityError(
                f"'{self.entry.path}' does not have the sha256 {self.entry.sha256} that its uploader claimed, but "
                f"{found}: nothing was kept. Whoever made it has to upload it again",
                metadata={"path": self.entry.path, "sha256": self.entry.sha256},
            )
        return True
