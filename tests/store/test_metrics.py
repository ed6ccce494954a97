"""Metric points: stored once, in the order written, with summaries that agree."""

from __future__ import annotations

import asyncio
import math
import random
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runlore import v1
from runlore_server import ids
from runlore_server.db import Connection, Database
from runlore_server.errors import RunloreError
from runlore_server.store import experiments, metrics, runs
from runlore_server.store.blocks import Batch
from tests.harness.points import Point, expected, plain_zeros, points, same, series
from tests.store.calling import begin
from tests.store.reading import history, messages
from tests.store.records import log_points


@pytest.fixture
async def run(db: Database) -> v1.Run:
    begin()

    async def work(conn: Connection) -> v1.Run:
        experiment = await experiments.create(conn, "w", "e")
        wanted = v1.Run(
            run_id=ids.new(), workspace="w", experiment_id=experiment.experiment_id, status=v1.RUN_STATUS_RUNNING
        )
        return await runs.create(conn, wanted, None, "")

    return await db.write(work)


def line(key: str, *values: float, step: int = 0) -> v1.MetricSeries:
    n = len(values)
    return v1.MetricSeries(
        key=key, steps=range(step, step + n), times_unix_us=[1_700_000_000_000_000] * n, values=values
    )


async def write(db: Database, run: v1.Run, writer: str, sequence: int, *batch: v1.MetricSeries) -> bool:
    fresh, _ = await log_points(db, run, writer, sequence, *batch)
    return fresh


async def delete(db: Database, run: v1.Run, what: str) -> None:
    """Delete a run, or the experiment that it is in."""
    deleted = v1.LIFECYCLE_STATE_DELETED
    if what == "run":
        await db.write(
            lambda conn: conn.execute(
                "UPDATE run SET lifecycle_state = %s WHERE run_id = %s::uuid", (deleted, run.run_id)
            )
        )
    else:
        await db.write(
            lambda conn: conn.execute(
                "UPDATE experiment SET lifecycle_state = %s WHERE experiment_id = %s::uuid",
                (deleted, run.experiment_id),
            )
        )


async def stored(db: Database, run: v1.Run) -> dict[str, list[tuple[int, float]]]:
    found = await history(db, run.run_id)
    return {key: [(step, value) for step, _, value in points] for key, points in found.items()}


async def test_points_come_back_as_they_went_in(db: Database, run: v1.Run) -> None:
    values = [1.5, math.inf, -math.inf, 0.1 + 0.2, 5e-324, -0.0]
    await write(db, run, "a", 1, line("k", *values, step=-3), line("nan", math.nan))
    found = await stored(db, run)
    assert found["k"] == list(zip(range(-3, 3), values, strict=True))
    assert math.copysign(1, found["k"][-1][1]) == -1
    assert math.isnan(found["nan"][0][1])


async def test_extreme_steps_and_times_fit(db: Database, run: v1.Run) -> None:
    big = 2**63 - 1
    series = v1.MetricSeries(key="k", steps=[-big - 1, big], times_unix_us=[-big - 1, big], values=[1, 2])
    await write(db, run, "a", 1, series)
    assert [step for step, _ in (await stored(db, run))["k"]] == [-big - 1, big]


async def test_a_replay_stores_nothing_and_a_gap_is_refused(db: Database, run: v1.Run) -> None:
    assert await write(db, run, "a", 1, line("k", 1.0))
    assert not await write(db, run, "a", 1, line("k", 1.0))
    with pytest.raises(RunloreError) as refused:
        await write(db, run, "a", 3, line("k", 3.0))
    assert refused.value.reason_name == "SEQUENCE_GAP"
    assert refused.value.metadata["expected_sequence"] == "2"
    with pytest.raises(RunloreError):
        await write(db, run, "new", 2, line("k", 3.0))
    assert (await stored(db, run))["k"] == [(0, 1.0)]


async def test_one_statement_is_enough_for_what_is_next_and_for_nothing_else(db: Database, run: v1.Run) -> None:
    async def log(writer: str, sequence: int) -> tuple[bool, bool]:
        return await log_points(db, run, writer, sequence, line("k", float(sequence)))

    assert await log("a", 1) == (True, True)
    assert await log("a", 2) == (True, True)
    assert await log("a", 2) == (False, False)
    assert await log("a", 1) == (False, False)
    assert await log("b", 1) == (True, True)


@pytest.mark.parametrize("change", ["workspace", "run", "experiment"])
async def test_a_run_that_takes_no_points_gets_none(db: Database, run: v1.Run, change: str) -> None:
    await write(db, run, "a", 1, line("k", 1.0))
    wanted = v1.Run(workspace="w", run_id=run.run_id)
    if change == "workspace":
        wanted.workspace = "other"
    else:
        await delete(db, run, change)
    sent = metrics.Sent(wanted.workspace, wanted.run_id, "a", 2, Batch.of([line("k", 2.0)]))
    assert not await db.write(lambda conn: metrics.append(conn, sent), one_statement=True)
    assert (await stored(db, run))["k"] == [(0, 1.0)]
    row = await db.read(lambda conn: conn.execute("SELECT sequence FROM run_writer"))
    assert await row.fetchall() == [(1,)]


