"""Search: the same ids in the same order as an evaluator in plain Python, page by page."""

from __future__ import annotations

import fnmatch
import math
import operator
import random
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runlore import v1
from runlore_server import ids
from runlore_server.db import Connection, Database
from runlore_server.search.language import parse_filter, parse_order
from runlore_server.store import experiments, metrics, runs, search
from tests.store.calling import begin

METRICS = ["auc", "loss", "rare"]
PARAMS = ["C", "kind"]
TAGS = ["team", "it's"]
NUMBERS = [-math.inf, -1.0, 0.0, 0.5, 0.75, 1.0, math.inf]
TEXTS = ["", "a", "b%", "abc", "O'Neil", "ü"]
RUNS = 120

_COMPARE = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@pytest.fixture
async def filled(db: Database) -> tuple[Database, list[v1.Run]]:
    begin()
    dice = random.Random(7)

    async def work(conn: Connection) -> list[str]:
        experiment = await experiments.create(conn, "w", "e")
        made = []
        for i in range(RUNS):
            run = v1.Run(
                run_id=ids.new(),
                workspace="w",
                experiment_id=experiment.experiment_id,
                experiment_name="e",
                name=f"run {i % 7}",
                status=dice.choice([v1.RUN_STATUS_RUNNING, v1.RUN_STATUS_FINISHED]),
                params={key: dice.choice(TEXTS) for key in PARAMS if dice.random() < 0.8},
                tags={key: dice.choice(TEXTS) for key in TAGS if dice.random() < 0.8},
            )
            await runs.create(conn, run, None, "")
            points = [
                v1.MetricSeries(key=key, steps=[0], times_unix_us=[0], values=[dice.choice([*NUMBERS, math.nan])])
                for key in METRICS
                if dice.random() < (0.1 if key == "rare" else 0.8)
            ]
            if points:
                await metrics.append(conn, run.run_id, points)
            made.append(run.run_id)
        return made

    made = await db.write(work)
    return db, await db.read(lambda conn: runs.get_many(conn, "w", made))


def value(run: v1.Run, kind: str, key: str) -> Any:
    if kind == "metrics":
        return next((m.last for m in run.metrics if m.key == key), None)
    return {"params": run.params, "tags": run.tags}[kind].get(key)


def matches(run: v1.Run, term: tuple[str, str, str, Any]) -> bool:
    kind, key, op, wanted = term
    actual = value(run, kind, key)
    if actual is None:
        return False
    if op in _COMPARE:
        return bool(_COMPARE[op](actual, wanted))
    if op == "IN":
        return actual in wanted
    pattern = re.escape(wanted).replace("%", ".*").replace("_", ".")
    return re.fullmatch(pattern, actual, re.DOTALL | (re.IGNORECASE if op == "ILIKE" else 0)) is not None


def ordered(found: list[v1.Run], order: list[tuple[str, str, bool]]) -> list[str]:
    result = sorted(found, key=lambda r: r.run_id)
    result.sort(key=lambda r: -r.start_time.ToNanoseconds())
    for kind, key, descending in reversed(order):
        present, missing = [], []
        for run in result:
            actual = value(run, kind, key)
            (missing if actual is None or actual != actual else present).append(run)
        present.sort(key=lambda r: _key(value(r, kind, key)), reverse=descending)
        result = present + missing
    return [run.run_id for run in result]


def _key(actual: Any) -> Any:
    return actual.encode() if isinstance(actual, str) else actual


def text(term: tuple[str, str, str, Any]) -> str:
    kind, key, op, wanted = term

    def quoted(words: str) -> str:
        return "'" + words.replace("'", "''") + "'"

    if isinstance(wanted, list):
        shown = "(" + ", ".join(map(quoted, wanted)) + ")"
    else:
        shown = quoted(wanted) if isinstance(wanted, str) else repr(wanted)
    return f"{kind}.`{key}` {op} {shown}"


