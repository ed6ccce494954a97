"""The background thread that sends a client's points, shared by the synchronous and the asynchronous client.

One thread a client, one batch in flight. A batch that fails in a way that may pass is sent again as it was, under the
same writer and number, for as long as the process lives: the server stores it once however often it arrives.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from typing import SupportsFloat, SupportsIndex

import grpc
from google.protobuf.field_mask_pb2 import FieldMask

from runlore import _exit, _fork, v1
from runlore._points import BATCH_POINTS, PointBuffer
from runlore._rpc import Policy, curable
from runlore._settings import Settings
from runlore._sync.transport import Transport
from runlore.errors import DeadlineError, RunloreError

log = logging.getLogger("runlore")

#: Seconds that points may wait for company; points a client may hold back while the server is away.
INTERVAL = 0.1
CAPACITY = 1_000_000

_PASSING = {grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED}
_PERHAPS_PASSING = {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN}
#: How often a batch is sent again after the server failed on it by what looks like a defect.
_DEFECT_TRIES = 5


class Sender:
    """Sends the points of a client's runs, and ends its runs."""

    def __init__(self, settings: Settings, *, capacity: int = CAPACITY) -> None:
        self._timeout = settings.timeout
        self._capacity = capacity
        self._transport = Transport(settings, policy=Policy(timeout=settings.timeout, retries=False))
        self._tracking = v1.TrackingServiceStub(self._transport.as_channel())
        self._control = Transport(settings)
        self._runs: dict[str, PointBuffer] = {}
        self._begin()
        _fork.register(self)

    def _begin(self) -> None:
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        #: Held through each step of sending; a fork waits for it.
        self._gate = threading.Lock()
        self._gate_held_for_fork = False
        self._settled = threading.Condition()
        self._wake = threading.Event()
        self._hurry = threading.Event()
        self._stop = threading.Event()
        self._trouble: RunloreError | None = None
        self._failures = 0

    # What runs call.

    def open(self, run_id: str, workspace: str) -> PointBuffer:
        """Begin to take points of a run; it is ended at interpreter exit if nobody does before."""
        buffer = PointBuffer(run_id, workspace, self._capacity)
        self._runs[run_id] = buffer
        _exit.register(self)
        return buffer

    def log(self, buffer: PointBuffer, metrics: Mapping[str, SupportsFloat], step: SupportsIndex | None) -> None:
        """Take in points; never waits for the network. Raises InvalidArgumentError on what cannot be stored."""
        if not buffer.add(metrics, step):
            if buffer.dropped == len(metrics):
                log.warning(
                    "run %s: %d points wait for the server already; further ones are dropped until it takes some",
                    buffer.run_id,
                    self._capacity,
                )
            return
        if self._thread is None:
            self._start()
        if not self._wake.is_set():
            self._wake.set()
        if buffer.added - buffer.settled >= BATCH_POINTS and not self._hurry.is_set():
            self._hurry.set()

    def flush(self, buffer: PointBuffer, timeout: float | None = None) -> None:
        """Wait until the points added so far are stored.

        Raises the server's error when it refused some for good, and UnavailableError or DeadlineError after `timeout`
        seconds; then they are still being sent.
        """
        seconds = self._timeout if timeout is None else timeout
        end = time.monotonic() + seconds
        goal = buffer.added
        self._wake.set()
        self._hurry.set()
        if self._thread is None:
            # Nothing was logged yet, or it is too late for new threads: the interpreter is exiting.
            while buffer.settled < goal and time.monotonic() < end:
                if not self._send_all():
                    time.sleep(min(self._pause(), max(end - time.monotonic(), 0)))
        else:
            with self._settled:
                self._settled.wait_for(lambda: buffer.settled >= goal, timeout=max(end - time.monotonic(), 0))
        error, buffer.error = buffer.error, None
        if error is not None:
            raise error
        if buffer.settled < goal:
            raise self._unsent(buffer, goal - buffer.settled, seconds)

    def finish(self, buffer: PointBuffer, status: v1.RunStatus.ValueType, timeout: float | None = None) -> v1.Run:
        """Store what is left, record how many points were lost if any, and set the run's final status."""
        failure: RunloreError | None = None
        try:
            self.flush(buffer, timeout)
        except RunloreError as error:
            if buffer.settled < buffer.added:
                raise
            # Points were refused; the run is ended all the same, and says so.
            failure = error
        stub = v1.TrackingServiceStub(self._control.as_channel())
        if buffer.dropped:
            tags = {"runlore.dropped_points": str(buffer.dropped)}
            stub.LogBatch(v1.LogBatchRequest(workspace=buffer.workspace, run_id=buffer.run_id, tags=tags))
        response = stub.UpdateRun(
            v1.UpdateRunRequest(
                workspace=buffer.workspace,
                run_id=buffer.run_id,
                update_mask=FieldMask(paths=["status"]),
                status=status,
            ),
            timeout=timeout,
        )
        self._runs.pop(buffer.run_id, None)
        if not self._runs:
            _exit.forget(self)
        if failure is not None:
            raise failure
        return response.run

    def end_open_runs(self, status: v1.RunStatus.ValueType) -> None:
        """End the runs that nobody ended, as at interpreter exit; in a forked child, only send its points."""
        end = time.monotonic() + self._timeout
        for buffer in list(self._runs.values()):
            left = max(end - time.monotonic(), 0.1)
            try:
                if buffer.ours:
                    self.finish(buffer, status, left)
                else:
                    self.flush(buffer, left)
            except RunloreError as error:
                log.warning("run %s was not ended properly: %s", buffer.run_id, error)

    def close(self) -> None:
        """Store the points added so far, stop the thread and close the connections; both come back when needed."""
        try:
            for buffer in list(self._runs.values()):
                self.flush(buffer)
        finally:
            with self._starting:
                thread, self._thread = self._thread, None
                self._stop.set()
                self._wake.set()
                self._hurry.set()
                self._stop = threading.Event()
            if thread is not None:
                thread.join(timeout=1.0)
            self._transport.close()
            self._control.close()

    # The thread.

    def _start(self) -> None:
        with self._starting:
            if self._thread is not None:
                return
            thread = threading.Thread(target=self._run, args=(self._stop,), name="runlore-sender", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                # The interpreter is exiting: `flush` sends instead.
                return
            self._thread = thread
            _exit.watch_this_process()

    def _run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self._wake.wait()
            if self._trouble is None:
                self._hurry.wait(INTERVAL)
            else:
                stop.wait(self._pause())
            self._wake.clear()
            self._hurry.clear()
            try:
                if not self._send_all():
                    self._wake.set()
            except Exception:
                # The thread must outlive a defect of this client: without it every later point would be lost.
                log.exception("sending points failed; trying again")
                self._failures += 1
                self._trouble = RunloreError("sending points failed by a defect of this client; its log has it")
                self._wake.set()

    def _pause(self) -> float:
        """Return how long to wait after the failures so far."""
        return min(INTERVAL * 2.0 ** min(self._failures, 10), 3.0)

    def _send_all(self) -> bool:
        """Send what waits; False when something is left because sending it failed for now."""
        done = True
        for buffer in list(self._runs.values()):
            while (sent := self._send_one(buffer)) is True:
                pass
            done = done and sent is None
        if done and self._trouble is not None:
            log.warning("points are stored again")
            self._trouble, self._failures = None, 0
        return done

    def _send_one(self, buffer: PointBuffer) -> bool | None:
        """Send a buffer's next batch: True when that settled it, False when it failed for now, None without points."""
        with self._gate:
            batch = buffer.batch()
            if batch is None:
                return None
            try:
                self._tracking.LogBatch(batch)
            except RunloreError as error:
                if not self._settle_failure(buffer, error):
                    return False
            else:
                buffer.acknowledged()
        with self._settled:
            self._settled.notify_all()
        return True

    def _settle_failure(self, buffer: PointBuffer, error: RunloreError) -> bool:
        """Decide what becomes of a batch that failed: whether there is nothing to wait for before going on."""
        if error.reason == "SEQUENCE_GAP" and buffer.become_another_writer():
            # The server forgot batches it had stored, as by a restore; this one it never had, so it may begin anew.
            return True
        if (
            curable(error)
            or error.code in _PASSING
            or (error.code in _PERHAPS_PASSING and self._failures < _DEFECT_TRIES)
        ):
            if self._trouble is None:
                log.warning("points cannot be stored for now, and are kept: %s", error)
            self._trouble = error
            self._failures += 1
            return False
        lost = buffer.refused(error)
        log.error("run %s: the server refused %d points: %s", buffer.run_id, lost, error)
        return True

    def _unsent(self, buffer: PointBuffer, count: int, seconds: float) -> RunloreError:
        text = f"{count} points of run {buffer.run_id} are not stored after {seconds:g} s"
        trouble = self._trouble
        if trouble is None:
            return DeadlineError(f"{text}: still sending", code=grpc.StatusCode.DEADLINE_EXCEEDED)
        return type(trouble)(f"{text}: {trouble}", code=trouble.code, reason=trouble.reason, metadata=trouble.metadata)

    # Forks.

    def before_fork(self) -> None:
        """Get the thread out of gRPC; a call that hangs is cancelled, and its batch sent again after the fork."""
        if not self._gate.acquire(timeout=0.5):
            self._transport.close()
            if not self._gate.acquire(timeout=2.0):
                return
        self._gate_held_for_fork = True
        for buffer in list(self._runs.values()):
            # Steps that are counted must go on from here in the child too.
            buffer.absorb()

    def after_fork_in_parent(self) -> None:
        """Let the thread go on."""
        if self._gate_held_for_fork:
            self._gate_held_for_fork = False
            self._gate.release()

    def after_fork_in_child(self) -> None:
        """Begin anew: no thread, no points, another writer."""
        self._begin()
        for buffer in self._runs.values():
            buffer.after_fork_in_child()
