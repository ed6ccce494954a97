"""Digests of local files that were hashed before, so that a folder that did not change costs next to nothing.

A file is known by its path, size, modification time, inode and device, until the machine is started anew (what a crash
leaves of a file may look like the file). The SQLite file is shared by any number of processes, and never needed:
whatever is wrong with it, files are hashed.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from runlore._files import Digests, Identity

log = logging.getLogger("runlore")

#: A file written this recently may be written again within the same tick of its file system's clock.
_SETTLED_NS = 2_000_000_000
_FORGET_SECONDS = 60 * 24 * 3600
_WAIT_SECONDS = 5.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS digest (
    path BLOB PRIMARY KEY, size INTEGER, mtime_ns INTEGER, inode TEXT, device TEXT, boot TEXT,
    sha256 TEXT, chunks TEXT, used INTEGER
) WITHOUT ROWID
"""
_FIND = "SELECT sha256, chunks FROM digest WHERE path=? AND size=? AND mtime_ns=? AND inode=? AND device=? AND boot=?"
_KEEP = "INSERT OR REPLACE INTO digest VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


class HashCache:
    """The digests in one SQLite file."""

    def __init__(self, file: Path) -> None:
        """Use a file that need not exist."""
        self._file = file

    def known(self, files: Iterable[tuple[str, Identity]]) -> dict[str, Digests]:
        """Return what is known of these files as they are now, by path."""
        found: dict[str, Digests] = {}

        def find(database: sqlite3.Connection) -> None:
            for path, identity in files:
                row = database.execute(_FIND, _key(path, identity)).fetchone()
                if row is not None:
                    found[path] = Digests(row[0], tuple(row[1].split(",")) if row[1] else ())

        if self._file.exists():
            self._with_database(find)
        return found

    def remember(self, files: Iterable[tuple[str, Identity, Digests]]) -> None:
        """Keep digests, except of files that were written a moment ago."""
        now = time.time_ns()
        rows = [
            (*_key(path, identity), digests.sha256, ",".join(digests.chunks), now // 10**9)
            for path, identity, digests in files
            if now - identity.mtime_ns > _SETTLED_NS
        ]

        def keep(database: sqlite3.Connection) -> None:
            with database:
                database.executemany(_KEEP, rows)
                database.execute("DELETE FROM digest WHERE used < ?", (now // 10**9 - _FORGET_SECONDS,))

        if rows:
            self._with_database(keep)

    def _with_database(self, work: Callable[[sqlite3.Connection], None]) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(sqlite3.connect(self._file, timeout=_WAIT_SECONDS)) as database:
                database.execute(_SCHEMA)
                work(database)
        except (sqlite3.Error, OSError) as error:
            log.debug("no use of the digests in %s: %s", self._file, error)
            if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                # It is no database any more; without it, the next one is made anew.
                with contextlib.suppress(OSError):
                    self._file.unlink()


@functools.cache
def boot_id() -> str:
    """Return what names this run of the machine; empty where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _key(path: str, identity: Identity) -> tuple[object, ...]:
    # Inodes and devices have 64 bits without a sign, which SQLite's integers lack.
    return (
        os.fsencode(os.path.abspath(path)),
        identity.size,
        identity.mtime_ns,
        str(identity.inode),
        str(identity.device),
        boot_id(),
    )