NUMBER_TERM = st.tuples(
    st.just("metrics"), st.sampled_from(METRICS), st.sampled_from(list(_COMPARE)), st.sampled_from(NUMBERS[1:-1])
)
TEXT_FIELD = st.sampled_from([("params", k) for k in PARAMS] + [("tags", k) for k in TAGS])
TEXT_TERM = st.one_of(
    st.builds(
        lambda f, op, w: (*f, op, w),
        TEXT_FIELD,
        st.sampled_from(["=", "!=", "LIKE", "ILIKE"]),
        st.sampled_from([*TEXTS, "%", "A%", "_"]),
    ),
    st.builds(lambda f, w: (*f, "IN", w), TEXT_FIELD, st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3)),
)
ORDER = st.lists(
    st.builds(
        lambda f, d: (*f, d),
        st.sampled_from([("metrics", k) for k in METRICS] + [("params", k) for k in PARAMS] + [("tags", "team")]),
        st.booleans(),
    ),
    max_size=3,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(terms=st.lists(NUMBER_TERM | TEXT_TERM, max_size=3), order=ORDER, page=st.integers(1, 50))
async def test_random_searches_agree_with_plain_python(
    filled: tuple[Database, list[v1.Run]],
    terms: list[tuple[str, str, str, Any]],
    order: list[tuple[str, str, bool]],
    page: int,
) -> None:
    db, all_runs = filled
    comparisons = parse_filter(" and ".join(map(text, terms)))
    keys = parse_order(", ".join(f"{kind}.`{key}` {'desc' if down else 'asc'}" for kind, key, down in order))
    found: list[str] = []
    after = None
    while True:
        rows = await db.read(lambda conn, a=after: search.page(conn, "w", None, comparisons, keys, a, page))
        found += [run_id for run_id, _ in rows]
        if len(rows) < page:
            break
        after = rows[-1][1]
    assert found == ordered([r for r in all_runs if all(matches(r, t) for t in terms)], order)


async def test_attributes(filled: tuple[Database, list[v1.Run]]) -> None:
    db, all_runs = filled
    wanted = all_runs[3]

    async def ids_of(text: str) -> set[str]:
        rows = await db.read(lambda conn: search.page(conn, "w", None, parse_filter(text), [], None, 1000))
        return {run_id for run_id, _ in rows}

    assert await ids_of(f"run_id = '{wanted.run_id}'") == {wanted.run_id}
    assert await ids_of("name LIKE 'run 3%'") == {r.run_id for r in all_runs if fnmatch.fnmatch(r.name, "run 3*")}
    assert await ids_of("status = 'RUNNING'") == {r.run_id for r in all_runs if r.status == v1.RUN_STATUS_RUNNING}
    assert await ids_of("status != 'RUNNING'") == {r.run_id for r in all_runs if r.status != v1.RUN_STATUS_RUNNING}
    assert await ids_of("status IN ('FINISHED')") == {r.run_id for r in all_runs if r.status == v1.RUN_STATUS_FINISHED}
    assert await ids_of("start_time > 1") == {r.run_id for r in all_runs}
    assert await ids_of("end_time < 1") == set()
    assert await ids_of("parent_run_id = 'x'") == set()


async def test_pages_stay_right_while_runs_are_added(filled: tuple[Database, list[v1.Run]]) -> None:
    db, all_runs = filled
    after, found = None, []
    while True:
        rows = await db.read(lambda conn, a=after: search.page(conn, "w", None, [], [], a, 10))
        found += [run_id for run_id, _ in rows]
        if len(rows) < 10:
            break
        after = rows[-1][1]

        async def add(conn: Connection) -> None:
            experiment = await experiments.find_by_name(conn, "w", "e")
            assert experiment is not None
            run = v1.Run(
                run_id=ids.new(), workspace="w", experiment_id=experiment.experiment_id, status=v1.RUN_STATUS_RUNNING
            )
            await runs.create(conn, run, None, "")

        await db.write(add)
    assert found == ordered(all_runs, [])
