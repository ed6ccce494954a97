"""Trees and sweeps: as plain Python has them, and fast with thousands of children."""

from __future__ import annotations

import math
import random
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runlore import v1
from runlore_server import ids
from runlore_server.db import Connection, Database
from runlore_server.store import experiments, run_lifecycle, run_trees, runs, sweep_table
from tests.store.calling import begin
from tests.store.records import add_points

TRIALS = 5_000
#: Ties, the time before 1970, the first year and the last.
STARTS = [
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 1, 1, tzinfo=UTC),
    datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=1),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
]


async def add(
    conn: Connection, parent: str = "", start: datetime | None = None, params: dict[str, str] | None = None
) -> v1.Run:
    found = await experiments.find_by_name(conn, "w", "e")
    experiment = found or await experiments.create(conn, "w", "e")
    run = v1.Run(
        run_id=ids.new(),
        workspace="w",
        experiment_id=experiment.experiment_id,
        experiment_name="e",
        parent_run_id=parent,
        status=v1.RUN_STATUS_RUNNING,
        params=params or {},
    )
    return await runs.create(conn, run, start, "")


async def walk(db: Database, top: str, size: int, max_depth: int = 100) -> list[tuple[str, int, int]]:
    found: list[tuple[str, int, int]] = []
    after = None
    while True:
        page = await db.read(lambda conn, a=after: run_trees.page(conn, "w", top, max_depth, a, size))
        found += [(n.run.run_id, n.depth, n.child_count) for n in page]
        if len(page) < size:
            return found
        after = found[-1][0]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shape=st.lists(st.tuples(st.integers(0, 30), st.sampled_from(STARTS), st.booleans()), max_size=25),
    size=st.integers(1, 10),
    max_depth=st.integers(1, 5),
)
async def test_random_trees_agree_with_plain_python(
    db: Database, shape: list[tuple[int, datetime, bool]], size: int, max_depth: int
) -> None:
    begin()

    async def make(conn: Connection) -> tuple[list[v1.Run], set[str]]:
        made, deleted = [await add(conn)], set()
        for parent, start, _ in shape:
            made.append(await add(conn, made[parent % len(made)].run_id, start))
        for run, (*_, gone) in zip(made[1:], shape, strict=True):
            if gone and len(deleted) < len(shape) / 4:
                await run_lifecycle.delete(conn, await runs.lock_run(conn, "w", run.run_id))
                deleted.add(run.run_id)
        return made, deleted

    made, deleted = await db.write(make)

    def children(run_id: str) -> list[v1.Run]:
        below = [r for r in made if r.parent_run_id == run_id and r.run_id not in deleted]
        return sorted(below, key=lambda r: (r.start_time.ToMicroseconds(), r.run_id))

    def listed(run_id: str, depth: int) -> list[tuple[str, int, int]]:
        below = children(run_id)
        deeper = [node for c in below for node in listed(c.run_id, depth + 1)] if depth < max_depth else []
        return [(run_id, depth, len(below)), *deeper]

    assert await walk(db, made[0].run_id, size, max_depth) == listed(made[0].run_id, 0)


@pytest.fixture
async def sweep(db: Database) -> tuple[Database, str]:
    """A run with TRIALS children, each with a metric and params of which `C` and `rare` vary."""
    begin()

    async def make(conn: Connection) -> str:
        top = await add(conn)
        await conn.execute(
            """
            INSERT INTO run (run_id, workspace, experiment_id, parent_run_id, name, status, start_time, params, tags,
                             lifecycle_state, created_by, create_time, revision, event_time)
            SELECT md5(i::text)::uuid, workspace, experiment_id, run_id, 'trial ' || i,
                   CASE WHEN i %% 5 = 0 THEN 4 ELSE 3 END,
                   start_time + i * interval '1 second',
                   jsonb_build_object('C', (i %% 500)::text, 'solver', 'sgd')
                       || CASE WHEN i = 7 THEN '{"rare": "yes"}' ELSE '{}' END::jsonb,
                   '{}', lifecycle_state, created_by, create_time, 1, event_time
            FROM run, generate_series(1, %(trials)s::int) AS i
            WHERE run_id = %(top)s::uuid
            """,
            {"trials": TRIALS, "top": top.run_id},
        )
        await conn.execute(
            """
            INSERT INTO run_metric (run_id, key, last, last_step, last_time, min_step, max_step, count)
            SELECT md5(i::text)::uuid, key, CASE WHEN i %% 3 = 0 THEN 'NaN' ELSE (i %% 1000)::float8 END, 0, 0, 0, 0, 1
            FROM generate_series(1, %(trials)s::int) AS i, unnest(ARRAY['auc', 'loss', 'f1', 'recall']) AS key
            """,
            {"trials": TRIALS},
        )
        return top.run_id

    return db, await db.write(make)


