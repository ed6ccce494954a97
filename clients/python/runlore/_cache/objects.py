"""Files under their sha256, read-only, each with a link for every tree that has it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from runlore import v1
from runlore._files import Digests, Identity
from runlore._hash_cache import HashCache, boot_id
from runlore._hashing import hash_range
from runlore.errors import FileChangedError

#: When every object was modified, in nanoseconds since the epoch: a write to one gives it another time.
_MTIME_NS = 1_000_000_000 * 10**9


def mode_of(entry: v1.FileEntry) -> int:
    """Return a cached file's permissions: nobody's to write."""
    return 0o555 if entry.mode == 0o755 else 0o444


class Objects:
    """The objects in one folder."""

    def __init__(self, root: Path, hashes: HashCache) -> None:
        """`hashes` remembers which of them were verified."""
        self._root = root
        self._hashes = hashes

    def path(self, entry: v1.FileEntry) -> Path:
        """Return where a file is, or is to be."""
        return self._root / entry.sha256[:2] / self.name(entry)

    def name(self, entry: v1.FileEntry) -> str:
        """Return what a file is called here."""
        return entry.sha256 + ("-x" if entry.mode == 0o755 else "")

    def missing(self, files: Iterable[v1.FileEntry]) -> list[v1.FileEntry]:
        """Return one entry for each object that is not here; hashes those that are not known to be intact."""
        wanted = {self.path(entry): entry for entry in files}
        present = {}
        for path in wanted:
            try:
                present[str(path)] = Identity.of(os.stat(path))
            except FileNotFoundError:
                continue
        known = self._hashes.known(present.items())
        return [entry for path, entry in wanted.items() if not self._is_good(str(path), entry, present, known)]

    def _is_good(self, path: str, entry: v1.FileEntry, present: dict[str, Identity], known: dict[str, Digests]) -> bool:
        identity = present.get(path)
        if identity is None:
            return False
        if path in known and known[path].sha256 == entry.sha256 and identity.mtime_ns == _MTIME_NS:
            return True
        return self.check_again(entry)

    def check_again(self, entry: v1.FileEntry) -> bool:
        """Hash an object and return whether it is intact; one that is not is removed."""
        path = self.path(entry)
        try:
            identity = Identity.of(os.stat(path))
            if identity.size == entry.size and hash_range(str(path), 0, entry.size) == entry.sha256:
                self._settle(path, entry)
                return True
        except FileNotFoundError:
            return False
        except FileChangedError:
            pass
        path.unlink(missing_ok=True)
        return False

    def add(self, file: Path, entry: v1.FileEntry) -> None:
        """Take a file in, whose bytes were verified; it is moved."""
        if not boot_id():
            # Nobody will tell us that the machine crashed before it wrote the bytes.
            with file.open("rb+") as written:
                os.fsync(written.fileno())
        path = self.path(entry)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.chmod(file, mode_of(entry))
        os.utime(file, ns=(_MTIME_NS, _MTIME_NS))
        os.replace(file, path)

    def remember(self, files: Iterable[v1.FileEntry]) -> None:
        """Note that these were verified as they are now."""
        found = [(str(path), entry) for path, entry in {self.path(entry): entry for entry in files}.items()]
        self._hashes.remember(
            (path, Identity.of(os.stat(path)), Digests(entry.sha256, tuple(c.sha256 for c in entry.chunks)))
            for path, entry in found
        )

    def _settle(self, path: Path, entry: v1.FileEntry) -> None:
        """Date it and protect it as an object, whatever was done to it."""
        os.chmod(path, mode_of(entry))
        os.utime(path, ns=(_MTIME_NS, _MTIME_NS))
