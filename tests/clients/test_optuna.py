"""Real studies of Optuna on a real server: in threads and processes, pruned, failed, resumed, without a server."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest

import runlore
from runlore import v1
from runlore.optuna import RunloreCallback
from tests.clients.conftest import ROOT, points
from tests.clients.lossy import LossyRelay
from tests.harness.server import environment

optuna.logging.set_verbosity(optuna.logging.ERROR)

FINISHED, FAILED, KILLED = v1.RUN_STATUS_FINISHED, v1.RUN_STATUS_FAILED, v1.RUN_STATUS_KILLED


def objective(trial: optuna.Trial) -> float:
    x = trial.suggest_float("x", -1, 1)
    trial.suggest_categorical("solver", ["sgd", "adam"])
    trial.set_user_attr("fold", trial.number % 2)
    return x * x


def children(client: runlore.Client, parent: str) -> list[v1.Run]:
    """The children of a run by their numbers; never two of one number."""
    found = client.search_runs(None, f"attributes.parent_run_id = '{parent}'")
    found.sort(key=lambda run: int(run.tags["optuna.trial_number"]))
    numbers = [run.tags["optuna.trial_number"] for run in found]
    assert len(set(numbers)) == len(numbers)
    return found


def last(run: v1.Run) -> dict[str, float]:
    return {metric.key: metric.last for metric in run.metrics}


def test_a_study_becomes_a_sweep(client: runlore.Client) -> None:
    study = optuna.create_study(study_name="ctr-search", direction="minimize")
    study.set_user_attr("owner", "ads")
    with RunloreCallback("ctr", metric_names=["loss"], tags={"team": "a"}, client=client) as callback:
        study.optimize(objective, n_trials=8, callbacks=[callback])
        parent_id = callback.parent_run_id(study)
        assert client.get_run(parent_id).status == v1.RUN_STATUS_RUNNING
    parent = client.get_run(parent_id)
    assert (parent.name, parent.experiment_name, parent.status) == ("ctr-search", "ctr", FINISHED)
    assert dict(parent.tags) == {
        "team": "a",
        "owner": "ads",
        "optuna.study_name": "ctr-search",
        "optuna.objectives": "min:loss",
        "runlore.sweep.best": "min:loss",
    }
    runs = children(client, parent_id)
    assert len(runs) == 8
    for run, trial in zip(runs, study.trials, strict=True):
        assert dict(run.params) == {key: str(value) for key, value in trial.params.items()}
        assert last(run) == {"loss": trial.value}
        assert dict(run.tags) == {
            "optuna.trial_number": str(trial.number),
            "optuna.trial_state": "COMPLETE",
            "fold": str(trial.number % 2),
        }
        assert (run.name, run.status) == (f"trial-{trial.number}", FINISHED)
        assert trial.datetime_start is not None
        assert abs(run.start_time.ToMicroseconds() / 1e6 - trial.datetime_start.timestamp()) < 1e-3
    summary = client.sweep(parent_id)
    assert summary.best.name == f"trial-{study.best_trial.number}"
    assert [p.key for p in summary.varying_params if p.key == "x"] == ["x"]


def test_pruned_and_failed_trials(client: runlore.Client) -> None:
    study = optuna.create_study(direction="maximize", pruner=optuna.pruners.NopPruner())

    def some_fail(trial: optuna.Trial) -> float:
        for step in range(3):
            trial.report(0.1 * step + trial.number, step=step * 10)
        if trial.number == 1:
            raise optuna.TrialPruned
        if trial.number == 2:
            raise RuntimeError("out of memory")
        return float("nan") if trial.number == 3 else 1.0

    with RunloreCallback(client=client) as callback:
        study.optimize(some_fail, n_trials=4, callbacks=[callback], catch=[RuntimeError])
    parent = callback.parent_run_id(study)
    runs = children(client, parent)
    assert [run.status for run in runs] == [FINISHED, KILLED, FAILED, FAILED]
    assert [run.tags["optuna.trial_state"] for run in runs] == ["COMPLETE", "PRUNED", "FAIL", "FAIL"]
    for run in runs:
        reported = [(step * 10, 0.1 * step + int(run.tags["optuna.trial_number"])) for step in range(3)]
        assert points(client, run.run_id)["intermediate/value"] == reported
    assert ["value" in last(run) for run in runs] == [True, False, False, False]
    assert client.sweep(parent).best.name == "trial-0"


@pytest.mark.filterwarnings("ignore:.*set_metric_names")
def test_several_objectives(client: runlore.Client) -> None:
    study = optuna.create_study(directions=["maximize", "minimize"])
    study.set_metric_names(["auc", "seconds"])
    with RunloreCallback(client=client) as callback:
        study.optimize(lambda trial: (0.5, 2.0), n_trials=1, callbacks=[callback])
    (run,) = children(client, callback.parent_run_id(study))
    assert last(run) == {"auc": 0.5, "seconds": 2.0}
    parent = client.get_run(run.parent_run_id)
    assert parent.tags["optuna.objectives"] == "max:auc, min:seconds"
    assert "runlore.sweep.best" not in parent.tags
    with pytest.raises(ValueError, match="there are 1, and the study has 2 objectives"):
        RunloreCallback(metric_names="auc", client=client)(study, study.trials[0])


@pytest.mark.parametrize("listed", [False, True], ids=["alone", "beside the callback"])
def test_an_objective_logs_while_it_runs(client: runlore.Client, listed: bool) -> None:
    study = optuna.create_study(direction="maximize")
    callback = RunloreCallback("ctr", client=client)

    @callback.track
    def tracked(trial: optuna.Trial, run: runlore.Run) -> Any:
        trial.suggest_int("depth", 1, 3)
        trial.set_user_attr("seen", "yes")
        for step in range(3):
            run.log({"loss": float(step)}, step=step)
        assert client.get_run(run.run_id).status == v1.RUN_STATUS_RUNNING
        trial.report(0.5, step=1)
        if trial.number == 1:
            raise optuna.TrialPruned
        if trial.number == 2:
            raise RuntimeError
        return "not a number" if trial.number == 3 else 0.75

    assert tracked.__name__ == "tracked"
    with callback:
        callbacks = [callback] if listed else []
        study.optimize(tracked, n_trials=4, catch=[RuntimeError], callbacks=callbacks)
    runs = children(client, callback.parent_run_id(study))
    assert [run.status for run in runs] == [FINISHED, KILLED, FAILED, FAILED]
    for run, trial in zip(runs, study.trials, strict=True):
        assert points(client, run.run_id)["loss"] == [(0, 0.0), (1, 1.0), (2, 2.0)]
        assert last(run)["intermediate/value"] == 0.5
        assert dict(run.params) == {"depth": str(trial.params["depth"])}
        assert (run.tags["seen"], run.tags["optuna.trial_state"]) == ("yes", trial.state.name)
    assert last(runs[0])["value"] == 0.75


def test_threads_share_the_parent(client: runlore.Client) -> None:
    study = optuna.create_study()
    with RunloreCallback(client=client) as callback:
        study.optimize(objective, n_trials=20, n_jobs=4, callbacks=[callback])
    assert len(children(client, callback.parent_run_id(study))) == 20
    assert len(client.search_runs(None, "attributes.parent_run_id = ''")) == 1


PROCESS = """
import sys, optuna
from runlore.optuna import RunloreCallback
optuna.logging.set_verbosity(optuna.logging.ERROR)
backend = optuna.storages.journal.JournalFileBackend(sys.argv[1])
study = optuna.load_study(study_name="shared", storage=optuna.storages.JournalStorage(backend))
study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=5, callbacks=[RunloreCallback("shared")])
"""


def test_processes_share_the_parent_and_a_resumed_study_goes_on(
    client: runlore.Client, runlore_env: dict[str, str], tmp_path: Path
) -> None:
    """None of them closes its callback: the end of the interpreter does."""
    file = tmp_path / "journal"
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(file)))
    study = optuna.create_study(study_name="shared", storage=storage, direction="maximize")

    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(file)],
            env=environment(runlore_env),
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )

    for processes in (2, 1):
        for process in [start() for _ in range(processes)]:
            _, told = process.communicate(timeout=60)
            assert (process.returncode, told) == (0, "")
    with RunloreCallback("shared", client=client) as callback:
        study.optimize(objective, n_trials=2, callbacks=[callback])
        assert client.get_run(callback.parent_run_id(study)).status == v1.RUN_STATUS_RUNNING
    (parent,) = client.search_runs("shared", "attributes.parent_run_id = ''")
    assert parent.run_id == callback.parent_run_id(study)
    assert parent.status == FINISHED
    runs = children(client, parent.run_id)
    assert [last(run)["value"] for run in runs] == [trial.value for trial in study.trials]
    assert len(runs) == 17


def test_a_study_without_a_server_is_sent_later(
    client: runlore.Client, runlore_env: dict[str, str], tmp_path: Path
) -> None:
    """Two processes, one after the other, that know nothing of each other but the study."""
    file, spool = tmp_path / "journal", tmp_path / "spool"
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(file)))
    study = optuna.create_study(study_name="shared", storage=storage)
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", PROCESS, str(file)],
            env=environment({**runlore_env, "RUNLORE_MODE": "offline", "RUNLORE_SPOOL": str(spool)}),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    synced = client.sync(spool)
    (parent,) = client.search_runs("shared", "attributes.parent_run_id = ''")
    runs = children(client, parent.run_id)
    assert [last(run)["value"] for run in runs] == [trial.value for trial in study.trials], synced
    assert [run.status for run in [parent, *runs]] == [FINISHED] * 11


def test_a_copy_of_a_study_is_another_study(client: runlore.Client, tmp_path: Path) -> None:
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(tmp_path / "journal")))
    study = optuna.create_study(study_name="original", storage=storage)
    with RunloreCallback(client=client) as callback:
        study.optimize(objective, n_trials=2, callbacks=[callback])
        optuna.copy_study(from_study_name="original", from_storage=storage, to_storage=storage, to_study_name="copy")
        copy = optuna.load_study(study_name="copy", storage=storage)
        copy.optimize(objective, n_trials=1, callbacks=[callback])
    assert len(children(client, callback.parent_run_id(study))) == 2
    assert [run.name for run in children(client, callback.parent_run_id(copy))] == ["trial-2"]


@pytest.fixture
def relay(runlore_env: dict[str, str]) -> Iterator[LossyRelay]:
    made = LossyRelay(runlore_env["RUNLORE_ADDRESS"])
    yield made
    made.close()


def test_a_server_that_is_away_stops_no_study(
    relay: LossyRelay, client: runlore.Client, workspace: str, caplog: pytest.LogCaptureFixture
) -> None:
    study = optuna.create_study()
    with runlore.connect(relay.address, workspace=workspace, timeout=1) as lossy:
        relay.deaf.set()
        with RunloreCallback(client=lossy) as callback:
            began = time.monotonic()
            study.optimize(objective, n_trials=2, callbacks=[callback])
            assert time.monotonic() - began < 10
            assert "trials are recorded later" in caplog.text
            relay.deaf.clear()
            relay.cut()
            study.optimize(objective, n_trials=1, callbacks=[callback])
    assert [last(r)["value"] for r in children(client, callback.parent_run_id(study))] == [
        t.value for t in study.trials
    ]


def test_what_cannot_be_stored_is_told_and_the_rest_goes_on(
    client: runlore.Client, caplog: pytest.LogCaptureFixture
) -> None:
    study = optuna.create_study()

    def odd(trial: optuna.Trial) -> float:
        if trial.number == 0:
            trial.set_user_attr("a\nb", "a key that no tag has")
        trial.set_user_attr("long", "x" * 10_000)
        return 1.0

    with RunloreCallback(client=client) as callback:
        study.optimize(odd, n_trials=2, callbacks=[callback])
    (run,) = children(client, callback.parent_run_id(study))
    assert (run.name, len(run.tags["long"])) == ("trial-1", 8_192)
    assert f"trial 0 of study '{study.study_name}' is not recorded: tags" in caplog.text


def test_runlore_does_not_import_optuna() -> None:
    code = "import sys, runlore, runlore.aio, runlore._sync.api; print('optuna' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
