"""The main path through the blocking client, against a real server."""

from __future__ import annotations

import math
import uuid
from pathlib import Path

import pytest

import runlore
from runlore import v1
from tests.clients.conftest import points


def write_model(folder: Path, content: bytes = b"weights") -> Path:
    model = folder / "model"
    model.mkdir(exist_ok=True)
    (model / "model.pkl").write_bytes(content)
    return model


def register(client: runlore.Client, folder: Path, auc: float, model: str = "ctr-model") -> v1.ModelVersion:
    with client.start_run("ctr") as run:
        run.log({"val_auc": auc})
        run.log_artifact(write_model(folder, f"weights of {auc}".encode()))
    return client.register(model, run, "model")


def test_a_run_records_what_it_was_told(client: runlore.Client) -> None:
    with client.start_run("ctr", name="lr", params={"C": 0.1}, tags={"team": "ads"}) as run:
        for step in range(250):
            run.log({"loss": 1 / (step + 1), "lr": 0.5}, step=step)
        run.log_metric("val_auc", 0.93)
        run.log_metrics({"val_auc": 0.94})
        run.log_param("penalty", "l2")
        run.log_params({"n": 3})
        run.set_tag("stage", "a")
        run.set_tags({"stage": "b", "more": 1})
        with run.start_child("trial-1", params={"C": 1}) as trial:
            trial.log({"val_auc": 0.9})
    stored = client.get_run(run.run_id)
    assert (stored.name, stored.experiment_name, stored.status) == ("lr", "ctr", v1.RUN_STATUS_FINISHED)
    assert stored.HasField("end_time")
    assert dict(stored.params) == {"C": "0.1", "penalty": "l2", "n": "3"}
    assert dict(stored.tags) == {"team": "ads", "stage": "b", "more": "1"}
    assert (stored.created_by.id, stored.created_by.verified) == ("alice", False)
    series = points(client, run.run_id)
    assert series["loss"] == [(step, 1 / (step + 1)) for step in range(250)]
    assert series["val_auc"] == [(0, 0.93), (1, 0.94)]
    child = client.get_run(trial.run_id)
    assert (child.parent_run_id, child.experiment_id, child.name) == (run.run_id, run.experiment_id, "trial-1")


def test_extreme_points_come_back_as_they_went_in(client: runlore.Client) -> None:
    sent = [(-5, math.nan), (0, math.inf), (-(2**63), -math.inf), (2**63 - 1, 5e-324), (0, -0.0), (0, 1.0)]
    with client.start_run() as run:
        for step, value in sent:
            run.log({"odd": value}, step=step)
    stored = points(client, run.run_id)["odd"]
    assert [step for step, _ in stored] == [step for step, _ in sent]
    assert [repr(value) for _, value in stored] == [repr(value) for _, value in sent]


def test_times_are_microseconds_of_the_clients_clock(client: runlore.Client) -> None:
    with client.start_run() as run:
        run.log({"a": 1.0})
    (series,) = client.tracking.GetMetricHistory(v1.GetMetricHistoryRequest(run_ids=[run.run_id]))
    created = run._created.start_time.ToMicroseconds()
    assert abs(series.series.times_unix_us[0] - created) < 30_000_000


def test_search_pages_up_to_the_limit(client: runlore.Client) -> None:
    for number in range(5):
        with client.start_run("sweep", params={"n": number}) as run:
            run.log({"val_auc": number / 10})
    found = client.search_runs("sweep", "metrics.val_auc > 0.05", order_by="metrics.val_auc desc", limit=3)
    assert [run.params["n"] for run in found] == ["4", "3", "2"]
    assert len(client.search_runs("sweep")) == 5
    assert len(client.search_runs(["sweep"], limit=None)) == 5
    assert client.search_runs("sweep", "metrics.val_auc > 0.9") == []
    with pytest.raises(runlore.InvalidArgumentError) as caught:
        client.search_runs("sweep", "metrics.val_auc >")
    assert caught.value.reason == "INVALID_FILTER"
    with pytest.raises(runlore.InvalidArgumentError, match="limit: is 0"):
        client.search_runs("sweep", limit=0)


def test_register_creates_the_model_and_flushes_the_run_first(client: runlore.Client, tmp_path: Path) -> None:
    with client.start_run("ctr", params={"C": 1}) as run:
        run.log_artifact(write_model(tmp_path))
        run.log({"val_auc": 0.91})
        version = client.register("ctr-model", run, "model", description="d", tags={"k": 1})
    assert (version.version, version.run_id, version.artifact_path) == (1, run.run_id, "model")
    assert [(m.key, m.last) for m in version.evidence.metrics] == [("val_auc", 0.91)]
    assert (version.description, dict(version.tags), dict(version.evidence.params)) == ("d", {"k": "1"}, {"C": "1"})
    assert client.register("ctr-model", run.run_id, "model").version == 2
    assert client.register("ctr-model", client.get_run(run.run_id), "/model/").version == 3


