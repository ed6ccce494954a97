"""Experiments and runs, as on MLflow's own store."""

from __future__ import annotations

import math

import pytest
from mlflow.entities import (
    Dataset,
    DatasetInput,
    ExperimentTag,
    InputTag,
    Metric,
    Param,
    RunStatus,
    RunTag,
    ViewType,
)
from mlflow.exceptions import MlflowException
from mlflow.utils.validation import MAX_EXPERIMENT_TAG_VAL_LENGTH

from tests.clients.mlflow.beside import Pair, Ref, Text

T0 = 1_760_000_000_000


def run(tracking: Pair, name: str, experiment: Ref | str = "0", start: int = T0, **tags: str) -> Ref:
    """Make a run in both stores."""
    given = [RunTag(key.replace("__", "."), value) for key, value in tags.items()]
    return tracking.make(name, "create_run", experiment, "ada", start, [*given, RunTag("mlflow.user", "ada")], name)


def test_experiments_live_alike(tracking: Pair) -> None:
    tracking.call("get_experiment", "0")
    tracking.call("get_experiment_by_name", "Default")
    tracking.call("get_experiment_by_name", "nobody")
    ctr = tracking.make("ctr", "create_experiment", "ctr", None, [ExperimentTag("team", "ads")])
    tracking.refused("RESOURCE_ALREADY_EXISTS", "create_experiment", "ctr")
    tracking.refused("RESOURCE_ALREADY_EXISTS", "create_experiment", "Default")
    for name in ("", None, 7):
        tracking.refused("INVALID_PARAMETER_VALUE", "create_experiment", name)
    tracking.call("set_experiment_tag", ctr, ExperimentTag("team", "search"))
    tracking.call("set_experiment_tag", ctr, ExperimentTag("mlflow.note.content", "what it is about"))
    tracking.call("delete_experiment_tag", ctr, "team")
    tracking.refused("RESOURCE_DOES_NOT_EXIST", "delete_experiment_tag", ctr, "team")
    tracking.refused("INVALID_PARAMETER_VALUE", "set_experiment_tag", ctr, ExperimentTag("k" * 251, "v"))
    tracking.call("rename_experiment", ctr, "clicks")
    tracking.refused("INVALID_PARAMETER_VALUE", "rename_experiment", ctr, "")
    one = run(tracking, "one", ctr)
    tracking.call("log_metric", one, Metric("m", 1.0, T0, 0))
    tracking.call("delete_experiment", ctr)
    tracking.refused("INVALID_PARAMETER_VALUE", "log_metric", one, Metric("m", 2.0, T0, 1))
    tracking.refused("RESOURCE_DOES_NOT_EXIST", "delete_experiment", ctr)
    tracking.call("get_experiment", ctr)
    tracking.call("get_experiment_by_name", "clicks")
    tracking.call("get_run", one)
    tracking.refused("INVALID_STATE", "rename_experiment", ctr, "again")
    tracking.refused("INVALID_PARAMETER_VALUE", "set_experiment_tag", ctr, ExperimentTag("a", "b"))
    tracking.refused("INVALID_PARAMETER_VALUE", "create_run", ctr, "ada", T0, [], "late")
    tracking.refused("RESOURCE_ALREADY_EXISTS", "create_experiment", "clicks")
    tracking.call("restore_experiment", ctr)
    tracking.refused("RESOURCE_DOES_NOT_EXIST", "restore_experiment", ctr)
    tracking.call("get_run", one)


def test_names_and_tags_are_as_long_as_in_mlflow(tracking: Pair) -> None:
    """Of any characters: a name of 500 may take 2,000 bytes."""
    first, second = "😀" * 500, "😀" * 499 + "é"
    made = [tracking.make(name[-2:], "create_experiment", name) for name in (first, second)]
    tracking.refused("INVALID_PARAMETER_VALUE", "create_experiment", first + "s")
    tracking.refused("RESOURCE_ALREADY_EXISTS", "create_experiment", first)
    tracking.refused("INVALID_PARAMETER_VALUE", "rename_experiment", made[0], first + "s")
    tracking.call("rename_experiment", made[0], "😁" * 500)
    tracking.call("get_experiment_by_name", "😁" * 500)
    tracking.call("get_experiment_by_name", first)
    tracking.call("search_experiments", filter_string=f"name = '{second}'")
    found = tracking.pages("search_experiments", size=1, order_by=["name ASC"])
    assert [experiment.name for experiment in found] == ["Default", second, "😁" * 500]
    most = ExperimentTag("k", "é" * MAX_EXPERIMENT_TAG_VAL_LENGTH)
    tracking.call("set_experiment_tag", made[0], most)
    tracking.refused("INVALID_PARAMETER_VALUE", "set_experiment_tag", made[0], ExperimentTag("k", most.value + "s"))
    tracking.call("get_experiment", made[0])
    tracking.call("get_experiment", tracking.make("tagged", "create_experiment", "tagged", None, [most]))
    for number, name in enumerate((first, second)):
        tracking.call("get_run", run(tracking, name, made[1], T0 + number))
    for name in (first, second):
        tracking.call("search_runs", [made[1]], f"attributes.run_name = '{name}'", ViewType.ALL)
    assert len(tracking.pages("search_runs", [made[1]], "", ViewType.ALL, size=1, order_by=["run_name ASC"])) == 2


