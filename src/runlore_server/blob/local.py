"""Blobs in a local folder: the embedded default.

A blob is written to a temporary file, synced, and renamed into place, so that a file under its final name is whole and
checked, whatever happened to the server that wrote it.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import IO, ParamSpec, TypeVar

from runlore_server import errors
from runlore_server.blob import BlobStoreError, key_of

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_PIECE_BYTES = 1024 * 1024
#: A temporary file as old as this belongs to a server that was killed.
_STALE_SECONDS = 24 * 3600


class LocalBlobStore:
    """Blobs below one folder. Any number of processes on this machine may share it."""

    def __init__(self, root: Path) -> None:
        """Use the folder `root`; nothing is touched before `check`."""
        self._root = root
        self._temporary = root / "tmp"

    @property
    def name(self) -> str:
        """The folder."""
        return str(self._root)

    async def check(self) -> None:
        """Make the folder if need be, see that it can be written to, and sweep up what a killed server left."""
        try:
            await asyncio.to_thread(self._prepare)
        except OSError as error:
            raise BlobStoreError(
                f"--artifacts: the folder {self._root} cannot be used: {error.strerror or error}"
            ) from error

    async def has(self, sha256: str) -> int | None:
        """Return the blob's size: a blob's file has its name only once it was checked."""
        return await _io("looking for a blob", self._size, sha256)

    def presign_put(self, sha256: str, size: int) -> None:
        """Return None: clients write through the server."""

    def presign_get(self, sha256: str) -> str:
        """Return an empty string: clients read through the server."""
        return ""

    async def write(self, sha256: str, size: int, data: AsyncIterator[bytes]) -> None:
        """Store a blob; it survives a crash of the machine once this returns."""
        file = await _io("writing a blob", self._open_temporary)
        try:
            with file:
                digest, received = hashlib.sha256(), 0

                def append(piece: bytes) -> None:
                    digest.update(piece)
                    file.write(piece)

                async for piece in data:
                    received += len(piece)
                    await _io("writing a blob", append, piece)
                    if received > size:
                        break
                if received != size or digest.hexdigest() != sha256:
                    raise errors.digest_mismatch(sha256, size, digest.hexdigest(), received)
                await _io("writing a blob", _sync, file)
            await _io("writing a blob", self._publish, Path(file.name), sha256)
        finally:
            # A rename took it when all went well. Not awaited: this also runs when the call is cancelled.
            with contextlib.suppress(OSError):
                os.unlink(file.name)

    async def read(self, sha256: str, offset: int = 0, length: int = 0) -> AsyncIterator[bytes]:
        """Yield the blob's bytes in pieces of up to 1 MiB."""
        file = await _io("reading a blob", self._open_blob, sha256, offset)
        if file is None:
            raise errors.blob_not_found(sha256)
        with file:
            left = length or sys.maxsize
            while left > 0:
                piece = await _io("reading a blob", file.read, min(_PIECE_BYTES, left))
                if not piece:
                    return
                yield piece
                left -= len(piece)

    async def digests(self) -> AsyncIterator[str]:
        """Yield the digest of every blob."""
        folders = await _io("listing blobs", _names, self._root / "sha256")
        for folder in folders:
            for digest in await _io("listing blobs", _names, self._root / "sha256" / folder):
                yield digest

    async def close(self) -> None:
        """Nothing is held open."""

    def _prepare(self) -> None:
        for folder in (self._temporary, self._root / "sha256"):
            folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self._temporary):
            pass
        oldest = time.time() - _STALE_SECONDS
        for path in self._temporary.iterdir():
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)

    def _path(self, sha256: str) -> Path:
        return self._root / key_of(sha256)

    def _size(self, sha256: str) -> int | None:
        try:
            return self._path(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def _open_temporary(self) -> IO[bytes]:
        return tempfile.NamedTemporaryFile(dir=self._temporary, delete=False)

    def _open_blob(self, sha256: str, offset: int) -> IO[bytes] | None:
        try:
            file = self._path(sha256).open("rb")
        except FileNotFoundError:
            return None
        file.seek(offset)
        return file

    def _publish(self, temporary: Path, sha256: str) -> None:
        path = self._path(sha256)
        if not path.parent.is_dir():
            path.parent.mkdir(exist_ok=True)
            _sync_folder(path.parent.parent)
        temporary.replace(path)
        _sync_folder(path.parent)


async def _io(what: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a call that blocks, off the event loop; a failing disk is the store being unavailable."""
    try:
        return await asyncio.to_thread(call, *args, **kwargs)
    except OSError as error:
        log.error("%s failed: %s", what, error)
        raise errors.blob_store_unavailable(f"{what}: {error.strerror or type(error).__name__}") from error


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
