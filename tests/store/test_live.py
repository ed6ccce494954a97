"""Points of live runs: whatever interleaves, each is there once and in order, and summaries are those of the points."""

from __future__ import annotations

import asyncio
import math
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runlore import v1
from runlore_server import errors, ids
from runlore_server.committer import Committer, Stream
from runlore_server.db import Connection, Database
from runlore_server.merger import merge
from runlore_server.store import experiments, merging, runs
from tests.harness.points import Point, expected, plain_zeros, points, same, series
from tests.store.calling import begin
from tests.store.reading import history
from tests.store.records import log_points

WRITERS, SERVERS, KEYS = 3, 2, ["a", "b", "c"]
#: What writes, in this order: writers of streams, and last the one of LogBatch.
Logged = list[tuple[str, Point]]


class AbortedError(Exception):
    """Ends a transaction as a killed server does."""


class Unlucky:
    """A database whose answer to the commit of a round gets lost, when told so: what was asked is done."""

    def __init__(self, db: Database) -> None:
        self.db, self.loses = db, False

    async def read(self, work: Callable[[Connection], Awaitable[Any]]) -> Any:
        return await self.db.read(work)

    async def write(self, work: Callable[[Connection], Awaitable[Any]], *, one_statement: bool = False) -> Any:
        result = await self.db.write(work, one_statement=one_statement)
        if self.loses and one_statement:
            raise errors.database_unavailable()
        return result


async def log_batch(db: Database, run_id: str, sequence: int, found: Logged) -> dict[str, list[Point]]:
    """Log points by LogBatch, and return them by their keys."""
    by_key: dict[str, list[Point]] = defaultdict(list)
    for key, point in found:
        by_key[key].append(point)

    batch = [series(part, key) for key, part in by_key.items()]
    fresh, _ = await log_points(db, v1.Run(workspace="w", run_id=run_id), "batch", sequence, *batch)
    assert fresh
    return by_key