def test_experiments_that_are_not_there(tracking: Pair) -> None:
    for method in ("get_experiment", "delete_experiment", "restore_experiment"):
        tracking.refused("RESOURCE_DOES_NOT_EXIST", method, "4711")
        tracking.refused("INVALID_PARAMETER_VALUE", method, "abc")
    tracking.refused("RESOURCE_DOES_NOT_EXIST", "create_run", "4711", "ada", T0, [], "x")


def test_search_for_experiments(tracking: Pair) -> None:
    made = [
        tracking.make(name, "create_experiment", name, None, [ExperimentTag("team", team), ExperimentTag("n", name)])
        for name, team in (("aa", "ads"), ("ab", "ads"), ("B", "Search"), ("c's", "it's"))
    ]
    tracking.call("delete_experiment", made[1])
    for view in (ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL):
        for order in (["name"], ["name DESC"], ["creation_time ASC", "name DESC"]):
            tracking.pages("search_experiments", view, size=2, order_by=order)
    for text in (
        "name = 'aa'",
        "name != 'aa'",
        "name LIKE 'a%'",
        "name ILIKE 'b%'",
        "attribute.name LIKE '%s'",
        "tags.team = 'ads'",
        "tags.team != 'ads'",
        "tag.team ILIKE 'SEARCH' and name LIKE 'B'",
        "tags.team IS NULL",
        "tags.team IS NOT NULL and tags.n = 'B'",
        "creation_time > 0",
        "last_update_time < 5",
    ):
        tracking.call("search_experiments", ViewType.ALL, 100, text, ["name"])
    tracking.call("search_experiments", ViewType.ALL, 10, Text("experiment_id = '{}'", (made[0],)), ["name"])
    tracking.call("search_experiments", ViewType.ALL, 10, Text("experiment_id IN ('{}', '{}')", (*made[:2],)), ["name"])
    for text in ("name > 'a'", "metrics.x = 1", "name = aa", "creation_time LIKE '5'", "x", "name = 'a' or name = 'b'"):
        tracking.refused("INVALID_PARAMETER_VALUE", "search_experiments", ViewType.ALL, 10, text)
    tracking.refused("INVALID_PARAMETER_VALUE", "search_experiments", ViewType.ALL, 10, None, ["tags.team"])
    for size in (0, -1, 50_001):
        tracking.refused("INVALID_PARAMETER_VALUE", "search_experiments", ViewType.ALL, size)


def test_runs_live_alike(tracking: Pair) -> None:
    parent = run(tracking, "parent")
    child = run(tracking, "child", mlflow__parentRunId=parent.name)  # a parent that is no run
    tracking.call("get_run", child)
    tracking.refused("INVALID_PARAMETER_VALUE", "create_run", "0", "a", T0, [RunTag("mlflow.runName", "x")], "y")
    tracking.make(
        "tagged", "create_run", "0", "ada", T0, [RunTag("mlflow.runName", "x"), RunTag("mlflow.user", "ada")], None
    )
    tracking.call("update_run_info", parent, RunStatus.FINISHED, T0 + 5000, None)
    tracking.call("get_run", parent)
    tracking.call("update_run_info", parent, None, None, "renamed")
    tracking.call("get_run", parent)
    tracking.call("set_tag", parent, RunTag("mlflow.runName", "again"))
    tracking.call("get_run", parent)
    tracking.call("delete_run", parent)
    tracking.call("delete_run", parent)
    tracking.call("get_run", parent)
    tracking.refused("INVALID_PARAMETER_VALUE", "update_run_info", parent, RunStatus.FAILED, T0, None)
    tracking.refused("INVALID_PARAMETER_VALUE", "log_metric", parent, Metric("m", 1.0, T0, 0))
    tracking.refused("INVALID_PARAMETER_VALUE", "log_param", parent, Param("p", "1"))
    tracking.refused("INVALID_PARAMETER_VALUE", "set_tag", parent, RunTag("t", "1"))
    tracking.refused("INVALID_PARAMETER_VALUE", "delete_tag", parent, "t")
    tracking.refused("INVALID_PARAMETER_VALUE", "log_batch", parent, [], [Param("p", "1")], [])
    tracking.refused("INVALID_PARAMETER_VALUE", "log_inputs", parent, [])
    tracking.refused("INVALID_PARAMETER_VALUE", "log_outputs", parent, [])
    tracking.call("restore_run", parent)
    tracking.call("restore_run", parent)
    tracking.call("get_run", parent)


