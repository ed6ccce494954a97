"""The tailer: whoever watches gets every event once and in order, however it comes to be numbered and read."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager

import psycopg
import pytest

from runlore import v1
from runlore_server import tailer as tailing
from runlore_server.db import Database
from runlore_server.errors import RunloreError
from runlore_server.sequencer import Sequencer
from runlore_server.store import event_pages, events
from runlore_server.store.event_pages import Wanted
from runlore_server.tailer import Batch, Tailer
from tests.store.calling import begin
from tests.store.records import add_run
from tests.store.test_events import tag

_PATIENCE = 20.0
EVERYTHING = Wanted("w")


@pytest.fixture(autouse=True)
def in_call() -> None:
    begin()


@pytest.fixture
async def tailer(db: Database) -> AsyncIterator[Tailer]:
    async with following(db) as made:
        yield made


@asynccontextmanager
async def following(db: Database) -> AsyncIterator[Tailer]:
    """A tailer with the sequencer of its server."""
    made, sequencer = Tailer(db), Sequencer(db)
    made.start()
    sequencer.start()
    try:
        yield made
    finally:
        await sequencer.stop()
        await made.stop()


class Watcher:
    """Watches in a task; what it got is in `events`, and how far it is in `upto`."""

    def __init__(self, tailer: Tailer, wanted: Wanted = EVERYTHING, after: int = 0, interval: float = 60.0) -> None:
        self.events: list[event_pages.Stored] = []
        self.messages = 0
        self.upto = after
        #: Cleared: it reads nothing.
        self.reads = asyncio.Event()
        self.reads.set()
        self.task = asyncio.create_task(self._watch(tailer.watch(wanted, after, interval)))

    async def _watch(self, batches: AsyncIterator[Batch]) -> None:
        async with aclosing(batches):  # type: ignore[type-var]
            async for batch in batches:
                self.events += batch.events
                self.messages += 1
                self.upto = batch.upto
                await self.reads.wait()

    @property
    def numbers(self) -> list[int]:
        return [event.number for event in self.events]

    async def began(self) -> None:
        """Wait for its first batch."""
        async with asyncio.timeout(_PATIENCE):
            while not self.messages:  # noqa: ASYNC110 - as a client looks
                await asyncio.sleep(0.005)

    async def until(self, upto: int) -> None:
        async with asyncio.timeout(_PATIENCE):
            while self.upto < upto:
                assert not self.task.done(), self.task.exception()
                await asyncio.sleep(0.005)

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def last(db: Database) -> int:
    """The last number, after everything committed has one."""
    await Sequencer(db).catch_up()
    return (await db.read(events.log)).last_position


async def change(db: Database, run: v1.Run, count: int) -> None:
    """Make changes, and number them, as the server does that made them."""
    begin()
    for _ in range(count):
        await db.write(lambda conn: tag(conn, run, random.randbytes(8).hex()))
        await Sequencer(db).catch_up()


async def test_what_was_and_what_comes(db: Database, tailer: Tailer) -> None:
    run = await db.write(lambda conn: add_run(conn, "w"))
    await last(db)
    watcher = Watcher(tailer)
    await watcher.until(2)
    await change(db, run, 5)
    await watcher.until(7)
    assert watcher.numbers == list(range(1, 8))
    assert [event.event(await db.read(events.log)).revision for event in watcher.events[2:]] == [2, 3, 4, 5, 6]
    await watcher.stop()


async def test_a_watch_begins_at_once_and_says_how_far_it_is(db: Database, tailer: Tailer) -> None:
    await db.write(lambda conn: add_run(conn, "other"))
    end = await last(db)
    quiet, checking = Watcher(tailer), Watcher(tailer, interval=0.05)
    await quiet.until(end)
    # Nothing that it wants comes, and its position moves with the log all the same.
    for _ in range(3):
        await db.write(lambda conn: add_run(conn, "other"))
    await checking.until(await last(db))
    assert quiet.numbers == checking.numbers == []
    assert quiet.messages == 1
    for watcher in (quiet, checking):
        await watcher.stop()


async def test_the_first_batch_says_where_the_log_is_though_nothing_was_numbered(db: Database, tailer: Tailer) -> None:
    async with asyncio.timeout(_PATIENCE):
        first = await anext(tailer.watch(Wanted("w"), 0, 60.0))
    assert first == Batch([], 0)


async def test_watches_of_records_kinds_and_aliases_get_theirs(db: Database, tailer: Tailer) -> None:
    runs = [await db.write(lambda conn: add_run(conn, "w")) for _ in range(3)]
    end = await last(db)
    mine = [Watcher(tailer, Wanted("w", run.run_id), end) for run in runs]
    kinds = Watcher(tailer, Wanted("w", kinds=frozenset({v1.EVENT_KIND_RUN_CREATED})), end, interval=0.05)
    await asyncio.gather(*(change(db, run, 10) for run in runs))
    await db.write(lambda conn: add_run(conn, "w"))
    await kinds.until(await last(db))
    assert [event.kind for event in kinds.events] == [v1.EVENT_KIND_RUN_CREATED]
    log = await db.read(events.log)
    for run, watcher in zip(runs, mine, strict=True):
        await watcher.until(watcher.events[-1].number)
        found = [event.event(log) for event in watcher.events]
        assert {event.resource.id for event in found} == {run.run_id}
        assert [event.revision for event in found] == list(range(2, 12))
    for watcher in (*mine, kinds):
        await watcher.stop()


async def test_one_read_serves_all_watches(db: Database, tailer: Tailer, monkeypatch: pytest.MonkeyPatch) -> None:
    run = await db.write(lambda conn: add_run(conn, "w"))
    end = await last(db)
    watchers = [Watcher(tailer, Wanted("w", run.run_id), end) for _ in range(50)]
    for watcher in watchers:
        await watcher.began()
    pages = 0
    page = event_pages.page

    async def counted(*args: object, **which: object) -> object:
        nonlocal pages
        pages += 1
        return await page(*args, **which)  # type: ignore[arg-type]

    monkeypatch.setattr(event_pages, "page", counted)
    await change(db, run, 5)
    for watcher in watchers:
        await watcher.until(end + 5)
        assert watcher.numbers == list(range(end + 1, end + 6))
        await watcher.stop()
    assert pages < 50, "fewer reads than watches, though events came one by one"


async def test_the_tailer_rests_when_nobody_watches(
    db: Database, tailer: Tailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await db.write(lambda conn: add_run(conn, "w"))
    watcher = Watcher(tailer)
    await watcher.until(await last(db))
    await watcher.stop()

    async def fails(*args: object, **which: object) -> object:
        raise AssertionError("nobody asked")

    monkeypatch.setattr(event_pages, "page", fails)
    await change(db, run, 3)
    await asyncio.sleep(tailing._BEAT + 0.2)
    monkeypatch.undo()
    # And it begins again where the next one is.
    again = Watcher(tailer, after=watcher.upto)
    await again.until(await last(db))
    assert again.numbers == [watcher.upto + 1, watcher.upto + 2, watcher.upto + 3]
    await again.stop()


async def test_a_slow_watch_is_bounded_and_misses_nothing(
    db: Database, tailer: Tailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tailing, "_QUEUE", 8)
    run = await db.write(lambda conn: add_run(conn, "w"))
    slow, fast = Watcher(tailer), Watcher(tailer)
    for watcher in (slow, fast):
        await watcher.until(await last(db))
    slow.reads.clear()
    longest = 0
    for _ in range(10):
        await change(db, run, 5)
        await fast.until(await last(db))
        longest = max(longest, *(len(watch.queue) for watch in tailer._watches))
    assert longest <= 9
    # Two messages of it were under way; the rest was dropped, and comes from the database.
    assert len(slow.events) <= 2 + 5
    slow.reads.set()
    await slow.until(fast.upto)
    await change(db, run, 2)
    for watcher in (slow, fast):
        await watcher.until(await last(db))
    assert slow.numbers == fast.numbers == list(range(1, 55))
    for watcher in (slow, fast):
        await watcher.stop()


async def test_without_notifications_events_come_by_the_beat(
    db: Database, tailer: Tailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind a pooler that lends connections by the transaction."""

    @asynccontextmanager
    async def silence(listen: str) -> AsyncIterator[None]:
        await asyncio.Event().wait()
        yield

    async def nothing(listen: str) -> AsyncIterator[None]:
        async with silence(listen):
            yield

    monkeypatch.setattr(db, "notified", nothing)
    run = await db.write(lambda conn: add_run(conn, "w"))
    watcher = Watcher(tailer)
    await watcher.until(await last(db))
    await change(db, run, 3)
    await watcher.until(await last(db))
    assert watcher.numbers == [1, 2, 3, 4, 5]
    await watcher.stop()


