"""Copies of files that share what they can: hard links, clones (reflinks), and else bytes."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

_FICLONE = 0x40049409


def link(source: Path, target: Path) -> None:
    """Make `target` the same file as `source`, or a copy where the file system has no (more) links for it."""
    try:
        os.link(source, target)
    except OSError:
        if target.exists():
            raise
        copy(source, target)
        shutil.copystat(source, target)


def copy(source: Path, target: Path) -> None:
    """Copy a file's bytes; a file system that can do so (btrfs, XFS, APFS) shares them until one side is written to."""
    if not _clone(source, target):
        shutil.copyfile(source, target)


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


if sys.platform == "linux":
    import fcntl

    def _clone(source: Path, target: Path) -> bool:
        with source.open("rb") as old, target.open("xb") as new:
            try:
                fcntl.ioctl(new.fileno(), _FICLONE, old.fileno())
            except OSError:
                return False
        return True
else:

    def _clone(source: Path, target: Path) -> bool:
        # On macOS, copyfile clones by itself.
        return False