class Script:
    """A run written by streams of two servers and by LogBatch, and what it must hold."""

    def __init__(self, db: Database, run_id: str, logged: list[Logged]) -> None:
        self.db, self.run_id, self.logged = db, run_id, logged
        self.unlucky = Unlucky(db)
        self.servers = [self.new_server() for _ in range(SERVERS)]
        self.streams: dict[tuple[int, int], Stream] = {}
        self.next: dict[tuple[int, int], int] = {}
        self.queued: list[list[tuple[Stream, int, v1.LogStreamFrame]]] = [[] for _ in range(SERVERS)]
        self.batches = 0
        # The model.
        self.series: dict[str, list[Point]] = defaultdict(list)
        self.committed = [0] * (WRITERS + 1)

    def new_server(self) -> Committer:
        """Begin a server."""
        return Committer(cast(Database, self.unlucky))

    async def send(self, server: int, writer: int, back: int, size: int, ahead: int = 0) -> None:
        """Queue a frame that may begin before what is committed, or `ahead` of what may come next."""
        place = server, writer
        if place not in self.streams:
            stream = await self.servers[server].open("w", self.run_id, f"w{writer}")
            assert stream.committed == self.committed[writer]
            self.streams[place], self.next[place] = stream, stream.committed + 1
        stream = self.streams[place]
        first = max(1, self.next[place] - back) + ahead
        found = self.logged[writer][first - 1 : first - 1 + size]
        new = list(dict.fromkeys(key for key, _ in found if key not in stream.keys.names))
        stream.keys.names += new
        frame = v1.LogStreamFrame(
            first_point=first,
            new_keys=new,
            keys=[stream.keys.names.index(key) for key, _ in found],
            steps=[step for _, (step, _, _) in found],
            times_unix_us=[time for _, (_, time, _) in found],
            values=[value for _, (_, _, value) in found],
        )
        if not ahead:
            self.next[place] = max(self.next[place], first + len(found))
        self.servers[server].put(stream, frame)
        self.queued[server].append((stream, writer, frame))

    async def commit(self, server: int) -> None:
        """Let a server commit until nothing is queued; it may take a second round to see what others did."""
        for _ in range(3):
            await self.servers[server].commit_queued()
        queued, self.queued[server] = self.queued[server], []
        for stream, first_point in self.apply(queued):
            assert stream.error is not None, first_point
            assert stream.error.reason_name == "SEQUENCE_GAP"
            self.streams = {place: s for place, s in self.streams.items() if s is not stream}
        for stream, writer, frame in queued:
            if stream.error is None:
                assert stream.frames == stream.points == 0
                # What is acknowledged is committed, and so is the frame. An empty one reads nothing, so that the stream
                # may not know what another server has committed since.
                assert frame.first_point - 1 + len(frame.values) <= stream.committed <= self.committed[writer]

    def apply(self, queued: Sequence[tuple[Stream, int, v1.LogStreamFrame]]) -> list[tuple[Stream, int]]:
        """Let the model have what is new of frames, and return those that leave a gap."""
        gaps = []
        for stream, writer, frame in queued:
            if frame.first_point > self.committed[writer] + 1:
                gaps.append((stream, frame.first_point))
                continue
            fresh = self.logged[writer][self.committed[writer] : frame.first_point - 1 + len(frame.values)]
            for key, point in fresh:
                self.series[key].append(point)
            self.committed[writer] += len(fresh)
        return gaps

    async def lose(self, server: int) -> None:
        """Let a server commit and not learn of it: its streams end, and whoever opens them again goes on rightly."""
        self.unlucky.loses = True
        await self.servers[server].commit_queued()
        self.unlucky.loses = False
        failed = [item for item in self.queued[server] if item[0].error is not None]
        self.queued[server] = [item for item in self.queued[server] if item[0].error is None]
        self.streams = {place: s for place, s in self.streams.items() if s.error is None}
        rows = await self.db.read(
            lambda conn: conn.execute("SELECT * FROM run_stream WHERE run_id = %s", (self.run_id,))
        )
        stored = {row.writer_id: row.points for row in await rows.fetchall()}
        if any(stored.get(f"w{writer}", 0) != self.committed[writer] for writer in range(WRITERS)):
            self.apply(failed)
        for writer in range(WRITERS):
            assert stored.get(f"w{writer}", 0) == self.committed[writer]

    async def batch(self, size: int) -> None:
        """Log points by LogBatch."""
        begun = self.committed[WRITERS]
        found = self.logged[WRITERS][begun : begun + size]
        if not found:
            return
        self.batches += 1
        by_key = await log_batch(self.db, self.run_id, self.batches, found)
        self.committed[WRITERS] += len(found)
        for key, part in by_key.items():
            self.series[key] += part

    async def merge(self, *, aborts: bool, settles: bool, is_idle: bool) -> None:
        """Merge, perhaps as a server does that is killed before or after its commit."""

        async def work(conn: Connection) -> None:
            await merging.merge_some(conn, self.run_id)
            if aborts:
                raise AbortedError

        if settles and not aborts:
            await merge(self.db, self.run_id, is_idle=is_idle)
            return
        try:
            await self.db.write(work)
        except AbortedError:
            assert aborts

    async def restart(self, server: int) -> None:
        """Begin a server anew; what was queued is lost, and its clients send it again."""
        self.servers[server] = self.new_server()
        self.queued[server] = []
        self.streams = {place: s for place, s in self.streams.items() if place[0] != server}

    async def rows(self) -> list[tuple[str, int, int, int, float]]:
        """Read the run's points by SQL: key, index, step, time, value."""
        rows = await self.db.read(
            lambda conn: conn.execute(
                "SELECT key, index, step, (extract(epoch FROM time) * 1000000)::int8, value FROM metric_point "
                """WHERE run_id = %s ORDER BY key COLLATE "C", index""",
                (self.run_id,),
            )
        )
        return [tuple(row) for row in await rows.fetchall()]

    async def check(self) -> None:
        """Compare all that can be read with the model."""
        wanted = {key: points for key, points in self.series.items() if points}
        found = await history(self.db, self.run_id)
        assert repr(found) == repr({key: wanted[key] for key in sorted(wanted)})
        assert repr(await self.rows()) == repr(
            [(key, i, *point) for key in sorted(wanted) for i, point in enumerate(wanted[key])]
        )
        run = await self.db.read(lambda conn: runs.get(conn, "w", self.run_id))
        assert [m.key for m in run.metrics] == sorted(wanted)
        for summary in run.metrics:
            assert same(summary, expected(wanted[summary.key], summary.key)), summary


