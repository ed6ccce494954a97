"""Scripts as people have them, with MLFLOW_TRACKING_URI alone; and what they logged, read back both ways."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import lightgbm
import mlflow
import numpy as np
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression

import runlore
from runlore import v1
from tests.clients.commands import Done
from tests.harness.server import ServerProcess

SCRIPT = """
import mlflow

mlflow.set_experiment("ctr")
with mlflow.start_run(run_name="sweep", tags={"team": "ads"}) as sweep:
    for trial in range(2):
        with mlflow.start_run(run_name=f"trial-{trial}", nested=True):
            mlflow.log_params({"C": 10 ** trial, "solver": "lbfgs"})
            for step in range(100):
                mlflow.log_metric("loss", 1 / (step + 1), step=step)
            mlflow.log_metrics({"auc": 0.9 + trial / 100, "acc": 0.8})
            mlflow.log_text("notes", "notes/a.txt")
            mlflow.log_dict({"a": 1}, "d.json")
mlflow.set_experiment_tag("kind", "test")
print(sweep.info.run_id)
"""


@pytest.fixture
def python(uri: str, runlore_env: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a script that knows nothing of Runlore."""

    def run(code: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "MLFLOW_TRACKING_URI": uri, **env},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


def test_a_script_that_knows_nothing_of_runlore(
    python: Callable[..., subprocess.CompletedProcess[str]], client: MlflowClient, run: Callable[..., Done]
) -> None:
    done = python(SCRIPT)
    assert done.returncode == 0, done.stderr
    sweep = done.stdout.split()[-1]
    found = mlflow.search_runs(
        experiment_names=["ctr"],
        filter_string=f"tags.mlflow.parentRunId = '{sweep}' and params.solver = 'lbfgs'",
        order_by=["metrics.auc DESC"],
    )
    assert list(found["tags.mlflow.runName"]) == ["trial-1", "trial-0"]
    assert list(found["metrics.auc"]) == [0.91, 0.9]
    assert list(found["status"]) == ["FINISHED", "FINISHED"]
    trial = found["run_id"][0]
    assert [point.step for point in client.get_metric_history(trial, "loss")] == list(range(100))
    assert sorted(each.path for each in client.list_artifacts(trial)) == ["d.json", "notes"]
    assert mlflow.artifacts.load_dict(f"runs:/{trial}/d.json") == {"a": 1}
    # The same records, by the typed client and the command.
    with runlore.connect() as typed:
        record = typed.get_run(trial)
        assert (record.parent_run_id, record.experiment_name, dict(record.params)) == (
            sweep,
            "ctr",
            {"C": "10", "solver": "lbfgs"},
        )
        assert "mlflow.runName" not in record.tags
        assert {metric.key: metric.count for metric in record.metrics} == {"loss": 100, "auc": 1, "acc": 1}
    shown = run("runs", "show", trial)
    assert shown.code == 0
    assert "solver  lbfgs" in shown.out


def test_mlflow_sees_what_typed_clients_log(client: MlflowClient) -> None:
    with (
        runlore.connect() as typed,
        typed.start_run("typed", name="parent", tags={"team": "ads"}) as parent,
        parent.start_child("child", params={"C": 1}) as child,
    ):
        child.log({"loss": 0.5}, step=3)
        clicks = v1.Dataset(name="clicks", digest="d1", source_type="local", source="/data")
        child.log_input(clicks, context="training")
    found = client.get_run(child.run_id)
    assert found.info.run_name == found.data.tags["mlflow.runName"] == "child"
    assert found.data.tags["mlflow.parentRunId"] == parent.run_id
    assert (found.data.params, found.data.metrics) == ({"C": "1"}, {"loss": 0.5})
    assert (found.info.status, found.info.user_id) == ("FINISHED", "alice")
    (given,) = found.inputs.dataset_inputs
    assert (given.dataset.name, [(tag.key, tag.value) for tag in given.tags]) == (
        "clicks",
        [("mlflow.data.context", "training")],
    )
    experiment = client.get_experiment_by_name("typed")
    assert experiment is not None
    assert [each.info.run_id for each in client.search_runs([experiment.experiment_id], "tags.team = 'ads'")] == [
        parent.run_id
    ]


