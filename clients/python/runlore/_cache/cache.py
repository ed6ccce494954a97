"""The cache: which trees it has, and how one gets in and out."""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from runlore import v1
from runlore._cache import copies, eviction
from runlore._cache.lock import Lock
from runlore._cache.objects import Objects, mode_of
from runlore._cache.places import check_places
from runlore._files import Digests, Identity
from runlore._hash_cache import HashCache, boot_id
from runlore._hashing import hash_range
from runlore.errors import FileChangedError, IntegrityError

log = logging.getLogger("runlore")

_HASHING = min(4, os.cpu_count() or 1)


class Cache:
    """The cache in one folder, which any number of processes share."""

    def __init__(self, root: Path) -> None:
        """Use a folder that need not exist."""
        self.root = root.absolute()
        self.hashes = HashCache(self.root / "hashes.sqlite3")
        self.objects = Objects(self.root / "objects", self.hashes)

    def tree(self, digest: str) -> Path:
        """Return where a manifest's tree is, or is to be."""
        return self.root / "trees" / digest

    def partial(self, digest: str) -> Path:
        """Return where a manifest's files are downloaded to."""
        return self.root / "partial" / digest

    def lock(self, digest: str) -> Lock:
        """Return the lock of whoever brings a manifest's tree in."""
        return Lock(self.root / "locks" / digest)

    def use(self) -> Lock:
        """Return the lock that keeps `eviction` from taking what is being brought in; take it shared."""
        return Lock(self.root / "locks" / "eviction")

    def files(self, digest: str) -> list[v1.FileEntry] | None:
        """Return a tree's files as they were when it was pulled, None when it was not."""
        try:
            return list(v1.GetManifestResponse.FromString(self._beside(digest, "manifest").read_bytes()).files)
        except (OSError, ValueError):
            return None

    def verified(self, digest: str, *, rehash: bool = False) -> Path | None:
        """Return a manifest's tree when every file is what it should be; None when it has to be brought in again.

        A file that has the identity with which it was verified is not read, unless `rehash`. Files that do not belong
        there are removed, and those that are damaged too.
        """
        folder = self.tree(digest)
        files = self.files(digest)
        if files is None or not folder.is_dir():
            return None
        wanted = {entry.path: entry for entry in files}
        present = dict(_listing(folder))
        for path in present.keys() - wanted.keys():
            _remove(folder / path)
        known = {} if rehash else self._identities(digest)
        doubtful = [entry for path, entry in wanted.items() if not _is_as_known(path, entry, present, known)]
        if doubtful:
            with ThreadPoolExecutor(_HASHING) as threads:
                good = list(threads.map(lambda entry: _is_intact(folder / entry.path, entry), doubtful))
            bad = [entry for entry, fine in zip(doubtful, good, strict=True) if not fine]
            for entry in bad:
                _remove(folder / entry.path)
                self.objects.check_again(entry)
            if bad:
                return None
            self._mark(digest)
        else:
            self._touch(digest)
        return folder

    def install(self, digest: str, files: Sequence[v1.FileEntry]) -> Path:
        """Make the tree of a manifest whose objects are all there; needs the manifest's lock."""
        folder = self.tree(digest)
        with copies.scratch(folder) as new:
            for parent in {os.path.dirname(entry.path) for entry in files}:
                (new / parent).mkdir(parents=True, exist_ok=True)
            for entry in files:
                copies.link(self.objects.path(entry), new / entry.path)
            record = v1.GetManifestResponse(manifest=v1.Manifest(digest=digest), files=files)
            for entry in record.files:
                for chunk in entry.chunks:
                    chunk.ClearField("url")
            _write(self._beside(digest, "manifest"), record.SerializeToString())
            if folder.exists():
                # Damaged before: what is open stays open.
                with copies.scratch(folder) as old:
                    os.replace(folder, old / "old")
            os.replace(new, folder)
        self._mark(digest)
        shutil.rmtree(self.partial(digest), ignore_errors=True)
        return folder

    def copy_out(self, digest: str, dest: Path, *, link: bool, rehash: bool) -> None:
        """Copy a verified tree to `dest`, which appears complete or not at all.

        A `dest` that holds exactly these files already is left alone; raises FileExistsError when it holds anything
        else, PreconditionError for paths that its disk cannot hold.
        """
        files = self.files(digest) or []
        check_places(dest.absolute().parent, [entry.path for entry in files])
        if os.path.lexists(dest) and not (dest.is_dir() and not any(dest.iterdir())):
            if dest.is_dir() and self._is_exactly(dest, files, rehash=rehash):
                return
            raise FileExistsError(f"'{dest}' exists and holds something else: name a folder that is new or empty")
        folder = self.tree(digest)
        with copies.scratch(dest) as new:
            copy = new / "copy"
            for parent in {os.path.dirname(entry.path) for entry in files}:
                (copy / parent).mkdir(parents=True, exist_ok=True)
            for entry in files:
                target = copy / entry.path
                if link:
                    copies.link(folder / entry.path, target)
                else:
                    copies.copy(folder / entry.path, target)
                    target.chmod(entry.mode or 0o644)
                if target.stat().st_size != entry.size or (rehash and not _is_intact(target, entry)):
                    raise IntegrityError(f"'{entry.path}' was damaged while it was copied: '{dest}' was not written")
            os.replace(copy, dest)

    def make_room(self, limit: int | None, *, needed: int = 0) -> None:
        """Remove what was used least lately until the cache has at most `limit` bytes, and the disk `needed` free.

        Raises OSError (ENOSPC) when the disk has not.
        """
        lock = self.use()
        if lock.acquire():
            try:
                eviction.evict(self.root, limit, lambda: needed and _free(self.root) < needed)
            finally:
                lock.release()
        if needed and _free(self.root) < needed:
            raise OSError(
                errno.ENOSPC,
                f"the download needs {needed} bytes and {_free(self.root)} are free: free some, "
                "or set RUNLORE_CACHE to a folder on another disk",
                str(self.root),
            )

    def _is_exactly(self, dest: Path, files: Sequence[v1.FileEntry], *, rehash: bool) -> bool:
        present = {path: Identity.of(found) for path, found in _listing(dest)}
        if present.keys() != {entry.path for entry in files}:
            return False
        paths = [(str(dest / path), identity) for path, identity in present.items()]
        known = {} if rehash else self.hashes.known(paths)
        for entry in files:
            path = str(dest / entry.path)
            if path in known:
                if known[path].sha256 != entry.sha256:
                    return False
            elif not _is_intact(Path(path), entry):
                return False
        digests = {str(dest / e.path): Digests(e.sha256, tuple(c.sha256 for c in e.chunks)) for e in files}
        self.hashes.remember((path, identity, digests[path]) for path, identity in paths if path not in known)
        return True

    def _identities(self, digest: str) -> dict[str, Identity]:
        try:
            record = json.loads(self._beside(digest, "verified").read_bytes())
            if record["boot"] != boot_id():
                # What a crash leaves of a file may look like the file.
                return {}
            return {path: Identity(*identity) for path, identity in record["files"].items()}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def _mark(self, digest: str) -> None:
        files = {path: Identity.of(found) for path, found in _listing(self.tree(digest))}
        record = {"boot": boot_id(), "files": files}
        try:
            _write(self._beside(digest, "verified"), json.dumps(record).encode())
        except OSError as error:
            # A cache on a read-only disk, such as one that is part of an image, works as well: it is read each time.
            log.debug("%s is verified, and that cannot be noted: %s", digest, error)

    def _touch(self, digest: str) -> None:
        try:
            os.utime(self._beside(digest, "verified"))
        except OSError as error:
            log.debug("the use of %s cannot be noted: %s", digest, error)

    def _beside(self, digest: str, kind: str) -> Path:
        return self.root / "trees" / f"{digest}.{kind}"