async def test_a_tree_of_thousands_of_children_is_quick(sweep: tuple[Database, str]) -> None:
    db, top = sweep
    began = time.perf_counter()
    page = await db.read(lambda conn: run_trees.page(conn, "w", top, 100, None, 1000))
    took = time.perf_counter() - began
    assert [node.run.name for node in page[1:]] == [f"trial {i}" for i in range(1, 1000)]
    assert page[0].child_count == TRIALS
    assert len(await walk(db, top, 1000)) == TRIALS + 1
    assert took < 1, f"a page took {took:.2f} s"


async def test_a_sweep_of_thousands_of_trials_is_quick(sweep: tuple[Database, str]) -> None:
    db, top = sweep
    began = time.perf_counter()
    trials = await db.read(lambda conn: run_trees.trials(conn, "w", top))
    best = await db.read(lambda conn: run_trees.best(conn, "w", top, "auc", v1.DIRECTION_MAXIMIZE))
    took = time.perf_counter() - began
    assert {s.status: s.count for s in trials.statuses} == {v1.RUN_STATUS_FAILED: 1000, v1.RUN_STATUS_FINISHED: 4000}
    varying = {p.key: p for p in trials.varying_params}
    assert set(varying) == {"C", "rare"}
    assert (varying["C"].value_count, varying["C"].missing_count) == (500, 0)
    assert list(varying["C"].values) == sorted(map(str, range(500)))[:100]
    assert (varying["rare"].value_count, varying["rare"].missing_count) == (1, TRIALS - 1)
    greatest = min(i for i in range(1, TRIALS + 1) if i % 1000 == 999 and i % 3)
    assert best is not None
    assert best.name == f"trial {greatest}"
    assert took < 1, f"a summary took {took:.2f} s"


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(
        st.none() | st.sampled_from([-math.inf, -1.0, -0.0, 0.0, 0.5, math.inf, math.nan]), min_size=1, max_size=8
    ),
    direction=st.sampled_from([v1.DIRECTION_MAXIMIZE, v1.DIRECTION_MINIMIZE]),
)
async def test_the_best_trial_is_the_one_plain_python_picks(
    db: Database, values: list[float | None], direction: v1.Direction.ValueType
) -> None:
    begin()
    dice = random.Random(len(values))

    async def make(conn: Connection) -> tuple[str, list[v1.Run]]:
        top = await add(conn)
        made = []
        for value in values:
            made.append(await add(conn, top.run_id, dice.choice(STARTS)))
            if value is not None:
                series = [v1.MetricSeries(key="auc", steps=[0], times_unix_us=[0], values=[value])]
                await add_points(conn, made[-1], *series)
        return top.run_id, made

    top, made = await db.write(make)
    sign = -1 if direction == v1.DIRECTION_MAXIMIZE else 1
    running = [
        (sign * value, run.start_time.ToMicroseconds(), run.run_id)
        for run, value in zip(made, values, strict=True)
        if value is not None and not math.isnan(value)
    ]
    best = await db.read(lambda conn: run_trees.best(conn, "w", top, "auc", direction))
    assert (best.run_id if best is not None else None) == (min(running)[2] if running else None)


async def test_long_values_of_a_param_are_counted_but_not_all_spelled_out(db: Database) -> None:
    begin()

    async def make(conn: Connection) -> str:
        top = await add(conn)
        for i in range(20):
            await add(conn, top.run_id, params={"prompt": f"{i:02}" + "x" * 8_000})
        return top.run_id

    top = await db.write(make)
    (prompt,) = (await db.read(lambda conn: run_trees.trials(conn, "w", top))).varying_params
    assert prompt.value_count == 20
    assert [value[:2] for value in prompt.values] == [f"{i:02}" for i in range(8)]


