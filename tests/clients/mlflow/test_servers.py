"""MLflow's own commands on Runlore: its server with the stock REST clients, `models serve`, `run` and `gc`."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from sklearn.linear_model import LogisticRegression

import runlore

#: Seconds for a command of MLflow's: on a busy machine they import for minutes.
_PATIENCE = 600


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def get(url: str, **kwargs: Any) -> tuple[int, bytes]:
    """Make a request; a body given as `data` is sent as JSON."""
    data = json.dumps(kwargs["data"]).encode() if "data" in kwargs else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@contextmanager
def running(arguments: list[str], url: str, env: dict[str, str], log: Path) -> Iterator[None]:
    """Run a command of MLflow's until the block ends; begins when it answers."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "mlflow", *arguments], env=env, stdout=out, stderr=out, start_new_session=True
        )
    try:
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                if get(url)[0] == 200:
                    break
            except OSError:
                pass
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.2)
        yield
    finally:
        os.killpg(process.pid, 15)
        process.wait(30)


@pytest.fixture
def env(uri: str, runlore_env: dict[str, str]) -> dict[str, str]:
    """The environment of a command of MLflow's."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, "MLFLOW_TRACKING_URI": uri, "PATH": path, "MLFLOW_DISABLE_TELEMETRY": "true"}


@pytest.fixture
def serve(uri: str, env: dict[str, str], tmp_path: Path) -> Callable[..., Any]:
    """Starts `mlflow server` on the test's workspace; gives its URL."""

    @contextmanager
    def start(*arguments: str) -> Iterator[str]:
        url = f"http://127.0.0.1:{free_port()}"
        command = ["server", "--backend-store-uri", uri, "--workers", "1", "--port", url.rpartition(":")[2], *arguments]
        with running(command, f"{url}/health", env, tmp_path / "server.log"):
            yield url

    return start


def test_the_stock_server_and_its_pages(serve: Callable[..., Any], client: MlflowClient, uri: str) -> None:
    with serve() as url:
        rest = MlflowClient(url)
        run_id = rest.create_run("0", run_name="by REST").info.run_id
        rest.log_metric(run_id, "loss", 0.5, step=1)
        rest.log_param(run_id, "C", "1")
        rest.log_batch(run_id, params=[mlflow.entities.Param("D", "2")])
        # What one worker took, every other process sees at once.
        assert client.get_run(run_id).data.metrics == {"loss": 0.5}
        # Without a word about artifacts they are in Runlore, and go straight there from where the plugin is.
        rest.log_text(run_id, "hello", "notes/a.txt")
        assert rest.get_run(run_id).info.artifact_uri == f"{uri}/0/{run_id}/artifacts"
        with runlore.connect() as typed, typed.open_artifact(f"runs:/{run_id}/notes/a.txt") as file:
            assert file.read() == b"hello"
        rest.set_terminated(run_id)
        rest.create_registered_model("m")
        model = rest.create_model_version("m", f"runs:/{run_id}/notes", run_id)
        rest.set_registered_model_alias("m", "champion", model.version)
        assert rest.get_model_version_by_alias("m", "champion").run_id == run_id
        with pytest.raises(MlflowException) as caught:
            rest.get_run("f" * 32)
        assert caught.value.error_code == "RESOURCE_DOES_NOT_EXIST"
        pages(url, run_id)