def test_a_parent_is_a_field_and_a_tag(tracking: Pair) -> None:
    parent = run(tracking, "parent")
    pair = [
        store.create_run("0", "ada", T0, [RunTag("mlflow.parentRunId", ref), RunTag("mlflow.user", "ada")], "child")
        for store, ref in ((tracking.control, parent.control), (tracking.ours, parent.ours))
    ]
    child = tracking.name("child", *(made.info.run_id for made in pair))
    tracking.call("get_run", child)
    found = tracking.call("search_runs", ["0"], Text("tags.mlflow.parentRunId = '{}'", (parent,)), ViewType.ACTIVE_ONLY)
    assert [each.info.run_name for each in found[1]] == ["child"]
    tracking.call("search_runs", ["0"], "tags.mlflow.parentRunId IS NULL", ViewType.ACTIVE_ONLY)
    tracking.call("search_runs", ["0"], "tags.mlflow.parentRunId IS NOT NULL", ViewType.ACTIVE_ONLY)


def test_runs_that_are_not_there(tracking: Pair) -> None:
    for run_id in ("nobody", "f" * 32):
        tracking.refused("RESOURCE_DOES_NOT_EXIST", "get_run", run_id)
        tracking.refused("RESOURCE_DOES_NOT_EXIST", "delete_run", run_id)
        tracking.refused("RESOURCE_DOES_NOT_EXIST", "restore_run", run_id)
        tracking.refused("RESOURCE_DOES_NOT_EXIST", "update_run_info", run_id, RunStatus.FINISHED, T0, None)
        tracking.refused("RESOURCE_DOES_NOT_EXIST", "log_metric", run_id, Metric("m", 1.0, T0, 0))
        tracking.refused("RESOURCE_DOES_NOT_EXIST", "log_param", run_id, Param("p", "1"))
        tracking.refused("RESOURCE_DOES_NOT_EXIST", "set_tag", run_id, RunTag("t", "1"))
        tracking.refused("RESOURCE_DOES_NOT_EXIST", "delete_tag", run_id, "t")
        tracking.refused("RESOURCE_DOES_NOT_EXIST", "log_batch", run_id, [Metric("m", 1.0, T0, 0)], [], [])
        tracking.call("get_metric_history", run_id, "m")
        tracking.call("get_metric_history_bulk", [run_id], "m", 10)
    tracking.refused("INVALID_PARAMETER_VALUE", "log_batch", "a b", [], [], [])


def test_params_and_tags(tracking: Pair) -> None:
    one = run(tracking, "one")
    tracking.call("log_param", one, Param("C", "0.1"))
    tracking.call("log_param", one, Param("C", "0.1"))
    tracking.refused("INVALID_PARAMETER_VALUE", "log_param", one, Param("C", "0.2"))
    tracking.call("log_batch", one, [], [Param("a", "1"), Param("b", "")], [RunTag("t", "1"), RunTag("u", "2")])
    tracking.refused("INVALID_PARAMETER_VALUE", "log_batch", one, [], [Param("c", "1"), Param("a", "2")], [])
    tracking.refused("INVALID_PARAMETER_VALUE", "log_batch", one, [], [Param("d", "1"), Param("d", "1")], [])
    tracking.refused("INVALID_PARAMETER_VALUE", "log_batch", one, [], [Param(f"p{n}", "1") for n in range(101)], [])
    tracking.refused(
        "INVALID_PARAMETER_VALUE", "log_batch", one, [Metric("m", 1.0, T0, n) for n in range(1001)], [], []
    )
    tracking.call("set_tag", one, RunTag("t", "new"))
    tracking.call("delete_tag", one, "t")
    tracking.refused("RESOURCE_DOES_NOT_EXIST", "delete_tag", one, "t")
    for key in ("a/b c:d.e-f", "x" * 250):
        tracking.call("log_param", one, Param(key, "v"))
    for key in ("x" * 251, "../up", "a*b", "", None):
        tracking.refused("INVALID_PARAMETER_VALUE", "log_param", one, Param(key, "v"))
        tracking.refused("INVALID_PARAMETER_VALUE", "set_tag", one, RunTag(key, "v"))
        tracking.refused("INVALID_PARAMETER_VALUE", "log_metric", one, Metric(key, 1.0, T0, 0))
    # Longer values are cut.
    tracking.call("log_param", one, Param("long", "v" * 7000))
    tracking.call("set_tag", one, RunTag("long", "v" * 9000))
    tracking.call("get_run", one)


