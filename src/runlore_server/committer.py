"""Commits the points of all streams of this process together.

Frames are collected while the commit before is under way, and for a moment at least; then one statement commits those
of all runs (`store/rounds.py`). One round is under way at a time, so what is remembered of a run never runs ahead of
the database. A run that did not commit (another server wrote to it, it was deleted, its row was locked) is loaded
again, and its frames go into the next round.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
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
#: Rounds that what is queued gets when the server stops; streams go on sending meanwhile.
_DRAIN_ROUNDS = 50


@dataclass(eq=False, slots=True)
class Stream:
    """One open LogStream, between its handler and the committer."""

    run: LiveRun
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


_Frames = list[tuple[Stream, v1.LogStreamFrame]]


class Committer(Background):
    """Takes frames from streams, commits them in rounds, and tells the streams."""

    name = "committer"

    def __init__(self, db: Database) -> None:
        """Commit to one database; nothing runs before `start`."""
        super().__init__()
        self._db = db
        self._runs: dict[str, LiveRun] = {}
        self._streams: dict[LiveRun, set[Stream]] = {}
        self._queue: deque[tuple[Stream, v1.LogStreamFrame]] = deque()
        self._woken = asyncio.Event()
        self._stopping = False

    async def open(self, workspace: str, run_id: str, writer_id: str) -> Stream:
        """Open a stream; raises RUN_NOT_FOUND or RUN_DELETED. Whoever opens it closes it."""
        if self._stopping:
            raise errors.server_stopping()
        committed = await self._db.write(lambda conn: live.open_stream(conn, workspace, run_id, writer_id))
        run = self._runs.setdefault(run_id, LiveRun(run_id))
        # What is remembered is never behind what was read, except by what other servers committed.
        committed = run.watermarks[writer_id] = max(committed, run.watermarks.get(writer_id, 0))
        stream = Stream(run, writer_id, committed)
        self._streams.setdefault(run, set()).add(stream)
        return stream

    def put(self, stream: Stream, frame: v1.LogStreamFrame) -> None:
        """Queue a frame, whose keys the stream knows and whose columns are of equal length."""
        stream.frames += 1
        stream.points += len(frame.values)
        self._queue.append((stream, frame))
        self._woken.set()

    def close(self, stream: Stream) -> None:
        """Forget a stream. Frames of it that are queued are dropped: they were not acknowledged."""
        stream.fail(errors.internal())
        streams = self._streams[stream.run]
        streams.discard(stream)
        if not streams:
            del self._streams[stream.run], self._runs[stream.run.run_id]

    async def drain(self) -> None:
        """Open no more streams, commit what is queued, and end the streams, so that their clients go elsewhere."""
        self._stopping = True
        streams = [stream for streams in self._streams.values() for stream in streams]
        for _ in range(_DRAIN_ROUNDS):
            if any(stream.frames for stream in streams):
                await asyncio.sleep(_GATHER)
        for stream in streams:
            stream.fail(errors.server_stopping())

    async def commit_queued(self) -> None:
        """Commit what is queued, in one round. What could not be is queued again, or its stream has failed."""
        frames = self._take()
        try:
            await self._commit(frames)
        except errors.RunloreError as error:
            _give_up(frames, error)
        except Exception:
            log.exception("%s failed; it goes on", self.name)
            _give_up(frames, errors.internal())

    async def _run(self) -> None:
        while True:
            await self._woken.wait()
            await asyncio.sleep(_GATHER)
            self._woken.clear()
            await self.commit_queued()
            if self._queue:
                self._woken.set()

    def _take(self) -> _Frames:
        frames: _Frames = []
        points = 0
        while self._queue and points < _ROUND_POINTS:
            stream, frame = self._queue.popleft()
            if stream.error is None:
                frames.append((stream, frame))
                points += len(frame.values)
        return frames

    async def _commit(self, frames: _Frames) -> None:
        by_run: dict[LiveRun, _Frames] = {}
        for item in frames:
            by_run.setdefault(item[0].run, []).append(item)
        stale = [run for run in by_run if run.version is None]
        if stale:
            refused = await self._db.read(lambda conn: live.load(conn, stale))
            for run in stale:
                if run.run_id in refused:
                    for stream, _ in by_run.pop(run):
                        stream.fail(refused[run.run_id])
        parts = [part for run, found in by_run.items() if (part := _part(run, found, is_fresh=run in stale))]
        writing, beating = [part for part in parts if part.pieces], [part for part in parts if not part.pieces]
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
        again: _Frames = []
        for run, found in by_run.items():
            if run.run_id in committed:
                for stream, frame in found:
                    stream.done(frame, run.watermarks[stream.writer_id])
            else:
                run.forget()
                again += found
        self._queue.extendleft(reversed(again))


def _part(run: LiveRun, frames: _Frames, *, is_fresh: bool) -> Part | None:
    """What is new in frames of a run. None: what is remembered of the run does not go with them, and may be old."""
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


def _give_up(frames: _Frames, error: errors.RunloreError) -> None:
    """Nobody knows what of a round is committed: whoever opens a stream again reads it."""
    for stream, _ in frames:
        stream.run.forget()
        stream.fail(error)
