"""Local files on their way up: which belong to an upload, and their digests. Everything here blocks."""

from __future__ import annotations

import hashlib
import mimetypes
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runlore import v1
from runlore.errors import FileChangedError, invalid_field
from runlore.manifest import CHUNK_BYTES, check_path


@dataclass(frozen=True)
class LocalFile:
    """A file that was read and hashed, and where it is."""

    path: Path
    entry: v1.FileEntry


@dataclass(frozen=True)
class LocalBlob:
    """A chunk of a local file."""

    path: Path
    offset: int
    size: int
    sha256: str

    def read(self) -> bytes:
        """Return the bytes; raises FileChangedError when they are not those that were hashed."""
        with self.path.open("rb") as file:
            file.seek(self.offset)
            data = file.read(self.size)
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise changed(self.path)
        return data


def changed(path: Path) -> FileChangedError:
    """Return the error for a file that is not what it was."""
    return FileChangedError(f"'{path}' changed while it was being read: nothing was logged", reason="FILE_CHANGED")


def collect(path: str | os.PathLike[str], artifact_path: str | None, *, keep_name: bool) -> list[LocalFile]:
    """Read and hash a file, or every file of a folder in the order of their names."""
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
        found = [_hash(p, _join(under, rel)) for p, rel in _walk(root, root.resolve(), "", ())]
        if not found:
            raise invalid_field("path", f"the folder '{root}' has no files: an artifact is made of files")
        return found
    if not keep_name:
        raise NotADirectoryError(f"'{root}' is not a folder: log_artifact takes files")
    return [_hash(root, _join(prefix, name))]


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


def _walk(folder: Path, root: Path, prefix: str, above: tuple[Path, ...]) -> Iterator[tuple[Path, str]]:
    """Yield (where, path from the root) of every file, links within the root followed."""
    here = folder.resolve()
    if here in above:
        raise invalid_field("path", f"the link '{folder}' leads back into a folder that holds it")
    for item in sorted(folder.iterdir(), key=lambda p: os.fsencode(p.name)):
        if item.is_symlink() and not item.resolve().is_relative_to(root):
            raise invalid_field("path", f"the link '{item}' leads out of the folder: copy what it points at")
        relative = f"{prefix}{item.name}"
        if item.is_dir():
            yield from _walk(item, root, f"{relative}/", (*above, here))
        else:
            yield item, relative


def _hash(path: Path, name: str) -> LocalFile:
    """Read a file once; raises InvalidArgumentError, FileChangedError, OSError."""
    _check("path", name)
    if not path.is_file():
        # Opening a pipe would wait for its writer.
        raise invalid_field("path", f"'{path}' is neither a file nor a folder")
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        whole = hashlib.sha256()
        chunks = []
        offset = 0
        while data := file.read(CHUNK_BYTES):
            whole.update(data)
            chunks.append(v1.Chunk(offset=offset, size=len(data), sha256=hashlib.sha256(data).hexdigest()))
            offset += len(data)
        after = os.fstat(file.fileno())
    if offset != before.st_size or (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise changed(path)
    entry = v1.FileEntry(
        path=name,
        size=offset,
        sha256=whole.hexdigest(),
        mode=0o755 if before.st_mode & stat.S_IXUSR else 0o644,
        media_type=mimetypes.guess_type(name)[0] or "",
        chunks=chunks,
    )
    return LocalFile(path, entry)
