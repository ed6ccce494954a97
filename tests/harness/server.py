"""Real servers, as processes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

READY = re.compile(r"^runlore-server ready on (\S+:\d+) \(database: .+, artifacts: .+\)$")
WEB = re.compile(r"^runlore-server web on (https?://\S+:\d+)$")
COMMAND = [sys.executable, "-m", "runlore_server.main"]


class ServerFailedError(AssertionError):
    """The server ended, or said nothing, before it was ready."""


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment without the settings that a person's shell may hold, plus `extra`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RUNLORE_", "AWS_"))}
    return {**kept, "PYTHONUNBUFFERED": "1", **(extra or {})}


def run_command(*arguments: str, timeout: float = 60, env: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Run `runlore-server` to its end and return (exit code, stdout, stderr)."""
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=timeout, env=environment(env), check=False
    )
    return done.returncode, done.stdout, done.stderr


class ServerProcess:
    """One `runlore-server serve`, from start to end.

    `address` is set once it is ready, and with a web port `web_address`, its URL. stdout is kept in `lines`, stderr in
    a file that `stderr` reads.
    """

    def __init__(self, data: Path, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        """Start a server on a free port of 127.0.0.1 with its files in `data`; returns without waiting."""
        listen = () if "--listen" in arguments else ("--listen", "127.0.0.1:0")
        self.data = data
        self.address = ""
        self.web_address = ""
        self._web = any(argument.startswith("--web-listen") for argument in arguments)
        self.lines: list[str] = []
        self._ready = threading.Event()
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self.process = subprocess.Popen(
            [*COMMAND, "serve", *listen, "--data", str(data), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
            env=environment(env),
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def stderr(self) -> str:
        """What the server has written to stderr so far."""
        size = os.fstat(self._stderr.fileno()).st_size
        return os.pread(self._stderr.fileno(), size, 0).decode(errors="replace")

    def wait_ready(self, timeout: float = 120) -> ServerProcess:
        """Wait for the ready line; raises ServerFailedError with the server's own words when it does not come."""
        self._ready.wait(timeout)
        if not self._ready.is_set() or not self.address:
            code = self.process.poll()
            raise ServerFailedError(
                f"the server was not ready after {timeout} s (exit code {code})\n"
                f"stdout: {self.lines}\nstderr:\n{self.stderr}"
            )
        return self

    def wait_end(self, timeout: float = 30) -> int:
        """Wait until the process has ended and return its exit code."""
        code = self.process.wait(timeout)
        self._reader.join(5)
        return code

    def kill(self) -> None:
        """End it as `kill -9` does: no handler runs, nothing is flushed."""
        self.process.send_signal(signal.SIGKILL)
        self.wait_end()

    def stop(self, timeout: float = 30) -> int:
        """Ask it to end (SIGTERM), wait, and return its exit code; a server that does not end is killed."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.wait_end(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the server ignored SIGTERM for {timeout} s\n{self.stderr}") from None

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            match = READY.match(self.lines[-1])
            if match:
                self.address = match[1]
            if web := WEB.match(self.lines[-1]):
                self.web_address = web[1]
            if self.address and (self.web_address or not self._web):
                self._ready.set()
        self._ready.set()


@contextmanager
def serving(data: Path, *arguments: str, env: Mapping[str, str] | None = None) -> Iterator[ServerProcess]:
    """A ready server, stopped afterwards."""
    server = ServerProcess(data, *arguments, env=env)
    try:
        yield server.wait_ready()
    finally:
        server.stop()