async def table(
    db: Database, top: str, size: int, *wanted: tuple[str, v1.MetricStatistic.ValueType]
) -> list[v1.GetSweepTableResponse]:
    """All pages of a sweep's table."""
    asked = [v1.SweepMetric(key=key, statistic=statistic) for key, statistic in wanted]
    pages = []
    after: list[str] | None = None
    while not pages or after is not None:
        page, after = await db.read(lambda conn, a=after: sweep_table.page(conn, "w", top, asked, a, size))
        pages.append(page)
    return pages


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    trials=st.lists(
        st.tuples(
            st.sampled_from(STARTS),
            st.dictionaries(st.sampled_from(["a", "b", "ä"]), st.sampled_from(["", "1", "é"])),
            st.lists(st.sampled_from([math.nan, 1.0, -math.inf]), max_size=3),
        ),
        max_size=7,
    ),
    size=st.integers(1, 8),
)
async def test_a_sweep_table_has_what_plain_python_finds(
    db: Database, trials: list[tuple[datetime, dict[str, str], list[float]]], size: int
) -> None:
    begin()

    async def make(conn: Connection) -> tuple[str, list[tuple[v1.Run, list[float]]]]:
        top = await add(conn)
        made = []
        for start, params, values in trials:
            run = await add(conn, top.run_id, start, params)
            if values:
                n = len(values)
                series = v1.MetricSeries(key="m", steps=range(n), times_unix_us=[0] * n, values=values)
                await add_points(conn, run, series)
            made.append((run, values))
        return top.run_id, sorted(made, key=lambda item: (item[0].start_time.ToMicroseconds(), item[0].run_id))

    top, rows = await db.write(make)
    statistics = [v1.METRIC_STATISTIC_LAST, v1.METRIC_STATISTIC_MIN, v1.METRIC_STATISTIC_MAX]
    pages = await table(db, top, size, *(("m", statistic) for statistic in statistics))
    assert [len(page.run_ids) for page in pages[:-1]] == [size] * (len(pages) - 1)
    varying = [key for key in ("a", "b", "ä") if len({run.params.get(key) for run, _ in rows}) > 1]
    done = 0
    for page in pages:
        of_page = rows[done : done + len(page.run_ids)]
        done += len(page.run_ids)
        assert list(page.run_ids) == [run.run_id for run, _ in of_page]
        assert list(page.names) == [run.name for run, _ in of_page]
        assert [(c.key, list(c.values), list(c.missing_rows)) for c in page.params] == [
            (
                key,
                [run.params.get(key, "") for run, _ in of_page],
                [at for at, (run, _) in enumerate(of_page) if key not in run.params],
            )
            for key in varying
        ]
        numbers = [[value for value in values if value == value] for _, values in of_page]
        expected = [
            [values[-1] if values else math.nan for _, values in of_page],
            [min(found, default=math.nan) for found in numbers],
            [max(found, default=math.nan) for found in numbers],
        ]
        assert repr([list(column.values) for column in page.metrics]) == repr(expected)
        for column in page.metrics:
            assert list(column.missing_rows) == [at for at, (_, values) in enumerate(of_page) if not values]
    assert done == len(rows)


async def test_a_table_of_thousands_of_trials_is_one_page(sweep: tuple[Database, str]) -> None:
    db, top = sweep
    (page,) = await table(db, top, 10_000, ("auc", v1.METRIC_STATISTIC_MAX))
    assert list(page.names) == [f"trial {i}" for i in range(1, TRIALS + 1)]
    assert [(column.key, len(column.missing_rows)) for column in page.params] == [("C", 0), ("rare", TRIALS - 1)]
    assert {len(column.values) for column in (*page.params, *page.metrics)} == {TRIALS}


async def test_a_page_of_a_table_ends_before_it_is_too_large_for_a_message(db: Database) -> None:
    begin()

    async def make(conn: Connection) -> str:
        top = await add(conn)
        for i in range(8):
            await add(conn, top.run_id, params={f"p{k}": f"{i}" + "x" * 8_000 for k in range(300)})
        return top.run_id

    pages = await table(db, await db.write(make), 10)
    assert [len(page.run_ids) for page in pages] == [3, 3, 2]
    assert max(page.ByteSize() for page in pages) < 10_000_000