def scripts() -> st.SearchStrategy[list[tuple[str, dict[str, Any]]]]:
    """What happens, in order."""
    server, writer, flag = st.integers(0, SERVERS - 1), st.integers(0, WRITERS - 1), st.booleans()
    size = st.integers(0, 6)
    send = st.fixed_dictionaries({"server": server, "writer": writer, "back": st.integers(0, 4), "size": size})
    ahead = st.fixed_dictionaries(
        {"server": server, "writer": writer, "back": st.just(0), "size": size, "ahead": st.integers(1, 2)}
    )
    merge = st.fixed_dictionaries({"aborts": flag, "settles": flag, "is_idle": flag})
    at = st.fixed_dictionaries({"server": server})
    what: list[st.SearchStrategy[tuple[str, dict[str, Any]]]] = [
        st.tuples(st.just("send"), send),
        st.tuples(st.just("send"), send),
        st.tuples(st.just("commit"), at),
        st.tuples(st.just("commit"), at),
        st.tuples(st.just("merge"), merge),
        st.tuples(st.just("batch"), st.fixed_dictionaries({"size": size})),
        st.tuples(st.just("send"), ahead),
        st.tuples(st.just("restart"), at),
        st.tuples(st.just("lose"), at),
    ]
    return st.lists(st.one_of(what), min_size=4, max_size=30)


