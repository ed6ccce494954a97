"""Hands new events to the watches of this process.

One reader for all of them: when the sequencer of any server has numbered events, it reads those after its own position
and puts each into the queue of every watch that wants it. It begins with the first watch and rests after the last.

A watch that is new or resumes is behind: it takes its place in the hand-out first, then reads what it missed, up to
where the reader was at that moment, from the database by itself. So nothing falls between the two, and nothing comes
twice. What waits for one watch is bounded: when its client reads too slowly, the queue is dropped and it is behind
again. So memory stays bounded, and neither a writer nor another watch ever waits for a client.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from functools import partial

from runlore_server import errors
from runlore_server.background import Background
from runlore_server.db import Database
from runlore_server.store import event_pages, events
from runlore_server.store.event_pages import Stored, Wanted

#: Seconds between looks without a notification: it may be lost, or a pooler in between may know none.
_BEAT = 0.5
#: Seconds after a read in which none begins: what comes in a burst is read together, and a single event at once.
_GATHER = 0.005
#: Seconds until a lost connection for notifications is tried again.
_LISTEN_AGAIN = 1.0
#: Events and bytes that wait for one watch at most.
_QUEUE = 256
_QUEUE_BYTES = 256 * 1024
#: Events and bytes of one page of a watch that is behind.
_PAGE = 1_000
_PAGE_BYTES = 256 * 1024
#: Pages that are read at a time: when thousands of watches resume at once, others need the database too.
_PAGING = 4

_EVERYTHING = Wanted()


@dataclass(frozen=True)
class Batch:
    """Events, in the log's order, and the number up to which a watch has now had all that it wants."""

    events: list[Stored]
    upto: int


@dataclass(eq=False, slots=True)
class _Watch:
    wanted: Wanted
    #: Everything that is wanted up to this number was handed over.
    upto: int
    #: Whether it has its place in the hand-out; else it is behind.
    is_placed: bool = False
    queue: list[Stored] = field(default_factory=list)
    queued_bytes: int = 0
    woken: asyncio.Event = field(default_factory=asyncio.Event)


class Tailer(Background):
    """Follows the log for all watches of this process."""

    name = "tailer"

    def __init__(self, db: Database) -> None:
        """Follow the log of one database; nothing is handed out before `start`."""
        super().__init__()
        self._db = db
        self._watches: set[_Watch] = set()
        #: Those with a place, by the record that they are about; empty: about all.
        self._placed: dict[str, set[_Watch]] = {}
        #: Up to where events were handed out; None: there is nobody to hand them to.
        self._upto: int | None = None
        self._needed = asyncio.Event()
        self._woken = asyncio.Event()
        self._stopping = False
        self._paging = asyncio.Semaphore(_PAGING)

    async def watch(self, wanted: Wanted, after: int, interval: float) -> AsyncGenerator[Batch]:
        """Yield what is wanted after a number of the log: at once, as it comes, and every `interval` seconds at least.

        Raises POSITION_EXPIRED, and SERVER_STOPPING when this server stops.
        """
        watch = _Watch(wanted, after)
        self._watches.add(watch)
        try:
            while True:
                more = True
                meeting = await self._place(watch)
                while more:
                    found, more = await self._page(watch, meeting)
                    watch.upto = found[-1].number if more else max(meeting, watch.upto)
                    yield Batch(found, watch.upto)
                while watch.is_placed:
                    await _wait(watch.woken, interval)
                    watch.woken.clear()
                    self._check_serving()
                    if watch.is_placed:
                        yield self._take(watch)
        finally:
            self._watches.discard(watch)
            self._displace(watch)

    def drain(self) -> None:
        """End every watch, and take no more, so that their clients go elsewhere."""
        self._stopping = True
        for watch in self._watches:
            watch.woken.set()

    async def _run(self) -> None:
        listening = asyncio.create_task(self._listen(), name=f"{self.name} listening")
        try:
            while True:
                await self._needed.wait()
                await _wait(self._woken, _BEAT)
                self._woken.clear()
                await self._outlive(self._read)
                await asyncio.sleep(_GATHER)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _listen(self) -> None:
        """Let notifications wake the reader. Nothing but the time that an event takes depends on it."""
        while True:
            await self._needed.wait()
            await self._outlive(self._hear)
            await asyncio.sleep(_LISTEN_AGAIN)

    async def _hear(self) -> None:
        async for _ in self._db.notified(events.sql.listen):
            self._woken.set()

    async def _read(self) -> None:
        """Hand out what was numbered since the last time."""
        more = True
        while more and self._upto is not None:
            after = self._upto
            read = partial(event_pages.page, wanted=_EVERYTHING, after=after, limit=_PAGE)
            found, more = await self._db.read(read)
            if self._upto != after:
                # The last watch went meanwhile, and another began elsewhere.
                more = True
                continue
            for event in found:
                self._hand_out(event)
            # Watches that could not take it are no longer placed, and with the last of them the place is gone.
            if found and self._upto is not None:
                self._upto = found[-1].number

    def _hand_out(self, event: Stored) -> None:
        for record in (event.resource_id, ""):
            for watch in list(self._placed.get(record, ())):
                # It may have begun further on than the reader.
                if event.number <= watch.upto or not watch.wanted.has(event):
                    continue
                watch.queue.append(event)
                watch.queued_bytes += len(event.body)
                watch.woken.set()
                if len(watch.queue) > _QUEUE or watch.queued_bytes > _QUEUE_BYTES:
                    self._displace(watch)

    async def _place(self, watch: _Watch) -> int:
        """Give a watch its place in the hand-out; returns the number from which on events are put into its queue."""
        self._check_serving()
        if self._upto is None:
            last = (await self._db.read(events.log)).last_position
            if self._upto is None:
                self._upto = last
        self._placed.setdefault(watch.wanted.resource_id, set()).add(watch)
        watch.is_placed = True
        self._needed.set()
        return self._upto

    def _displace(self, watch: _Watch) -> None:
        """Take a watch out of the hand-out and drop what waits for it."""
        watch.is_placed = False
        watch.queue.clear()
        watch.queued_bytes = 0
        placed = self._placed.get(watch.wanted.resource_id, set())
        placed.discard(watch)
        if not placed:
            self._placed.pop(watch.wanted.resource_id, None)
        if not self._placed:
            self._upto = None
            self._needed.clear()

    async def _page(self, watch: _Watch, meeting: int) -> tuple[list[Stored], bool]:
        """Read what a watch missed up to where it has its place."""
        self._check_serving()
        async with self._paging:
            page = await self._db.read(
                lambda conn: event_pages.page(
                    conn, watch.wanted, after=watch.upto, upto=meeting, limit=_PAGE, max_bytes=_PAGE_BYTES
                )
            )
            await self._db.read(lambda conn: event_pages.check_kept(conn, "after_position", watch.wanted, watch.upto))
        return page

    def _take(self, watch: _Watch) -> Batch:
        """Take what waits for a watch that has its place: with it, it has had everything that was handed out."""
        assert self._upto is not None
        taken, watch.queue, watch.queued_bytes = watch.queue, [], 0
        watch.upto = max(self._upto, watch.upto)
        return Batch(taken, watch.upto)

    def _check_serving(self) -> None:
        if self._stopping:
            raise errors.server_stopping()


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Wait for an event, at most so long. `asyncio.wait_for` may lose a cancellation that comes with the event."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