async def test_twins_of_a_batch_are_stored_once(db: Database, run: v1.Run) -> None:
    for sequence in range(1, 6):
        batch = line("k", float(sequence))
        fresh = await asyncio.gather(*(write(db, run, "a", sequence, batch) for _ in range(6)))
        assert sum(fresh) == 1
    assert [value for _, value in (await stored(db, run))["k"]] == [1, 2, 3, 4, 5]


async def test_writers_at_once_lose_and_double_nothing(db: Database, run: v1.Run) -> None:
    async def writer(name: str) -> list[float]:
        dice = random.Random(name)
        written = []
        for sequence in range(1, 16):
            values = [dice.random() for _ in range(dice.randint(1, 5))]
            await write(db, run, name, sequence, line("shared", *values), line(f"own-{name}", *values))
            written += values
        return written

    names = ["a", "b", "c", "d"]
    written = dict(zip(names, await asyncio.gather(*map(writer, names)), strict=True))
    found = await stored(db, run)
    for name in names:
        assert [value for _, value in found[f"own-{name}"]] == written[name], "each writer's order is kept"
    assert sorted(value for _, value in found["shared"]) == sorted(
        value for values in written.values() for value in values
    )

    summary = {m.key: m for m in (await db.read(lambda conn: runs.get(conn, "w", run.run_id))).metrics}
    shared = [value for _, value in found["shared"]]
    assert summary["shared"].count == len(shared)
    assert (summary["shared"].min, summary["shared"].max) == (min(shared), max(shared))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=points(), cuts=st.lists(st.integers(0, 40), max_size=4))
async def test_the_summary_of_batches_is_that_of_the_whole(
    db: Database, run: v1.Run, found: list[Point], cuts: list[int]
) -> None:
    found, key, writer = plain_zeros(found), ids.new(), ids.new()
    edges = sorted({0, len(found), *(cut for cut in cuts if cut < len(found))})
    for sequence, (first, end) in enumerate(pairwise(edges), 1):
        await write(db, run, writer, sequence, series(found[first:end], key))
    summaries = {m.key: m for m in (await db.read(lambda conn: runs.get(conn, "w", run.run_id))).metrics}
    assert same(summaries[key], expected(found, key))


async def test_the_view_has_a_row_a_point(db: Database, run: v1.Run) -> None:
    await write(db, run, "a", 1, line("k", 1.0, 2.0))
    await write(db, run, "a", 2, line("k", 3.0, step=7))
    rows = await db.read(
        lambda conn: conn.execute("SELECT index, step, value, extract(epoch FROM time)::int8 AS t FROM metric_point")
    )
    found = sorted(tuple(row) for row in await rows.fetchall())
    assert found == [(0, 0, 1.0, 1_700_000_000), (1, 1, 2.0, 1_700_000_000), (2, 7, 3.0, 1_700_000_000)]


async def test_the_view_shows_times_that_postgres_does_not_have(db: Database, run: v1.Run) -> None:
    big = 2**63 - 1
    times = [-big - 1, -210_866_803_200_000_001, -210_866_803_200_000_000, 0, big]
    await write(db, run, "a", 1, v1.MetricSeries(key="k", steps=range(5), times_unix_us=times, values=range(5)))
    rows = await db.read(lambda conn: conn.execute("SELECT time::text AS time FROM metric_point ORDER BY index"))
    found = [row.time for row in await rows.fetchall()]
    assert found[:2] == ["-infinity", "-infinity"]
    assert [time.split("-")[0] for time in found[2:]] == ["4714", "1970", "294247"]


async def test_the_view_finds_a_series_by_its_key(db: Database, run: v1.Run) -> None:
    """Only that series' blocks are taken apart."""
    await write(db, run, "a", 1, *(line(f"k{i}", *[1.0] * 100) for i in range(200)))
    await db.write(lambda conn: conn.execute("ANALYZE metric_block"))
    plan = await db.read(
        lambda conn: conn.execute(
            "EXPLAIN SELECT step, value FROM metric_point WHERE run_id = %s::uuid AND key = 'k7' ORDER BY index",
            (run.run_id,),
        )
    )
    text = "\n".join(row[0] for row in await plan.fetchall())
    assert "metric_block_pkey" in text
    assert "(key = 'k7'::text)" in text


async def test_a_long_series_comes_in_several_messages(db: Database, run: v1.Run) -> None:
    for sequence in range(1, 6):
        await write(db, run, "a", sequence, line("k", *[1.0] * 10_000))
    sizes = [len(response.series.values) async for response in messages(db, run.run_id, ["k"])]
    assert sum(sizes) == 50_000
    assert len(sizes) > 1
