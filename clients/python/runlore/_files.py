"""Local files on their way up: which belong to an upload, and whether they are as they were. All of it blocks."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from runlore import v1
from runlore.errors import FileChangedError, invalid_field
from runlore.manifest import CHUNK_BYTES, check_path

#: Bytes read at once: large enough that hashing them lets other threads run, small enough to be many.
PIECE_BYTES = 1024 * 1024


class Identity(NamedTuple):
    """What changes when a file is written to or replaced, short of someone who sets clocks back on purpose."""

    size: int
    mtime_ns: int
    inode: int
    device: int

    @classmethod
    def of(cls, found: os.stat_result) -> Identity:
        """Return the identity that a `stat` shows."""
        return cls(found.st_size, found.st_mtime_ns, found.st_ino, found.st_dev)


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that an upload has: where it is, and the path that it gets."""

    path: str
    name: str
    identity: Identity
    executable: bool

    def check_unchanged(self) -> None:
        """Raise FileChangedError unless the file is as it was when the upload began."""
        try:
            now = Identity.of(os.stat(self.path))
        except OSError:
            raise changed(self.path) from None
        if now != self.identity:
            raise changed(self.path)


@dataclass(frozen=True, slots=True)
class Digests:
    """A file's sha256, and those of its chunks in order."""

    sha256: str
    chunks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LocalBlob:
    """A chunk of a local file."""

    path: str | os.PathLike[str]
    offset: int
    size: int
    sha256: str

    def pieces(self, start: int = 0) -> Iterator[bytes]:
        """Yield the bytes from `start` on; fewer than `size` when the file has shrunk."""
        with open(self.path, "rb", buffering=0) as file:
            file.seek(self.offset + start)
            left = self.size - start
            while left and (piece := file.read(min(PIECE_BYTES, left))):
                yield piece
                left -= len(piece)

    def read(self) -> bytes:
        """Return the bytes; raises FileChangedError when they are not those that were hashed."""
        data = b"".join(self.pieces())
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise changed(self.path)
        return data

    def check(self) -> None:
        """Raise FileChangedError unless the bytes are those that were hashed."""
        digest = hashlib.sha256()
        for piece in self.pieces():
            digest.update(piece)
        if digest.hexdigest() != self.sha256:
            raise changed(self.path)


def changed(path: str | os.PathLike[str]) -> FileChangedError:
    """Return the error for a file that is not what it was."""
    return FileChangedError(
        f"'{path}' changed while it was being uploaded: nothing was logged; try again once nothing writes to it",
        reason="FILE_CHANGED",
        metadata={"path": str(path)},
    )


def scan(path: str | os.PathLike[str], artifact_path: str | None, *, keep_name: bool) -> list[LocalFile]:
    """Return a file, or every file of a folder in the order of their names. Reads no file; refuses what has no place.

    Links within the folder are followed. Raises FileNotFoundError, NotADirectoryError, InvalidArgumentError.
    """
    root = Path(path)
    # The name that the caller typed, but `.` and `..` have none of their own.
    name = root.name if root.name not in ("", "..") else root.resolve().name
    prefix = artifact_path.strip("/") if artifact_path else ""
    if prefix:
        _check("artifact_path", prefix)
    if not root.exists():
        raise FileNotFoundError(f"no file or folder '{root}' to log")
    if root.is_dir():
        under = _join(prefix, name) if keep_name else prefix
        found = list(_walk(str(root), os.path.realpath(root), f"{under}/" if under else "", ()))
        if not found:
            raise invalid_field("path", f"the folder '{root}' has no files: an artifact is made of files")
        return found
    if not keep_name:
        raise NotADirectoryError(f"'{root}' is not a folder: log_artifact takes files")
    return [_file(str(root), _join(prefix, name))]


def entry_of(file: LocalFile, digests: Digests) -> v1.FileEntry:
    """Return a hashed file as the contract has it."""
    size = file.identity.size
    return v1.FileEntry(
        path=file.name,
        size=size,
        sha256=digests.sha256,
        mode=0o755 if file.executable else 0o644,
        chunks=[
            v1.Chunk(offset=offset, size=min(CHUNK_BYTES, size - offset), sha256=sha256)
            for offset, sha256 in zip(range(0, size, CHUNK_BYTES), digests.chunks, strict=True)
        ],
    )


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _check(field: str, path: str) -> None:
    try:
        path.encode()
    except UnicodeEncodeError:
        raise invalid_field(field, f"{path!r} is not UTF-8") from None
    try:
        check_path(path)
    except ValueError as error:
        raise invalid_field(field, f"'{path}' {error}") from None


def _walk(folder: str, root: str, prefix: str, above: tuple[tuple[int, int], ...]) -> Iterator[LocalFile]:
    """Yield every file below a folder. No link may leave `root`, a real path; `above` are the folders on the way."""
    found = os.stat(folder)
    here = (found.st_dev, found.st_ino)
    if here in above:
        raise invalid_field("path", f"the link '{folder}' leads back into a folder that holds it")
    with os.scandir(folder) as listing:
        items = sorted(listing, key=lambda item: os.fsencode(item.name))
    for item in items:
        if item.is_symlink():
            target = os.path.realpath(item.path)
            if os.path.commonpath((target, root)) != root:
                raise invalid_field("path", f"the link '{item.path}' leads out of the folder: copy what it points at")
            if not os.path.exists(target):
                raise invalid_field("path", f"the link '{item.path}' leads to nothing: remove it")
        if item.is_dir():
            yield from _walk(item.path, root, f"{prefix}{item.name}/", (*above, here))
        else:
            yield _file(item.path, f"{prefix}{item.name}")


def _file(path: str, name: str) -> LocalFile:
    _check("path", name)
    found = os.stat(path)
    if not stat.S_ISREG(found.st_mode):
        # Opening a pipe would wait for its writer.
        raise invalid_field("path", f"'{path}' is neither a file nor a folder")
    return LocalFile(path, name, Identity.of(found), bool(found.st_mode & stat.S_IXUSR))
