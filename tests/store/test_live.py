"""Points of live runs: whatever interleaves, each is there once and in order, and summaries are those of the points."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runlore import v1
from runlore_server import ids
from runlore_server.committer import Committer, Stream
from runlore_server.db import Connection, Database
from runlore_server.merger import Merger
from runlore_server.store import experiments, merging, metrics, runs
from tests.harness.points import Point, expected, plain_zeros, points, same, series
from tests.store.calling import begin

WRITERS, SERVERS, KEYS = 3, 2, ["a", "b", "c"]
#: What writes, in this order: writers of streams, and last the one of LogBatch.
Logged = list[tuple[str, Point]]


class AbortedError(Exception):
    """Ends a transaction as a killed server does."""


class Script:
    """A run written by streams of two servers and by LogBatch, and what it must hold."""

    def __init__(self, db: Database, run_id: str, logged: list[Logged]) -> None:
        self.db, self.run_id, self.logged = db, run_id, logged
        self.servers = [Committer(db) for _ in range(SERVERS)]
        self.streams: dict[tuple[int, int], Stream] = {}
        self.next: dict[tuple[int, int], int] = {}
        self.queued: list[list[tuple[Stream, int, v1.LogStreamFrame]]] = [[] for _ in range(SERVERS)]
        self.batches = 0
        # The model.
        self.series: dict[str, list[Point]] = defaultdict(list)
        self.committed = [0] * (WRITERS + 1)

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
        for stream, writer, frame in queued:
            skip = self.committed[writer] + 1 - frame.first_point
            if skip < 0:
                assert stream.error is not None
                assert stream.error.reason_name == "SEQUENCE_GAP"
                self.streams = {place: s for place, s in self.streams.items() if s is not stream}
                continue
            fresh = self.logged[writer][self.committed[writer] : frame.first_point - 1 + len(frame.values)]
            for key, point in fresh:
                self.series[key].append(point)
            self.committed[writer] += len(fresh)
        for stream, writer, _ in queued:
            if stream.error is None:
                assert stream.frames == stream.points == 0
                assert stream.committed == self.committed[writer]

    async def batch(self, size: int) -> None:
        """Log points by LogBatch."""
        begun = self.committed[WRITERS]
        found = self.logged[WRITERS][begun : begun + size]
        if not found:
            return
        by_key: dict[str, list[Point]] = defaultdict(list)
        for key, point in found:
            by_key[key].append(point)
        self.batches += 1

        async def work(conn: Connection) -> None:
            fresh, _ = await metrics.advance_writer(conn, self.run_id, "batch", self.batches)
            assert fresh
            await metrics.append(conn, self.run_id, [series(part, key) for key, part in by_key.items()])

        await self.db.write(work)
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
            await Merger(self.db).merge(self.run_id, is_idle=is_idle)
            return
        try:
            await self.db.write(work)
        except AbortedError:
            assert aborts

    async def restart(self, server: int) -> None:
        """Begin a server anew; what was queued is lost, and its clients send it again."""
        self.servers[server] = Committer(self.db)
        self.queued[server] = []
        self.streams = {place: s for place, s in self.streams.items() if place[0] != server}

    async def check(self) -> None:
        """Compare all that can be read with the model."""
        wanted = {key: points for key, points in self.series.items() if points}
        found: dict[str, list[Point]] = defaultdict(list)
        async with self.db.reading() as conn:
            async for part in metrics.history(conn, self.run_id, []):
                found[part.key] += zip(part.steps, part.times_unix_us, part.values, strict=True)
        assert repr(dict(found)) == repr({key: wanted[key] for key in sorted(wanted)})
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


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
