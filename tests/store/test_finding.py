"""Finding runs by the index: what looking at each finds, in its order, whatever is indexed and at any budget."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from runlore import v1
from runlore_server import ids
from runlore_server.db import Connection, Database
from runlore_server.errors import RunloreError
from runlore_server.search.language import parse_filter, parse_order
from runlore_server.store import experiments, indexing, purging, queries, run_lifecycle, runs
from runlore_server.store.finding import bounds, keys, known, planner, walks
from runlore_server.store.finding.pace import Budget
from runlore_server.store.finding.scope import Row, Scope, among
from runlore_server.store.finding.sets import RunSet
from tests.store.calling import begin
from tests.store.records import add_points, add_run, index_all, rows_of

RUNS = 150
START = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS = [-math.inf, -1.0, 0.0, 0.5, 0.5, 0.75, math.inf, math.nan]
TEXTS = [
    "",
    "a",
    "b%",
    "ab",
    "abc",
    "O'Neil",
    "ü",
    "x" * 249,
    "x" * 250,
    "x" * 251,
    "x" * 250 + "y",
    "\U0010ffff",
    "\ud7ff",
]


@dataclass(frozen=True)
class Filled:
    """A database with runs, and the experiments that they are in."""

    db: Database
    experiment_ids: list[str]


async def fill(conn: Connection, dice: random.Random, count: int) -> list[str]:
    found = []
    for name in ("e1", "e2", "e3"):
        known = await experiments.find_by_name(conn, "w", name)
        found.append((known or await experiments.create(conn, "w", name)).experiment_id)
    parent = ""
    for i in range(count):
        run = v1.Run(
            run_id=ids.new(),
            workspace="w",
            experiment_id=dice.choice(found),
            name=f"run {i % 7}",
            status=dice.choice([v1.RUN_STATUS_RUNNING, v1.RUN_STATUS_FINISHED, v1.RUN_STATUS_FAILED]),
            params={key: dice.choice(TEXTS) for key in ("p", "q") if dice.random() < 0.8},
            tags={key: dice.choice(TEXTS[:5]) for key in ("t", "it's") if dice.random() < 0.8},
            parent_run_id=parent if dice.random() < 0.3 else "",
        )
        # Some start at once.
        await runs.create(conn, run, START + timedelta(microseconds=dice.randrange(RUNS)), "")
        parent = parent or run.run_id
        series = [
            v1.MetricSeries(
                key=key, steps=[0, 1], times_unix_us=[0, 0], values=[dice.choice(NUMBERS), dice.choice(NUMBERS)]
            )
            for key in ("m", "n", "rare")
            if dice.random() < (0.1 if key == "rare" else 0.8)
        ]
        if series:
            await add_points(conn, run, *series)
        if dice.random() < 0.1:
            await run_lifecycle.delete(conn, await runs.lock_run(conn, "w", run.run_id))
    return found


@pytest.fixture(params=["none", "some", "all"])
async def filled(db: Database, request: pytest.FixtureRequest) -> Filled:
    begin()
    dice = random.Random(7)
    found = await db.write(lambda conn: fill(conn, dice, RUNS // 2))
    if request.param != "none":
        await index_all(db)
    await db.write(lambda conn: fill(conn, dice, RUNS // 2))
    if request.param == "some":

        async def change(conn: Connection) -> None:
            for row in await (await conn.execute("SELECT run_id FROM run ORDER BY run_id LIMIT 20")).fetchall():
                locked = await runs.lock_run(conn, "w", row.run_id)
                await runs.log(conn, locked, {}, {"t": dice.choice(TEXTS)})
                point = v1.MetricSeries(key="m", steps=[9], times_unix_us=[9], values=[dice.choice(NUMBERS)])
                await add_points(conn, locked.run, point, writer_id="late")

        await db.write(change)
    if request.param == "all":
        await index_all(db)
    # The same runs are stale for as long as the test lasts.
    hours = "CASE WHEN get_byte(uuid_send(run_id), 15) < 128 THEN 9 ELSE -9 END"
    await db.write(
        lambda conn: conn.execute(f"UPDATE run_live SET heartbeat_time = now() + make_interval(hours => {hours})")
    )
    return Filled(db, found)


async def exact(db: Database, scope: Scope, limit: int = 10_000, after: list[Any] | None = None) -> list[Row]:
    """What looking at every run finds."""
    return await db.read(lambda conn: among(conn, scope, lambda s: "SELECT r.run_id FROM run r", after, limit))


def scope_of(
    filter: str,
    order_by: str = "",
    experiment_ids: list[str] | None = None,
    view: v1.LifecycleView.ValueType = v1.LIFECYCLE_VIEW_ACTIVE,
) -> Scope:
    wanted = tuple(experiment_ids) if experiment_ids is not None else None
    return Scope("w", wanted, view, parse_filter(filter), tuple(parse_order(order_by)), keys.Keys({}))


async def pages(db: Database, scope: Scope, size: int, budget: Budget, *, quiet: bool = True) -> list[Row]:
    """Every page of a search; how often one may be short is bounded, so that a walk that does not move fails.

    Those that one statement finds have their runs' stamps and, if it is quiet meanwhile, are the same.
    """
    found: list[Row] = []
    after: list[Any] | None = None
    remembered = known.Known()
    for _ in range(20 * RUNS):
        search = ("w", scope.experiment_ids, scope.wanted, scope.order, after, size, scope.view)
        at_once = await db.read(lambda conn, search=search: planner.at_once(conn, *search, remembered))
        page = await db.snapshot(lambda conn, search=search: planner.page(conn, *search, budget, remembered))
        if at_once is not None and quiet:
            rows = await exact(db, scope, size + 1, after)
            run_ids = [run_id for run_id, _ in rows[:size]]
            now = await db.read(lambda conn, run_ids=run_ids: runs.stamps(conn, "w", run_ids))
            assert list(at_once.stamps.items()) == [(run_id, now[run_id]) for run_id in run_ids]
            assert at_once.after == (rows[size - 1][1] if len(rows) > size else None)
        elif at_once is not None:
            page = planner.Page([(run_id, []) for run_id in at_once.stamps], at_once.after)
        assert len(page.rows) <= size
        # A page that is not full says why, unless it is the last.
        assert page.spent_on is None or page.after is not None
        assert len(page.rows) == size or page.after is None or page.spent_on is not None
        found += page.rows
        after = page.after
        if after is None:
            return found
    raise AssertionError("the walk does not end")


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


NUMBER = st.sampled_from(["-1", "0", "0.5", "0.75", "2"])
TEXT = st.sampled_from([*TEXTS[:-1], "%", "a%", "x" * 250 + "%", "_b%", "A%"]).map(quoted)
METRIC = st.sampled_from(["metrics.m", "metrics.n", "metrics.rare", "min(metrics.m)", "max(metrics.n)", "metrics.none"])
WORDS = st.sampled_from(["params.p", "params.q", "tags.t", "tags.`it's`", "params.none", "name"])
LEAF = st.one_of(
    st.builds(lambda f, o, v: f"{f} {o} {v}", METRIC, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), NUMBER),
    st.builds(lambda f, o: f"{f} {o}", METRIC, st.sampled_from(["IS NULL", "IS NOT NULL", "IS NAN", "IS NOT NAN"])),
    st.builds(lambda f, v, w: f"{f} IN ({v}, {w})", METRIC, NUMBER, NUMBER),
    st.builds(
        lambda f, o, v: f"{f} {o} {v}",
        WORDS,
        st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "LIKE", "ILIKE", "NOT LIKE"]),
        TEXT,
    ),
    st.builds(lambda f, o, v, w: f"{f} {o} ({v}, {w})", WORDS, st.sampled_from(["IN", "NOT IN"]), TEXT, TEXT),
    st.builds(lambda f, o: f"{f} {o}", WORDS, st.sampled_from(["IS NULL", "IS NOT NULL"])),
    st.sampled_from(
        ["status = 'RUNNING'", "status != 'FAILED'", "parent_run_id = ''", "start_time > '2026-01-01T00:00:00.00005Z'"]
    ),
)
FILTER = st.recursive(
    LEAF,
    lambda part: st.one_of(
        st.lists(part, min_size=2, max_size=3).map(lambda parts: "(" + " and ".join(parts) + ")"),
        st.lists(part, min_size=2, max_size=3).map(lambda parts: "(" + " or ".join(parts) + ")"),
        part.map(lambda one: f"not {one}"),
    ),
    max_leaves=5,
)
ORDER_KEY = st.builds(
    lambda field, direction: f"{field} {direction}",
    st.one_of(METRIC, WORDS, st.sampled_from(["start_time", "status", "is_stale"])),
    st.sampled_from(["asc", "desc"]),
)


@settings(
    max_examples=120,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    filter=st.just("") | FILTER,
    order=st.lists(ORDER_KEY, max_size=3),
    some=st.sampled_from([None, [0], [1, 2]]),
    view=st.sampled_from([v1.LIFECYCLE_VIEW_ACTIVE, v1.LIFECYCLE_VIEW_DELETED, v1.LIFECYCLE_VIEW_ALL]),
    size=st.integers(1, 60),
    steps=st.sampled_from([20, 60, 10**6]),
    rare=st.sampled_from([-1, 20, 500]),
    few=st.sampled_from([0, 20, 2_500]),
    most=st.sampled_from(["1", "30", "20000"]),
    group=st.sampled_from([5, 2_000]),
)
async def test_any_search_at_any_budget(
    filled: Filled,
    monkeypatch: pytest.MonkeyPatch,
    filter: str,
    order: list[str],
    some: list[int] | None,
    view: v1.LifecycleView.ValueType,
    size: int,
    steps: int,
    rare: int,
    few: int,
    most: str,
    group: int,
) -> None:
    """Whichever plan the sizes lead to: driving from small sets, walking with or without sieves, groups of equals."""
    scope = scope_of(filter, ", ".join(order), None if some is None else [filled.experiment_ids[i] for i in some], view)
    with monkeypatch.context() as patch:
        patch.setattr(bounds, "RARE", rare)
        patch.setattr(bounds, "FEW", few)
        patch.setattr(bounds, "MOST", most)
        patch.setattr(walks, "_GROUP", group)
        found = await pages(filled.db, scope, size, Budget(3600.0, steps))
    assert found == await exact(filled.db, scope)


async def test_runs_that_lack_a_value_are_not_found_at_once_unless_all_are(db: Database) -> None:
    """The latest that lack it come first, and the older ones must not, though a change makes them be looked at."""
    begin()

    async def make(conn: Connection, tags: dict[str, str]) -> str:
        run = await add_run(conn, "w")
        await runs.log(conn, await runs.lock_run(conn, "w", run.run_id), {}, tags)
        return run.run_id

    async def add(count: int, tags: dict[str, str]) -> list[str]:
        return [await db.write(lambda conn: make(conn, tags)) for _ in range(count)]

    old, there, late = await add(2, {}), await add(3, {"t": "a"}), await add(2, {})
    await index_all(db)
    for run_id in old:

        async def change(conn: Connection, run_id: str = run_id) -> None:
            await runs.log(conn, await runs.lock_run(conn, "w", run_id), {}, {"other": "1"})

        await db.write(change)
    found = await pages(db, scope_of("", "tags.t desc"), 4, Budget())
    assert [run_id for run_id, _ in found] == [*there[::-1], *late[::-1], *old[::-1]]


async def test_an_order_without_an_index_is_refused_among_many_and_names_its_part(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MOST", "50")
    monkeypatch.setattr(bounds, "FEW", 10)

    async def search(filter: str, order_by: str) -> planner.Page:
        wanted, order = parse_filter(filter), parse_order(order_by)
        return await filled.db.snapshot(lambda conn: planner.page(conn, "w", None, wanted, order, None, 100))

    with pytest.raises(RunloreError, match=r"order_by: column 14: among so many runs, 'end_time desc'") as refused:
        await search("", "status desc, end_time desc")
    assert refused.value.metadata == {"field": "order_by", "column": "14", "part": "end_time desc"}
    # Among few it is none.
    assert len((await search("name = 'run 3' and metrics.rare IS NOT NULL", "end_time desc")).rows) < 50


async def test_that_an_experiment_is_large_says_nothing_of_the_runs_that_a_filter_wants(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A filter of one part is the whole filter: what is remembered of the experiments must not be taken for its own."""
    begin()
    experiment_ids = await db.write(lambda conn: fill(conn, random.Random(7), RUNS))
    await index_all(db)
    monkeypatch.setattr(bounds, "MOST", "30")
    monkeypatch.setattr(bounds, "FEW", 0)
    monkeypatch.setattr(bounds, "_LEAST_FEW", 0)
    remembered = known.Known()
    counted: list[list[int]] = []
    count = bounds.small

    async def counting(conn: Connection, asked: Sequence[RunSet]) -> list[bounds.Small]:
        found = await count(conn, asked)
        if asked:
            counted.append([one.size for one in found])
        return found

    monkeypatch.setattr(bounds, "small", counting)
    search = ("w", experiment_ids[:1], parse_filter("params.p = 'a'"), parse_order("metrics.m"), None, 5)
    for _ in range(2):
        await db.snapshot(lambda conn: planner.page(conn, *search, known=remembered))
    # The runs of the experiment were too many, and so are asked for once.
    first, of_experiment, again = counted
    assert (len(first), of_experiment, again) == (1, [], first)


