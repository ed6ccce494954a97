"""The thread behind a run that finds out and stores what of the context takes time."""

from __future__ import annotations

import contextlib
import logging
import shutil
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

import grpc

from runlore import _exit, _fork, v1
from runlore._context import Context
from runlore._rpc import curable
from runlore._settings import Settings
from runlore._sync import uploads
from runlore._sync.connection import Connection
from runlore.errors import RunloreError

log = logging.getLogger("runlore")

#: The folder of the run's artifacts that is the client's own.
FOLDER = "runlore"
#: Seconds that ending a run waits for its context at the most.
PATIENCE = 10.0

#: Seconds that the thread waits before its work, so that `start_run` returns first: starting git holds up every thread.
_GRACE = 0.05

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 3.0
#: What a call ends as that a fork cut off, or that took too long: storing it again stores it once.
_PASSING = {grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED}


class ContextRecorder:
    """Completes the context of one run, over a connection of its own; ends when that is stored.

    While the server cannot be reached it tries again, until the run is ended. In a forked child it does nothing: the
    context is the parent's to store.
    """

    def __init__(self, settings: Settings, run: v1.Run, context: Context) -> None:
        """Start at once."""
        self._settings = settings
        self._run = run
        self._context = context
        #: None in a forked child, and where it is too late for threads: the interpreter is exiting.
        self._thread: threading.Thread | None = None
        #: Whether there is nothing left to do.
        self._over = False
        self._begin(ours=True)
        _fork.register(self)
        _exit.register(self)
        thread = threading.Thread(target=self._work, name="runlore-context", daemon=True)
        with contextlib.suppress(RuntimeError):
            thread.start()
            self._thread = thread

    def _begin(self, *, ours: bool) -> None:
        self._ours = ours
        self._hurry = threading.Event()
        self._stop = threading.Event()
        #: Held through each try to store; a fork waits for it, or cuts the try off.
        self._gate = threading.Lock()
        self._gate_held_for_fork = False
        self._connection: Connection | None = None

    def settle(self, timeout: float) -> None:
        """Wait until the context is stored, at most PATIENCE and `timeout` seconds. Raises nothing."""
        if self._over or not self._ours:
            return
        self._hurry.set()
        if self._thread is None:
            self._stop.set()
            self._work()
        else:
            self._thread.join(min(timeout, PATIENCE))

    def finish(self, timeout: float) -> None:
        """Do the same as `settle`, and then give up on what is not stored, with a warning."""
        self.settle(timeout)
        if self._ours and not self._over and not self._stop.is_set():
            self._stop.set()
            log.warning("run %s ends without all of its context: it is not stored yet", self._run.run_id)

    def end_open_runs(self, status: v1.RunStatus.ValueType) -> None:
        """Store the context before the interpreter exits."""
        self.finish(self._settings.timeout)

    def _work(self) -> None:
        self._hurry.wait(_GRACE)
        try:
            # Not a TemporaryDirectory: at interpreter exit that is removed before this thread has had its time.
            folder = Path(tempfile.mkdtemp(prefix="runlore-context-"))
            try:
                tags = self._context.complete(folder)
                self._store(tags, sorted(folder.iterdir()))
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        except RunloreError as error:
            if not self._stop.is_set():
                log.warning("the context of run %s could not be stored: %s", self._run.run_id, error)
        except Exception:
            log.warning("the context of run %s could not be captured", self._run.run_id, exc_info=True)
        finally:
            self._over = True
            _exit.forget(self)

    def _store(self, tags: Mapping[str, str], files: list[Path]) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                with self._gate:
                    self._try_to_store(tags, files)
                return
            except RunloreError as error:
                if not curable(error) and error.code not in _PASSING:
                    self._give_up(error)
                    raise
                if self._stop.wait(pause):
                    raise
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _try_to_store(self, tags: Mapping[str, str], files: list[Path]) -> None:
        """Store tags, then files; done again from the start it changes nothing that is stored already."""
        with Connection(self._settings) as connection:
            self._connection = connection
            try:
                self._set_tags(connection, tags)
                for file in files:
                    uploads.upload(connection, self._run, file, FOLDER, keep_name=True)
            finally:
                self._connection = None

    def _set_tags(self, connection: Connection, tags: Mapping[str, str]) -> None:
        if tags:
            connection.tracking.LogBatch(
                v1.LogBatchRequest(workspace=self._run.workspace, run_id=self._run.run_id, tags=tags)
            )

    def _give_up(self, error: RunloreError) -> None:
        """Record on the run that the server refused a part, if it takes that at least."""
        self._context.errors["artifacts"] = f"not stored: {error}"
        try:
            with self._gate, Connection(self._settings) as connection:
                self._set_tags(connection, self._context.error_tags())
        except RunloreError:
            log.debug("nor could this be recorded on the run", exc_info=True)

    # Forks.

    def before_fork(self) -> None:
        """Get the thread out of gRPC; a call that hangs is cancelled, and everything stored again after the fork."""
        if not self._gate.acquire(timeout=0.5):
            connection = self._connection
            if connection is not None:
                connection.transport.close()
            if not self._gate.acquire(timeout=1.0):
                return
        self._gate_held_for_fork = True

    def after_fork_in_parent(self) -> None:
        """Let the thread go on."""
        if self._gate_held_for_fork:
            self._gate_held_for_fork = False
            self._gate.release()

    def after_fork_in_child(self) -> None:
        """Leave it to the parent."""
        self._thread = None
        self._begin(ours=False)
