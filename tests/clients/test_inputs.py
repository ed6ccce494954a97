"""What runs read and made: by the client, by its asyncio twin, by the command."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import runlore
import runlore.aio
from runlore import v1
from runlore.cli.app import runlore as cli

Command = Callable[..., Result]


@pytest.fixture
def command(runlore_env: dict[str, str]) -> Command:
    """The command `runlore` in the test's workspace, in this process: a dozen of them would take a while to start."""
    return lambda *arguments: CliRunner().invoke(cli, arguments)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Rows and a model: `train.csv`, and the folder `model` with a file."""
    (tmp_path / "train.csv").write_text("a,b\n1,2\n")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights.bin").write_bytes(b"weights")
    return tmp_path


def record(done: Result) -> Any:
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_a_run_says_which_data_it_read(client: runlore.Client, folder: Path) -> None:
    rows = runlore.data.from_file(folder / "train.csv")
    with client.start_run("ctr") as run:
        for _ in range(2):
            run.log_input(rows, "training", tags={"split": 1})
        run.log_input(v1.Dataset(name="users", digest="u1"), context="validation")
    stored = client.get_run(run.run_id)
    assert [(i.dataset.name, i.dataset.digest, i.context) for i in stored.dataset_inputs] == [
        ("train.csv", rows.digest, "training"),
        ("users", "u1", "validation"),
    ]
    assert stored.dataset_inputs[0].dataset == rows
    assert dict(stored.dataset_inputs[0].tags) == {"split": "1"}
    with client.start_run("ctr"):
        pass
    query = f"dataset.digest = '{rows.digest}' and dataset.context = 'training'"
    assert [found.run_id for found in client.search_runs("ctr", query)] == [run.run_id]
    with pytest.raises(runlore.InvalidArgumentError, match=r"^datasets\[0\].dataset.digest: must not be empty"):
        run.log_input(v1.Dataset(name="nameless state"))


def test_a_model_is_logged_measured_and_registered(client: runlore.Client, folder: Path) -> None:
    rows = runlore.data.from_file(folder / "train.csv")
    with client.start_run("ctr", params={"C": 1}) as run:
        run.log_input(rows, "training")
        models = [
            run.log_model(folder / "model", "lr", model_type="sklearn", params={"C": c}, tags={"team": "ads"}, step=c)
            for c in (1, 2)
        ]
        file = run.log_model(folder / "model" / "weights.bin")
    first, second = models
    assert (first.name, first.model_type, first.status) == ("lr", "sklearn", v1.LOGGED_MODEL_STATUS_READY)
    assert (first.experiment_id, first.source_run_id, dict(first.params)) == (run.experiment_id, run.run_id, {"C": "1"})
    assert [(o.model_id, o.step) for o in client.get_run(run.run_id).model_outputs] == [
        (first.model_id, 1),
        (second.model_id, 2),
        (file.model_id, 0),
    ]
    assert file.name
    assert client.pull(f"runs:/{run.run_id}/models/{file.model_id}").joinpath("weights.bin").read_bytes() == b"weights"

    with client.start_run("eval") as judge:
        judge.log_input(first)
        client.log_model_metrics(first, {"auc": 0.9, "odd": math.nan}, dataset=rows, run=judge)
        client.log_model_metrics(second.model_id, {"auc": 0.8}, dataset=rows, step=3)
    assert [m.model_id for m in client.get_run(judge.run_id).model_inputs] == [first.model_id]
    measured = client.get_logged_model(first.model_id)
    auc = measured.metrics[0]
    assert (auc.key, auc.value, auc.dataset_digest, auc.run_id) == ("auc", 0.9, rows.digest, judge.run_id)
    best = client.search_logged_models("ctr", "metrics.auc > 0.5", order_by="metrics.auc desc", datasets=[rows])
    assert [m.model_id for m in best] == [first.model_id, second.model_id]
    assert client.search_logged_models(["ctr"], limit=1)[0].model_id == file.model_id
    assert client.search_logged_models(filter="metrics.auc > 0.5", datasets=[v1.DatasetRef(name="other")]) == []
    with pytest.raises(runlore.InvalidArgumentError, match="limit: is 0"):
        client.search_logged_models(limit=0)

    version = client.register("ctr-model", best[0], description="d")
    assert (version.logged_model_id, version.run_id, version.description) == (first.model_id, run.run_id, "d")
    assert version.manifest_digest == first.artifact_manifest_digest
    assert dict(version.evidence.params) == {"C": "1"}
    assert [(i.dataset.digest, i.context) for i in version.evidence.dataset_inputs] == [(rows.digest, "training")]
    assert version.evidence.logged_model == measured
    assert (client.pull("models:/ctr-model/1") / "weights.bin").read_bytes() == b"weights"
    with pytest.raises(runlore.InvalidArgumentError, match=r"^path: is of a run's artifacts"):
        client.register("ctr-model", first, "model")


def test_what_cannot_be_logged_is_refused(client: runlore.Client, folder: Path) -> None:
    with client.start_run("ctr") as run:
        with pytest.raises(FileNotFoundError):
            run.log_model(folder / "none", "m")
        model = run.log_model(folder / "model", "m")
        with pytest.raises(runlore.InvalidArgumentError, match=r"^context: and tags are of datasets"):
            run.log_input(model, "training")
        client.logged_models.DeleteLoggedModel(v1.DeleteLoggedModelRequest(model_id=model.model_id))
        with pytest.raises(runlore.PreconditionError) as caught:
            run.log_input(model)
        assert caught.value.reason == "LOGGED_MODEL_DELETED"
        with pytest.raises(runlore.NotFoundError):
            client.log_model_metrics("f" * 32, {"auc": 1})
    assert len(client.search_logged_models()) == 0
    assert not client.get_run(run.run_id).model_inputs


async def test_the_asyncio_client_has_the_same(aio_client: runlore.aio.Client, folder: Path) -> None:
    rows = runlore.data.from_file(folder / "train.csv")
    async with await aio_client.start_run("ctr") as run:
        await run.log_input(rows, context="training")
        model = await run.log_model(folder / "model", "lr")
    await runlore.aio.log_model_metrics(model, {"auc": 0.9}, dataset=rows)
    assert (await runlore.aio.get_logged_model(model.model_id)).metrics[0].value == 0.9
    found = await runlore.aio.search_logged_models("ctr", "metrics.auc > 0.5")
    assert [m.model_id for m in found] == [model.model_id]
    version = await aio_client.register("ctr-model", found[0])
    assert version.evidence.dataset_inputs[0].context == "training"


def test_the_command_shows_data_and_models(client: runlore.Client, command: Command, folder: Path) -> None:
    rows = runlore.data.from_file(folder / "train.csv", name="clicks")
    with client.start_run("ctr", name="first") as run:
        run.log_input(rows, "training")
        run.log_input(rows, "test")
        model = run.log_model(folder / "model", "lr", model_type="sklearn", params={"C": 1}, step=7)
        run.log_input(model)
    client.log_model_metrics(model, {"auc": 0.91}, dataset=rows, run=run)
    short = rows.digest[:12]

    listed = command("datasets").stdout.splitlines()
    assert listed[0].split() == ["name", "digest", "used", "for", "source"]
    assert listed[1].split()[:4] == ["clicks", rows.digest, "test,", "training"]
    (found,) = record(command("datasets", "list", "--name", "clicks", "--digest", rows.digest, "--json"))
    assert found["contexts"] == ["test", "training"]
    assert command("datasets", "list", "--name", "other").stdout == "no datasets\n"
    by_data = record(command("runs", "list", "--filter", f"dataset.digest = '{rows.digest}'", "--json"))
    assert [found["run_id"] for found in by_data] == [run.run_id]

    shown = command("runs", "show", run.run_id).stdout
    inputs = shown[shown.index("\ninputs\n") : shown.index("\noutputs\n")].splitlines()
    assert inputs[3].split()[:3] == ["training", "clicks", short]
    assert inputs[5].split() == ["logged", "model", model.model_id]
    outputs = shown[shown.index("\noutputs\n") : shown.index("\nartifacts\n")].splitlines()
    assert outputs[3].split() == [model.model_id, "7"]

    table = command("logged-models").stdout.splitlines()
    assert table[1].split()[:4] == [model.model_id, "lr", "sklearn", "ready"]
    assert table[1].endswith("auc 0.91 on clicks")
    query = ["logged-models", "list", "--experiment", "ctr", "--filter", "metrics.auc > 0.9", "--order-by", "name"]
    assert [m["model_id"] for m in record(command(*query, "--dataset", "clicks", "--json"))] == [model.model_id]
    assert command(*query, "--dataset", "other").stdout == "no logged models match\n"
    one = command("logged-models", "show", model.model_id).stdout
    assert f"run           {run.run_id}" in one
    assert f"auc  0.91        0  clicks {short}  {run.run_id}" in one
    assert record(command("logged-models", "show", model.model_id, "--json"))["params"] == {"C": "1"}
    assert isinstance(command("logged-models", "show", "f" * 32).exception, runlore.NotFoundError)

    made = command("register", "ctr-model", "--logged-model", model.model_id)
    assert made.stdout.startswith("registered ctr-model version 1 (1 file")
    resolved = command("resolve", "models:/ctr-model/1").stdout
    assert f"logged model  {model.model_id}" in resolved
    assert f"data          clicks {short} for training" in resolved
    assert command("register", "ctr-model").exit_code == 2
    assert command("register", "ctr-model", "--run", run.run_id, "--logged-model", model.model_id).exit_code == 2


def test_what_is_logged_offline_comes_with_sync(
    client: runlore.Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNLORE_SPOOL", str(folder / "spool"))
    rows = runlore.data.from_file(folder / "train.csv")
    with runlore.connect(mode="offline") as offline, offline.start_run("ctr") as run:
        run.log_input(rows, "training")
        model = run.log_model(folder / "model", "lr", params={"C": 1}, step=7)
        with pytest.raises(runlore.RunloreError, match="needs a server"):
            offline.log_model_metrics(model, {"auc": 0.9})
    for delete in (False, False, True):
        with runlore.connect() as online:
            assert [part.state for part in online.sync(delete=delete)] == ["sent"]
    stored = client.get_run(run.run_id)
    assert [(i.dataset.digest, i.context) for i in stored.dataset_inputs] == [(rows.digest, "training")]
    assert [(o.model_id, o.step) for o in stored.model_outputs] == [(model.model_id, 7)]
    found = client.get_logged_model(model.model_id)
    assert (found.name, found.experiment_id, dict(found.params)) == ("lr", stored.experiment_id, {"C": "1"})
    assert (client.pull(f"runs:/{run.run_id}/models/{model.model_id}") / "weights.bin").read_bytes() == b"weights"