async def test_a_value_with_very_many_equals_is_walked_in_pieces(db: Database) -> None:
    """Two values and descending: each stretch is as long as was asked for, whatever the size of the group."""
    begin()

    async def make(conn: Connection) -> None:
        for i in range(60):
            run = await add_run(conn, "w")
            await runs.log(conn, await runs.lock_run(conn, "w", run.run_id), {"p": f"{i % 2}"}, {})

    await db.write(make)
    await index_all(db)
    scope = scope_of("", "params.p desc")
    assert await pages(db, scope, 7, Budget(3600.0, 8)) == await exact(db, scope)


async def test_a_run_is_found_at_every_moment_of_its_life(db: Database) -> None:
    """Created, changed, live, merged, logged to afterwards, deleted, restored: indexed or not in between."""
    begin()

    async def found(filter: str, view: v1.LifecycleView.ValueType = v1.LIFECYCLE_VIEW_ACTIVE) -> list[str]:
        scope = scope_of(filter, "metrics.m desc, tags.t", view=view)
        return [run_id for run_id, _ in await pages(db, scope, 10, Budget())]

    run = await db.write(lambda conn: add_run(conn, "w"))
    wanted = [run.run_id]

    async def log(tags: dict[str, str]) -> None:
        async def work(conn: Connection) -> None:
            await runs.log(conn, await runs.lock_run(conn, "w", run.run_id), {}, tags)

        await db.write(work)

    async def measure(sequence: int, value: float) -> None:
        async def work(conn: Connection) -> None:
            point = v1.MetricSeries(key="m", steps=[sequence], times_unix_us=[sequence], values=[value])
            await add_points(conn, run, point, sequence=sequence)

        await db.write(work)

    async def move(state: Any) -> None:
        async def work(conn: Connection) -> None:
            await state(conn, await runs.lock_run(conn, "w", run.run_id))

        await db.write(work)

    for is_indexed in (False, True, True):
        for filter in ("params.C = '1'", "name = 'r'", "params.C = '1' and status = 'RUNNING'"):
            assert await found(filter) == wanted
        if is_indexed:
            await index_all(db)
    await log({"t": "a"})
    assert await found("tags.t = 'a'") == wanted
    await index_all(db)
    await log({"t": "b"})
    assert (await found("tags.t = 'b'"), await found("tags.t = 'a'")) == (wanted, [])
    await index_all(db)
    assert (await found("tags.t = 'b'"), await found("tags.t = 'a'")) == (wanted, [])
    await measure(1, 0.5)
    assert await found("metrics.m = 0.5") == wanted
    await index_all(db)
    await measure(2, 0.7)
    assert (await found("metrics.m = 0.7"), await found("metrics.m = 0.5")) == (wanted, [])
    assert await found("min(metrics.m) = 0.5 and max(metrics.m) = 0.7") == wanted
    await index_all(db)
    assert (await found("metrics.m = 0.7"), await found("metrics.m = 0.5")) == (wanted, [])
    await move(run_lifecycle.delete)
    assert (await found("metrics.m = 0.7"), await found("tags.t = 'b'", v1.LIFECYCLE_VIEW_DELETED)) == ([], wanted)
    await move(run_lifecycle.restore)
    assert await found("metrics.m = 0.7") == wanted
    # Neither deleting nor restoring touches what is indexed.
    row = await db.read(lambda conn: queries.one(conn, "SELECT unindexed FROM run"))
    assert not row.unindexed


