"""Logged models: searches agree with plain Python, points are stored once."""

from __future__ import annotations

import asyncio
import math
import operator
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runlore import v1
from runlore_server.db import Connection, Database
from runlore_server.search.fields import LOGGED_MODEL_ORDER, LOGGED_MODELS
from runlore_server.search.language import parse_filter, parse_order
from runlore_server.store import experiments, logged_model_metrics, logged_models, search_logged_models
from tests.store.calling import begin
from tests.store.records import add_logged_model

MODELS = 60
KEYS = ["auc", "loss"]
DATASETS = [("", ""), ("val", "d1"), ("val", "d2"), ("test", "d1")]
VALUES = [-math.inf, 0.0, 0.5, 1.0, math.nan]
TYPES = ["", "lr", "tree"]

_COMPARE = {"=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt}


@pytest.fixture
async def filled(db: Database) -> tuple[Database, list[v1.LoggedModel]]:
    begin()
    dice = random.Random(5)

    async def work(conn: Connection) -> list[str]:
        experiment = await experiments.create(conn, "w", "e")
        made = []
        for number in range(MODELS):
            params = {"C": dice.choice("12")} if dice.random() < 0.7 else {}
            model = await add_logged_model(
                conn,
                "w",
                experiment.experiment_id,
                name=f"m{number % 7}",
                model_type=dice.choice(TYPES),
                status=dice.choice([v1.LOGGED_MODEL_STATUS_READY, v1.LOGGED_MODEL_STATUS_FAILED]),
                params=params,
            )
            points = [
                v1.LoggedModelMetric(
                    key=dice.choice(KEYS),
                    value=dice.choice(VALUES),
                    step=dice.randrange(3),
                    time_unix_us=dice.randrange(3),
                    dataset_name=name,
                    dataset_digest=digest,
                )
                for name, digest in (dice.choice(DATASETS) for _ in range(dice.randrange(6)))
            ]
            await logged_model_metrics.add(conn, model.model_id, points)
            made.append(model.model_id)
        return made

    made = await db.write(work)
    return db, await db.read(lambda conn: logged_models.get_many(conn, "w", made))


REFS = st.sampled_from([("val", ""), ("val", "d1"), ("test", "d1"), ("test", "d2")])
METRIC = st.tuples(
    st.just("metrics"), st.sampled_from(KEYS), st.sampled_from(list(_COMPARE)), st.sampled_from(VALUES[1:4])
)
PARAM = st.tuples(st.just("params"), st.just("C"), st.sampled_from(["=", "!="]), st.sampled_from("123"))
TYPE = st.tuples(st.just("attributes"), st.just("model_type"), st.sampled_from(["=", "!="]), st.sampled_from(TYPES))
ORDER = st.lists(
    st.tuples(st.sampled_from(["metrics.auc", "metrics.loss", "name", "model_type", "status"]), st.booleans()),
    max_size=3,
)


def on(point: v1.LoggedModelMetric, refs: list[tuple[str, str]]) -> bool:
    return not refs or any(point.dataset_name == name and digest in ("", point.dataset_digest) for name, digest in refs)


def matches(model: v1.LoggedModel, term: tuple[str, str, str, Any], refs: list[tuple[str, str]]) -> bool:
    kind, key, op, wanted = term
    if kind == "metrics":
        return any(p.key == key and on(p, refs) and _COMPARE[op](p.value, wanted) for p in model.metrics)
    actual = model.params.get(key) if kind == "params" else model.model_type
    return actual is not None and bool(_COMPARE[op](actual, wanted))


def latest(point: v1.LoggedModelMetric) -> tuple[int, int, bool, float]:
    nan = math.isnan(point.value)
    return point.time_unix_us, point.step, nan, 0.0 if nan else point.value


def value(model: v1.LoggedModel, field: str, refs: list[tuple[str, str]]) -> Any:
    if not field.startswith("metrics."):
        return getattr(model, field)
    points = [p for p in model.metrics if f"metrics.{p.key}" == field and on(p, refs)]
    last = max(points, key=latest).value if points else math.nan
    return None if math.isnan(last) else last


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    terms=st.lists(METRIC | PARAM | TYPE, max_size=3),
    refs=st.lists(REFS, max_size=2),
    order=ORDER,
    order_ref=st.none() | REFS,
    page=st.integers(1, 40),
)
async def test_random_searches_agree_with_plain_python(
    filled: tuple[Database, list[v1.LoggedModel]],
    terms: list[tuple[str, str, str, Any]],
    refs: list[tuple[str, str]],
    order: list[tuple[str, bool]],
    order_ref: tuple[str, str] | None,
    page: int,
) -> None:
    db, models = filled
    text = " and ".join(f"{k}.{key} {op} {w if k == 'metrics' else repr(w)}" for k, key, op, w in terms)
    query = search_logged_models.Query(
        condition=parse_filter(text, LOGGED_MODELS),
        datasets=[v1.DatasetRef(name=name, digest=digest) for name, digest in refs],
        order=parse_order(", ".join(f"{f} {'desc' if d else 'asc'}" for f, d in order), LOGGED_MODEL_ORDER),
        order_dataset=v1.DatasetRef(name=order_ref[0], digest=order_ref[1]) if order_ref else None,
        experiment_ids=None,
        view=v1.LIFECYCLE_VIEW_ACTIVE,
    )
    found: list[str] = []
    after = None
    while True:
        rows = await db.read(lambda conn, a=after: search_logged_models.page(conn, "w", query, a, page))
        found += [model_id for model_id, _ in rows]
        if len(rows) < page:
            break
        after = rows[-1][1]

    wanted = [m for m in models if all(matches(m, term, refs) for term in terms)]
    if refs and not any(term[0] == "metrics" for term in terms):
        wanted = [m for m in wanted if any(on(p, refs) for p in m.metrics)]
    wanted.sort(key=lambda m: (-m.create_time.ToMicroseconds(), m.model_id))
    for field, descending in reversed(order):
        only = [order_ref] if order_ref else []
        present = [m for m in wanted if value(m, field, only) is not None]
        missing = [m for m in wanted if value(m, field, only) is None]
        present.sort(key=lambda m: value(m, field, only), reverse=descending)
        wanted = present + missing
    assert found == [m.model_id for m in wanted]


