"""One writer's LogStream: sends what is in its spool, and learns what is committed.

A stream that fails is opened again, and goes on behind what the server has committed by then. Points keep their numbers
whoever sends them and however they are cut into frames, so that nothing is stored twice.
"""

from __future__ import annotations

import logging
import queue
import random
import threading
import time
from collections.abc import Callable
from typing import Protocol

import grpc

from runlore import v1
from runlore._rpc import curable
from runlore._spool.reader import PointReader, Rows
from runlore._spool.segments import DamagedError
from runlore.errors import RunloreError

log = logging.getLogger("runlore")

#: Points of a frame: decoded and packed in a few milliseconds.
FRAME_POINTS = 5_000
#: Keys of a stream, as the contract caps them.
_STREAM_KEYS = 10_000
#: Seconds that a run without points may last before its stream is opened, for the sake of heartbeats alone.
_QUIET = 5.0
#: Seconds between tries: the first, the longest, and after a refusal, which only someone else can cure.
_FIRST_PAUSE, _LONGEST_PAUSE, _REFUSED_PAUSE = 0.1, 3.0, 30.0
#: Failures in a row that are worth a word: a server that recycles its connections causes one.
_WORTH_A_WORD = 2

_PASSING = {
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN,
}


class Points(Protocol):
    """The points of one writer: `PointSpool` while it writes, `LeftPoints` afterwards."""

    run_id: str
    workspace: str
    reader: PointReader
    ours: bool

    @property
    def dropped(self) -> int: ...

    @property
    def writer(self) -> tuple[str, int]: ...

    def become(self, writer_id: str, offset: int) -> None: ...

    def end(self) -> tuple[int, int] | None: ...


def passing(error: RunloreError) -> bool:
    """Whether the same points may be taken by a later try."""
    return curable(error) or error.code in _PASSING or error.reason in ("SEQUENCE_GAP", "BATCH_TOO_LARGE")


class Mark:
    """A place in the spool up to which somebody waits for points to be committed."""

    def __init__(self, place: tuple[int, int] | None) -> None:
        self.place = place
        #: The number of the last point before it, once that is known.
        self.goal: int | None = 0 if place is None else None


class _Call:
    """One LogStream call, and the thread that reads its answers. gRPC itself runs a thread that takes requests."""

    def __init__(
        self,
        stub: v1.TrackingServiceStub,
        opening: v1.LogStreamOpen,
        on_answer: Callable[[], None],
    ) -> None:
        """Begin; raises RunloreError, and RuntimeError when the interpreter is too near its end for new threads."""
        self.opened: v1.LogStreamOpened | None = None
        #: The number, for the server, of the last committed point.
        self.committed = 0
        #: Whether nothing more is to be sent.
        self.finishing = False
        self.over = False
        #: Why it is over; None when it ended well.
        self.error: RunloreError | None = None
        self._on_answer = on_answer
        self._requests: queue.SimpleQueue[v1.LogStreamRequest | None] = queue.SimpleQueue()
        self._requests.put(v1.LogStreamRequest(open=opening))
        self._answers = stub.LogStream(iter(self._requests.get, None))
        self._thread = threading.Thread(target=self._read, name="runlore-acknowledgements", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:
            self.cancel()
            raise

    def send(self, frame: v1.LogStreamFrame) -> None:
        self._requests.put(v1.LogStreamRequest(frame=frame))

    def finish(self) -> None:
        """Send no more; the server ends the stream once everything is committed."""
        self.finishing = True
        self._requests.put(None)

    def cancel(self) -> None:
        self.finishing = True
        self._answers.cancel()
        self._requests.put(None)

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)

    def _read(self) -> None:
        try:
            for answer in self._answers:
                if answer.HasField("opened"):
                    self.committed = answer.opened.committed_points
                    self.opened = answer.opened
                else:
                    self.committed = answer.acknowledged.committed_points
                self._on_answer()
        except RunloreError as error:
            self.error = error
        except Exception as error:
            # The thread's end must be told whatever it was.
            log.debug("reading a stream failed", exc_info=True)
            self.error = RunloreError(f"reading a stream failed: {error}", code=grpc.StatusCode.UNKNOWN)
        finally:
            self.over = True
            self._requests.put(None)
            self._on_answer()