def logs() -> st.SearchStrategy[list[Logged]]:
    """What each writer logs."""
    logged = st.tuples(st.sampled_from(KEYS), points(1).map(lambda found: plain_zeros(found)[0]))
    return st.lists(st.lists(logged, min_size=20, max_size=40), min_size=WRITERS + 1, max_size=WRITERS + 1)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Merging in portions so small that a few points make several."""
    monkeypatch.setattr(merging, "_NUMBERS", 3)
    monkeypatch.setattr(merging, "_SMALL", 5)
    monkeypatch.setattr(merging, "_LARGE", 8)


@pytest.fixture
async def new_run(db: Database) -> Callable[[], Any]:
    """Makes runs in one experiment."""
    begin()
    experiment = await db.write(lambda conn: experiments.create(conn, "w", "e"))

    async def make() -> str:
        run = v1.Run(run_id=ids.new(), workspace="w", experiment_id=experiment.experiment_id)
        run.status = v1.RUN_STATUS_RUNNING
        return (await db.write(lambda conn: runs.create(conn, run, None, ""))).run_id

    return make


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=scripts(), logged=logs())
async def test_a_run_holds_what_was_committed(
    db: Database,
    new_run: Callable[[], Any],
    small_blocks: None,
    script: list[tuple[str, dict[str, Any]]],
    logged: list[Logged],
) -> None:
    play = Script(db, await new_run(), logged)
    for what, arguments in script:
        await getattr(play, what)(**arguments)
        await play.check()
    for server in range(SERVERS):
        await play.commit(server)
    await play.check()
    await play.merge(aborts=False, settles=True, is_idle=True)
    await play.check()
    rows = await db.read(lambda conn: conn.execute("SELECT is_live FROM run_live WHERE is_live"))
    assert await rows.fetchall() == []


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
async def test_writers_mergers_and_batches_at_once(
    db: Database, new_run: Callable[[], Any], small_blocks: None, seed: int
) -> None:
    """Two servers, writers that repeat themselves, LogBatch and mergers, all at once on one run."""
    dice, run_id = random.Random(seed), await new_run()
    servers = [Committer(db) for _ in range(SERVERS)]
    number = count()
    logged = [
        [
            (dice.choice(KEYS), (dice.randint(-5, 5), next(number), dice.choice([math.inf, dice.random()])))
            for _ in range(60)
        ]
        for _ in range(WRITERS + 1)
    ]

    async def stream(writer: int, server: int) -> None:
        """Send all points; a stream that ends with an error is opened again, as a client does."""
        found, committed = logged[writer], 0
        while committed < len(found):
            opened = await servers[server].open("w", run_id, f"w{writer}")
            try:
                committed = next_point = opened.committed
                while committed < len(found) and opened.error is None:
                    first = max(0, next_point - dice.randint(0, 3))
                    part = found[first : next_point + dice.randint(0, 5)]
                    opened.keys.names += [] if opened.keys.names else KEYS
                    servers[server].put(
                        opened,
                        v1.LogStreamFrame(
                            first_point=first + 1,
                            keys=[KEYS.index(key) for key, _ in part],
                            steps=[step for _, (step, _, _) in part],
                            times_unix_us=[time for _, (_, time, _) in part],
                            values=[value for _, (_, _, value) in part],
                        ),
                    )
                    next_point = first + len(part)
                    await asyncio.sleep(dice.random() * 0.02)
                    committed = opened.committed
            finally:
                servers[server].close(opened)

    async def batches() -> None:
        for sequence, at in enumerate(range(0, len(logged[WRITERS]), 6), 1):
            await log_batch(db, run_id, sequence, logged[WRITERS][at : at + 6])
            await asyncio.sleep(dice.random() * 0.05)

    async def merges() -> None:
        while True:
            await merge(db, run_id, is_idle=dice.random() < 0.3)
            await asyncio.sleep(dice.random() * 0.01)

    for server in servers:
        server.start()
    background = [asyncio.create_task(merges()) for _ in range(2)]
    # The first writer writes through both servers: two copies of one spool.
    await asyncio.gather(stream(0, 0), stream(0, 1), stream(1, 0), stream(2, 1), batches())
    for task in background:
        task.cancel()
    await asyncio.gather(*background, return_exceptions=True)
    for server in servers:
        await server.stop()

    found = await history(db, run_id)
    # Times are unique: they tell whose a point is.
    for writer in logged:
        times = {time for _, (_, time, _) in writer}
        for key in KEYS:
            of_writer = [point for point in found[key] if point[1] in times]
            assert of_writer == [point for name, point in writer if name == key]
    run = await db.read(lambda conn: runs.get(conn, "w", run_id))
    assert [m.key for m in run.metrics] == KEYS
    for summary in run.metrics:
        assert same(summary, expected(found[summary.key], summary.key))


async def fill(db: Database, run_id: str, frames: int, size: int) -> None:
    """Commit frames of one key, each in a round of its own."""
    server = Committer(db)
    stream = await server.open("w", run_id, ids.new())
    stream.keys.names.append("a")
    for i in range(frames):
        frame = v1.LogStreamFrame(first_point=i * size + 1, keys=[0] * size, steps=range(i * size, (i + 1) * size))
        frame.times_unix_us.extend([0] * size)
        frame.values.extend([float(i)] * size)
        server.put(stream, frame)
        await server.commit_queued()
    assert stream.committed == frames * size
    server.close(stream)


async def test_what_is_due_is_much_or_silent_or_finished(db: Database, new_run: Callable[[], Any]) -> None:
    little, much, silent, finished = [await new_run() for _ in range(4)]
    for run_id in (little, silent, finished):
        await fill(db, run_id, 3, 2)
    await fill(db, much, 11, 20_000)
    away = "UPDATE run_live SET heartbeat_time = heartbeat_time - interval '2 minutes' WHERE run_id = %s"
    await db.read(lambda conn: conn.execute(away, (silent,)))
    done = "UPDATE run SET status = %s WHERE run_id = %s"
    await db.read(lambda conn: conn.execute(done, (v1.RUN_STATUS_FINISHED, finished)))
    due = await db.read(lambda conn: merging.due(conn, 60))
    assert sorted(due) == sorted([(much, False), (silent, True), (finished, True)])
    for run_id, is_idle in due:
        await merge(db, run_id, is_idle=is_idle)
    assert await db.read(lambda conn: merging.due(conn, 60)) == []


async def test_blocks_are_filled_up(db: Database, new_run: Callable[[], Any]) -> None:
    """Neither a trickle nor a flood makes blocks of odd sizes."""
    run_id = await new_run()
    for frames, size in [(3, 100), (2, 100), (1, 700), (5, 20_000)]:
        await fill(db, run_id, frames, size)
        await merge(db, run_id, is_idle=True)
    rows = await db.read(lambda conn: conn.execute("SELECT first_index, count FROM metric_block ORDER BY first_index"))
    blocks = [tuple(row) for row in await rows.fetchall()]
    assert blocks[0] == (0, 1_200)
    assert [first for first, _ in blocks[1:]] == [1_200 + 4_000 * i for i in range(25)]
    assert all(size == 4_000 for _, size in blocks[1:])