def _is_as_known(
    path: str, entry: v1.FileEntry, present: dict[str, os.stat_result], known: dict[str, Identity]
) -> bool:
    found = present.get(path)
    return (
        found is not None
        and known.get(path) == Identity.of(found)
        and bool(found.st_mode & stat.S_IXUSR) == (entry.mode == 0o755)
    )


def _listing(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield every file below a folder by its path, and what it is; of a link, not of what it leads to."""
    todo = [(str(folder), "")]
    while todo:
        here, prefix = todo.pop()
        with os.scandir(here) as items:
            for item in items:
                if item.is_dir(follow_symlinks=False):
                    todo.append((item.path, f"{prefix}{item.name}/"))
                else:
                    # Windows has no inode in what a listing tells.
                    found = item.stat(follow_symlinks=False) if os.name == "posix" else os.lstat(item.path)
                    yield prefix + item.name, found


def _is_intact(path: Path, entry: v1.FileEntry) -> bool:
    """Whether the file has the entry's bytes; puts its mode right in passing."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size != entry.size:
            return False
        if hash_range(str(path), 0, entry.size) != entry.sha256:
            return False
        mode = path.stat().st_mode & 0o777
        if mode not in (entry.mode or 0o644, mode_of(entry)):
            path.chmod(mode_of(entry))
    except (OSError, FileChangedError):
        return False
    return True


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except (IsADirectoryError, PermissionError):
        shutil.rmtree(path, ignore_errors=True)


def _write(path: Path, data: bytes) -> None:
    with copies.scratch(path) as folder:
        (folder / "new").write_bytes(data)
        os.replace(folder / "new", path)


def _free(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    return shutil.disk_usage(folder).free