class PointStream:
    """Sends the points of one writer, over one call after the other. All of it belongs to the sender's thread.

    What other threads may read: `committed`, `refusal`, `trouble`, `done`.
    """

    def __init__(self, points: Points, address: str, on_answer: Callable[[], None]) -> None:
        self.points = points
        self._address = address
        self._wake = on_answer
        #: Whether the next answer is waited for, by somebody or for want of room.
        self._wants_answer = False
        self._call: _Call | None = None
        self._going = False
        self._keys: dict[str, int] = {}
        self._frame_points = FRAME_POINTS
        self._dropped_sent = 0
        self._last_sent = self._born = time.monotonic()
        self._retry_at = 0.0
        self._failures = 0
        self._told = False
        self._ending = False
        #: The number of the last point there is, while the stream ends behind it.
        self._last_point: int | None = None
        self.marks: list[Mark] = []
        #: The number in the spool of the last point known to be committed.
        self.committed = points.reader.first_point - 1
        #: How many points were sent, again included.
        self.sent = 0
        #: Why the server does not take the points, when it is not for it being away.
        self.refusal: RunloreError | None = None
        #: Why points cannot be sent for now.
        self.trouble: RunloreError | None = None
        #: What is wrong with the spool, when it cannot be read on.
        self.damage: DamagedError | None = None
        #: Whether everything was taken, and the stream has ended.
        self.done = False

    def _answered(self) -> None:
        if self._wants_answer or self.marks or self._ending:
            self._wake()

    @property
    def is_stuck(self) -> bool:
        """Whether only someone else can help."""
        return self.refusal is not None or self.damage is not None

    def reached(self, mark: Mark) -> bool:
        """Whether everything up to the mark is committed."""
        return mark.goal is not None and self.committed >= mark.goal

    def end(self) -> None:
        """Take what is there by now for the last of it."""
        self._ending = True

    def hurry(self) -> None:
        """Try at once whatever stands in the way."""
        self._retry_at = 0.0
        self.refusal = None

    def cancel(self) -> None:
        """Leave the call; the next step opens another."""
        if self._call is not None:
            self._call.cancel()

    def leave(self, timeout: float) -> None:
        """Wait until the call's thread has ended, and forget it."""
        call, self._call = self._call, None
        self._going = False
        if call is not None:
            call.join(timeout)

    def step(self, stub: v1.TrackingServiceStub, now: float) -> bool:
        """Do what can be done without waiting; whether there is more to do at once."""
        if self.done or self.damage is not None:
            return False
        try:
            return self._step(stub, now)
        except DamagedError as error:
            self.damage = error
            self.cancel()
            return False

    def _step(self, stub: v1.TrackingServiceStub, now: float) -> bool:
        call = self._call
        if call is None:
            if self._has_nothing_to_say(now):
                self.done = self._ending
            elif now >= self._retry_at:
                self._open(stub)
            return False
        if call.over:
            self._over(call, now)
            return self._retry_at <= now and not self.done
        if call.opened is None or call.finishing:
            return False
        if not self._going and not self._go_on(call, call.opened):
            return False
        return self._send(call, call.opened, now)

    def _has_nothing_to_say(self, now: float) -> bool:
        if self.points.end() is not None or self.points.dropped:
            return False
        return self._ending or not self.points.ours or now < self._born + _QUIET

    def _open(self, stub: v1.TrackingServiceStub) -> None:
        points = self.points
        opening = v1.LogStreamOpen(workspace=points.workspace, run_id=points.run_id, writer_id=points.writer[0])
        self._keys = {}
        try:
            self._call = _Call(stub, opening, self._answered)
            self._wants_answer = True
        except RuntimeError:
            error = RunloreError("it is too late to send points: the interpreter is exiting")
            self._failed(error, time.monotonic())
        except RunloreError as error:
            self._failed(error, time.monotonic())

    def _go_on(self, call: _Call, opened: v1.LogStreamOpened) -> bool:
        """Find the first point that the server does not have; False when it takes another writer to go on."""
        reader = self.points.reader
        writer_id, offset = self.points.writer
        committed = opened.committed_points + offset
        if committed + 1 < reader.first_point:
            # The server has forgotten points that it had acknowledged, as by a restore: they are not here any more.
            log.warning(
                "run %s: the server lost %d points of this writer that it had stored; going on as another writer",
                self.points.run_id,
                reader.first_point - 1 - committed,
            )
            # The id says where it begins, so that every copy of this spool becomes the same writer.
            self.points.become(f"{writer_id.partition('-')[0]}-{reader.first_point}", reader.first_point - 1)
            call.finish()
            return False
        reader.seek(committed + 1)
        self.committed = committed
        self._going = True
        self._failures, self.refusal = 0, None
        if self.trouble is not None:
            self.trouble = None
            if self._told:
                self._told = False
                log.warning("run %s: points are stored again", self.points.run_id)
        return True

    def _send(self, call: _Call, opened: v1.LogStreamOpened, now: float) -> bool:
        points, reader = self.points, self.points.reader
        self._note_committed(call)
        under_way = reader.number - 1 - self.committed
        room = max(opened.max_unacknowledged_points, 1) - under_way
        self._wants_answer = room <= 0
        rows = reader.read(min(self._frame_points, room)) if room > 0 else []
        full = False
        if rows:
            frame = self._frame(rows)
            if len(self._keys) > _STREAM_KEYS:
                # Another stream has room for them.
                call.finish()
                return False
            call.send(frame)
            self.sent += len(frame.values)
            full = len(frame.values) * 2 > self._frame_points
        elif self._dropped_sent != points.dropped or now - self._last_sent >= opened.heartbeat_interval.ToSeconds():
            call.send(self._heartbeat())
        else:
            return self._wind_up(call)
        self._last_sent = now
        self._find_marks()
        # A few points more can wait for company.
        return full or self._ending

    def _wind_up(self, call: _Call) -> bool:
        self._find_marks()
        if self._ending and self.points.reader.position() >= (self.points.end() or (0, 0)):
            self._last_point = self.points.reader.number - 1
            call.finish()
        return False

    def _find_marks(self) -> None:
        position = self.points.reader.position()
        for mark in self.marks:
            if mark.goal is None and mark.place is not None and position >= mark.place:
                mark.goal = self.points.reader.number - 1
        self.marks = [mark for mark in self.marks if not self.reached(mark)]

    def _note_committed(self, call: _Call) -> None:
        committed = call.committed + self.points.writer[1]
        if committed != self.committed:
            self.committed = committed
            self.points.reader.free(committed)

    def _frame(self, rows: list[Rows]) -> v1.LogStreamFrame:
        first = self.points.reader.number - sum(len(r) for r in rows) - self.points.writer[1]
        frame = v1.LogStreamFrame(first_point=first, dropped_points=self.points.dropped)
        for part in rows:
            keys = [self._key(key, frame) for key in part.keys]
            count, width = len(part.times), len(keys)
            frame.keys.extend(keys * count)
            if width == 1:
                frame.steps.extend(part.steps)
                frame.times_unix_us.extend(part.times)
                frame.values.extend(part.columns[0])
                continue
            whole, values = [0] * (count * width), [0.0] * (count * width)
            for k in range(width):
                whole[k::width] = part.steps
                values[k::width] = part.columns[k]
            frame.steps.extend(whole)
            for k in range(width):
                whole[k::width] = part.times
            frame.times_unix_us.extend(whole)
            frame.values.extend(values)
        self._dropped_sent = frame.dropped_points
        return frame

    def _heartbeat(self) -> v1.LogStreamFrame:
        points = self.points
        self._dropped_sent = points.dropped
        return v1.LogStreamFrame(first_point=points.reader.number - points.writer[1], dropped_points=self._dropped_sent)

    def _key(self, key: str, frame: v1.LogStreamFrame) -> int:
        number = self._keys.get(key)
        if number is None:
            number = self._keys[key] = len(self._keys)
            frame.new_keys.append(key)
        return number

    def _over(self, call: _Call, now: float) -> None:
        self._call, self._going = None, False
        if call.opened is not None:
            self._note_committed(call)
            self._find_marks()
        if call.error is not None:
            self._failed(call.error, now)
        elif self._last_point is not None and self.committed >= self._last_point:
            self.done = True
        self._last_point = None

    def _failed(self, error: RunloreError, now: float) -> None:
        self._failures += 1
        self._dropped_sent = 0
        if error.reason == "BATCH_TOO_LARGE":
            self._frame_points = max(self._frame_points // 2, 1)
        if error.code is grpc.StatusCode.UNIMPLEMENTED:
            error = RunloreError(
                f"the server at {self._address} has no LogStream, by which this client sends points: "
                "it is older than the client",
                code=error.code,
            )
        self.trouble = error
        if not passing(error):
            if self.refusal is None and not self._told:
                log.error("run %s: the server does not take its points, which are kept: %s", self.points.run_id, error)
                self._told = True
            self.refusal = error
            self._retry_at = now + _REFUSED_PAUSE
            return
        if self._failures == _WORTH_A_WORD:
            log.warning("run %s: points cannot be stored for now, and are kept: %s", self.points.run_id, error)
            self._told = True
        pause = min(_FIRST_PAUSE * 2.0 ** min(self._failures - 1, 10), _LONGEST_PAUSE) * random.uniform(0.5, 1.0)
        self._retry_at = now + max(pause, error.retry_after or 0.0)