def tree(folder: Path) -> dict[str, str]:
    """The digest of each file below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_model_is_stored_byte_for_byte_and_once(client: MlflowClient, tmp_path: Path) -> None:
    data, target = load_breast_cancer(return_X_y=True)
    fitted = LogisticRegression(max_iter=10).fit(data[:, :3], target)
    with mlflow.start_run() as run:
        info = mlflow.sklearn.log_model(fitted, name="model", pip_requirements=["scikit-learn"])
        mlflow.sklearn.save_model(fitted, tmp_path / "saved", pip_requirements=["scikit-learn"])
        mlflow.log_artifacts(str(tmp_path / "saved"), "copy")
    down = Path(mlflow.artifacts.download_artifacts(f"runs:/{run.info.run_id}/copy", dst_path=str(tmp_path)))
    assert tree(down) == tree(tmp_path / "saved")
    logged = mlflow.register_model(f"runs:/{run.info.run_id}/model", "clf")
    copied = mlflow.register_model(f"runs:/{run.info.run_id}/copy", "clf")
    assert logged.source == f"models:/{info.model_id}"
    client.set_registered_model_alias("clf", "champion", logged.version)
    loaded = mlflow.pyfunc.load_model("models:/clf@champion")
    np.testing.assert_array_equal(loaded.predict(data[:5, :3]), fitted.predict(data[:5, :3]))
    with runlore.connect() as typed:
        one, two = typed.get_version("clf", int(logged.version)), typed.get_version("clf", int(copied.version))
        model = typed.logged_models.GetLoggedModel(
            v1.GetLoggedModelRequest(model_id=info.model_id.removeprefix("m-"))
        ).logged_model
        assert one.manifest_digest == model.artifact_manifest_digest
        assert one.logged_model_id == model.model_id
        assert two.run_id == run.info.run_id
        assert two.artifact_path == "copy"
        pulled = typed.pull(f"models:/clf/{copied.version}")
        assert tree(pulled) == tree(tmp_path / "saved")


def test_sklearn_autolog(client: MlflowClient) -> None:
    """Autologging swallows errors: what it stored is what counts."""
    data, target = load_breast_cancer(return_X_y=True)
    mlflow.sklearn.autolog(log_input_examples=True)
    try:
        with mlflow.start_run() as run:
            LogisticRegression(C=0.5, max_iter=20).fit(data[:, :3], target)
    finally:
        mlflow.sklearn.autolog(disable=True)
    found = client.get_run(run.info.run_id)
    assert found.data.params["C"] == "0.5"
    assert 0.8 < found.data.metrics["training_accuracy_score"] <= 1
    assert [given.tags[0].value for given in found.inputs.dataset_inputs] == ["train"]
    assert "estimator.html" in {each.path for each in client.list_artifacts(run.info.run_id)}
    (made,) = found.outputs.model_outputs
    model = client.get_logged_model(made.model_id)
    assert (model.status.value, model.source_run_id) == ("READY", run.info.run_id)
    assert {metric.key for metric in model.metrics or ()} >= {"training_accuracy_score"}
    assert mlflow.sklearn.load_model(f"models:/{made.model_id}").C == 0.5


def test_lightgbm_autolog(client: MlflowClient) -> None:
    data, target = load_breast_cancer(return_X_y=True)
    mlflow.lightgbm.autolog()
    try:
        with mlflow.start_run() as run:
            table = lightgbm.Dataset(data[:, :3], target)
            parameters = {"objective": "binary", "num_leaves": 3, "verbose": -1, "num_threads": 1}
            lightgbm.train(parameters, table, num_boost_round=5, valid_sets=[table], valid_names=["train"])
    finally:
        mlflow.lightgbm.autolog(disable=True)
    found = client.get_run(run.info.run_id)
    assert found.data.params["num_leaves"] == "3"
    assert len(client.get_metric_history(run.info.run_id, "train-binary_logloss")) == 5
    assert found.outputs.model_outputs


def test_a_loop_like_lightnings(client: MlflowClient) -> None:
    """Batches a step, by a client of its own, as Lightning's logger sends them; checkpoints, and a final status."""
    experiment = client.create_experiment("lightning")
    run_id = client.create_run(experiment, run_name="fit").info.run_id
    from mlflow.entities import Metric, Param

    client.log_batch(run_id, params=[Param(key=f"p{n}", value=str(n)) for n in range(100)])
    for epoch in range(3):
        for batch in range(20):
            step = epoch * 20 + batch
            time = 1_760_000_000_000 + step
            points = [Metric("train_loss", 1 / (step + 1), time, step), Metric("epoch", epoch, time, step)]
            client.log_batch(run_id, metrics=points)
        client.log_metric(run_id, "val_loss", 1 / (epoch + 1), step=epoch)
        client.log_text(run_id, f"epoch {epoch}", f"checkpoints/{epoch}.txt")
    client.set_terminated(run_id, "FINISHED")
    found = client.get_run(run_id)
    assert (found.info.status, len(found.data.params)) == ("FINISHED", 100)
    assert found.data.metrics == {"train_loss": 1 / 60, "epoch": 2.0, "val_loss": 1 / 3}
    assert len(client.get_metric_history(run_id, "train_loss")) == 60
    assert len(client.list_artifacts(run_id, "checkpoints")) == 3


def test_threads_log_to_runs_of_their_own(client: MlflowClient) -> None:
    ids: list[str] = []

    def work(number: int) -> None:
        run_id = client.create_run("0", run_name=f"thread-{number}").info.run_id
        for step in range(100):
            client.log_metric(run_id, "m", step, step=step)
        client.set_terminated(run_id)
        ids.append(run_id)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(client.get_metric_history(run_id, "m")) for run_id in ids] == [100] * 4