def test_register_refuses_a_path_that_is_not_there(client: runlore.Client) -> None:
    with client.start_run() as run, pytest.raises(runlore.NotFoundError) as caught:
        client.register("m", run, "nothing")
    assert caught.value.reason == "ARTIFACT_NOT_FOUND"


def test_promotion_is_by_compare_and_set(client: runlore.Client, tmp_path: Path) -> None:
    first, second = register(client, tmp_path, 0.8), register(client, tmp_path, 0.9)
    move = client.promote("ctr-model", first.version, "champion", reason="first", expect="absent")
    assert (move.alias.version, move.HasField("previous_version")) == (1, False)
    move = client.promote("ctr-model", second.version, alias="champion", reason="better", expect=1, evidence={"n": 1})
    assert (move.alias.version, move.previous_version) == (2, 1)
    with pytest.raises(runlore.AliasMovedError) as caught:
        client.promote("ctr-model", 1, "champion", reason="late", expect=1)
    error = caught.value
    assert (error.metadata["expected_version"], error.metadata["current_version"]) == ("1", "2")
    assert (error.metadata["moved_by"], error.metadata["move_reason"]) == ("user:alice", "better")
    with pytest.raises(runlore.AliasMovedError):
        client.promote("ctr-model", 1, "champion", expect="absent")
    assert client.resolve("models:/ctr-model@champion").model_version.version == 2
    assert client.promote("ctr-model", 1, "champion", expect="any").alias.version == 1


def test_without_expect_a_mover_in_between_is_noticed(client: runlore.Client, tmp_path: Path) -> None:
    register(client, tmp_path, 0.8)
    register(client, tmp_path, 0.9)
    client.promote("ctr-model", 1, "champion")
    registry = client.registry

    class MovedInBetween:
        """Moves the alias after this client has looked at it and before it asks for its own move."""

        def __getattr__(self, name: str) -> object:
            if name == "SetAlias":
                client.registry = registry
                client.promote("ctr-model", 2, "champion", expect=1)
            return getattr(registry, name)

    client.registry = MovedInBetween()  # type: ignore[assignment]
    with pytest.raises(runlore.AliasMovedError) as caught:
        client.promote("ctr-model", 1, "champion")
    assert caught.value.metadata["current_version"] == "2"


def test_if_better_needs_a_direction_and_holds_the_alias(client: runlore.Client, tmp_path: Path) -> None:
    for auc in (0.8, 0.7, 0.9):
        register(client, tmp_path, auc)
    client.promote("ctr-model", 1, "champion", if_better="max:val_auc")
    with pytest.raises(runlore.ConditionNotMetError) as caught:
        client.promote("ctr-model", 2, "champion", if_better="max:val_auc")
    assert "0.7" in caught.value.conditions[0]
    assert "0.8" in caught.value.conditions[0]
    with pytest.raises(runlore.InvalidArgumentError, match="contradicts"):
        client.promote("ctr-model", 3, "champion", if_better=["max:val_auc", "min:val_auc"])
    with pytest.raises(runlore.ConditionNotMetError):
        client.promote("ctr-model", 3, "champion", if_better=["max:val_auc", "max:none"])
    for bare in ("val_auc", "max:", "best:val_auc", ""):
        with pytest.raises(runlore.InvalidArgumentError, match=r"^if_better: .*write 'max:.*'min:"):
            client.promote("ctr-model", 3, "champion", if_better=bare)
    assert client.resolve("models:/ctr-model@champion").model_version.version == 1
    move = client.promote("ctr-model", 3, "champion", if_better="max:val_auc")
    assert (move.conditions[0].candidate, move.conditions[0].bar) == (0.9, 0.8)


@pytest.mark.parametrize("expect", [0, -1, True, "1", "champion", 1.0])
def test_expectations_that_are_none(client: runlore.Client, expect: object) -> None:
    with pytest.raises(runlore.InvalidArgumentError, match=r"^expect: .*a version's number, 'absent' or 'any'"):
        client.promote("ctr-model", 1, "champion", expect=expect)  # type: ignore[arg-type]


