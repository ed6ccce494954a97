"""Commits the points of all streams of this process together.

Frames are collected while the commit before is under way, and for a moment at least; then one statement commits those
of all runs (`store/rounds.py`). One round is under way at a time, so what is remembered of a run never runs ahead of
the database. A run that did not commit (another server wrote to it, it was deleted, its row was locked) is loaded
again, and its frames go into the next round; one that fails again and again, as while a long transaction has its row,
waits for longer and longer, and keeps no other from being committed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from runlore import v1
from runlore_server import errors
from runlore_server.background import Background
from runlore_server.db import Database
from runlore_server.store import live
from runlore_server.store.live import Keys, LiveRun
from runlore_server.store.rounds import Part, Piece, Round

log = logging.getLogger(__name__)

#: Seconds over which frames are collected.
_GATHER = 0.02
#: Points of one round, some more for the frame that reaches it; the rest waits for the next.
_ROUND_POINTS = 100_000
#: Seconds that a run waits at most after rounds in which it could not be committed.
_MAX_PAUSE = 0.5
#: Streams that are opened at once: when thousands come, as after a restart, rounds need a connection too.
_OPENING = 4
#: How much the latest round counts in `busy`, and for how many seconds after it rounds count.
_LATEST, _LATELY = 0.2, 5.0
#: Rounds that what is queued gets when the server stops; streams go on sending meanwhile.
_DRAIN_ROUNDS = 50


@dataclass(eq=False, slots=True)
class Stream:
    """One open LogStream, between its handler and the committer."""

    lane: Lane
    writer_id: str
    #: How many of the writer's points are committed.
    committed: int
    keys: Keys = field(default_factory=Keys)
    #: Frames and points that are queued.
    frames: int = 0
    points: int = 0
    #: Whether frames were committed that the client was not told of.
    untold: bool = False
    #: Why the stream takes no more.
    error: errors.RunloreError | None = None
    #: For the handler: any of these moved.
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    #: For the reader: less is queued.
    room: asyncio.Event = field(default_factory=asyncio.Event)

    def fail(self, error: errors.RunloreError) -> None:
        """End the stream with an error, unless it has one."""
        self.error = self.error or error
        self.moved.set()
        self.room.set()

    def done(self, frame: v1.LogStreamFrame, committed: int) -> None:
        """One of its frames is committed."""
        self.committed = committed
        self.frames -= 1
        self.points -= len(frame.values)
        self.untold = True
        self.moved.set()
        self.room.set()


@dataclass(eq=False, slots=True)
class Lane:
    """One run: what is remembered of it, its streams, and their frames in the order of their arrival."""

    run: LiveRun
    streams: set[Stream] = field(default_factory=set)
    queue: deque[tuple[Stream, v1.LogStreamFrame]] = field(default_factory=deque)
    #: Rounds in a row that it could not be committed in, and the time from when on it is tried again.
    failures: int = 0
    not_before: float = 0.0

    def take(self, most: int) -> tuple[list[tuple[Stream, v1.LogStreamFrame]], int]:
        """Take frames until they have `most` points; returns them, and how many points they have."""
        frames, points = [], 0
        while self.queue and points < most:
            stream, frame = self.queue.popleft()
            if stream.error is None:
                frames.append((stream, frame))
                points += len(frame.values)
        return frames, points

    def postpone(self, frames: Iterable[tuple[Stream, v1.LogStreamFrame]]) -> None:
        """Put frames back that could not be committed as things are remembered."""
        self.run.forget()
        self.queue.extendleft(reversed(list(frames)))
        # The first time costs nothing: to look again is mostly enough.
        pause = min(_MAX_PAUSE, _GATHER * (2**self.failures - 1))
        self.failures = min(self.failures + 1, 10)
        self.not_before = time.monotonic() + pause


_Taken = dict[Lane, list[tuple[Stream, v1.LogStreamFrame]]]


class Committer(Background):
    """Takes frames from streams, commits them in rounds, and tells the streams."""

    name = "committer"

    def __init__(self, db: Database) -> None:
        """Commit to one database; nothing runs before `start`."""
        super().__init__()
        self._db = db
        self._lanes: dict[str, Lane] = {}
        #: Lanes with frames, the next ones first.
        self._waiting: dict[Lane, None] = {}
        self._woken = asyncio.Event()
        self._stopping = False
        self._opening = asyncio.Semaphore(_OPENING)
        #: The share of the time that rounds took, up to the end of the last one.
        self._busy, self._ended = 0.0, time.monotonic()

    @property
    def busy(self) -> float:
        """The share of the time that rounds take, lately: 0 to 1."""
        return self._busy if time.monotonic() < self._ended + _LATELY else 0.0

    async def open(self, workspace: str, run_id: str, writer_id: str) -> Stream:
        """Open a stream; raises RUN_NOT_FOUND or RUN_DELETED. Whoever opens it closes it."""
        if self._stopping:
            raise errors.server_stopping()
        async with self._opening:
            committed = await self._db.write(lambda conn: live.open_stream(conn, workspace, run_id, writer_id))
        lane = self._lanes.setdefault(run_id, Lane(LiveRun(run_id)))
        # What is remembered is never behind what was read, except by what other servers committed.
        watermarks = lane.run.watermarks
        committed = watermarks[writer_id] = max(committed, watermarks.get(writer_id, 0))
        stream = Stream(lane, writer_id, committed)
        lane.streams.add(stream)
        return stream

    def put(self, stream: Stream, frame: v1.LogStreamFrame) -> None:
        """Queue a frame, whose keys the stream knows and whose columns are of equal length."""
        stream.frames += 1
        stream.points += len(frame.values)
        stream.lane.queue.append((stream, frame))
        self._waiting.setdefault(stream.lane)
        self._woken.set()

    def close(self, stream: Stream) -> None:
        """Forget a stream. Frames of it that are queued are dropped: they were not acknowledged."""
        stream.fail(errors.internal())
        stream.lane.streams.discard(stream)
        if not stream.lane.streams:
            del self._lanes[stream.lane.run.run_id]
            self._waiting.pop(stream.lane, None)

    async def drain(self) -> None:
        """Open no more streams, commit what is queued, and end the streams, so that their clients go elsewhere."""
        self._stopping = True
        streams = [stream for lane in self._lanes.values() for stream in lane.streams]
        for _ in range(_DRAIN_ROUNDS):
            if any(stream.frames for stream in streams):
                await asyncio.sleep(_GATHER)
        for stream in streams:
            stream.fail(errors.server_stopping())

    async def commit_queued(self) -> None:
        """Commit what is queued, in one round. What could not be is queued again, or its stream has failed."""
        taken = self._take()
        try:
            await self._commit(taken)
        except errors.RunloreError as error:
            _give_up(taken, error)
        except Exception:
            log.exception("%s failed; it goes on", self.name)
            _give_up(taken, errors.internal())

    async def _run(self) -> None:
        while True:
            await self._woken.wait()
            await asyncio.sleep(_GATHER)
            self._woken.clear()
            began = time.monotonic()
            await self._outlive(self.commit_queued)
            before, self._ended = self._ended, time.monotonic()
            self._busy += _LATEST * ((self._ended - began) / (self._ended - before) - self._busy)
            if self._waiting:
                self._woken.set()

    def _take(self) -> _Taken:
        taken: _Taken = {}
        now, points = time.monotonic(), 0
        for lane in list(self._waiting):
            if lane.not_before > now:
                continue
            if points >= _ROUND_POINTS:
                break
            frames, of_lane = lane.take(_ROUND_POINTS - points)
            if frames:
                taken[lane] = frames
                points += of_lane
            del self._waiting[lane]
            if lane.queue:
                self._waiting[lane] = None
        return taken

    async def _commit(self, taken: _Taken) -> None:
        stale = {lane.run for lane in taken if lane.run.version is None}
        if stale:
            refused = await self._db.read(lambda conn: live.load(conn, list(stale)))
            for lane in list(taken):
                if lane.run.run_id in refused:
                    for stream, _ in taken.pop(lane):
                        stream.fail(refused[lane.run.run_id])
        parts = [part for lane, found in taken.items() if (part := _part(lane, found, is_fresh=lane.run in stale))]
        writing = [part for part in parts if part.pieces]
        beating = [part for part in parts if not part.pieces and part.watermarks]
        committed: set[str] = set()
        if beating:
            marks = [(part.run, writer, mark[1]) for part in beating for writer, mark in part.watermarks.items()]
            committed |= await self._db.write(lambda conn: live.beat(conn, marks), one_statement=True)
        if writing:
            unknown = [(part.run, key) for part in writing for piece in part.pieces for key in piece.unknown(part.run)]
            if unknown:
                await self._db.read(lambda conn: live.add_keys(conn, unknown))
            round_ = Round(writing)
            done = await self._db.write(round_.commit, one_statement=True)
            round_.settle(done)
            committed |= done
        for lane, found in taken.items():
            if lane.run.run_id in committed:
                for stream, frame in found:
                    stream.done(frame, lane.run.watermarks[stream.writer_id])
            elif any(stream.error is None for stream, _ in found):
                lane.postpone(found)
                self._waiting[lane] = None
                continue
            lane.failures = 0


def _part(lane: Lane, frames: list[tuple[Stream, v1.LogStreamFrame]], *, is_fresh: bool) -> Part | None:
    """What is new in frames of a run. None: what is remembered of the run does not go with them, and may be old."""
    run = lane.run
    marks: dict[str, tuple[int, int]] = {}
    pieces = []
    for stream, frame in frames:
        committed, dropped = marks.get(stream.writer_id, (run.watermarks[stream.writer_id], 0))
        if frame.first_point > committed + 1:
            if not is_fresh:
                return None
            stream.fail(
                errors.sequence_gap(run.run_id, stream.writer_id, frame.first_point, committed + 1, "frame.first_point")
            )
            continue
        count = len(frame.values)
        skip = committed + 1 - frame.first_point
        if skip < count:
            pieces.append(Piece(stream.keys, frame, skip))
            committed += count - skip
        marks[stream.writer_id] = committed, max(dropped, frame.dropped_points)
    return Part(run, pieces, marks)


def _give_up(taken: _Taken, error: errors.RunloreError) -> None:
    """Nobody knows what of a round is committed: whoever opens a stream again reads it."""
    for lane, frames in taken.items():
        lane.run.forget()
        for stream, _ in frames:
            stream.fail(error)