async def test_a_lost_connection_for_notifications_loses_nothing(
    db: Database, database_url: str, tailer: Tailer
) -> None:
    run = await db.write(lambda conn: add_run(conn, "w"))
    watcher = Watcher(tailer)
    await watcher.until(await last(db))
    for _ in range(3):
        with psycopg.connect(database_url, autocommit=True) as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND query LIKE 'LISTEN%'"
            )
        await change(db, run, 3)
        await watcher.until(await last(db))
    assert watcher.numbers == list(range(1, 12))
    await watcher.stop()


async def test_draining_ends_watches_and_refuses_others(db: Database, tailer: Tailer) -> None:
    watcher = Watcher(tailer)
    await watcher.began()
    async with asyncio.timeout(_PATIENCE):
        tailer.drain()
        with pytest.raises(RunloreError) as ended:
            await watcher.task
        with pytest.raises(RunloreError) as refused:
            await anext(tailer.watch(Wanted("w"), 0, 60.0))
    assert ended.value.reason_name == refused.value.reason_name == "SERVER_STOPPING"
    assert not tailer._watches


async def test_what_is_pruned_while_a_watch_is_behind_ends_it(db: Database, database_url: str, tailer: Tailer) -> None:
    """It would miss events otherwise, without a word."""
    run = await db.write(lambda conn: add_run(conn, "w"))
    await change(db, run, 3)
    await last(db)
    with psycopg.connect(database_url) as conn:
        conn.execute("UPDATE event SET time = time - interval '3 days'")
    await db.write(lambda conn: event_pages.prune(conn, 1, 100))
    async with asyncio.timeout(_PATIENCE):
        with pytest.raises(RunloreError) as expired:
            await anext(tailer.watch(Wanted("w"), 2, 60.0))
        assert expired.value.reason_name == "POSITION_EXPIRED"
        assert await anext(tailer.watch(Wanted("w"), 5, 60.0)) == Batch([], 5)
        kinds = event_pages.REGISTRY_KINDS
        assert await anext(tailer.watch(Wanted("w", kinds=kinds), 0, 60.0)) == Batch([], 5)


