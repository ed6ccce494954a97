"""Blobs in a local folder: the embedded default.

A blob is written to a temporary file, synced, and renamed into place, so that a file under its final name is whole and
checked, whatever happened to the server that wrote it.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import logging
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import IO, ParamSpec, TypeVar

from runlore_server import errors
from runlore_server.blob import BlobStoreError, Found, is_digest, key_of

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_PIECE_BYTES = 1024 * 1024
#: A temporary file as old as this belongs to a server that was killed, or to an upload that nobody went on with.
_STALE_SECONDS = 24 * 3600
_KEPT = ".kept"


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

    async def write(self, sha256: str, size: int, data: AsyncIterator[bytes], offset: int = 0) -> None:
        """Store a blob; it survives a crash of the machine once this returns."""
        digest = hashlib.sha256()
        file = await _io("writing a blob", self._open_temporary)
        try:
            with file:
                received = await _io("writing a blob", self._take_kept, sha256, offset, file, digest)

                def append(piece: bytes) -> None:
                    digest.update(piece)
                    file.write(piece)

                try:
                    async for piece in data:
                        received += len(piece)
                        await _io("writing a blob", append, piece)
                        if received > size:
                            break
                except BaseException:
                    # Not awaited: this also runs when the call is cancelled.
                    self._keep(file, sha256)
                    raise
                if received != size or digest.hexdigest() != sha256:
                    # A cut stream may look like one that ended.
                    if received < size:
                        self._keep(file, sha256)
                    else:
                        self._kept(sha256).unlink(missing_ok=True)
                    raise errors.digest_mismatch(sha256, size, digest.hexdigest(), received)
                await _io("writing a blob", _sync, file)
            await _io("writing a blob", self._publish, Path(file.name), sha256)
        finally:
            # A rename took it when all went well.
            with contextlib.suppress(OSError):
                os.unlink(file.name)

    async def kept(self, sha256: str) -> int:
        """Return the size of the file that a cut write left."""
        return await _io("looking for a part of a blob", _size, self._kept(sha256)) or 0

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

    async def blobs(self) -> AsyncIterator[Found]:
        """Yield every blob, a folder at a time."""
        for folder in await _io("listing blobs", _names, self._root / "sha256"):
            for found in await _io("listing blobs", _found, self._root / "sha256" / folder):
                yield found

    async def delete(self, digests: Sequence[str]) -> None:
        """Unlink the blobs' files. A crash of the machine may bring some back, which is harmless."""

        def unlink() -> None:
            for digest in digests:
                self._path(digest).unlink(missing_ok=True)

        await _io("deleting blobs", unlink)

    async def sweep(self, before: float, *, dry_run: bool = False) -> list[str]:
        """Delete temporary files, kept parts of blobs among them."""
        return await _io("sweeping up", self._sweep, before, dry_run)

    async def close(self) -> None:
        """Nothing is held open."""

    def _prepare(self) -> None:
        for folder in (self._temporary, self._root / "sha256"):
            folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self._temporary):
            pass
        self._sweep(time.time() - _STALE_SECONDS, False)

    def _sweep(self, before: float, dry_run: bool) -> list[str]:
        swept = []
        for path in self._temporary.iterdir():
            with contextlib.suppress(FileNotFoundError):
                status = path.stat()
                if status.st_mtime < before:
                    swept.append(f"unfinished upload tmp/{path.name} ({status.st_size:,} bytes)")
                    if not dry_run:
                        path.unlink()
        return swept

    def _path(self, sha256: str) -> Path:
        return self._root / key_of(sha256)

    def _kept(self, sha256: str) -> Path:
        key_of(sha256)
        return self._temporary / f"{sha256}{_KEPT}"

    def _keep(self, file: IO[bytes], sha256: str) -> None:
        """Keep what was written of a blob, unless more is there: both are beginnings of the same bytes."""
        with contextlib.suppress(OSError):
            file.flush()
            there = self._size(sha256) or _size(self._kept(sha256)) or 0
            if os.fstat(file.fileno()).st_size > there:
                Path(file.name).replace(self._kept(sha256))

    def _take_kept(self, sha256: str, offset: int, file: IO[bytes], digest: hashlib._Hash) -> int:
        """Begin a blob's file with the first `offset` bytes that are kept."""
        if not offset:
            return 0
        try:
            beginning = self._kept(sha256).read_bytes()
        except FileNotFoundError:
            beginning = b""
        if len(beginning) < offset:
            raise errors.upload_offset_mismatch(sha256, offset, len(beginning))
        digest.update(beginning[:offset])
        file.write(beginning[:offset])
        return offset

    def _size(self, sha256: str) -> int | None:
        return _size(self._path(sha256))

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
        self._kept(sha256).unlink(missing_ok=True)


async def _io(what: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a call that blocks, off the event loop; a failing disk is the store being unavailable, or full."""
    try:
        return await asyncio.to_thread(call, *args, **kwargs)
    except OSError as error:
        log.error("%s failed: %s", what, error)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise errors.blob_store_full() from error
        raise errors.blob_store_unavailable(f"{what}: {error.strerror or type(error).__name__}") from error


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def _found(folder: Path) -> list[Found]:
    found = []
    for entry in os.scandir(folder):
        # What somebody else put there is none of ours.
        if not is_digest(entry.name):
            continue
        # Collected meanwhile, perhaps.
        with contextlib.suppress(FileNotFoundError):
            status = entry.stat()
            found.append(Found(entry.name, status.st_size, status.st_mtime))
    return found


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