def pages(url: str, run_id: str) -> None:
    """Ask for everything that the pages of MLflow's UI ask for: nothing may fail."""
    two, three = f"{url}/ajax-api/2.0/mlflow", f"{url}/ajax-api/3.0/mlflow"
    location = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}}
    counted = {"view_type": "TRACES", "metric_name": "trace_count", "aggregations": [{"aggregation_type": "COUNT"}]}
    graph = "query GetRun($data: MlflowGetRunInput!){mlflowGetRun(input:$data){run{info{runId} modelVersions{name}}}}"
    for path, body in (
        (f"{two}/experiments/search", {"max_results": 25, "order_by": ["last_update_time DESC"]}),
        (f"{two}/experiments/get?experiment_id=0", None),
        (f"{two}/runs/search", {"experiment_ids": ["0"], "order_by": ["attributes.start_time DESC"]}),
        (f"{two}/runs/get?run_id={run_id}", None),
        (f"{two}/metrics/get-history?run_id={run_id}&metric_key=loss", None),
        (f"{two}/metrics/get-history-bulk?run_id={run_id}&metric_key=loss", None),
        (f"{two}/metrics/get-history-bulk-interval?run_ids={run_id}&metric_key=loss&max_results=10", None),
        (f"{two}/artifacts/list?run_id={run_id}", None),
        (f"{two}/artifacts/list?run_id={run_id}&path=notes", None),
        (f"{two}/logged-models/search", {"experiment_ids": ["0"]}),
        (f"{two}/experiments/search-datasets", {"experiment_ids": ["0"]}),
        (f"{two}/registered-models/search?max_results=25", None),
        (f"{two}/registered-models/get?name=m", None),
        (f"{two}/model-versions/search?filter=run_id%3D%27{run_id}%27", None),
        (f"{two}/registered-models/alias?name=m&alias=champion", None),
        (f"{two}/registered-models/get-latest-versions", {"name": "m"}),
        (f"{two}/webhooks", None),
        (f"{three}/traces/search", {"locations": [location]}),
        (f"{three}/traces/metrics", {"experiment_ids": ["0"], **counted}),
        (f"{three}/scorers/list?experiment_id=0", None),
        (f"{three}/datasets/search", {"experiment_ids": ["0"]}),
        (f"{three}/gateway/endpoints/list", None),
        (f"{three}/gateway/secrets/list", None),
        (f"{url}/graphql", {"query": graph, "variables": {"data": {"runId": run_id}}, "operationName": "GetRun"}),
    ):
        status, answer = get(path, **({} if body is None else {"data": body}))
        assert status == 200, (path, answer)
    assert get(f"{url}/get-artifact?run_uuid={run_id}&path=notes/a.txt") == (200, b"hello")
    assert get(f"{url}/get-artifact?run_uuid={run_id}&path=nothing.txt")[0] == 404
    status, history = get(f"{two}/metrics/get-history?run_id={run_id}&metric_key=loss")
    assert [point["value"] for point in json.loads(history)["metrics"]] == [0.5]


def test_a_server_that_passes_artifacts_on(
    serve: Callable[..., Any], client: MlflowClient, uri: str, tmp_path: Path
) -> None:
    """Clients that have no plugin send files to MLflow's server, which has them in Runlore."""
    (tmp_path / "up" / "deep").mkdir(parents=True)
    (tmp_path / "up" / "deep" / "a.txt").write_text("hello")
    with serve("--artifacts-destination", uri) as url:
        rest = MlflowClient(url)
        run_id = rest.create_run("0").info.run_id
        assert rest.get_run(run_id).info.artifact_uri == f"mlflow-artifacts:/0/{run_id}/artifacts"
        rest.log_artifacts(run_id, str(tmp_path / "up"), "folder")
        assert [each.path for each in rest.list_artifacts(run_id, "folder/deep")] == ["folder/deep/a.txt"]
        down = Path(rest.download_artifacts(run_id, "folder", str(tmp_path)))
        assert (down / "deep" / "a.txt").read_text() == "hello"
        assert get(f"{url}/get-artifact?run_uuid={run_id}&path=folder/deep/a.txt") == (200, b"hello")
        rest.create_registered_model("m")
        rest.create_model_version("m", f"mlflow-artifacts:/0/{run_id}/artifacts/folder", run_id)
    # Straight from Runlore it is the same.
    assert [each.path for each in client.list_artifacts(run_id, "folder/deep")] == ["folder/deep/a.txt"]
    with runlore.connect() as typed:
        version = typed.get_version("m", 1)
        assert (version.run_id, version.artifact_path, version.file_count) == (run_id, "folder", 1)


def test_another_artifact_root_is_honoured(uri: str, tmp_path: Path) -> None:
    """As `mlflow server --default-artifact-root` gives it to the store."""
    from mlflow.entities import RunTag

    from runlore_mlflow import tracking_store

    root = tmp_path / "elsewhere"
    store = tracking_store(uri, f"file://{root}")
    experiment = store.create_experiment("x")
    run = store.create_run(experiment, "ada", 1_760_000_000_000, [RunTag("a", "b")], "r")
    assert store.get_experiment(experiment).artifact_location == f"file://{root}/{experiment}"
    assert run.info.artifact_uri == f"file://{root}/{experiment}/{run.info.run_id}/artifacts"
    model = store.create_logged_model(experiment, "m")
    assert model.artifact_location == f"file://{root}/{experiment}/models/{model.model_id}/artifacts"
    assert store.create_run("0", "ada", 1, [], "d").info.artifact_uri.startswith(f"file://{root}/0/")
    with runlore.connect() as typed:
        assert typed.get_run(run.info.run_id).artifact_location == run.info.artifact_uri