@pytest.mark.parametrize("seed", range(3))
async def test_watches_that_come_go_and_lag_get_everything_once_and_in_order(
    seed: int, servers: list[Database], database_url: str, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several servers write, number and watch; transactions are held open across others; watches lag and resume."""
    monkeypatch.setattr(tailing, "_QUEUE", 10)
    monkeypatch.setattr(tailing, "_PAGE", 7)
    chance = random.Random(seed)
    runs = [await db.write(lambda conn: add_run(conn, "w")) for _ in range(6)]
    start = await last(db)
    done = asyncio.Event()

    async def write(server: Database, run: v1.Run) -> None:
        await change(server, run, 40)

    async def hold(run: v1.Run) -> None:
        """Write in a raw transaction that stays open while others commit."""
        begin()
        async with await psycopg.AsyncConnection.connect(database_url) as conn:
            for _ in range(6):
                row = await (
                    await conn.execute(
                        "UPDATE run SET revision = revision + 1, event_time = clock_timestamp() WHERE run_id = %s "
                        "RETURNING revision, event_time",
                        (run.run_id,),
                    )
                ).fetchone()
                assert row is not None
                resource = v1.Resource(type=v1.RESOURCE_TYPE_RUN, id=run.run_id)
                event = v1.Event(kind=v1.EVENT_KIND_RUN_LOGGED, workspace="w", resource=resource, revision=row[0])
                await conn.execute(
                    "INSERT INTO event (resource_id, revision, workspace, kind, subject, time, body) "
                    "VALUES (%s, %s, 'w', 22, '', %s, %s)",
                    (run.run_id, *row, events.canonical(event)),
                )
                await asyncio.sleep(chance.uniform(0.02, 0.15))
                await conn.commit()

    async def watch(tailers: list[Tailer], wanted: Wanted) -> list[event_pages.Stored]:
        """Watch until all is done, going on at any server and another moment from the position that was reached."""
        found: list[event_pages.Stored] = []
        upto = start
        while not (done.is_set() and upto >= await last(db)):
            patience = chance.randrange(1, 12)
            with contextlib.suppress(TimeoutError):
                batches_of = chance.choice(tailers).watch(wanted, upto, 0.1)
                async with asyncio.timeout(_PATIENCE), aclosing(batches_of) as batches:
                    async for batch in batches:
                        found += batch.events
                        upto = batch.upto
                        await asyncio.sleep(chance.choice([0, 0, 0.02, 0.1]))
                        patience -= 1
                        if not patience:
                            break
        return found

    async with AsyncExitStack() as stack:
        tailers = [await stack.enter_async_context(following(server)) for server in servers]
        every = [asyncio.create_task(watch(tailers, Wanted("w"))) for _ in range(6)]
        some = [asyncio.create_task(watch(tailers, Wanted("w", run.run_id))) for run in runs]
        writing = [write(chance.choice(servers), run) for run in runs[:4]]
        await asyncio.gather(*writing, *map(hold, runs[4:]))
        done.set()
        async with asyncio.timeout(_PATIENCE):
            seen, of_runs = await asyncio.gather(*every), await asyncio.gather(*some)
    end = await last(db)
    assert end == start + 4 * 40 + 2 * 6
    for found in seen:
        assert [event.number for event in found] == list(range(start + 1, end + 1))
    log = await db.read(events.log)
    for run, found in zip(runs, of_runs, strict=True):
        revisions = [event.event(log).revision for event in found]
        assert revisions == list(range(2, 2 + (40 if run in runs[:4] else 6)))
