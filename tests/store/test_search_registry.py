"""Searches for registered models and versions: random ones, page by page, agree with plain Python."""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runlore import v1
from runlore_server import ids
from runlore_server.db import Connection, Database
from runlore_server.search.fields import MODEL_ORDER, MODEL_VERSION_ORDER, MODEL_VERSIONS, MODELS
from runlore_server.search.language import parse_filter, parse_order
from runlore_server.search.tree import EVERY
from runlore_server.store import deleting, models, search_models, search_versions, stages, versions
from tests.store.calling import begin
from tests.store.records import add_version, point_alias

MANY = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = ("a", "B", "é", "zz", "Z")
RUNS = [ids.new() for _ in range(3)]
AUC = (0.5, 0.9, math.nan, math.inf)


@pytest.fixture
async def filled(db: Database) -> tuple[Database, list[v1.RegisteredModel], list[v1.ModelVersion]]:
    """Models and versions of all kinds, some deleted, and one of another workspace."""
    begin()
    dice = random.Random(7)

    async def make(conn: Connection) -> tuple[list[v1.RegisteredModel], list[v1.ModelVersion]]:
        for workspace, name in [*(("w", name) for name in (*NAMES, "gone")), ("other", "a")]:
            owner = dice.choice(["", "alice", "bob"])
            tags = dice.choice([{}, {"t": "x"}, {"t": "y"}])
            model = await models.create(conn, workspace, name, "", tags, "", owner=owner)
            for number in range(1, dice.randint(4, 12)):
                metrics = [v1.MetricSummary(key="auc", last=dice.choice(AUC))] if dice.random() < 0.8 else []
                await add_version(
                    conn,
                    workspace,
                    name,
                    run_id=dice.choice(["", *RUNS]),
                    status=dice.choice(list(v1.ModelVersionStatus.values())[1:]),
                    tags=dice.choice([{}, {"t": "x"}, {"t": "y"}]),
                    evidence=v1.Evidence(metrics=metrics, params=dice.choice([{}, {"C": "1"}, {"C": "10"}])),
                )
                locked = await models.lock(conn, workspace, name)
                version = await versions.get(conn, locked.model, number)
                stage = dice.choice(list(v1.ModelStage.values())[1:])
                if dice.random() < 0.2:
                    await deleting.version(conn, locked, version, [], reason="", request_id="")
                elif stage != version.stage:
                    await stages.move(conn, locked, [(version, stage)], reason="", request_id="")
            if name == "gone":
                locked = await models.lock(conn, workspace, name)
                gone = await models.get(conn, workspace, name)
                await deleting.model(conn, locked, gone, reason="", request_id="")
                continue
            rows = await search_versions.page(conn, workspace, model.model_id, EVERY, [], None, 100)
            for (_, number), _ in rows:
                if dice.random() < 0.3:
                    await point_alias(conn, workspace, name, dice.choice(["champion", "blue"]), number)
            for alias in ("champion", "blue") if name == "zz" else ():
                await point_alias(conn, workspace, name, alias, rows[0][0][1])
        found_models = [await models.get(conn, "w", name) for name in NAMES]
        keys = [(m.model_id, n) for m in found_models for n in range(1, 13)]
        return found_models, await versions.get_many(conn, keys)

    made_models, made_versions = await db.write(make)
    assert len(made_versions) > 15
    return db, made_models, made_versions


Page = Callable[[Connection, list[Any] | None, int], Awaitable[list[tuple[Any, list[Any]]]]]


async def walk(db: Database, page: Page, size: int) -> list[Any]:
    """The ids of every page, one after the other."""
    found: list[Any] = []
    after = None
    while True:
        rows = await db.read(lambda conn, a=after: page(conn, a, size))
        found += [key for key, _ in rows]
        if len(rows) < size:
            return found
        after = rows[-1][1]


PLAIN: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "IN": lambda mine, wanted: mine in wanted,
}


def compare(mine: Any, name: str, value: Any) -> bool:
    if mine is None or (isinstance(mine, float) and math.isnan(mine) and name != "!="):
        return False
    return PLAIN[name](mine, value)


def written(name: str, value: Any) -> str:
    if isinstance(value, tuple):
        return "IN (" + ", ".join(repr(each) for each in value) + ")"
    return f"{name} {value!r}"


