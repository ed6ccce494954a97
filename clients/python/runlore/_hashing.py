"""Hashing in threads: the chunks of an upload come out as soon as they are known. Everything here blocks.

A file of several chunks is read twice at about the same time, by the thread that hashes the whole and by those that
hash its chunks; what one has read, the other finds in memory.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence

from runlore import _settings, v1
from runlore._files import PIECE_BYTES, Digests, LocalBlob, LocalFile, changed, entry_of
from runlore._hash_cache import HashCache
from runlore.manifest import CHUNK_BYTES

_THREADS = min(4, os.cpu_count() or 1)
_WHOLE = -1
#: What there is to hash: a file's index, and which chunk of it, or _WHOLE.
_Task = tuple[int, int]


class Hashing:
    """Hashes files. `take` hands out their blobs, each digest once; `entries` has the files when all is done."""

    def __init__(self, files: Sequence[LocalFile], *, rehash: bool) -> None:
        """Start at once; files that the cache knows are not read, unless `rehash`."""
        self._files = files
        self._cache = HashCache(_settings.cache_folder() / "hashes.sqlite3")
        known = {} if rehash else self._cache.known([(file.path, file.identity) for file in files])
        self._digests: list[Digests | None] = [known.get(file.path) for file in files]
        #: Of files that are being read: the whole's digest, then the chunks'.
        self._parts: dict[int, list[str]] = {}
        self._missing: dict[int, int] = {}
        self._tasks = self._all_tasks()
        self._ready: deque[LocalBlob] = deque()
        self._seen: set[str] = set()
        self._error: BaseException | None = None
        self._changed = threading.Condition()
        for file, digests in zip(files, self._digests, strict=True):
            if digests is not None:
                self._hand_out(file, digests)
        self._running = _THREADS
        for _ in range(_THREADS):
            threading.Thread(target=self._work, name="runlore-hash", daemon=True).start()

    def take(self, most: int) -> list[LocalBlob]:
        """Wait for blobs and return up to `most`; none at the end. Raises what went wrong."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._error or not self._running)
            if self._error:
                raise self._error
            return [self._ready.popleft() for _ in range(min(most, len(self._ready)))]

    def entries(self) -> list[v1.FileEntry]:
        """Return all files, once their blobs are stored; raises FileChangedError when one is not what was hashed."""
        for file in self._files:
            file.check_unchanged()
        done = [(file, digests) for file, digests in zip(self._files, self._digests, strict=True) if digests]
        self._cache.remember([(file.path, file.identity, digests) for file, digests in done])
        return [entry_of(file, digests) for file, digests in done]

    def stop(self) -> None:
        """Hash nothing more."""
        with self._changed:
            self._tasks = iter(())

    def _all_tasks(self) -> Iterator[_Task]:
        for index, file in enumerate(self._files):
            if self._digests[index] is None:
                chunks = -(-file.identity.size // CHUNK_BYTES)
                if chunks > 1:
                    self._parts[index] = [""] * (chunks + 1)
                    self._missing[index] = chunks + 1
                yield index, _WHOLE
                if chunks > 1:
                    yield from ((index, chunk) for chunk in range(chunks))

    def _work(self) -> None:
        try:
            while True:
                with self._changed:
                    task = next(self._tasks, None)
                if task is None:
                    return
                self._hash(*task)
        except BaseException as error:
            with self._changed:
                self._error = self._error or error
                self._tasks = iter(())
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def _hash(self, index: int, chunk: int) -> None:
        file = self._files[index]
        size = file.identity.size
        offset = 0 if chunk == _WHOLE else chunk * CHUNK_BYTES
        length = size if chunk == _WHOLE else min(CHUNK_BYTES, size - offset)
        digest = hash_range(file.path, offset, length)
        with self._changed:
            if size <= CHUNK_BYTES:
                self._digests[index] = digests = Digests(digest, (digest,) if size else ())
                self._hand_out(file, digests)
            else:
                parts = self._parts[index]
                parts[chunk + 1] = digest
                if chunk != _WHOLE:
                    self._offer(LocalBlob(file.path, offset, length, digest))
                self._missing[index] -= 1
                if not self._missing[index]:
                    self._digests[index] = Digests(parts[0], tuple(parts[1:]))
            self._changed.notify()

    def _hand_out(self, file: LocalFile, digests: Digests) -> None:
        for number, sha256 in enumerate(digests.chunks):
            offset = number * CHUNK_BYTES
            self._offer(LocalBlob(file.path, offset, min(CHUNK_BYTES, file.identity.size - offset), sha256))

    def _offer(self, blob: LocalBlob) -> None:
        if blob.sha256 not in self._seen:
            self._seen.add(blob.sha256)
            self._ready.append(blob)


def hash_all(files: Sequence[LocalFile]) -> tuple[list[v1.FileEntry], list[LocalBlob]]:
    """Hash files and return them with their blobs, each digest once; raises FileChangedError."""
    hashing = Hashing(files, rehash=False)
    blobs: list[LocalBlob] = []
    while found := hashing.take(len(files) + 1):
        blobs += found
    return hashing.entries(), blobs


def hash_range(path: str, offset: int, length: int) -> str:
    """Return the sha256 of a part of a file; raises FileChangedError when the file ends before."""
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        file.seek(offset)
        left = length
        while left:
            piece = file.read(min(PIECE_BYTES, left))
            if not piece:
                raise changed(path)
            digest.update(piece)
            left -= len(piece)
    return digest.hexdigest()
