"""MLflow stores made by MLflow itself, to be imported."""

from __future__ import annotations

import math
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    Param,
    RunTag,
)

#: Some moment, in MLflow's milliseconds.
T0 = 1_700_000_000_000


@dataclass
class Small:
    """Some of everything."""

    uri: str
    client: MlflowClient
    experiment_id: str
    #: A run with params, tags, points, an input, files and a child.
    run_id: str
    child_id: str
    #: A run that is deleted.
    deleted_id: str
    #: A run of an experiment that is deleted.
    gone_id: str
    model_id: str


def small(uri: str, artifacts: str | None, files: Path) -> Small:
    """Fill a store with some of everything; `artifacts` is where its experiments keep files, None for the server's."""
    client = MlflowClient(tracking_uri=uri, registry_uri=uri)
    place = {} if artifacts is None else {"artifact_location": artifacts}
    experiment_id = client.create_experiment("ctr", **place, tags={"team": "ads", "mlflow.note.content": "Clicks."})
    # The child is made before its parent starts: MLflow does not mind.
    child_id = client.create_run(experiment_id, start_time=T0 - 5_000, run_name="trial").info.run_id
    run = client.create_run(experiment_id, start_time=T0, run_name="sweep", tags={"mlflow.user": "alice", "empty": ""})
    run_id = run.info.run_id
    client.set_tag(child_id, "mlflow.parentRunId", run_id)
    points = [Metric("loss", 1 / (i + 1), T0 + i, i) for i in range(5)]
    points += [Metric("odd", value, T0 + 9, -3) for value in (0.5, math.nan, math.inf)]
    client.log_batch(run_id, metrics=points, params=[Param("lr", "0.1"), Param("C", "")], tags=[RunTag("k", "v")])
    client.log_batch(child_id, metrics=[Metric("val/auc", 0.75, T0 + 1, 1)])
    dataset = Dataset("clicks", "d1", "local", '{"uri": "clicks.csv"}', schema='{"a": "long"}', profile='{"rows": 3}')
    client.log_inputs(
        run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training"), InputTag("a", "b")])]
    )
    client.log_text(run_id, "a note", "notes/a.txt")
    client.log_text(run_id, "", "notes/empty.txt")
    model = client.create_logged_model(
        experiment_id, "clf", run_id, tags={"kind": "x"}, params={"depth": "3"}, model_type="sklearn"
    )
    files.mkdir()
    (files / "MLmodel").write_text("flavors: {}\n")
    (files / "data").mkdir()
    (files / "data" / "weights.bin").write_bytes(bytes(range(256)))
    client.log_model_artifacts(model.model_id, str(files))
    client.finalize_logged_model(model.model_id, "READY")
    client.log_outputs(run_id, [LoggedModelOutput(model.model_id, 4)])
    client.log_inputs(child_id, models=[LoggedModelInput(model.model_id)])
    client.log_batch(
        child_id,
        metrics=[Metric("auc", 0.9, T0, 2, model_id=model.model_id, dataset_name="clicks", dataset_digest="d1")],
    )
    client.log_model_params(model.model_id, {"late": "1"}) if hasattr(client, "log_model_params") else None
    for finished, status in ((run_id, "FINISHED"), (child_id, "FAILED")):
        client.set_terminated(finished, status, end_time=T0 + 60_000)
    _register(client, run_id, run.info.artifact_uri, model.model_id)
    client.create_run("0", start_time=T0, run_name="running")
    deleted_id = client.create_run(experiment_id, start_time=T0 + 1, run_name="deleted").info.run_id
    client.delete_run(deleted_id)
    gone = client.create_experiment("gone", **place)
    gone_id = client.create_run(gone, start_time=T0 + 2).info.run_id
    client.set_terminated(gone_id, end_time=T0 + 3)
    client.delete_experiment(gone)
    return Small(uri, client, experiment_id, run_id, child_id, deleted_id, gone_id, model.model_id)


def _register(client: MlflowClient, run_id: str, artifact_uri: str, model_id: str) -> None:
    """A model of three versions, of which the source has deleted the second, and one with a run's files."""
    client.create_registered_model("ctr-model", tags={"owner": "ads"}, description="Predicts clicks.")
    for _ in range(3):
        client.create_model_version("ctr-model", f"models:/{model_id}", run_id, tags={"n": "1"}, model_id=model_id)
    client.delete_model_version("ctr-model", "2")
    client.update_model_version("ctr-model", "3", description="The third.")
    client.set_registered_model_alias("ctr-model", "champion", "3")
    client.transition_model_version_stage("ctr-model", "1", "Archived")
    client.create_registered_model("old-model")
    client.create_model_version("old-model", f"{artifact_uri}/notes", run_id)


def large(uri: str, runs: int, points: int) -> None:
    """Fill a store with so many runs of so many points each, ten series, by MLflow's own `log_batch`."""
    client = MlflowClient(tracking_uri=uri, registry_uri=uri)
    experiment_id = client.create_experiment("large")
    parent_id = ""
    for number in range(runs):
        tags = {"mlflow.parentRunId": parent_id} if number % 100 else {}
        run_id = client.create_run(
            experiment_id, start_time=T0 + number, tags=tags, run_name=f"run-{number}"
        ).info.run_id
        parent_id = parent_id if number % 100 else run_id
        params = [Param(f"p{i}", str(number * i)) for i in range(10)]
        for first in range(0, points, 1_000):
            metrics = [
                Metric(f"m{i % 10}", (number + i) / 7, T0 + i, i // 10)
                for i in range(first, min(first + 1_000, points))
            ]
            client.log_batch(run_id, metrics=metrics, params=params)
        client.set_terminated(run_id, end_time=T0 + number + points)


def point_count(database: Path) -> int:
    """Return how many points an SQLite store has."""
    with sqlite3.connect(database) as conn:
        return int(conn.execute("SELECT count(*) FROM metrics").fetchone()[0])