async def test_points_are_stored_once_whoever_sends_them_how_often(db: Database) -> None:
    """Batches that overlap, from several writers at once: the points are a set, and each series knows its last."""
    begin()
    dice = random.Random(3)
    experiment = await db.write(lambda conn: experiments.create(conn, "w", "e"))
    model = await db.write(lambda conn: add_logged_model(conn, "w", experiment.experiment_id))
    points = [
        v1.LoggedModelMetric(key=key, value=number, step=step, time_unix_us=time, dataset_name=name)
        for key in KEYS
        for number in VALUES
        for step in (-1, 0)
        for time in (0, 7)
        for name in ("", "val")
    ]

    async def send() -> None:
        for _ in range(6):
            batch = dice.sample(points, 40)

            async def work(conn: Connection, batch: list[v1.LoggedModelMetric] = batch) -> None:
                await logged_models.lock_active(conn, "w", model.model_id)
                await logged_model_metrics.add(conn, model.model_id, batch)

            await db.write(work)

    await asyncio.gather(*(send() for _ in range(4)))
    await db.write(lambda conn: logged_model_metrics.add(conn, model.model_id, points))
    stored: list[v1.LoggedModelMetric] = []
    after = None
    while True:
        rows = await db.read(lambda conn, a=after: logged_model_metrics.page(conn, model.model_id, a, 13))
        stored += [point for point, _ in rows]
        if len(rows) < 13:
            break
        after = rows[-1][1]
    assert sorted(map(repr, stored)) == sorted(map(repr, points))
    series: dict[tuple[str, str], list[v1.LoggedModelMetric]] = {}
    for point in stored:
        series.setdefault((point.key, point.dataset_name), []).append(point)
    assert all(found == sorted(found, key=latest) for found in series.values())
    shown = (await db.read(lambda conn: logged_models.get(conn, "w", model.model_id))).metrics
    assert [repr(p) for p in shown] == [repr(series[key][-1]) for key in sorted(series)]