def test_rollback_and_history(client: runlore.Client, tmp_path: Path) -> None:
    register(client, tmp_path, 0.8)
    register(client, tmp_path, 0.9)
    client.promote("ctr-model", 1, "champion", reason="first")
    client.promote("ctr-model", 2, "champion", reason="second")
    with pytest.raises(runlore.AliasMovedError):
        client.rollback("ctr-model", "champion", reason="r", expect=1)
    move = client.rollback("ctr-model", "champion", reason="it predicts rain")
    assert (move.alias.version, move.previous_version) == (1, 2)
    with pytest.raises(runlore.PreconditionError) as caught:
        client.rollback("ctr-model", "champion", reason="further")
    assert caught.value.reason == "NO_PREVIOUS_HOLDER"
    with pytest.raises(runlore.InvalidArgumentError) as empty:
        client.rollback("ctr-model", "champion", reason="")
    assert "reason" in empty.value.fields
    with pytest.raises(runlore.NotFoundError) as unknown:
        client.rollback("ctr-model", "challenger", reason="r")
    assert unknown.value.reason == "ALIAS_NOT_FOUND"
    events = client.history("ctr-model")
    assert [(e.revision, v1.EventKind.Name(e.kind)) for e in events] == [
        (1, "EVENT_KIND_MODEL_CREATED"),
        (2, "EVENT_KIND_MODEL_VERSION_CREATED"),
        (3, "EVENT_KIND_MODEL_VERSION_CREATED"),
        (4, "EVENT_KIND_ALIAS_SET"),
        (5, "EVENT_KIND_ALIAS_SET"),
        (6, "EVENT_KIND_ALIAS_ROLLED_BACK"),
    ]
    last = events[-1]
    assert (last.before.alias.version, last.after.alias.version, last.reason) == (2, 1, "it predicts rain")
    assert [e.revision for e in client.history("ctr-model", limit=2)] == [1, 2]


def test_refusals_name_field_and_rule(client: runlore.Client) -> None:
    with pytest.raises(runlore.InvalidArgumentError) as caught:
        client.start_run("x", name="n" * 501)
    assert list(caught.value.fields) == ["name"]
    with pytest.raises(runlore.InvalidArgumentError) as caught:
        client.get_run("abc")
    assert list(caught.value.fields) == ["run_id"]
    with pytest.raises(runlore.NotFoundError) as missing:
        client.get_run("a" * 32)
    assert (missing.value.reason, missing.value.metadata) == ("RUN_NOT_FOUND", {"run_id": "a" * 32})
    with client.start_run(run_id="b" * 32) as run, pytest.raises(runlore.AlreadyExistsError):
        client.start_run(run_id=run.run_id)
    with client.start_run(params={"C": 1}) as run, pytest.raises(runlore.InvalidArgumentError) as conflict:
        run.log_param("C", 2)
    assert (conflict.value.reason, conflict.value.metadata["recorded"]) == ("PARAM_CONFLICT", "1")
    with (
        client.start_run() as run,
        pytest.raises(runlore.InvalidArgumentError, match="give FINISHED, FAILED or KILLED"),
    ):
        run.finish("RUNNING")  # type: ignore[arg-type]


def test_how_a_block_ends_is_how_the_run_ended(client: runlore.Client) -> None:
    def end_by(error: type[BaseException]) -> None:
        with client.start_run(run_id=run_id) as run:
            run.log({"a": 1.0})
            raise error

    endings = {ValueError: "FAILED", KeyboardInterrupt: "KILLED", SystemExit: "KILLED"}
    for error, status in endings.items():
        run_id = uuid.uuid4().hex
        with pytest.raises(error):
            end_by(error)
        stored = client.get_run(run_id)
        assert v1.RunStatus.Name(stored.status) == f"RUN_STATUS_{status}"
        assert stored.metrics[0].count == 1
    run = client.start_run()
    run.finish("FAILED")
    run.finish()
    assert client.get_run(run.run_id).status == v1.RUN_STATUS_FAILED
    with pytest.raises(runlore.RunloreError, match="was ended"):
        run.log({"a": 1.0})


def test_the_functions_use_the_server_of_the_environment(runlore_env: dict[str, str], client: runlore.Client) -> None:
    with runlore.start_run("ctr", name="by function") as run:
        run.log({"a": 1.0})
    assert client.get_run(run.run_id).workspace == runlore_env["RUNLORE_WORKSPACE"]
    assert runlore.search_runs("ctr")[0].name == "by function"
    assert runlore.default_client() is runlore.default_client()


def test_stubs_are_typed_calls_with_the_clients_metadata(client: runlore.Client, workspace: str) -> None:
    created = client.tracking.CreateRun(v1.CreateRunRequest(experiment_name="ctr")).run
    assert (created.workspace, created.created_by.id) == (workspace, "alice")
    assert client.server.GetServerInfo(v1.GetServerInfoRequest()).contract_revision >= 1
