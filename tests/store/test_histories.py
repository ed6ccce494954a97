"""Histories: what is asked for of series, whether merged or live, and nothing held for readers that are slow."""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from runlore import v1
from runlore_server import histories, ids
from runlore_server.committer import Committer
from runlore_server.db import Connection, Database
from runlore_server.errors import RunloreError
from runlore_server.histories import Histories, Query
from runlore_server.merger import merge
from runlore_server.store import columns, experiments, merging, purging, run_lifecycle, runs
from runlore_server.store.m4 import M4
from runlore_server.store.points import Range
from tests.harness.points import Point, points, series
from tests.store.calling import begin
from tests.store.reading import history
from tests.store.records import log_points


def stand_ins(found: Sequence[Point], most: int) -> list[int]:
    """Which points stand for a series, by the words of GetMetricHistoryRequest.max_points."""
    if most == 0 or len(found) <= most:
        return list(range(len(found)))
    stretches = most // 5
    chosen: set[int] = set()
    for i in range(stretches):
        stretch = range(i * len(found) // stretches, (i + 1) * len(found) // stretches)
        numbers = [at for at in stretch if not math.isnan(found[at][2])]
        chosen |= {stretch[0], stretch[-1]}
        if numbers:
            chosen |= {min(numbers, key=lambda at: found[at][2]), max(numbers, key=lambda at: found[at][2])}
        chosen |= {next(at for at in stretch if math.isnan(found[at][2]))} if len(numbers) < len(stretch) else set()
    return sorted(chosen)


VALUES = st.floats(width=32) | st.sampled_from([0.0, 1.0, math.nan, math.inf, -math.inf])


@settings(max_examples=300)
@given(values=st.lists(VALUES, min_size=11, max_size=120), most=st.integers(10, 40), cuts=st.sets(st.integers(1, 119)))
@example(values=[math.nan] * 20, most=10, cuts=set())
@example(values=[math.inf, math.nan, -math.inf] * 9, most=10, cuts={1, 2, 3})
@example(values=[1.0] * 50, most=10, cuts={25})
def test_what_stands_for_a_series_is_what_the_contract_says(values: list[float], most: int, cuts: set[int]) -> None:
    if len(values) <= most:
        return
    picker = M4(len(values), most)
    edges = [0, *sorted(cut for cut in cuts if cut < len(values)), len(values)]
    for first, end in itertools.pairwise(edges):
        picker.add(np.arange(first, end) * 3, np.array(values[first:end]))
    places, picked = picker.picked()
    found = [(0, 0, value) for value in values]
    assert places.tolist() == [at * 3 for at in stand_ins(found, most)]
    assert repr(picked.tolist()) == repr([values[at // 3] for at in places.tolist()])

    # What a reader of the contract relies on, said once more without the algorithm.
    assert len(places) <= most
    assert places[0] == 0
    assert places[-1] == (len(values) - 1) * 3
    numbers = [value for value in values if not math.isnan(value)]
    assert any(math.isnan(value) for value in picked) == (len(numbers) < len(values))
    if numbers:
        assert {min(numbers), max(numbers)} <= set(picked.tolist())


@given(steps=st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-300, 300), min_size=1, max_size=30))
def test_columns_become_the_message_that_protobuf_would_make(steps: list[int]) -> None:
    wanted = v1.MetricSeries(key="ä", steps=steps, times_unix_us=steps, values=map(float, steps))
    made = v1.MetricSeries()
    column = np.array(steps)
    columns.to_series(made, "ä", column, column, column.astype(float))
    assert made == wanted


@pytest.fixture
async def run_id(db: Database) -> str:
    begin()
    return await new_run(db)


async def new_run(db: Database, run_id: str = "") -> str:
    async def work(conn: Connection) -> str:
        found = await experiments.find_by_name(conn, "w", "e")
        experiment = found or await experiments.create(conn, "w", "e")
        wanted = v1.Run(
            run_id=run_id or ids.new(),
            workspace="w",
            experiment_id=experiment.experiment_id,
            status=v1.RUN_STATUS_RUNNING,
        )
        return (await runs.create(conn, wanted, None, "")).run_id

    return await db.write(work)


class Writer:
    """Writes to one run by LogBatch and by a stream, and knows what its series are."""

    def __init__(self, db: Database, run_id: str) -> None:
        self.db, self.run_id = db, run_id
        self.series: dict[str, list[Point]] = {}
        self.committer = Committer(db)
        self.batches = 0

    async def batch(self, found: dict[str, list[Point]]) -> None:
        """Log by LogBatch, which merges what is live first."""
        self.batches += 1

        run = v1.Run(workspace="w", run_id=self.run_id)
        await log_points(self.db, run, "batch", self.batches, *(series(part, key) for key, part in found.items()))
        for key, part in found.items():
            self.series.setdefault(key, []).extend(part)

    async def live(self, *frames: list[tuple[str, Point]]) -> None:
        """Stream frames, which stay unmerged."""
        stream = await self.committer.open("w", self.run_id, ids.new())
        for frame in frames:
            new = list(dict.fromkeys(key for key, _ in frame if key not in stream.keys.names))
            stream.keys.names += new
            first = stream.committed + 1
            self.committer.put(
                stream,
                v1.LogStreamFrame(
                    first_point=first,
                    new_keys=new,
                    keys=[stream.keys.names.index(key) for key, _ in frame],
                    steps=[step for _, (step, _, _) in frame],
                    times_unix_us=[time for _, (_, time, _) in frame],
                    values=[value for _, (_, _, value) in frame],
                ),
            )
            while stream.committed < first + len(frame) - 1:
                await self.committer.commit_queued()
            for key, point in frame:
                self.series.setdefault(key, []).append(point)
        self.committer.close(stream)

    def expected(self, query: Query) -> dict[str, tuple[int, list[Point]]]:
        """By key, how many points are in the range and those that come."""
        low, high, since, until = (
            query.within.min_step,
            query.within.max_step,
            query.within.since,
            query.within.until,
        )
        wanted = {}
        for key, found in sorted(self.series.items(), key=lambda item: item[0].encode()):
            chosen = [
                point
                for point in found[query.first_index :]
                if (low is None or point[0] >= low)
                and (high is None or point[0] <= high)
                and (since is None or point[1] >= since)
                and (until is None or point[1] < until)
            ]
            if chosen:
                wanted[key] = len(chosen), [chosen[at] for at in stand_ins(chosen, query.max_points)]
        return wanted


async def read(found: AsyncIterator[v1.GetMetricHistoryResponse]) -> dict[str, tuple[int, list[Point]]]:
    """By key, the number of points that was told and those that came, in the order of their coming."""
    made: dict[str, tuple[int, list[Point]]] = {}
    last = ""
    async for response in found:
        part = response.series
        assert part.key == last or part.key not in made, "each series comes in one piece"
        last = part.key
        count, so_far = made.setdefault(part.key, (response.point_count, []))
        assert count == response.point_count
        so_far.extend(zip(part.steps, part.times_unix_us, part.values, strict=True))
    return made


BOUND = st.none() | st.integers(-6, 6)
QUERIES = st.builds(
    Query,
    first_index=st.integers(0, 30),
    within=st.just(Range()) | st.builds(Range, min_step=BOUND, max_step=BOUND, since=BOUND, until=BOUND),
    max_points=st.sampled_from([0, 10, 13, 25]),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.dictionaries(st.sampled_from(["a", "b", "ä", "B"]), points(), max_size=3),
    live=st.lists(
        st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), points(1).map(lambda p: p[0])), min_size=1, max_size=25),
        max_size=6,
    ),
    merges=st.booleans(),
    more=st.booleans(),
    queries=st.lists(QUERIES, min_size=3, max_size=3),
)
async def test_a_history_is_what_was_asked_for(
    db: Database,
    run_id: str,
    first: dict[str, list[Point]],
    live: list[list[tuple[str, Point]]],
    merges: bool,
    more: bool,
    queries: list[Query],
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # So small that every way of cutting happens.
        for name, size in {
            "_MESSAGE": 6,
            "_READ": 16,
            "_WINDOWS": 3,
            "_GROUP": 16,
            "_THINNED_GROUP": 40,
            "_TAIL": 60,
        }.items():
            patch.setattr(histories, name, size)
        run_id = await new_run(db)
        writer = Writer(db, run_id)
        if first:
            await writer.batch(first)
        if live:
            await writer.live(*live)
        if merges:
            await db.write(lambda conn: merging.merge_some(conn, run_id))
        if more and live:
            await writer.live(*live)
        reader = Histories(db)
        for query in [Query(0, Range(), 0), *queries, *queries]:
            made = await read(reader.stream("w", [run_id], [], query))
            assert repr(made) == repr(writer.expected(query))
        assert list(await history(db, run_id, ["b", "none"])) == [key for key in ("b",) if key in writer.series]


def line(count: int, first: int = 0) -> list[Point]:
    """Points whose values are their places."""
    return [(at, at, float(at)) for at in range(first, first + count)]


async def test_a_history_is_of_one_moment_whatever_is_logged_and_merged_meanwhile(db: Database, run_id: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, size in {"_MESSAGE": 10, "_READ": 10, "_GROUP": 10, "_AHEAD": 1}.items():
            patch.setattr(histories, name, size)
        writer = Writer(db, run_id)
        await writer.batch({"a": line(100)})
        await writer.live([(key, point) for point in line(60, 100) for key in ("a", "b")])
        wanted = writer.expected(Query(0, Range(), 0))
        made: dict[str, list[Point]] = {}
        async with aclosing(Histories(db).stream("w", [run_id], [], Query(0, Range(), 0))) as responses:
            async for response in responses:
                part = response.series
                made.setdefault(part.key, []).extend(zip(part.steps, part.times_unix_us, part.values, strict=True))
                await writer.live([("a", (0, 0, math.nan)), ("new", (0, 0, math.nan))])
                await merge(db, run_id, is_idle=len(made["a"]) > 50)
        assert {key: (len(found), found) for key, found in made.items()} == wanted


async def purge(db: Database, run_id: str) -> None:
    """Delete a run and remove it for good, with all that it logged."""

    async def work(conn: Connection) -> None:
        await run_lifecycle.delete(conn, await runs.lock_run(conn, "w", run_id))
        await purging.run(conn, "w", run_id)

    await db.write(work)
    while await db.write(purging.clean_up):
        pass


@pytest.mark.parametrize("query", [Query(0, Range(), 0), Query(0, Range(min_step=5), 0), Query(0, Range(), 500)])
async def test_a_run_that_is_purged_meanwhile_ends_its_history_with_an_error(
    db: Database, run_id: str, query: Query
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, size in {
            "_MESSAGE": 100,
            "_READ": 1_000,
            "_GROUP": 1_000,
            "_THINNED_GROUP": 1_000,
            "_AHEAD": 1,
        }.items():
            patch.setattr(histories, name, size)
        await Writer(db, run_id).batch({f"k{i}": line(5_000) for i in range(8)})
        responses = Histories(db).stream("w", [run_id], [], query)
        await anext(responses)
        await purge(db, run_id)
        with pytest.raises(RunloreError) as refused:
            await read(responses)
        assert refused.value.reason_name == "RUN_NOT_FOUND"


async def test_what_stands_for_a_series_is_remembered_until_it_grows(db: Database, run_id: str) -> None:
    writer = Writer(db, run_id)
    await writer.batch({"a": line(5_000), "b": line(20)})
    await writer.live([("a", point) for point in line(1_000)])
    query = Query(0, Range(), 100)
    reader = Histories(db)
    first = await read(reader.stream("w", [run_id], [], query))
    # With the points gone, only what is remembered can be the answer.
    await db.write(lambda conn: conn.execute("UPDATE metric_block SET values = steps WHERE key = 'a'"))
    await db.write(lambda conn: conn.execute("UPDATE metric_frame SET values = steps"))
    assert await read(reader.stream("w", [run_id], [], query)) == first == writer.expected(query)
    other = await read(reader.stream("w", [run_id], [], Query(1, Range(), 100)))
    assert other["a"][0] == 5_999

    await db.write(lambda conn: conn.execute("DELETE FROM metric_block WHERE key = 'a'"))
    await writer.live([("a", (0, 0, 0.0))])
    with pytest.raises(RunloreError):
        await read(reader.stream("w", [run_id], [], query))


async def test_a_frame_is_read_once(db: Database, run_id: str) -> None:
    writer, reader, query = Writer(db, run_id), Histories(db), Query(0, Range(), 0)
    await writer.live([("a", point) for point in line(100)], [("b", point) for point in line(50)])
    assert await read(reader.stream("w", [run_id], ["b"], query)) == {"b": (50, line(50))}
    # What is remembered is the answer, and what came since is read.
    changed = "UPDATE metric_frame SET values = array_fill(7::float8, ARRAY[cardinality(values)])"
    await db.write(lambda conn: conn.execute(changed))
    await writer.live([("a", point) for point in line(10, 100)])
    assert await read(reader.stream("w", [run_id], [], query)) == writer.expected(query)
    # Merged frames count no more, though they are remembered.
    await db.write(lambda conn: merging.merge_some(conn, run_id))
    await writer.live([("a", point) for point in line(5, 110)])
    found = (await read(reader.stream("w", [run_id], ["a"], query)))["a"][1]
    assert [value for _, _, value in found] == [7.0] * 100 + [float(at) for at in range(100, 115)]


async def test_remembered_frames_are_bounded(db: Database, run_id: str) -> None:
    writer, query = Writer(db, run_id), Query(0, Range(), 0)
    await writer.live(*([("a", point) for point in line(100, 100 * i)] for i in range(10)))
    reader = Histories(db, remembered_bytes=15_000)
    for _ in range(2):
        assert await read(reader.stream("w", [run_id], [], query)) == writer.expected(query)
    assert 0 < reader._frames._bytes <= 15_000


async def test_memory_is_bounded_and_forgets_what_was_long_unread(db: Database, run_id: str) -> None:
    writer = Writer(db, run_id)
    await writer.batch({f"k{i}": line(200) for i in range(10)})
    reader = Histories(db, remembered_bytes=5_000)
    for i in (*range(10), 8):
        await read(reader.stream("w", [run_id], [f"k{i}"], Query(0, Range(), 50)))
    assert reader._memory._bytes <= 5_000
    assert [name.key for name in reader._memory._kept][-2:] == ["k9", "k8"]


async def test_a_run_with_the_id_of_one_that_was_purged_has_its_own_history(db: Database, run_id: str) -> None:
    reader, query = Histories(db), Query(0, Range(), 20)
    await Writer(db, run_id).batch({"a": line(100)})
    await read(reader.stream("w", [run_id], [], query))
    await purge(db, run_id)
    with pytest.raises(RunloreError):
        await read(reader.stream("w", [run_id], [], query))
    await db.write(lambda conn: conn.execute("DELETE FROM event"))
    await new_run(db, run_id)
    again = Writer(db, run_id)
    await again.batch({"a": [(at, at, -float(at)) for at in range(100)]})
    assert await read(reader.stream("w", [run_id], [], query)) == again.expected(query)


async def test_what_is_not_merged_and_too_much_is_merged_before_it_is_read(db: Database, run_id: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(histories, "_TAIL", 100_000)
        writer = Writer(db, run_id)
        await writer.live(*([("a", point) for point in line(15_000, 15_000 * i)] for i in range(12)))
        assert (await history(db, run_id))["a"] == writer.series["a"]
    rows = await db.read(lambda conn: conn.execute("SELECT sum(count) AS merged FROM run_metric"))
    row = await rows.fetchone()
    assert row is not None
    assert row.merged > 50_000


async def test_readers_that_do_not_read_hold_nothing_in_the_database(database_url: str, db: Database) -> None:
    begin()
    run_id = await new_run(db)
    await Writer(db, run_id).batch({"a": line(400_000)})
    small = Database(database_url, pool_size=2, acquire_seconds=30)
    await small.open()
    reader = Histories(small)
    stuck = [reader.stream("w", [run_id], [], Query(0, Range(), 0)) for _ in range(20)]
    try:
        for responses in stuck:
            assert (await anext(responses)).point_count == 400_000
        # Reading ahead ends by itself; then no statement, transaction or snapshot is left, and others are served.
        async with asyncio.timeout(60):
            while await _busy(db):  # noqa: ASYNC110 - the database has no event for it
                await asyncio.sleep(0.01)
        assert (await small.read(lambda conn: runs.get(conn, "w", run_id))).run_id == run_id
        rest = await read(stuck[0])
        assert len(rest["a"][1]) == 400_000 - 20_000
    finally:
        for responses in stuck:
            await responses.aclose()
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "history"], "each ends its own"
        await small.close()


async def _busy(db: Database) -> int:
    """How many other sessions of the database run a statement, or hold back vacuum."""
    rows = await db.read(
        lambda conn: conn.execute(
            """
            SELECT count(*) AS busy
            FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
              AND backend_type = 'client backend' AND (state <> 'idle' OR backend_xmin IS NOT NULL)
            """
        )
    )
    row = await rows.fetchone()
    assert row is not None
    return int(row.busy)


async def test_a_reader_that_goes_away_ends_its_statement(db: Database, run_id: str) -> None:
    await Writer(db, run_id).batch({"a": line(200_000)})
    for _ in range(10):
        task = asyncio.create_task(read(Histories(db).stream("w", [run_id], [], Query(0, Range(), 0))))
        await asyncio.sleep(0.005)
        task.cancel()
        await asyncio.wait([task])
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "history"]
    assert len((await history(db, run_id))["a"]) == 200_000