def test_a_server_that_restarts_in_the_middle_of_training_loses_nothing(
    server: ServerProcess, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = server.address
    monkeypatch.setenv("RUNLORE_SPOOL", str(tmp_path / "spool"))
    client = MlflowClient(f"runlore://{address}")
    run_id = client.create_run("0").info.run_id
    for step in range(100):
        client.log_metric(run_id, "m", step, step=step)
    server.kill()
    for step in range(100, 200):
        client.log_metric(run_id, "m", step, step=step)
    again = ServerProcess(server.data, "--listen", address, "--database", database_url).wait_ready()
    try:
        for step in range(200, 300):
            client.log_metric(run_id, "m", step, step=step)
        client.set_terminated(run_id)
        assert [point.step for point in client.get_metric_history(run_id, "m")] == list(range(300))
        assert client.get_run(run_id).info.status == "FINISHED"
    finally:
        again.stop()


def test_a_server_that_is_not_there_is_one_line(python: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = python("import mlflow; mlflow.start_run()", MLFLOW_TRACKING_URI="runlore://127.0.0.1:1")
    assert done.returncode == 1
    said = done.stderr.strip().splitlines()[-1]
    assert "cannot reach Runlore at 127.0.0.1:1: is a server running there?" in said
    assert "Traceback (most recent call last):" in done.stderr
    assert "During handling" not in done.stderr


@pytest.mark.parametrize("uri", ["runlore://", "runlore:/x", "runlore://host:7410/w/more", "runlore://u@host"])
def test_uris_that_are_none(uri: str) -> None:
    with pytest.raises(MlflowException, match="runlore://host:port"):
        MlflowClient(uri).search_experiments()


def test_a_server_of_another_revision_is_told_apart(
    client: MlflowClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, uri: str
) -> None:
    from runlore_mlflow import session, uris

    monkeypatch.setattr(session, "CONTRACT_REVISION", 10_000)
    older = session.Session(uris.parse_store(uri))
    with pytest.raises(runlore.PreconditionError, match="needs revision 10000: upgrade the server"):
        _ = older.client
    monkeypatch.setattr(session, "CONTRACT_REVISION", 0)
    _ = session.Session(uris.parse_store(uri)).client
    assert "upgrade runlore-mlflow" in caplog.text


def test_what_runlore_does_not_keep_is_empty_or_refused_with_a_sentence(client: MlflowClient) -> None:
    store = client._tracking_client.store
    assert store.search_traces(["0"]) == ([], None)
    for name in ("list_scorers", "search_datasets", "list_gateway_endpoints"):
        assert getattr(store, name)("0") == []
    assert client._get_registry_client().store.list_webhooks() == []
    for call in (
        lambda: store.start_trace(None),
        lambda: store.create_dataset("d"),
        lambda: store.register_scorer("0", "s", "{}"),
        lambda: client._get_registry_client().store.create_webhook("w", "http://x", []),
    ):
        with pytest.raises(MlflowException, match="Runlore does not keep") as caught:
            call()
        assert caught.value.error_code == "NOT_IMPLEMENTED"


def test_traced_functions_run_all_the_same(python: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = python(
        "import mlflow\n@mlflow.trace\ndef f(x):\n    return x + 1\n"
        "with mlflow.start_run():\n    print(f(1))\nmlflow.flush_trace_async_logging()"
    )
    assert (done.returncode, done.stdout.split()[0]) == (0, "2"), done.stderr
    assert "Traceback" not in done.stderr


def test_entry_points_import_nothing_by_themselves(python: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """MLflow loads them while it is half imported."""
    done = python("import sys, runlore_mlflow; print([m for m in sys.modules if m.startswith(('mlflow', 'runlore.'))])")
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_mlflow_skinny_is_enough(uri: str, runlore_env: dict[str, str]) -> None:
    skinny = os.environ.get("RUNLORE_TEST_SKINNY")
    if not skinny:
        pytest.skip("`make test-mlflow` makes an environment with mlflow-skinny alone")
    code = """
import importlib.util
import mlflow

assert importlib.util.find_spec("sqlalchemy") is None
with mlflow.start_run(run_name="skinny") as run:
    mlflow.log_metric("m", 0.5)
    mlflow.log_text("x", "a.txt")
client = mlflow.MlflowClient()
(found,) = client.search_runs(["0"], "metrics.m > 0")
assert [each.path for each in client.list_artifacts(found.info.run_id)] == ["a.txt"]
assert client.search_logged_models(["0"], "name = 'x'") == []
client.create_registered_model("m")
client.create_model_version("m", f"runs:/{found.info.run_id}/a.txt", found.info.run_id)
(version,) = client.search_model_versions("name = 'm'")
print(version.source == f"runs:/{found.info.run_id}/a.txt")
"""
    env = {**os.environ, "MLFLOW_TRACKING_URI": uri}
    done = subprocess.run([skinny, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "True"), done.stderr