@pytest.mark.parametrize(
    ("given", "destination", "expected"),
    [
        (None, None, "{uri}/0"),
        ("mlflow-artifacts:/", "./mlartifacts", "{uri}/0"),
        ("mlflow-artifacts:/", "{uri}", "mlflow-artifacts:/0"),
        ("mlflow-artifacts:/", "s3://bucket", "mlflow-artifacts:/0"),
        ("s3://bucket/root", "./mlartifacts", "s3://bucket/root/0"),
        ("{uri}", "./mlartifacts", "{uri}/0"),
    ],
)
def test_where_artifacts_go(
    given: str | None, destination: str | None, expected: str, uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from runlore_mlflow import tracking_store

    if destination is not None:
        monkeypatch.setenv("_MLFLOW_SERVER_ARTIFACT_DESTINATION", destination.format(uri=uri))
    store = tracking_store(uri, given and given.format(uri=uri))
    run = store.create_run("0", "ada", 1_760_000_000_000, [], "r")
    assert run.info.artifact_uri == f"{expected.format(uri=uri)}/{run.info.run_id}/artifacts"
    # Only what is elsewhere is recorded.
    with runlore.connect() as typed:
        elsewhere = destination == "s3://bucket" or (given or "").startswith("s3:")
        assert bool(typed.get_run(run.info.run_id).artifact_location) == elsewhere


def test_models_serve_answers_from_the_champion(client: MlflowClient, env: dict[str, str], tmp_path: Path) -> None:
    fitted = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    with mlflow.start_run():
        mlflow.sklearn.log_model(fitted, name="model", registered_model_name="clf", pip_requirements=["scikit-learn"])
    client.set_registered_model_alias("clf", "champion", 1)
    port = free_port()
    command = ["models", "serve", "-m", "models:/clf@champion", "--env-manager", "local", "-p", str(port)]
    with running(command, f"http://127.0.0.1:{port}/ping", env, tmp_path / "serve.log"):
        status, answer = get(f"http://127.0.0.1:{port}/invocations", data={"inputs": [[0.0], [1.0]]})
        assert (status, json.loads(answer)) == (200, {"predictions": [0, 1]})


def test_mlflow_run_of_a_project(client: MlflowClient, env: dict[str, str], tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "MLproject").write_text(
        "name: small\nentry_points:\n  main:\n    parameters:\n      C: {type: float, default: 0.1}\n"
        '    command: "python train.py {C}"\n'
    )
    (project / "train.py").write_text(
        "import sys, mlflow\nwith mlflow.start_run():\n    mlflow.log_metric('C2', float(sys.argv[1]) * 2)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mlflow", "run", ".", "-P", "C=4", "--env-manager", "local"],
        cwd=project,
        env=env,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (found,) = client.search_runs(["0"], "params.C = '4'")
    assert (found.info.status, found.data.metrics) == ("FINISHED", {"C2": 8.0})
    assert found.data.tags["mlflow.source.type"] == "PROJECT"


def test_gc(client: MlflowClient, env: dict[str, str], uri: str) -> None:
    kept, gone = (client.create_run("0", run_name=name).info.run_id for name in ("kept", "gone"))
    experiment = client.create_experiment("old")
    inside = client.create_run(experiment).info.run_id
    client.log_text(gone, "hello", "a.txt")
    models = {name: client.create_logged_model("0", name, kept) for name in ("kept", "gone")}
    client.log_model_artifact(models["gone"].model_id, __file__)
    with_it = client.create_logged_model(experiment, "inside")
    client.delete_logged_model(models["gone"].model_id)
    client.delete_run(gone)
    client.delete_experiment(experiment)
    refused = gc(env, uri, "--logged-model-ids", models["kept"].model_id)
    assert "is not in `deleted` lifecycle stage" in refused.stderr
    # That much was before the refusal, as on MLflow's own store.
    done = gc(env, uri, "--older-than", "1h")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    done = gc(env, uri)
    assert done.returncode == 0, done.stderr
    said = refused.stdout + done.stdout
    assert set(re.findall(r"Run with ID (\w+) has been permanently deleted", said)) == {gone, inside}
    assert re.findall(r"Logged model with ID (\S+) has been", said) == [models["gone"].model_id]
    assert client.get_run(kept).info.run_name == "kept"
    assert client.get_logged_model(models["kept"].model_id).name == "kept"
    for run_id in (gone, inside):
        with pytest.raises(MlflowException, match="not found"):
            client.get_run(run_id)
    for model in (models["gone"], with_it):
        with pytest.raises(MlflowException, match="not found"):
            client.get_logged_model(model.model_id)
    assert client.get_experiment_by_name("old") is None


def gc(env: dict[str, str], uri: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `mlflow gc`."""
    return subprocess.run(
        [sys.executable, "-m", "mlflow", "gc", "--backend-store-uri", uri, *arguments],
        env=env,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
