"""A driver as a process: it is asked in JSON lines, and answers in order (README.md, "Drivers")."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from tests.conformance.runner import CaseFailure
from tests.harness.server import environment

#: Seconds that an answer may take beyond a call's deadline, and without one.
_GRACE, _PATIENCE = 30.0, 180.0
#: Seconds from the end of its input to its own.
_END = 20.0
_TAIL = 2_000
_WARM_UP = {"op": "manifest_digest", "files": []}


class Driver:
    """One running driver. One that hangs or dies fails the case, and the next one gets a new process."""

    def __init__(self, command: Sequence[str], folder: Path, *, retries: bool) -> None:
        """`folder` is for what the client keeps beside its calls, such as its cache and its spool."""
        self.retries = retries
        self._command = list(command)
        self._env = environment({"RUNLORE_CACHE": str(folder / "cache"), "XDG_STATE_HOME": str(folder / "state")})
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str] = queue.Queue()
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the driver

    def perform(self, operation: dict[str, Any]) -> dict[str, Any]:
        """Ask the driver and return its answer; raises CaseFailure when there is none, or not one."""
        if self._process is None:
            self._start()
            # How long a process takes to start is no part of a call's deadline.
            self._ask(_WARM_UP, _PATIENCE)
        return self._ask(operation, operation.get("deadline_seconds", _PATIENCE) + _GRACE)

    def _ask(self, operation: dict[str, Any], wait: float) -> dict[str, Any]:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(operation) + "\n")
            process.stdin.flush()
            line = self._lines.get(timeout=wait)
        except BrokenPipeError:
            line = ""
        except queue.Empty:
            self._kill()
            raise CaseFailure(f"the driver did not answer within {wait:g} s\n{self._tail()}") from None
        if not line:
            code = self._kill()
            raise CaseFailure(f"the driver ended with {code}\n{self._tail()}")
        try:
            answer = json.loads(line)
        except ValueError:
            self._kill()
            raise CaseFailure(f"the driver answered something other than JSON: {line[:200]!r}") from None
        if not isinstance(answer, dict) or not answer.keys() & {"response", "stream", "error", "unsupported"}:
            raise CaseFailure(f"the driver's answer has none of response, stream, error, unsupported: {line[:200]!r}")
        return answer

    def close(self) -> None:
        """Close its input, upon which it ends; raises CaseFailure when it does not."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise CaseFailure(f"the driver did not end with its input\n{self._tail()}") from None

    def _start(self) -> None:
        process = self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
            env=self._env,
            encoding="utf-8",
            # A driver that hangs is ended with whatever it has started.
            start_new_session=True,
        )
        self._lines = queue.Queue()
        threading.Thread(target=_read, args=(process, self._lines), daemon=True).start()

    def _kill(self) -> int:
        process, self._process = self._process, None
        assert process is not None
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        return process.wait()

    def _tail(self) -> str:
        size = os.fstat(self._stderr.fileno()).st_size
        tail = os.pread(self._stderr.fileno(), _TAIL, max(0, size - _TAIL))
        return f"its stderr ends with:\n{tail.decode(errors='replace')}"


def _read(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    lines.put("")