TEXT_OPERATORS = st.sampled_from(["=", "!="])
NUMBER_OPERATORS = st.sampled_from(["=", "!=", "<", ">="])
TAG = st.tuples(st.just("tags.t"), TEXT_OPERATORS, st.sampled_from(["x", "y", "z"]))
STAGE = st.tuples(st.just("stage"), TEXT_OPERATORS, st.sampled_from(["None", "Staging", "Production", "Archived"]))
ALIAS = st.one_of(
    st.tuples(st.just("alias"), st.sampled_from(["=", "IN"]), st.sampled_from(["champion", "blue", "x"])),
    st.tuples(st.just("alias"), st.just("IN"), st.just(("champion", "blue"))),
)
NAME = st.tuples(st.just("name"), TEXT_OPERATORS, st.sampled_from(NAMES))
VERSION_TERM = st.one_of(
    TAG,
    STAGE,
    ALIAS,
    NAME,
    st.tuples(st.just("version"), NUMBER_OPERATORS, st.integers(1, 8)),
    st.tuples(st.just("metrics.auc"), NUMBER_OPERATORS, st.sampled_from([0.5, 0.7, 0.9])),
    st.tuples(st.just("params.C"), TEXT_OPERATORS, st.sampled_from(["1", "10"])),
    st.tuples(st.just("version"), NUMBER_OPERATORS, st.sampled_from([0, 2.5, 3.5, 1e30, -1e30])),
    st.tuples(st.just("status"), st.sampled_from(["=", "!=", "IN"]), st.sampled_from(["PENDING", "READY", "FAILED"])),
    st.tuples(st.just("stage"), st.just("IN"), st.sampled_from([("Staging", "None"), ("Staging", "Archived")])),
    st.tuples(st.just("tags.t"), st.just("IN"), st.sampled_from([("x",), ("x", "z")])),
    st.tuples(st.just("run_id"), TEXT_OPERATORS, st.sampled_from(RUNS)),
    st.tuples(st.just("run_id"), st.just("IN"), st.tuples(st.sampled_from(RUNS), st.just("x"))),
)
MODEL_TERM = st.one_of(
    TAG,
    STAGE,
    ALIAS,
    NAME,
    st.tuples(st.just("owner"), TEXT_OPERATORS, st.sampled_from(["", "alice"])),
    st.tuples(st.just("latest_version"), NUMBER_OPERATORS, st.integers(0, 8)),
)


def order_of(*fields: str) -> st.SearchStrategy[list[tuple[str, bool]]]:
    return st.lists(st.tuples(st.sampled_from(fields), st.booleans()), max_size=2)


def stage_name(stage: v1.ModelStage.ValueType) -> str:
    return v1.ModelStage.Name(stage).removeprefix("MODEL_STAGE_").capitalize()


def version_value(version: v1.ModelVersion, field: str) -> Any:
    match field:
        case "name":
            return version.model_name
        case "tags.t":
            return version.tags.get("t")
        case "params.C":
            return version.evidence.params.get("C")
        case "metrics.auc":
            return next((m.last for m in version.evidence.metrics), None)
        case "stage":
            return stage_name(version.stage)
        case "status":
            return v1.ModelVersionStatus.Name(version.status).removeprefix("MODEL_VERSION_STATUS_")
        case "run_id":
            return version.run_id or None
        case "creation_time":
            return version.create_time.ToMicroseconds()
        case "last_update_time":
            return version.update_time.ToMicroseconds()
    return getattr(version, field)


def holds(record: Any, names: list[str], value: Callable[[Any, str], Any], term: tuple[str, str, Any]) -> bool:
    field, name, wanted = term
    if field == "alias":
        return any(name in names for name in (wanted if isinstance(wanted, tuple) else (wanted,)))
    return compare(value(record, field), name, wanted)


def filter_text(terms: list[tuple[str, str, Any]]) -> str:
    texts = []
    for field, name, value in terms:
        listed = (value,) if name == "IN" and not isinstance(value, tuple) else value
        texts.append(f"{field} {written(name, listed)}")
    return " and ".join(texts)


def sort_key(field: str, value: Callable[[Any, str], Any]) -> Callable[[Any], Any]:
    return lambda record: value(record, field).encode() if field == "name" else value(record, field)


