"""The folders of a spool: one for each run and writer, locked by the process that writes it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from runlore._spool.segments import DamagedError

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows
    fcntl = None  # type: ignore[assignment]

JOURNAL = "journal"
FILES = "files"
_ABOUT = "writer.json"
_LOCK = "lock"
_FORMAT = 1
_TRIES = 10
#: What folders are called while they are made and while they go: a process that is killed then leaves them so.
_MAKING, _GOING = ".making-", ".going-"


@dataclass(frozen=True)
class About:
    """Whose points a folder holds."""

    run_id: str
    #: Under which id LogStream knows the writer.
    writer_id: str
    #: The workspace; empty: the server's default.
    workspace: str
    #: The run's name, for people.
    name: str
    #: When the folder was made, by the clock of its machine: requests of several writers are sent in that order.
    created_unix_us: int
    #: Subtract it from a point's number in the spool to have its number for the server.
    offset: int = 0


class WriterFolder:
    """A folder that this process holds the lock of."""

    def __init__(self, path: Path, about: About, lock: int) -> None:
        """Use `create` or `take`."""
        self.path = path
        self.about = about
        self._lock: int | None = lock

    @classmethod
    def create(cls, root: Path, run_id: str, workspace: str, name: str = "") -> WriterFolder:
        """Make the folder of a new writer; raises OSError."""
        if fcntl is None:
            raise OSError("this system cannot lock files as the spool needs it")
        writer_id = uuid.uuid4().hex
        about = About(run_id, writer_id, workspace, name, time.time_ns() // 1000)
        parent = root / run_id
        for left in reversed(range(_TRIES)):
            parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                return cls._create(parent, about)
            except FileNotFoundError:
                # Whoever emptied the run's folder has removed it in between.
                if not left:
                    raise
        raise AssertionError

    @classmethod
    def _create(cls, parent: Path, about: About) -> WriterFolder:
        making = parent / f"{_MAKING}{about.writer_id}"
        making.mkdir(mode=0o700)
        lock: int | None = None
        try:
            lock = _locked(making)
            assert lock is not None
            _write_about(making, about)
            # It appears with its lock held.
            path = making.rename(parent / about.writer_id)
        except BaseException:
            if lock is not None:
                os.close(lock)
            shutil.rmtree(making, ignore_errors=True)
            raise
        return cls(path, about, lock)

    @classmethod
    def take(cls, path: Path) -> WriterFolder | None:
        """Take over what a process has left; None while it lives. Raises OSError and DamagedError."""
        lock = _locked(path)
        if lock is None:
            return None
        try:
            return cls(path, read_about(path), lock)
        except BaseException:
            os.close(lock)
            raise

    def become(self, writer_id: str, offset: int) -> None:
        """Record another id and offset for the points that are left."""
        self.about = replace(self.about, writer_id=writer_id, offset=offset)
        _write_about(self.path, self.about)

    def release(self) -> None:
        """Unlock it; what is in it stays for `runlore sync`.

        In a forked child this leaves the lock to the parent, which has it open too.
        """
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def delete(self) -> None:
        """Remove it with all that is in it; raises nothing."""
        going = self.path.with_name(f"{_GOING}{self.path.name}")
        with contextlib.suppress(OSError):
            # At once: what is half removed must not look like a spool.
            self.path.rename(going)
            shutil.rmtree(going, ignore_errors=True)
        self.release()
        with contextlib.suppress(OSError):
            self.path.parent.rmdir()


def find(root: Path) -> list[Path]:
    """Return the writers' folders at and below `root`, which is a spool, a run's folder in one, or a writer's."""
    found = [root] if (root / _ABOUT).is_file() else []
    for depth in ("*", "*/*"):
        found += [about.parent for about in root.glob(f"{depth}/{_ABOUT}") if not about.parent.name.startswith(".")]
    return sorted(found)


def sweep(root: Path) -> None:
    """Remove what processes left that were killed while they made or removed a folder."""
    for path in (
        path for depth in ("", "*/", "*/*/") for kind in (_MAKING, _GOING) for path in root.glob(f"{depth}{kind}*")
    ):
        with contextlib.suppress(OSError):
            lock = _locked(path)
            if lock is not None:
                shutil.rmtree(path, ignore_errors=True)
                os.close(lock)


def read_about(path: Path) -> About:
    """Return what a folder says of itself; raises OSError and DamagedError."""
    try:
        content = json.loads((path / _ABOUT).read_bytes())
        if content.pop("format") != _FORMAT:
            raise DamagedError(f"{path} is a spool of another format: use the version of runlore that wrote it")
        return About(**content)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DamagedError(f"{path / _ABOUT} is damaged") from None


def files_of(path: Path, suffix: str) -> Iterator[Path]:
    """Yield the files of a folder with that suffix, in the order of their names."""
    yield from sorted(item for item in path.iterdir() if item.name.endswith(suffix))


def _write_about(path: Path, about: About) -> None:
    new = path / f"{_ABOUT}.new"
    new.write_text(json.dumps({"format": _FORMAT, **asdict(about)}, indent=1) + "\n")
    new.replace(path / _ABOUT)


def _locked(path: Path) -> int | None:
    """Return the descriptor that holds the folder's lock; None when another process has it."""
    descriptor = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
