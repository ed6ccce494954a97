"""LogStream: points as they are logged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from google.protobuf.duration_pb2 import Duration

from runlore import v1
from runlore_server import calls, errors, limits
from runlore_server.committer import Committer, Stream
from runlore_server.db import Database
from runlore_server.pages import PageTokens
from runlore_server.sequencer import Sequencer
from runlore_server.services.base import Methods

#: Frames of a stream that are read and not yet committed, however few points they have.
_MAX_QUEUED_FRAMES = 1_000


class StreamMethods(Methods):
    """The method that takes streams of points."""

    def __init__(self, db: Database, pages: PageTokens, sequencer: Sequencer, committer: Committer) -> None:
        """As for all methods; `committer` commits the points."""
        super().__init__(db, pages, sequencer)
        self._committer = committer

    async def LogStream(
        self, requests: AsyncIterator[v1.LogStreamRequest], context: Any
    ) -> AsyncIterator[v1.LogStreamResponse]:
        """Read frames in one task; acknowledge in this one, several frames at once when they were committed so."""
        opening = await _opening(requests)
        workspace = calls.current().workspace(opening.workspace)
        stream = await self._committer.open(workspace, opening.run_id, opening.writer_id)
        reader = asyncio.create_task(self._read(stream, requests))
        try:
            yield v1.LogStreamResponse(
                opened=v1.LogStreamOpened(
                    committed_points=stream.committed,
                    max_unacknowledged_points=limits.MAX_UNACKNOWLEDGED_POINTS,
                    heartbeat_interval=Duration(seconds=limits.HEARTBEAT_SECONDS),
                )
            )
            while True:
                await stream.moved.wait()
                stream.moved.clear()
                if stream.untold:
                    stream.untold = False
                    yield v1.LogStreamResponse(acknowledged=v1.LogStreamAcknowledged(committed_points=stream.committed))
                if stream.error is not None:
                    raise stream.error
                if reader.done() and stream.frames == 0:
                    return
        finally:
            reader.cancel()
            with suppress(asyncio.CancelledError):
                await reader
            self._committer.close(stream)

    async def _read(self, stream: Stream, requests: AsyncIterator[v1.LogStreamRequest]) -> None:
        try:
            async for message in requests:
                if not message.HasField("frame"):
                    raise errors.invalid_field("open", "comes again: only a stream's first message opens it")
                _take_keys(stream, message.frame)
                self._committer.put(stream, message.frame)
                while stream.points >= limits.MAX_UNACKNOWLEDGED_POINTS or stream.frames >= _MAX_QUEUED_FRAMES:
                    stream.room.clear()
                    await stream.room.wait()
                if stream.error is not None:
                    return
        except errors.RunloreError as error:
            stream.fail(error)
        finally:
            stream.moved.set()


async def _opening(requests: AsyncIterator[v1.LogStreamRequest]) -> v1.LogStreamOpen:
    async for message in requests:
        if message.HasField("open"):
            return message.open
        break
    raise errors.invalid_field("open", "must be the stream's first message: it says who writes to which run")


def _take_keys(stream: Stream, frame: v1.LogStreamFrame) -> None:
    """Note the keys that a frame introduces, once the frame is found to be sound."""
    n = len(frame.values)
    if not len(frame.keys) == len(frame.steps) == len(frame.times_unix_us) == n:
        raise errors.invalid_field(
            "frame",
            f"keys, steps, times_unix_us and values must be of equal length (got {len(frame.keys)}, "
            f"{len(frame.steps)}, {len(frame.times_unix_us)} and {n})",
        )
    if n > limits.MAX_POINTS_PER_FRAME:
        raise errors.batch_too_large("frame", "max_points_per_frame", limits.MAX_POINTS_PER_FRAME, n)
    known = len(stream.keys.names) + len(frame.new_keys)
    if known > limits.MAX_KEYS_PER_STREAM:
        raise errors.invalid_field(
            "frame.new_keys",
            f"would make {known} keys of this stream, and {limits.MAX_KEYS_PER_STREAM} is the most: open another "
            "stream, which counts its keys anew",
        )
    if n and (highest := max(frame.keys)) >= known:
        introduced = f"the keys introduced in this stream go up to {known - 1}" if known else "none was introduced"
        raise errors.invalid_field("frame.keys", f"has the number {highest}, and {introduced}")
    stream.keys.names += frame.new_keys