@MANY
@given(
    terms=st.lists(VERSION_TERM, max_size=3),
    order=order_of("name", "version", "creation_time", "last_update_time"),
    of_one=st.none() | st.sampled_from(NAMES),
    size=st.integers(1, 40),
    bounds=st.sampled_from(
        [
            {},
            {"_FEW": 3, "_FEW_BY_NAME": 3},
            {"_SHORT": 1, "_FEW": 0, "_FEW_BY_NAME": 0},
            {"_SHORT": 0, "_LONG": 0, "_FEW": 0, "_FEW_BY_NAME": 0, "_MANY": 5},
            {"_SHORT": 1, "_LIKELY": 1, "_FEW": 3, "_FEW_BY_NAME": 3, "_VERY_FEW": 0, "_COUNTED_MODELS": 2},
            {"_SHORT": 0, "_FEW": 20, "_FEW_BY_NAME": 20, "_VERY_FEW": 0, "_COUNTED_MODELS": 2, "_SPARE": 1},
        ]
    ),
)
async def test_random_searches_for_versions_agree_with_plain_python(
    filled: tuple[Database, list[v1.RegisteredModel], list[v1.ModelVersion]],
    terms: list[tuple[str, str, Any]],
    order: list[tuple[str, bool]],
    of_one: str | None,
    size: int,
    bounds: dict[str, int],
) -> None:
    """Whichever way is taken: bounds are made so small that each is, in turn."""
    db, made_models, made = filled
    model_id = next((m.model_id for m in made_models if m.name == of_one), None)
    comparisons = parse_filter(filter_text(terms), MODEL_VERSIONS)
    keys = parse_order(", ".join(f"{f} {'desc' if d else 'asc'}" for f, d in order), MODEL_VERSION_ORDER)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in bounds.items():
            patch.setattr(search_versions, name, value)
        found = await walk(
            db, lambda conn, after, n: search_versions.page(conn, "w", model_id, comparisons, keys, after, n), size
        )
    wanted = [v for v in made if of_one is None or v.model_name == of_one]
    wanted = [v for v in wanted if all(holds(v, list(v.aliases), version_value, term) for term in terms)]
    wanted.sort(key=lambda v: (v.model_name.encode(), -v.version))
    for field, descending in reversed(order):
        wanted.sort(key=sort_key(field, version_value), reverse=descending)
    assert found == [(v.model_id, v.version) for v in wanted]


@MANY
@given(
    terms=st.lists(MODEL_TERM, max_size=3),
    order=order_of("name", "latest_version", "creation_time", "last_update_time"),
    size=st.integers(1, 6),
)
async def test_random_searches_for_models_agree_with_plain_python(
    filled: tuple[Database, list[v1.RegisteredModel], list[v1.ModelVersion]],
    terms: list[tuple[str, str, Any]],
    order: list[tuple[str, bool]],
    size: int,
) -> None:
    db, made, made_versions = filled

    def value(model: v1.RegisteredModel, field: str) -> Any:
        match field:
            case "tags.t":
                return model.tags.get("t")
            case "stage":
                newest = max((v for v in made_versions if v.model_id == model.model_id), key=lambda v: v.version)
                return stage_name(newest.stage)
            case "creation_time":
                return model.create_time.ToMicroseconds()
            case "last_update_time":
                return model.update_time.ToMicroseconds()
        return getattr(model, field)

    comparisons = parse_filter(filter_text(terms), MODELS)
    keys = parse_order(", ".join(f"{f} {'desc' if d else 'asc'}" for f, d in order), MODEL_ORDER)
    found = await walk(db, lambda conn, after, n: search_models.page(conn, "w", comparisons, keys, after, n), size)
    wanted = [m for m in made if all(holds(m, [a.alias for a in m.aliases], value, term) for term in terms)]
    wanted.sort(key=lambda m: m.name.encode())
    for field, descending in reversed(order):
        wanted.sort(key=sort_key(field, value), reverse=descending)
    assert found == [m.model_id for m in wanted]
    for model in made:
        of_model = [v for v in made_versions if v.model_id == model.model_id]
        assert model.latest_version == max(v.version for v in of_model)
        newest = {v.stage: v.version for v in sorted(of_model, key=lambda v: v.version)}
        assert {holder.stage: holder.version for holder in model.latest_by_stage} == newest


async def test_a_version_with_two_aliases_is_found_once(
    filled: tuple[Database, list[v1.RegisteredModel], list[v1.ModelVersion]],
) -> None:
    db, _, made = filled
    wanted = [(v.model_id, v.version) for v in made if v.aliases]
    assert any(len(v.aliases) == 2 for v in made)
    condition = parse_filter("alias IN ('champion', 'blue')", MODEL_VERSIONS)
    rows = await db.read(lambda conn: search_versions.page(conn, "w", None, condition, [], None, 1000))
    assert sorted(key for key, _ in rows) == sorted(wanted)


async def test_times_compare_as_whole_milliseconds(
    filled: tuple[Database, list[v1.RegisteredModel], list[v1.ModelVersion]],
) -> None:
    """A time is cut to the millisecond that it is in; between two milliseconds there is none."""
    db, _, made = filled
    at = {(v.model_id, v.version): v.update_time.ToMicroseconds() // 1000 for v in made}
    middle = sorted(at.values())[len(at) // 2]
    for name in ("=", "!=", "<", "<=", ">", ">="):
        for millis in (middle - 1, middle - 0.5, middle, middle + 0.5, middle + 1):
            comparisons = parse_filter(f"last_update_time {name} {millis}", MODEL_VERSIONS)
            rows = await db.read(lambda conn, c=comparisons: search_versions.page(conn, "w", None, c, [], None, 1000))
            wanted = {key for key, time in at.items() if PLAIN[name](time, millis)}
            assert {key for key, _ in rows} == wanted, (name, millis - middle)
