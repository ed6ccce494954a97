"""Pulled files on disk. Everything here blocks.

`<cache>/manifests/<digest>/` is the tree of one manifest, and nothing else. It appears by a rename when it is
complete, so that whoever finds it finds all of it; later pulls hash it again and put single bad files right.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from runlore import v1
from runlore._settings import cache_folder
from runlore.errors import IntegrityError
from runlore.manifest import Tree, check_chunks


def check_files(digest: str, files: Iterable[v1.FileEntry]) -> None:
    """Raise IntegrityError unless the files have safe paths, whole chunks and, as a tree, the digest."""
    entries = list(files)
    try:
        tree = Tree.of(entries)
        for entry in entries:
            check_chunks(entry)
        found = tree.manifest().digest
    except (ValueError, KeyError) as error:
        raise IntegrityError(f"the server's list of files of manifest {digest} is not valid: {error}") from None
    if found != digest or len(list(tree.walk())) != len(entries):
        raise IntegrityError(
            f"the server's list of files has the digest {found}, not {digest} as registered: nothing was downloaded"
        )


def folder_of(digest: str) -> Path:
    """Return where the manifest's tree is, or is to be."""
    return cache_folder() / "manifests" / digest


def bad_files(folder: Path, files: Iterable[v1.FileEntry]) -> list[v1.FileEntry]:
    """Return the files that are missing from the folder or have other bytes; remove what does not belong there."""
    wanted = {entry.path: entry for entry in files}
    for path in list(_everything(folder)):
        if path.relative_to(folder).as_posix() not in wanted or path.is_symlink():
            path.unlink()
    return [entry for entry in wanted.values() if not is_intact(folder / entry.path, entry)]


def _everything(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        links = [name for name in folders if Path(here, name).is_symlink()]
        yield from (Path(here, name) for name in (*files, *links))


def is_intact(path: Path, entry: v1.FileEntry) -> bool:
    """Whether the file has the entry's bytes; puts its mode right in passing."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size != entry.size:
            return False
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != entry.sha256:
                return False
        if path.stat().st_mode & 0o777 != _mode(entry):
            path.chmod(_mode(entry))
    except OSError:
        return False
    return True


def _mode(entry: v1.FileEntry) -> int:
    return entry.mode or 0o644


@contextlib.contextmanager
def scratch(near: Path) -> Iterator[Path]:
    """Make a folder on the same file system as `near`, and remove it afterwards if it is still there."""
    near.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{near.name[:16]}-", dir=near.parent))
    # What mkdtemp makes is private, and a rename would keep it so.
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def lay_out(folder: Path, files: Iterable[v1.FileEntry]) -> None:
    """Make every file at its size, so that chunks can be written in any order."""
    for entry in files:
        path = folder / entry.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.truncate(entry.size)


def write_chunk(path: Path, chunk: v1.Chunk, data: bytes) -> None:
    """Write a chunk's bytes to their place."""
    with path.open("r+b") as file:
        file.seek(chunk.offset)
        file.write(data)


def has_digest(data: bytes, chunk: v1.Chunk) -> bool:
    """Whether the bytes are the chunk's."""
    return len(data) == chunk.size and hashlib.sha256(data).hexdigest() == chunk.sha256


def check_downloaded(folder: Path, files: Iterable[v1.FileEntry]) -> None:
    """Raise IntegrityError unless each file as a whole has its digest; set the modes."""
    for entry in files:
        if not is_intact(folder / entry.path, entry):
            raise IntegrityError(
                f"'{entry.path}' does not have the sha256 {entry.sha256} that its uploader claimed: nothing was kept"
            )


def install(new: Path, folder: Path, files: Iterable[v1.FileEntry]) -> None:
    """Move downloaded files to where they belong: all at once when the folder is not there yet, else one by one."""
    try:
        new.rename(folder)
    except OSError:
        # It is there: bad files are being replaced, or another process was faster.
        for entry in files:
            target = folder / entry.path
            if target.is_dir():
                shutil.rmtree(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(new / entry.path, target)


def copy_out(folder: Path, dest: Path, files: Iterable[v1.FileEntry]) -> None:
    """Copy a verified tree to `dest`, which appears complete or not at all.

    A `dest` that holds exactly these files already is left alone; raises FileExistsError when it holds anything else.
    """
    entries = list(files)
    if os.path.lexists(dest) and not (dest.is_dir() and not any(dest.iterdir())):
        if dest.is_dir() and _is_exactly(dest, entries):
            return
        raise FileExistsError(f"'{dest}' exists and holds something else: name a folder that is new or empty")
    with scratch(dest) as new:
        copy = new / "copy"
        shutil.copytree(folder, copy)
        check_downloaded(copy, entries)
        os.replace(copy, dest)


def _is_exactly(dest: Path, files: list[v1.FileEntry]) -> bool:
    present = {path.relative_to(dest).as_posix() for path in _everything(dest)}
    return present == {entry.path for entry in files} and all(is_intact(dest / e.path, e) for e in files)
