"""`runlore import mlflow`, from stores that MLflow itself made."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from mlflow.entities import Metric, RunTag
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

import runlore
from runlore import v1
from tests.clients.commands import Done
from tests.clients.conftest import ROOT, points
from tests.clients.mlflow import sources
from tests.clients.mlflow.sources import T0, Small
from tests.clients.mlflow.test_servers import free_port, running
from tests.harness.server import environment

Run = Callable[..., Done]
#: What a report counts of a small store.
FOUND = {
    "experiments": 3, "runs": 5, "points": 10, "logged models": 1, "registered models": 2, "versions": 3,
    "files": 6, "bytes of files": 0,
}  # fmt: skip


@pytest.fixture
def client(runlore_env: dict[str, str]) -> Iterator[runlore.Client]:
    """A client of Runlore's own."""
    with runlore.connect() as made:
        yield made


@pytest.fixture
def database(empty_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An SQLite store of the test's own."""
    shutil.copy(empty_store, tmp_path / "mlflow.db")
    # For what MLflow's own store looks up by the environment.
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    return tmp_path / "mlflow.db"


@pytest.fixture
def source(database: Path, tmp_path: Path) -> Small:
    """A small SQLite store."""
    return sources.small(f"sqlite:///{database}", str(tmp_path / "mlruns"), tmp_path / "model")


@pytest.fixture
def bring(run: Run, source: Small) -> Callable[..., dict[str, Any]]:
    """Imports the small store and returns the report; asserts the exit code."""

    def call(*arguments: str, code: int = 0) -> dict[str, Any]:
        done = run("import", "mlflow", "--from", source.uri, "--json", *arguments)
        assert done.code == code, f"{done.out}\n{done.err}"
        report: dict[str, Any] = json.loads(done.out)
        return report

    return call


def test_some_of_everything_is_carried(
    bring: Callable[..., dict[str, Any]], source: Small, client: runlore.Client
) -> None:
    report = bring("--read-files")

    assert report["equal"]
    assert report["not_carried"] == []
    assert report["found"] | {"bytes of files": 0} == report["compared"] | {"bytes of files": 0} == FOUND
    run = client.get_run(source.run_id)
    assert (run.name, run.experiment_name, run.status) == ("sweep", "ctr", v1.RUN_STATUS_FINISHED)
    assert (run.start_time.ToMilliseconds(), run.end_time.ToMilliseconds()) == (T0, T0 + 60_000)
    assert dict(run.params) == {"lr": "0.1", "C": ""}
    assert dict(run.tags) == {"mlflow.user": "alice", "empty": "", "k": "v"}
    [given] = run.dataset_inputs
    assert (given.dataset.name, given.context, dict(given.tags)) == ("clicks", "training", {"a": "b"})
    assert given.dataset.profile == '{"rows": 3}'
    assert [(made.model_id, made.step) for made in run.model_outputs] == [(source.model_id[2:], 4)]
    found = points(client, source.run_id)
    assert found["loss"] == [(i, 1 / (i + 1)) for i in range(5)]
    assert sorted(str(value) for _, value in found["odd"]) == sorted(["0.5", "nan", "1.7976931348623157e+308"])
    child = client.get_run(source.child_id)
    assert (child.parent_run_id, child.status) == (source.run_id, v1.RUN_STATUS_FAILED)
    assert [given.model_id for given in child.model_inputs] == [source.model_id[2:]]
    assert client.get_run(source.deleted_id).lifecycle_state == v1.LIFECYCLE_STATE_DELETED
    assert client.get_run(source.gone_id).lifecycle_state == v1.LIFECYCLE_STATE_DELETED
    with client.open_artifact(f"runs:/{source.run_id}/notes/a.txt") as note:
        assert note.read() == b"a note"


def test_models_keep_numbers_stages_and_aliases(
    bring: Callable[..., dict[str, Any]], source: Small, client: runlore.Client, tmp_path: Path
) -> None:
    bring()

    model = client.get_logged_model(source.model_id[2:])
    assert (model.name, model.model_type, model.status) == ("clf", "sklearn", v1.LOGGED_MODEL_STATUS_READY)
    assert (model.source_run_id, dict(model.tags)) == (source.run_id, {"kind": "x"})
    [metric] = model.metrics
    assert (metric.key, metric.value, metric.dataset_name, metric.run_id) == ("auc", 0.9, "clicks", source.child_id)
    versions = {version.version: version for version in client.search_versions("ctr-model")}
    assert sorted(versions) == [1, 3]
    assert versions[3].logged_model_id == source.model_id[2:]
    assert (versions[3].description, versions[3].tags["n"]) == ("The third.", "1")
    assert versions[1].stage == v1.MODEL_STAGE_ARCHIVED
    [alias] = client.get_model("ctr-model").aliases
    assert (alias.alias, alias.version, alias.reason) == ("champion", 3, "runlore import mlflow")
    pulled = client.pull("models:/ctr-model@champion", tmp_path / "pulled")
    assert (pulled / "data" / "weights.bin").read_bytes() == bytes(range(256))
    [old] = client.search_versions("old-model")
    assert (old.run_id, old.artifact_path, old.evidence.params["lr"]) == (source.run_id, "notes", "0.1")


def test_a_second_import_changes_nothing(
    bring: Callable[..., dict[str, Any]], source: Small, client: runlore.Client
) -> None:
    bring()
    before = _state(client)

    report = bring()

    assert report["written"] == {}
    assert report["equal"]
    assert _state(client) == before


def test_what_changed_at_the_source_is_carried_too(
    bring: Callable[..., dict[str, Any]], source: Small, client: runlore.Client
) -> None:
    bring()
    mlflow, run_id = source.client, source.run_id
    # Later points, and one that MLflow sorts before those that are here.
    mlflow.log_batch(
        run_id, metrics=[Metric("loss", 9.0, T0 - 1, 99), Metric("new", 1.0, T0, 0)], tags=[RunTag("k", "w")]
    )
    mlflow.delete_tag(run_id, "empty")
    mlflow.log_text(run_id, "more", "more/b.txt")
    mlflow.update_run(run_id, name="renamed")
    mlflow.restore_run(source.deleted_id)
    mlflow.delete_run(source.child_id)
    [gone] = [e for e in mlflow.search_experiments(view_type=3) if e.name == "gone"]
    mlflow.restore_experiment(gone.experiment_id)
    late = mlflow.create_run(gone.experiment_id, tags={"mlflow.parentRunId": source.child_id}).info.run_id
    mlflow.create_model_version("ctr-model", f"models:/{source.model_id}", run_id, model_id=source.model_id)
    mlflow.set_registered_model_alias("ctr-model", "champion", "4")
    mlflow.set_registered_model_alias("ctr-model", "old", "1")

    report = bring()

    assert report["equal"]
    assert report["not_carried"] == []
    run = client.get_run(run_id)
    assert (run.name, dict(run.tags)) == ("renamed", {"mlflow.user": "alice", "k": "w"})
    assert sorted(points(client, run_id)["loss"]) == [*((i, 1 / (i + 1)) for i in range(5)), (99, 9.0)]
    assert client.get_run(source.deleted_id).lifecycle_state == v1.LIFECYCLE_STATE_ACTIVE
    assert client.get_run(source.child_id).lifecycle_state == v1.LIFECYCLE_STATE_DELETED
    assert client.get_run(late).parent_run_id == source.child_id
    assert {a.alias: a.version for a in client.get_model("ctr-model").aliases} == {"champion": 4, "old": 1}
    assert bring()["written"] == {}


def test_an_alias_that_was_moved_here_stays(
    bring: Callable[..., dict[str, Any]], source: Small, client: runlore.Client
) -> None:
    bring()
    client.promote("ctr-model", 1, alias="champion", reason="rolled back by a person")
    client.set_stage("ctr-model", 1, "Production", reason="by a person")

    report = bring(code=8)

    assert client.get_model("ctr-model").aliases[0].version == 1
    assert report["difference_count"] == 2
    assert "'champion' is 3, in Runlore 1" in report["differences"][0]
    assert "stage: 'Archived' at the source, 'Production' in Runlore" in report["differences"][1]


def test_what_is_in_runlore_only_is_a_difference(
    bring: Callable[..., dict[str, Any]], run: Run, source: Small, client: runlore.Client, tmp_path: Path
) -> None:
    bring()
    with client.resume_run(source.run_id) as resumed:
        resumed.log({"loss": 0.0, "ours": 1.0}, step=1_000)
        (tmp_path / "a.txt").write_text("A NOTE")
        resumed.log_artifact(tmp_path / "a.txt", "notes")

    assert bring(code=8)["difference_count"] == 2
    done = run("import", "mlflow", "--from", source.uri, "--read-files")

    assert done.code == 8
    assert f"run {source.run_id}: metric 'ours' is in Runlore only" in done.out
    assert f"run {source.run_id}: metric 'loss': 5 points at the source, 6 in Runlore, 0 missing there" in done.out
    assert f"run {source.run_id}: file 'notes/a.txt' has other bytes" in done.out


def test_what_cannot_be_kept_is_listed_and_does_not_stop_the_rest(
    run: Run, source: Small, database: Path, client: runlore.Client, tmp_path: Path
) -> None:
    mlflow = source.client
    orphan = mlflow.create_run(source.experiment_id, tags={"mlflow.parentRunId": "0" * 32}).info.run_id
    around = mlflow.create_run(source.experiment_id).info.run_id
    mlflow.set_tag(around, "mlflow.parentRunId", around)
    mlflow.create_registered_model("a@b")
    mlflow.create_model_version("old-model", "s3://bucket/nowhere-to-be-read", source.run_id)
    mlflow.set_registered_model_alias("old-model", "champion", "2")
    mlflow.register_prompt("greeting", "x" * 100_000)
    _insert(database, "INSERT INTO tags (key, value, run_uuid) VALUES ('long', ?, ?)", "x" * 9_000, orphan)
    file = tmp_path / "report.json"

    done = run("import", "mlflow", "--from", source.uri, "--report", str(file))

    report = json.loads(file.read_text())
    lost = {(entry["kind"], name): entry["reason"] for entry in report["not_carried"] for name in entry["names"]}
    assert lost["parent of run", orphan] == "the source has its parent no more; the tag stays"
    assert lost["parent of run", around] == "its parent is a run below it; the tag stays"
    assert lost["tag 'long' of run", orphan] == "values have at most 8,192 characters in Runlore"
    assert not [what for what in lost if "greeting" in what[1]]
    assert "it cannot have this name" in lost["registered model, with its versions", "a@b"]
    assert "the version stays PENDING" in lost["files of version", "old-model/2"]
    assert "Runlore refused it" in lost["alias", "old-model@champion"]
    # A version without its files, and its alias, are what differs; all else is there.
    assert done.code == 8
    assert report["difference_count"] == 2, report["differences"]
    assert "not carried:" in done.out
    assert client.get_run(orphan).tags["mlflow.parentRunId"] == "0" * 32
    assert client.get_run(around).parent_run_id == ""
    assert client.get_version("greeting", 1).tags["mlflow.prompt.text"] == "x" * 100_000


def test_artifacts_may_stay_where_they_are(
    bring: Callable[..., dict[str, Any]], source: Small, client: runlore.Client
) -> None:
    report = bring("--artifacts", "refer", code=8)

    run = client.get_run(source.run_id)
    assert run.artifact_location == source.client.get_run(source.run_id).info.artifact_uri
    assert run.artifact_manifest_digest == ""
    assert "files" not in report["written"]
    assert get_artifact_repository(run.artifact_location).list_artifacts("notes")[0].path == "notes/a.txt"


@pytest.mark.parametrize(
    ("uri", "texts"),
    [
        ("sqlite:////no/such/file.db", ["there is no file '/no/such/file.db'"]),
        ("sqlite:///{empty}", ["is a database without MLflow's tables"]),
        ("/no/such/folder", ["there is no folder '/no/such/folder'"]),
        ("runlore://127.0.0.1:1", ["a Runlore server is no source"]),
        ("postgresql://u:secret@127.0.0.1:1/x", ["cannot read 'postgresql://u:***@127.0.0.1:1/x'", "refused"]),
        ("http://127.0.0.1:1", ["cannot read 'http://127.0.0.1:1'"]),
    ],
)
def test_a_source_that_cannot_be_read_is_said_in_a_line(run: Run, uri: str, texts: list[str], tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()

    done = run("import", "mlflow", "--from", uri.format(empty=tmp_path / "empty.db"))

    done.failed(1, *texts)
    assert "secret" not in done.err
    assert (tmp_path / "empty.db").stat().st_size == 0


def test_nothing_is_made_at_the_source(run: Run, source: Small, database: Path, tmp_path: Path) -> None:
    before = sorted(path for path in tmp_path.rglob("*") if "cache" not in str(path))
    stored = database.read_bytes()

    assert run("import", "mlflow", "--from", source.uri).code == 0

    assert sorted(path for path in tmp_path.rglob("*") if "cache" not in str(path)) == before
    assert database.read_bytes() == stored


def test_a_server_is_a_source_too(run: Run, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    arguments = ["server", "--backend-store-uri", f"sqlite:///{database}", "--workers", "1"]
    arguments += ["--artifacts-destination", str(tmp_path / "kept"), "--port", url.rpartition(":")[2]]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", url)
    # Without its job runners, which import MLflow each.
    env = environment({"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"})
    with running(arguments, f"{url}/health", env, tmp_path / "server.log"):
        sources.small(url, None, tmp_path / "model")

        report = run("import", "mlflow", "--from", url, "--read-files", "--json").record

    assert report["equal"]
    assert report["not_carried"] == []
    assert report["compared"] | {"bytes of files": 0} == FOUND


def test_a_postgres_is_a_source_too(
    run: Run, empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("import", "mlflow", "--from", empty_database_url).failed(1, "is a database without MLflow's tables")
    with psycopg.connect(empty_database_url) as conn:
        assert conn.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
    # By the driver that MLflow is written for: SQLAlchemy's own choice is psycopg 3, which 3.12 fails on.
    uri = empty_database_url.replace("postgresql://", "postgresql+psycopg2://", 1)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    made = sources.small(uri, str(tmp_path / "mlruns"), tmp_path / "model")

    report = run("import", "mlflow", "--from", uri, "--read-files", "--json").record

    assert report["equal"]
    assert report["not_carried"] == []
    assert report["found"] | {"bytes of files": 0} == report["compared"] | {"bytes of files": 0} == FOUND
    # What is added there later comes too, and nothing twice.
    made.client.log_batch(made.run_id, metrics=[Metric("loss", 9.0, T0 + 99, 99)])
    again = run("import", "mlflow", "--from", uri, "--json").record
    assert (again["equal"], again["written"]) == (True, {"points": 1})


@pytest.mark.slow
def test_a_large_store_survives_kills_and_is_equal(
    run: Run, runlore_env: dict[str, str], client: runlore.Client, database: Path
) -> None:
    """1,000 runs and 1,000,000 points. Each kill comes when more has been written than at the one before."""
    uri = f"sqlite:///{database}"
    sources.large(uri, runs=1_000, points=1_000)
    assert sources.point_count(database) == 1_000_000
    for kill in range(1, 4):
        _import_until(runlore_env, uri, lambda kill=kill: _run_count(client) >= 50 * kill)

    done = run("import", "mlflow", "--from", uri, "--json")

    report = done.record
    assert report["equal"]
    assert report["not_carried"] == []
    assert (report["compared"]["runs"], report["compared"]["points"]) == (1_000, 1_000_000)
    # The killed ones' work was not done again.
    assert report["written"]["runs"] <= 850
    assert run("import", "mlflow", "--from", uri, "--json").record["written"] == {}


def _import_until(env: dict[str, str], uri: str, reached: Callable[[], bool]) -> None:
    command = [sys.executable, "-c", "from runlore.cli import main; main()", "import", "mlflow", "--from", uri]
    process = subprocess.Popen(command, env=environment(env), cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        while not reached():
            assert process.poll() is None, "it ended before it could be killed"
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()


def _run_count(client: runlore.Client) -> int:
    try:
        return len(client.search_runs("large", limit=None))
    except runlore.NotFoundError:
        return 0


def _state(client: runlore.Client) -> list[str]:
    """Return what changes with any change of a run, a model or a version, or any event of a model."""
    runs = client.search_runs(limit=None)
    models = client.search_models(limit=None)
    return [
        *(f"{run.run_id} {run.etag} {run.metrics}" for run in runs),
        *(f"{model.name} {model.etag} {model.head.hash}" for model in models),
        *(f"{version.model_name} {version.etag}" for version in client.search_versions(limit=None)),
        *(f"{model.model_id} {model.etag} {model.metrics}" for model in client.search_logged_models(limit=None)),
    ]


def _insert(database: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(database) as conn:
        conn.execute(statement, values)