def test_orders_of_runs(tracking: Pair) -> None:
    """Statuses by name, NaN before what is missing, also behind another key; ties by the latest start."""
    for number, (status, value, team) in enumerate(
        [
            (RunStatus.RUNNING, 1.0, "a"),
            (RunStatus.FINISHED, math.nan, "a"),
            (RunStatus.FAILED, None, "a"),
            (RunStatus.KILLED, math.nan, "b"),
            (RunStatus.SCHEDULED, None, "b"),
            (RunStatus.FINISHED, 0.5, "b"),
            (RunStatus.RUNNING, None, None),
        ]
    ):
        ref = run(tracking, f"r{number}", start=T0 + number, **({"team": team} if team else {}))
        tracking.call("update_run_info", ref, status, T0 + 50 if status > RunStatus.SCHEDULED else None, None)
        if value is not None:
            tracking.call("log_metric", ref, Metric("m", value, T0, 0))
    for order in (
        ["metrics.m"],
        ["metrics.m DESC"],
        ["status"],
        ["status DESC", "metrics.m DESC"],
        ["metrics.m ASC", "status ASC"],
        ["tags.team", "metrics.m DESC"],
        ["tags.team DESC", "status"],
        ["end_time", "status DESC", "metrics.m"],
        ["attributes.start_time ASC"],
        ["tags.mlflow.runName DESC"],
        ["run_name"],
    ):
        found = tracking.pages("search_runs", ["0"], "", ViewType.ALL, size=2, order_by=order)
        assert len({each.info.run_id for each in found}) == 7, order
        tracking.call("search_runs", ["0"], "", ViewType.ALL, None, order)
    for order in (["nothing"], ["metrics.m FOO"], ["dataset.name"]):
        tracking.refused("INVALID_PARAMETER_VALUE", "search_runs", ["0"], "", ViewType.ALL, 10, order)
    tracking.refused("INTERNAL_ERROR", "search_runs", ["0"], "", ViewType.ALL, 10, ["status", "status DESC"])
    for token in ("x", "1", "x.y"):
        assert tracking.plain(_refusal(tracking, token), 1) == ("refused", "INVALID_PARAMETER_VALUE")
    for size in (0, -1, 50_001):
        tracking.refused("INVALID_PARAMETER_VALUE", "search_runs", ["0"], "", ViewType.ALL, size)


def _refusal(tracking: Pair, token: str) -> MlflowException:
    with pytest.raises(MlflowException) as caught:
        tracking.ours.search_runs(["0"], "", ViewType.ALL, 10, None, token)
    return caught.value


def test_inputs(tracking: Pair) -> None:
    one = run(tracking, "one")
    clicks = Dataset("clicks", "d1", "local", "/data/clicks", '{"a": 1}', '{"rows": 5}')
    views = Dataset("views", "d2", "s3", "s3://views")
    training = DatasetInput(clicks, [InputTag("mlflow.data.context", "training"), InputTag("k", "v")])
    tracking.call("log_inputs", one, [training, DatasetInput(views, [])])
    tracking.call("get_run", one)
    # Of a dataset the first input counts.
    tracking.call("log_inputs", one, [DatasetInput(clicks, [InputTag("mlflow.data.context", "eval")])])
    tracking.call("get_run", one)
    tracking.call("search_runs", ["0"], "", ViewType.ACTIVE_ONLY)
    for text, count in (
        ("dataset.name = 'clicks'", 1),
        ("dataset.name LIKE 'cl%' and dataset.digest = 'd2'", 1),
        ("dataset.context = 'training'", 1),
        ("dataset.context = 'eval'", 0),
        ("dataset.context != 'eval'", 1),
        ("dataset.context LIKE '%'", 1),
        ("dataset.name IN ('views', 'x')", 1),
        ("dataset.name = 'views' and dataset.context = 'training'", 1),
    ):
        _, ours = tracking.call("search_runs", ["0"], text, ViewType.ACTIVE_ONLY)
        assert len(ours) == count, text
    control, ours = (store._search_datasets(["0"]) for store in (tracking.control, tracking.ours))
    assert sorted(s.to_dict().items() for s in ours) == sorted(s.to_dict().items() for s in control)
    tracking.refused("INVALID_PARAMETER_VALUE", "log_inputs", one, [DatasetInput(Dataset("n", "d" * 37, "l", "s"), [])])
