"""The background thread that sends a client's points, shared by the synchronous and the asynchronous client.

One thread a client looks every tenth of a second at what each run's spool has, and feeds the run's LogStream with it,
so that `run.log` need wake nobody. Beside it each open stream has two threads that wait: gRPC's, which takes requests,
and ours, which takes acknowledgements. gRPC's asyncio side would need neither, but a process that has used it cannot be
forked, and training code forks (data loaders do). Threads that wait take memory (about 30 KB each) and no time, so that
hundreds of runs at once are fine.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping

import grpc
from google.protobuf.field_mask_pb2 import FieldMask

from runlore import _exit, _fork, v1
from runlore._rpc import Policy
from runlore._settings import Settings
from runlore._spool import keeping
from runlore._spool.points import PointSpool
from runlore._stream import Mark, Points, PointStream, passing
from runlore._sync.transport import Transport
from runlore.errors import DeadlineError, RunloreError

log = logging.getLogger("runlore")

#: Seconds between looks; with many runs, so many that looking takes a quarter of the time at the most.
INTERVAL = 0.1
_SHARE = 4.0
#: Frames that a stream may be fed at one look, before the other streams have their turn.
_TURN = 4


class Sender:
    """Sends the points of a client's runs, and ends its runs."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._transport = Transport(settings, policy=Policy(timeout=settings.timeout, retries=False))
        self._control = Transport(settings)
        self._streams: dict[Points, PointStream] = {}
        self._begin()
        _fork.register(self)

    def _begin(self) -> None:
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        #: Held through each look at the streams; a fork waits for it.
        self._gate = threading.Lock()
        self._gate_held_for_fork = False
        self._changed = threading.Condition()
        self._wake = threading.Event()
        self._stop = threading.Event()

    # What runs call.

    def open(
        self, run_id: str, workspace: str, name: str = "", *, next_steps: Mapping[str, int] | None = None
    ) -> PointSpool:
        """Begin to take points of a run; it is ended at interpreter exit if nobody does before."""
        spool = PointSpool(
            run_id,
            workspace,
            limit=self._settings.spool_limit,
            open_folder=lambda: keeping.open_folder(self._settings.spool, run_id, workspace, name),
            wake=self._ensure_thread,
            next_steps=next_steps,
        )
        self._add(spool)
        _exit.register(self)
        self._ensure_thread()
        return spool

    def flush(self, spool: PointSpool, timeout: float | None = None) -> None:
        """Wait until the points added so far are stored.

        Raises the server's error when it does not take them, and UnavailableError or DeadlineError after `timeout`
        seconds; then they are still being sent.
        """
        stream = self._streams.get(spool)
        if stream is None:
            return
        seconds = self._settings.timeout if timeout is None else timeout
        end = time.monotonic() + seconds
        mark = Mark(spool.end())
        with self._gate:
            stream.marks.append(mark)
            stream.hurry()
        self._wait(lambda: stream.reached(mark) or stream.refusal is not None, end)
        if not stream.reached(mark):
            raise self._unsent(stream, seconds)

    def finish(self, spool: PointSpool, status: v1.RunStatus.ValueType, timeout: float | None = None) -> None:
        """Store what is left and set the run's final status, as `end` does."""
        request = v1.UpdateRunRequest(
            workspace=spool.workspace, run_id=spool.run_id, update_mask=FieldMask(paths=["status"]), status=status
        )
        self.end(spool, request, timeout)

    def end(self, spool: PointSpool, request: v1.UpdateRunRequest, timeout: float | None = None) -> v1.Run | None:
        """Store what is left and make the call that ends the run; returns the run.

        None: what could not be stored for now stays in the spool with the call, and a warning says so. Raises the
        server's error when it refuses; then it stays likewise.
        """
        seconds = self._settings.timeout if timeout is None else timeout
        ended = time.time_ns()
        try:
            self._end_stream(spool, seconds)
            ended_run = v1.TrackingServiceStub(self._control.as_channel()).UpdateRun(request, timeout=timeout).run
        except RunloreError as error:
            if not request.HasField("end_time"):
                # It ended now, and not when that can be told.
                request.update_mask.paths.append("end_time")
                request.end_time.FromNanoseconds(ended)
            self._keep(spool, request, error)
            if not passing(error):
                raise
            return None
        self._forget(spool)
        return ended_run

    def release(self, spool: PointSpool, timeout: float | None = None) -> None:
        """Store what is left and take no more points of the run, which goes on; raises as `flush`."""
        self._end_stream(spool, self._settings.timeout if timeout is None else timeout)
        self._forget(spool)

    def _forget(self, spool: PointSpool) -> None:
        self._remove(spool)
        spool.close(delete=True)

    def end_open_runs(self, status: v1.RunStatus.ValueType) -> None:
        """End the runs that nobody ended, as at interpreter exit; in a forked child, only send its points."""
        end = time.monotonic() + self._settings.timeout
        for spool in [points for points in self._streams if isinstance(points, PointSpool)]:
            left = max(end - time.monotonic(), 0.1)
            try:
                if spool.ours:
                    self.finish(spool, status, left)
                elif not spool.dropped and not self._count_unsent(self._streams[spool]):
                    # There is nothing to tell: a server that is away is not waited for.
                    spool.close(delete=True)
                else:
                    self.leave(spool, left)
            except RunloreError as error:
                log.warning("run %s was not ended properly: %s", spool.run_id, error)

    def leave(self, spool: PointSpool, timeout: float | None = None) -> None:
        """Store the points added so far without ending the run, as a forked child does; raises as `flush`."""
        self._end_stream(spool, self._settings.timeout if timeout is None else timeout)
        spool.close(delete=True)
        with self._gate:
            self._streams[spool] = self._stream_of(spool)

    def deliver(self, points: Points, progress: Callable[[int], None]) -> None:
        """Send all that another process has left, and wait for it; raises RunloreError and DamagedError.

        `progress` is called with the number of points that are stored by now. Waits for a server that is away for as
        long as a call may take.
        """
        stream = self._add(points)
        self._ensure_thread()
        try:
            with self._gate:
                stream.end()
            self._wake.set()
            end = time.monotonic() + self._settings.timeout
            while not stream.done:
                before = stream.committed
                self._wait(lambda: stream.done or stream.is_stuck, time.monotonic() + INTERVAL)
                if stream.damage is not None:
                    raise stream.damage
                if stream.refusal is not None:
                    raise stream.refusal
                if stream.committed != before:
                    end = time.monotonic() + self._settings.timeout
                    progress(stream.committed)
                elif time.monotonic() > end:
                    raise self._unsent(stream, self._settings.timeout)
            progress(stream.committed)
        finally:
            self._remove(points)

    def close(self) -> None:
        """Store the points added so far, stop the thread and close the connections; both come back when needed."""
        try:
            for points in list(self._streams):
                if isinstance(points, PointSpool):
                    self.flush(points)
        finally:
            with self._starting:
                thread, self._thread = self._thread, None
                self._stop.set()
                self._wake.set()
                self._stop = threading.Event()
            if thread is not None:
                thread.join(timeout=1.0)
            with self._gate:
                self._leave_calls(1.0)
                for points in self._streams:
                    if isinstance(points, PointSpool):
                        points.rest()
            self._transport.close()
            self._control.close()

    # What they do with streams.

    def _stream_of(self, points: Points) -> PointStream:
        return PointStream(points, self._settings.address, self._answered)

    def _add(self, points: Points) -> PointStream:
        stream = self._streams[points] = self._stream_of(points)
        return stream

    def _remove(self, points: Points) -> None:
        with self._gate:
            stream = self._streams.pop(points, None)
            if stream is not None:
                stream.cancel()
            if not self._streams:
                _exit.forget(self)

    def _end_stream(self, spool: PointSpool, seconds: float) -> None:
        """Store what is left, and have the server take the last of it, such as how many points were dropped."""
        stream = self._streams[spool]
        with self._gate:
            stream.end()
            stream.hurry()
        self._wait(lambda: stream.done or stream.refusal is not None, time.monotonic() + seconds)
        if not stream.done:
            raise self._unsent(stream, seconds)

    def _wait(self, over: Callable[[], bool], end: float) -> None:
        """Wait until it is over, at most until `end`, with a thread that sends."""
        self._ensure_thread()
        self._wake.set()
        with self._changed:
            self._changed.wait_for(over, timeout=max(end - time.monotonic(), 0) if self._thread is not None else 0)

    def _keep(self, spool: PointSpool, request: v1.UpdateRunRequest, error: RunloreError) -> None:
        """Leave the run's end to `runlore sync`, with the points that were not stored."""
        count = self._count_unsent(self._streams[spool])
        self._remove(spool)
        keeping.keep_end(spool, request, count, error)

    def _unsent(self, stream: PointStream, seconds: float) -> RunloreError:
        if stream.refusal is not None:
            return stream.refusal
        count = self._count_unsent(stream)
        text = f"{count} points of run {stream.points.run_id} are not stored after {seconds:g} s"
        trouble = stream.trouble
        if trouble is None:
            return DeadlineError(f"{text}: still sending", code=grpc.StatusCode.DEADLINE_EXCEEDED)
        return type(trouble)(f"{text}: {trouble}", code=trouble.code, reason=trouble.reason, metadata=trouble.metadata)

    def _count_unsent(self, stream: PointStream) -> int:
        with self._gate:
            reader = stream.points.reader
            return reader.pending() + max(reader.number - 1 - stream.committed, 0)

    # The thread.

    def _ensure_thread(self) -> None:
        if self._thread is not None:
            return
        with self._starting:
            if self._thread is not None:
                return
            thread = threading.Thread(target=self._run, args=(self._stop,), name="runlore-sender", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                # The interpreter is exiting: what is in the spool stays there.
                return
            self._thread = thread
            _exit.watch_this_process()

    def _run(self, stop: threading.Event) -> None:
        took = 0.0
        while not stop.is_set():
            self._wake.wait(max(INTERVAL, took * _SHARE))
            self._wake.clear()
            began = time.monotonic()
            try:
                if self._look(stop):
                    self._wake.set()
            except Exception:
                # The thread must outlive a defect of this client: without it no later point would be sent.
                log.exception("sending points failed; trying again")
                stop.wait(1.0)
            took = time.monotonic() - began

    def _look(self, stop: threading.Event) -> bool:
        """Feed every stream once; whether one of them has more to do at once."""
        more = False
        with self._gate:
            if stop.is_set():
                return False
            stub = v1.TrackingServiceStub(self._transport.as_channel())
            for stream in list(self._streams.values()):
                for _ in range(_TURN):
                    again = stream.step(stub, time.monotonic())
                    if not again:
                        break
                more = more or again
        with self._changed:
            self._changed.notify_all()
        return more

    def _answered(self) -> None:
        """Have the thread look at an answer, if somebody waits for it or for more room."""
        self._wake.set()

    def _leave_calls(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        for stream in self._streams.values():
            stream.cancel()
        for stream in self._streams.values():
            stream.leave(max(end - time.monotonic(), 0))

    # Forks.

    def before_fork(self) -> None:
        """Get out of gRPC: streams are opened again after the fork, and go on behind what is committed."""
        if not self._gate.acquire(timeout=2.0):
            return
        self._gate_held_for_fork = True
        self._leave_calls(1.0)
        self._transport.close()

    def after_fork_in_parent(self) -> None:
        """Let the thread go on."""
        if self._gate_held_for_fork:
            self._gate_held_for_fork = False
            self._gate.release()
            self._wake.set()

    def after_fork_in_child(self) -> None:
        """Begin anew: no thread, no points, another writer."""
        _fork.keep_for_parent(list(self._streams.values()))
        self._begin()
        for points in list(self._streams):
            if isinstance(points, PointSpool):
                points.after_fork_in_child()
                self._streams[points] = self._stream_of(points)
            else:
                del self._streams[points]
