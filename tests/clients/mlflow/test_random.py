"""Random programs: whatever is done, both stores answer alike; and so they do to random searches afterwards."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from mlflow.entities import Metric, Param, RunStatus, RunTag, ViewType
from mlflow.version import VERSION

from tests.clients.mlflow.beside import Pair, Ref
from tests.clients.mlflow.test_runs import T0, run

KEYS = ("a", "b c", "d/e.f")
WORDS = ("", "x", "X", "xy", "it's", "7.5", "ä%_")
STATUSES = ("RUNNING", "SCHEDULED", "FAILED", "KILLED", "FINISHED")

numbers = st.sampled_from([
    *(0.0, 1.0, -1.0, 0.5, 2.0, 1e300),
    # The filters of 3.12 take NaN for 0; the plugin's do as those of later versions.
    *(() if VERSION.startswith("3.12.") else (math.nan,)),
])  # fmt: skip
keys = st.sampled_from(KEYS)
words = st.sampled_from(WORDS)

steps = st.one_of(
    st.tuples(st.just("metric"), keys, numbers),
    st.tuples(st.just("param"), keys, words),
    st.tuples(st.just("tag"), st.sampled_from([*KEYS, "mlflow.runName"]), words),
    st.tuples(st.just("untag"), keys),
    st.tuples(st.just("batch"), st.lists(st.tuples(keys, numbers), max_size=4), st.lists(words, max_size=2)),
    st.tuples(st.just("end"), st.sampled_from(STATUSES[2:])),
    st.tuples(st.just("delete")),
    st.tuples(st.just("restore")),
)
programs = st.lists(st.tuples(st.integers(0, 4), steps), min_size=5, max_size=25)


def quoted(key: str) -> str:
    """A key as MLflow's filters have it."""
    return f"`{key}`"


def text(value: str) -> str:
    """A text as MLflow's filters have it."""
    return f'"{value}"' if "'" in value else f"'{value}'"


comparisons = st.one_of(
    st.builds(
        lambda key, op, value: f"metrics.{quoted(key)} {op} {value}",
        keys,
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        st.sampled_from([0, 1, 0.5, 2]),
    ),
    st.builds(
        lambda kind, key, op, value: f"{kind}.{quoted(key)} {op} {text(value)}",
        st.sampled_from(["params", "tags", "parameter", "tag"]),
        keys,
        st.sampled_from(["=", "!=", "LIKE", "ILIKE"]),
        st.sampled_from([*WORDS, "x%", "%Y", "_"]),
    ),
    st.builds(
        lambda kind, key, op: f"{kind}.{quoted(key)} {op}",
        st.sampled_from(["params", "tags"]),
        keys,
        st.sampled_from(["IS NULL", "IS NOT NULL"]),
    ),
    st.builds(
        lambda op, value: f"status {op} {text(value)}",
        st.sampled_from(["=", "!=", "LIKE", "ILIKE"]),
        st.sampled_from([*STATUSES, "%ed", "nothing"]),
    ),
    st.builds(
        lambda field, op, value: f"{field} {op} {text(value)}",
        st.sampled_from(["attributes.run_name", "run_name", "tags.mlflow.runName", "user_id", "tags.mlflow.user"]),
        st.sampled_from(["=", "!=", "LIKE", "ILIKE"]),
        st.sampled_from(["r1", "R%", "ada", "x"]),
    ),
    st.builds(
        lambda field, op, time: f"{field} {op} {T0 + time}",
        st.sampled_from(["start_time", "end_time", "created"]),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        st.sampled_from([0, 1000, 2000, 9000]),
    ),
)
filters = st.lists(comparisons, max_size=3).map(" and ".join)
order_keys = st.sampled_from([
    *(f"metrics.{quoted(key)}" for key in KEYS),
    *(f"params.{quoted(key)}" for key in KEYS[:2]),
    "tags.a",
    "tags.mlflow.runName",
    "status",
    "start_time",
    "end_time",
    "run_name",
])  # fmt: skip
orders = st.lists(
    st.tuples(order_keys, st.sampled_from(["ASC", "DESC", ""])), max_size=3, unique_by=lambda key: key[0]
).map(lambda order: [" ".join(key).strip() for key in order])
searches = st.lists(
    st.tuples(filters, orders, st.sampled_from([ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL])),
    min_size=3,
    max_size=6,
)

#: The experiments that examples made: each has one of its own.
_count = [0]


@settings(
    max_examples=15,
    # Making a failing program smaller takes minutes, and says little more.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(program=programs, asked=searches)
def test_programs_and_searches(tracking: Pair, program: list[Any], asked: list[Any]) -> None:
    _count[0] += 1
    experiment = tracking.make(f"e{_count[0]}", "create_experiment", f"e{_count[0]}")
    # Starts differ: ties go by ids, which are each store's own.
    runs = [run(tracking, f"r{number}", experiment, T0 + 1000 * number) for number in range(5)]
    for time, (number, step) in enumerate(program):
        act(tracking, runs[number], step, T0 + time)
    for ref in runs:
        tracking.call("get_run", ref)
        for key in KEYS:
            tracking.call("get_metric_history", ref, key)
    for text_, order, view in asked:
        tracking.pages("search_runs", [experiment], text_, view, size=2, order_by=order)
        tracking.call("search_runs", [experiment], text_, view, 1000, order)


def act(tracking: Pair, ref: Ref, step: tuple[Any, ...], time: int) -> None:
    """Do one step of a program. Each point has a time of its own: of equals MLflow takes the greatest for the last."""
    match step:
        case ("metric", key, value):
            tracking.call("log_metric", ref, Metric(key, value, time * 10, time % 3))
        case ("param", key, value):
            tracking.call("log_param", ref, Param(key, value))
        case ("tag", key, value):
            # A name is never empty.
            tracking.call("set_tag", ref, RunTag(key, value or "named"))
        case ("untag", key):
            tracking.call("delete_tag", ref, key)
        case ("batch", points, values):
            metrics = [Metric(key, value, time * 10 + n, 0) for n, (key, value) in enumerate(points)]
            tags = [RunTag(KEYS[n], value) for n, value in enumerate(values)]
            tracking.call("log_batch", ref, metrics, [], tags)
        case ("end", status):
            tracking.call("update_run_info", ref, RunStatus.from_string(status), time + 5000, None)
        case ("delete",):
            tracking.call("delete_run", ref)
        case ("restore",):
            tracking.call("restore_run", ref)
