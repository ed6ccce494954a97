"""A server, its Postgres and the network to it, each of which can be hurt and healed."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import psutil
import psycopg

from runlore_server import upkeep
from runlore_server.embedded import EmbeddedPostgres
from runlore_server.settings import load
from tests.clients.lossy import LossyRelay
from tests.faults.ledger import Ledger
from tests.harness.server import COMMAND, ServerProcess, environment

_PATIENCE = 120.0


class Postgres:
    """A durable Postgres in a folder, which can be killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = EmbeddedPostgres(folder)
        self.url = self._server.start()

    def kill(self) -> None:
        """End all of its processes as `kill -9` does."""
        postmaster = psutil.Process(int((self._folder / "postmaster.pid").read_text().split()[0]))
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, timeout=_PATIENCE)

    def start(self) -> None:
        """Start it again; it recovers as Postgres does."""
        self._server = EmbeddedPostgres(self._folder)
        assert self._server.start() == self.url

    def revive(self) -> None:
        """Start it unless it is running: without room for its log, it ends itself."""
        with contextlib.suppress(FileNotFoundError, psutil.NoSuchProcess, IndexError, ValueError):
            # It may be on its way down, or recovering on its own.
            for _ in range(20):
                psutil.Process(int((self._folder / "postmaster.pid").read_text().split()[0]))
                with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.url, connect_timeout=2):
                    return
                time.sleep(0.5)
        self.start()

    def stop(self) -> None:
        """Stop it."""
        self._server.stop()


class World:
    """Everything between a client and its points on disk. Clients connect to `address`, whatever dies behind it.

    As a context it ends with `check_files`.
    """

    def __init__(
        self,
        folder: Path,
        faults: Ledger,
        artifacts: str = "",
        *,
        workers: int = 2,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """`artifacts`: where they are, empty for the server's own folder; `env`: more variables for the server."""
        self._artifacts, self._env = artifacts, env or {}
        self._data = folder / "server"
        self._faults = faults
        self._workers = str(workers)
        self.postgres = Postgres(folder / "postgres")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._listen = f"127.0.0.1:{probe.getsockname()[1]}"
        self.server = self._serve()
        self.network = LossyRelay(self._listen)

    @property
    def address(self) -> str:
        """Where clients connect: the network."""
        return self.network.address

    @property
    def direct(self) -> str:
        """Where the server itself listens."""
        return self._listen

    @property
    def where(self) -> list[str]:
        """The flags that lead another process to the same database and the same artifacts."""
        artifacts = ["--artifacts", self._artifacts] if self._artifacts else []
        return ["--database", self.postgres.url, "--data", str(self._data), *artifacts]

    def __enter__(self) -> World:
        """Begin; it runs already."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End everything; where a test found nothing wrong, look at the files that it did not look at."""
        try:
            if error is None:
                self.check_files()
        finally:
            self.close()

    def check_files(self) -> None:
        """Every byte of every manifest is there, after a collection that spares nothing."""
        settings = load({"artifacts": self._artifacts, "data": str(self._data), "gc_grace_hours": "0"}, self._env)
        upkeep.collect(self.postgres.url, settings, dry_run=False)
        assert upkeep.check(self.postgres.url, settings, deep=True).losses == []

    def collecting(self) -> subprocess.Popen[bytes]:
        """Begin a collection that spares nothing, in a process of its own."""
        command = [*COMMAND, "gc", "--grace-hours", "0", *self.where]
        return subprocess.Popen(command, env=environment(self._env), stdout=subprocess.DEVNULL)

    def close(self) -> None:
        """End everything."""
        self.network.close()
        self.server.stop()
        self.postgres.stop()

    # Faults. Each leaves a world that heals by itself, or is healed before the next.

    def kill_worker(self) -> None:
        """`kill -9` of one of the server's processes; its supervisor starts another."""
        workers = [p for p in psutil.Process(self.server.process.pid).children() if _is_worker(p)]
        if workers:
            with contextlib.suppress(psutil.NoSuchProcess):
                workers[-1].kill()
            self._faults.add("server worker killed")

    def kill_server(self) -> None:
        """`kill -9` of the whole server, which then starts again."""
        children = psutil.Process(self.server.process.pid).children(recursive=True)
        for process in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.server.kill()
        psutil.wait_procs(children, timeout=_PATIENCE)
        self._faults.add("server killed")
        self.server = self._serve()

    def restart_server(self) -> None:
        """Stop the server as an upgrade does (SIGTERM, drained), and start it again."""
        self.server.process.send_signal(signal.SIGTERM)
        self.server.wait_end(_PATIENCE)
        self._faults.add("server restarted")
        self.server = self._serve()

    def kill_postgres(self) -> None:
        """`kill -9` of Postgres, which then starts again and recovers."""
        self.postgres.kill()
        self._faults.add("postgres killed")
        self.postgres.start()

    def cut_network(self) -> None:
        """End every connection at once."""
        self.network.cut()
        self._faults.add("network cut")

    def cut_within(self, size: int) -> None:
        """End every connection after so many more bytes from clients, which is likely in the middle of a frame."""
        self.network.cut_after(size)
        self._faults.add("network cut within a frame")

    def lose_answers(self, seconds: float) -> None:
        """Lose what the server answers for a while, then every connection: clients do not know what it did."""
        self.network.deaf.set()
        time.sleep(seconds)
        self.network.cut()
        self.network.deaf.clear()
        self._faults.add("answers lost")

    def _serve(self) -> ServerProcess:
        arguments = ("--workers", self._workers, "--listen", self._listen, *self.where)
        server = ServerProcess(self._data, *arguments, env=self._env)
        return server.wait_ready(_PATIENCE)


def _is_worker(process: psutil.Process) -> bool:
    # One that was killed a moment ago has no command any more.
    with contextlib.suppress(psutil.NoSuchProcess):
        return "spawn_main" in " ".join(process.cmdline())
    return False