async def test_searches_beside_writers_and_indexers(db: Database, servers: list[Database]) -> None:
    """A walk through the pages meets every run once that matches throughout, while runs are indexed under it."""
    begin()
    dice = random.Random(11)
    await db.write(lambda conn: fill(conn, dice, 60))
    ends = asyncio.Event()

    async def write() -> None:
        while not ends.is_set():
            await servers[0].write(lambda conn: fill(conn, dice, 1))

            async def change(conn: Connection) -> None:
                row = await queries.one(conn, "SELECT run_id FROM run ORDER BY random() LIMIT 1")
                locked = await runs.lock_run(conn, "w", row.run_id)
                await runs.log(conn, locked, {}, {"other": f"{dice.random()}"})

            await servers[0].write(change)

    async def index(server: Database) -> None:
        while not ends.is_set():
            await index_all(server, limit=3)
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(work) for work in (write(), index(servers[1]), index(servers[2]))]
    try:
        for filter, order in (
            ("", "metrics.m desc"),
            ("params.p IS NOT NULL", "params.p desc, metrics.n"),
            ("metrics.n > 0", ""),
            ("tags.t != 'a'", "params.q"),
        ):
            scope = scope_of(filter, order)
            before = await exact(db, scope)
            found = await pages(db, scope, 7, Budget(), quiet=False)
            found_ids = [run_id for run_id, _ in found]
            assert len(found_ids) == len(set(found_ids))
            # In one order, and with all that was there before.
            assert set(found_ids) >= {run_id for run_id, _ in before}
            known = {run_id for run_id, _ in before}
            assert [run_id for run_id in found_ids if run_id in known] == [run_id for run_id, _ in before]
    finally:
        ends.set()
        await asyncio.gather(*tasks)


