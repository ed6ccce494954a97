"""Keeping the cache within its bounds."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

#: Whoever pulled a tree this many seconds ago may still be opening its files.
_IN_USE_SECONDS = 600.0
#: A download that nobody went on with for so many seconds is given up.
_ABANDONED_SECONDS = 24 * 3600.0


def evict(root: Path, limit: int | None, crowded: Callable[[], object]) -> None:
    """Remove trees, least lately used first, while the cache has more than `limit` bytes or the disk is `crowded`.

    What a reference stood for at its last pull goes last: it is what a pull falls back on. Needs the cache to itself.
    """
    now = time.time()
    for partial in _children(root / "partial"):
        if now - partial.stat().st_mtime > _ABANDONED_SECONDS:
            shutil.rmtree(partial, ignore_errors=True)
    total = _size(root) if limit is not None else 0
    if not _over(total, limit) and not crowded():
        return
    fallbacks = set(_last_good(root))
    trees = [path for path in _children(root / "trees") if path.is_dir() and not path.name.startswith(".")]
    for tree in sorted(trees, key=lambda path: (path.name in fallbacks, _last_use(path))):
        if now - _last_use(tree) > _IN_USE_SECONDS:
            total -= _remove(root, tree)
            if not _over(total, limit) and not crowded():
                return


def _over(total: int, limit: int | None) -> bool:
    return limit is not None and total > limit


def _remove(root: Path, tree: Path) -> int:
    """Remove a tree and the objects that no other tree has; return the bytes freed."""
    freed = 0
    for kind in ("verified", "manifest"):
        mark = tree.with_name(f"{tree.name}.{kind}")
        if mark.exists():
            freed += mark.stat().st_size
            mark.unlink(missing_ok=True)
    shutil.rmtree(tree, ignore_errors=True)
    for path, found in _files(root / "objects"):
        if found.st_nlink == 1:
            Path(path).unlink(missing_ok=True)
            freed += found.st_size
    return freed


def _last_use(tree: Path) -> float:
    for path in (tree.with_name(f"{tree.name}.verified"), tree):
        try:
            return path.stat().st_mtime
        except FileNotFoundError:
            continue
    return 0.0


def _last_good(root: Path) -> Iterator[str]:
    for path in _children(root / "last"):
        try:
            yield json.loads(path.read_bytes())["digest"]
        except (OSError, ValueError, KeyError, TypeError):
            continue


def _size(root: Path) -> int:
    """Return the bytes of all files, those with several links once."""
    sizes = {}
    for name in ("objects", "trees", "partial"):
        for _, found in _files(root / name):
            sizes[found.st_dev, found.st_ino] = found.st_size
    return sum(sizes.values())


def _files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    for here, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(here, name)
            try:
                yield path, os.stat(path, follow_symlinks=False)
            except FileNotFoundError:
                continue


def _children(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []
