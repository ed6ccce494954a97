"""Trees, sweeps, deleting and restoring: by the client, by its asyncio twin, by the command."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

import runlore
import runlore.aio
from runlore import v1
from runlore.cli import columns, tracking_view
from runlore.cli.run_trees_view import tree
from tests.harness.server import environment

Command = Callable[..., subprocess.CompletedProcess[str]]
DELETED = r"^deleted +\d{4}-\d\d-\d\d [\d:]+Z, to be purged after \d{4}-\d\d-\d\d [\d:]+Z$"


@pytest.fixture
def command(runlore_env: dict[str, str]) -> Command:
    """The command `runlore` in the test's workspace."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from runlore.cli import main; main()", *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=environment({**runlore_env, "PYTHONIOENCODING": "utf-8"}),
            timeout=60,
            check=False,
        )

    return call


@pytest.fixture
def sweep(client: runlore.Client) -> tuple[str, dict[str, str]]:
    """A run `sweep` of three children, the second of them with the greatest AUC and with a child of its own."""
    trials: dict[str, str] = {}
    with client.start_run("ctr", name="sweep") as top:
        for number, auc in enumerate([0.7, 0.9, 0.8]):
            params = {"C": 10**number, "solver": "sgd"}
            with top.start_child(name=f"trial-{number}", params=params, tags={"kind": "trial"}) as trial:
                trial.log({"auc": auc})
                trials[f"trial-{number}"] = trial.run_id
                if number == 1:
                    with trial.start_child(name="fold") as fold:
                        trials["fold"] = fold.run_id
    return top.run_id, trials


def record(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_sweep_has_a_best_trial_and_varying_params(client: runlore.Client, sweep: tuple[str, dict[str, str]]) -> None:
    top, trials = sweep
    summary = client.sweep(top, best="max:auc")
    assert summary.trial_count == 3
    assert [(s.status, s.count) for s in summary.statuses] == [(v1.RUN_STATUS_FINISHED, 3)]
    assert summary.best.run_id == trials["trial-1"]
    assert [(p.key, list(p.values)) for p in summary.varying_params] == [("C", ["1", "10", "100"])]
    assert client.sweep(client.get_run(top), best="min:auc").best.run_id == trials["trial-0"]
    assert not client.sweep(top).HasField("best")
    assert runlore.sweep(top, best="max:auc") == summary
    with pytest.raises(runlore.InvalidArgumentError, match=r"^best: .*write 'max:auc'"):
        client.sweep(top, best="auc")
    with pytest.raises(runlore.NotFoundError):
        client.sweep("f" * 32)


def test_a_deleted_run_is_out_of_searches_and_takes_nothing(client: runlore.Client) -> None:
    with client.start_run("ctr", tags={"a": "1", "b": "2"}) as run:
        run.delete_tags(["a", "never"])
        run.delete_tags([])
        assert dict(client.get_run(run.run_id).tags).items() >= {"b": "2"}.items()
        assert "a" not in client.get_run(run.run_id).tags
    assert client.delete_run(run).lifecycle_state == v1.LIFECYCLE_STATE_DELETED
    assert client.search_runs("ctr") == []
    with pytest.raises(runlore.PreconditionError) as caught:
        run.set_tag("late", "yes")
    assert (caught.value.reason, caught.value.metadata["run_id"]) == ("RUN_DELETED", run.run_id)
    assert client.restore_run(run.run_id).lifecycle_state == v1.LIFECYCLE_STATE_ACTIVE
    assert [r.run_id for r in client.search_runs("ctr")] == [run.run_id]


async def test_the_asyncio_twin_does_the_same(aio_client: runlore.aio.Client) -> None:
    async with await aio_client.start_run("ctr", tags={"a": "1"}) as run:
        await run.delete_tags(["a"])
    deleted = await aio_client.delete_run(run)
    assert "a" not in deleted.tags
    assert await aio_client.search_runs("ctr") == []
    assert (await aio_client.restore_run(deleted)).lifecycle_state == v1.LIFECYCLE_STATE_ACTIVE
    assert (await aio_client.sweep(run)).trial_count == 0


def test_the_command_shows_a_tree(command: Command, sweep: tuple[str, dict[str, str]]) -> None:
    top, trials = sweep
    lines = command("runs", "tree", top).stdout.splitlines()
    ids = [top, trials["trial-0"], trials["trial-1"], trials["fold"], trials["trial-2"]]
    names = [line.partition(run_id)[0].rstrip() for line, run_id in zip(lines[1:], ids, strict=True)]
    assert names == ["sweep", "├─ trial-0", "├─ trial-1", "│  └─ fold", "└─ trial-2"]
    nodes = record(command("runs", "tree", top, "--depth", "1", "--json"))
    assert [(n["run"]["name"], n["depth"], n["child_count"]) for n in nodes] == [
        ("sweep", 0, 3),
        ("trial-0", 1, 0),
        ("trial-1", 1, 1),
        ("trial-2", 1, 0),
    ]
    assert command("runs", "tree", "f" * 32).returncode == 3


def test_branches_are_drawn_to_the_last_sibling() -> None:
    depths = [0, 1, 2, 3, 2, 1, 2]
    nodes = [v1.RunNode(run=v1.Run(name=str(i), status=v1.RUN_STATUS_RUNNING), depth=d) for i, d in enumerate(depths)]
    drawn = [line.partition("running")[0].rstrip() for line in tree(nodes)[1:]]
    assert drawn == ["0", "├─ 1", "│  ├─ 2", "│  │  └─ 3", "│  └─ 4", "└─ 5", "   └─ 6"]


def test_the_command_summarizes_a_sweep(command: Command, sweep: tuple[str, dict[str, str]]) -> None:
    top, trials = sweep
    text = command("runs", "sweep", top, "--metric", "max:auc").stdout
    assert re.search(r"^trials +3 \(3 finished\)$", text, re.M)
    assert re.search(rf"^best +trial-1 {trials['trial-1']} \(auc 0\.9\)$", text, re.M)
    assert re.search(r"^  C +3 +0 +10 +1, 10, 100$", text, re.M)
    assert "solver" not in text
    assert "no trial has loss" in command("runs", "sweep", top, "--metric", "min:loss").stdout
    summary = record(command("runs", "sweep", top, "--metric", "max:auc", "--json"))
    assert summary["best"]["run_id"] == trials["trial-1"]
    refused = command("runs", "sweep", top, "--metric", "auc")
    assert (refused.returncode, "max:auc" in refused.stderr) == (2, True)


def test_the_command_deletes_and_restores_runs(command: Command, sweep: tuple[str, dict[str, str]]) -> None:
    _, trials = sweep
    run_id = trials["fold"]
    assert command("runs", "delete", run_id).stdout == f"deleted run {run_id} (fold)\n"
    assert [r["run_id"] for r in record(command("runs", "list", "--lifecycle", "deleted", "--json"))] == [run_id]
    assert run_id not in command("runs", "list").stdout
    assert re.search(DELETED, command("runs", "show", run_id).stdout, re.M)
    assert record(command("runs", "restore", run_id, "--json"))["lifecycle_state"] == "LIFECYCLE_STATE_ACTIVE"
    assert run_id in command("runs", "list").stdout


def test_the_command_purges_what_was_deleted(command: Command, sweep: tuple[str, dict[str, str]]) -> None:
    top, trials = sweep
    fold = trials["fold"]
    assert command("runs", "purge", fold, "--yes").returncode == 5
    command("runs", "delete", fold)
    refused = command("runs", "purge", fold)
    assert (refused.returncode, "cannot be restored: say --yes" in refused.stderr) == (2, True)
    assert command("runs", "show", fold).returncode == 0
    assert command("runs", "purge", fold, "--yes").stdout == f"purged run {fold}\n"
    assert command("runs", "show", fold).returncode == 3
    name = record(command("runs", "show", top, "--json"))["experiment_name"]
    assert command("experiments", "purge", name, "--yes").returncode == 5
    command("experiments", "delete", name)
    assert command("experiments", "purge", name).returncode == 2
    assert command("runs", "show", top).returncode == 0
    assert len(record(command("experiments", "purge", name, "--yes", "--json"))["purged"]) == 1
    assert command("experiments", "show", name).returncode == 3
    assert command("runs", "show", top).returncode == 3


async def test_clients_purge(client: runlore.Client, aio_client: runlore.aio.Client) -> None:
    with client.start_run("ctr") as run:
        run.log({"a": 1.0})
    with pytest.raises(runlore.PreconditionError, match="delete it first"):
        await aio_client.purge_run(run.run_id)
    client.delete_run(run)
    await aio_client.purge_run(run.run_id)
    with pytest.raises(runlore.NotFoundError):
        client.purge_run(run)


def test_a_version_outlives_its_purged_run(client: runlore.Client, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights").write_bytes(b"w")
    with client.start_run("ctr", params={"C": 1}) as run:
        run.log({"auc": 0.9})
        run.log_artifact(tmp_path / "model")
    version = client.register("m", run, "model")
    client.promote("m", version.version, "champion", reason="first")
    client.delete_run(run)
    client.purge_run(run)
    resolved = client.resolve("models:/m@champion")
    assert resolved.model_version.evidence == version.evidence
    assert resolved.model_version.run_id == run.run_id
    assert (client.pull("models:/m@champion", tmp_path / "pulled") / "weights").read_bytes() == b"w"
    with pytest.raises(runlore.NotFoundError):
        client.pull(f"runs:/{run.run_id}/model")


def test_a_stale_run_is_shown_as_such() -> None:
    run = v1.Run(run_id="a" * 32, name="r", status=v1.RUN_STATUS_RUNNING, is_stale=True)
    run.last_heartbeat_time.FromNanoseconds(time.time_ns() - 185 * 10**9)
    for lines in (
        tracking_view.run(run, {}, []),
        columns.table([run], columns.common([run])),
        tree([v1.RunNode(run=run)]),
    ):
        assert re.search(r"running, stale: last heard of 3m 0\ds ago", click.unstyle("\n".join(lines)))
    run.is_stale = False
    assert "stale" not in "\n".join(tracking_view.run(run, {}, []))
    closed = v1.Run(run_id="a" * 32, status=v1.RUN_STATUS_KILLED, status_message="closed by the server: silence")
    shown = click.unstyle("\n".join(tracking_view.run(closed, {}, [])))
    assert re.search(r"^status +killed\n +closed by the server: silence$", shown, re.M)


def test_the_command_keeps_experiments(command: Command) -> None:
    assert command("experiments", "create", "ctr", "--tag", "team=ads").returncode == 0
    assert record(command("experiments", "rename", "ctr", "clicks", "--json"))["name"] == "clicks"
    tagged = record(command("experiments", "tag", "clicks", "--tag", "stage=b", "--delete", "team", "--json"))
    assert tagged["tags"] == {"stage": "b"}
    assert [e["name"] for e in record(command("experiments", "list", "--filter", "tags.stage = 'b'", "--json"))] == [
        "clicks"
    ]
    assert re.search(DELETED, command("experiments", "delete", "clicks").stdout, re.M)
    assert command("experiments", "list").stdout == "no experiments\n"
    assert "clicks" in command("experiments", "list", "--lifecycle", "all").stdout
    assert record(command("experiments", "restore", "clicks", "--json"))["lifecycle_state"] == "LIFECYCLE_STATE_ACTIVE"
    assert command("experiments", "create", "other").returncode == 0
    assert command("experiments", "rename", "other", "clicks").returncode == 4
    assert command("experiments", "tag", "clicks").returncode == 2
    assert command("experiments", "delete", "nothing").returncode == 3