async def test_an_indexer_that_is_killed_leaves_nothing_half_done(db: Database) -> None:
    begin()
    run = await db.write(lambda conn: add_run(conn, "w"))

    class KilledError(Exception):
        pass

    async def cut(conn: Connection) -> None:
        assert await indexing.index_texts(conn, quiet_seconds=0.0) == 1
        raise KilledError

    with pytest.raises(KilledError):
        await db.write(cut)
    assert (await db.read(lambda conn: rows_of(conn, run.run_id)))["search_text"] == 0
    scope = scope_of("params.C = '1'")
    assert [run_id for run_id, _ in await pages(db, scope, 10, Budget())] == [run.run_id]


async def test_a_run_that_changes_or_goes_while_it_is_indexed_keeps_no_entries(
    db: Database, servers: list[Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin()
    changed = await db.write(lambda conn: add_run(conn, "w"))
    gone = await db.write(lambda conn: add_run(conn, "w"))

    async def meanwhile(conn: Connection) -> None:
        await runs.log(conn, await runs.lock_run(conn, "w", changed.run_id), {"D": "2"}, {})
        await run_lifecycle.delete(conn, await runs.lock_run(conn, "w", gone.run_id))
        await purging.run(conn, "w", gone.run_id)

    planned = queries.planned

    async def interrupted(conn: Connection, statement: Any, params: Any) -> list[Any]:
        if statement == indexing.sql.mark_runs:
            await servers[0].write(meanwhile)
        return await planned(conn, statement, params)

    monkeypatch.setattr(queries, "planned", interrupted)
    assert await db.write(lambda conn: indexing.index_texts(conn, quiet_seconds=0.0)) == 0
    monkeypatch.undo()
    for run in (changed, gone):
        assert (await db.read(lambda conn, run=run: rows_of(conn, run.run_id)))["search_text"] == 0
    await index_all(db)
    # Two params and the name.
    assert (await db.read(lambda conn: rows_of(conn, changed.run_id)))["search_text"] == 3


async def test_one_server_indexes_at_a_time(db: Database, servers: list[Database]) -> None:
    begin()
    await db.write(lambda conn: add_run(conn, "w"))

    async def both(conn: Connection) -> tuple[int, int]:
        first = await indexing.index_texts(conn, quiet_seconds=0.0)
        return first, await servers[0].write(lambda other: indexing.index_texts(other, quiet_seconds=0.0))

    assert await db.write(both) == (1, 0)
