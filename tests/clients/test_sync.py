"""What is left in the spool, by kill -9, by outages and by offline mode, arrives by `runlore sync`: all of it, once."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import runlore
import runlore.aio
from runlore import v1
from runlore._spool import folders, journal
from tests.clients.conftest import ROOT, points
from tests.harness.server import environment

Script = Callable[..., "subprocess.CompletedProcess[str]"]
NOBODY = "127.0.0.1:1"

#: Logs for ever, and writes down every step after `log` has returned.
LOGGING = """
import os, sys, time, runlore
record = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
with runlore.start_run("killed") as run:
    os.write(record, f"{run.run_id}\\n".encode())
    step = 0
    while True:
        run.log({"a": float(step), "b": -1.0, f"c{step % 3}": 0.5}, step=step)
        os.write(record, f"{step}\\n".encode())
        step += 1
        if step > 5000:
            time.sleep(0.001)
"""


@pytest.fixture
def spool(runlore_env: dict[str, str]) -> Path:
    return Path(runlore_env["RUNLORE_SPOOL"])


@pytest.fixture
def offline(runlore_env: dict[str, str]) -> runlore.Client:
    """A client without a server."""
    return runlore.connect(NOBODY, mode="offline")


def command(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from runlore.cli import main; main()", *arguments],
        env=environment(env),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def status(run: v1.Run) -> str:
    return v1.RunStatus.Name(run.status).removeprefix("RUN_STATUS_")


@pytest.mark.parametrize("after", [0.05, 0.4])
def test_what_log_returned_from_survives_kill_9(
    runlore_env: dict[str, str], client: runlore.Client, tmp_path: Path, spool: Path, after: float
) -> None:
    record = tmp_path / "record"
    process = subprocess.Popen([sys.executable, "-c", LOGGING, str(record)], env=environment(runlore_env), cwd=ROOT)
    try:
        while not record.exists() or record.read_text().count("\n") < 500:
            time.sleep(0.02)
            assert process.poll() is None
        time.sleep(after)
        (live,) = client.sync()
        assert live.state == "live", "what a living process writes is left to it"
        assert command(runlore_env, "sync").returncode == 7
    finally:
        process.kill()
        process.wait()
    run_id, *logged = record.read_text().split()
    done = command(runlore_env, "sync")
    assert (done.returncode, done.stdout.split()[:2]) == (0, ["sent", run_id]), done.stderr
    stored = points(client, run_id)
    steps = [step for step, _ in stored["a"]]
    # The last call may have returned without having been written down.
    assert steps in (list(range(len(logged))), list(range(len(logged) + 1)))
    assert [value for _, value in stored["a"]] == [float(step) for step in steps]
    assert sorted(s for k in ("c0", "c1", "c2") for s, _ in stored[k]) == steps
    assert status(client.get_run(run_id)) == "RUNNING", "sync invents no end"
    assert not spool.exists() or list(spool.iterdir()) == []
    assert client.sync() == []


def record_a_sweep(client: runlore.Client, folder: Path) -> tuple[str, str]:
    """A run with everything a handle does, and a child."""
    (folder / "model").mkdir(parents=True)
    (folder / "model" / "weights").write_bytes(b"w" * 100_000)
    (folder / "notes.txt").write_text("notes")
    with client.start_run("sweep", name="top", params={"C": 0.1}, tags={"team": "ads", "old": "x"}) as run:
        run.log({"loss": 0.5, "auc": 0.7}, step=0)
        run.log({"loss": 0.25}, step=1)
        run.log_params({"depth": 3})
        run.set_tag("stage", "late")
        run.delete_tags(["old"])
        manifest = run.log_artifact(folder / "model")
        assert manifest.file_count == 1
        assert run.log_artifact(folder / "notes.txt", "docs").file_count == 2
        with run.start_child("trial", params={"lr": 1.0}) as trial:
            for step in range(1000):
                trial.log({"auc": step / 1000}, step=step)
        run.flush()
    # What is copied is what was there when it was logged.
    (folder / "model" / "weights").write_bytes(b"other")
    return run.run_id, trial.run_id


def check_the_sweep(client: runlore.Client, run_id: str, trial_id: str, began: float, ended: float) -> None:
    run, trial = client.get_run(run_id), client.get_run(trial_id)
    assert (run.name, run.experiment_name, status(run)) == ("top", "sweep", "FINISHED")
    assert (dict(run.params), dict(run.tags)) == ({"C": "0.1", "depth": "3"}, {"team": "ads", "stage": "late"})
    assert (trial.name, trial.experiment_name, trial.parent_run_id) == ("trial", "sweep", run_id)
    assert began <= run.start_time.ToNanoseconds() / 1e9 <= trial.start_time.ToNanoseconds() / 1e9
    assert trial.end_time.ToNanoseconds() <= run.end_time.ToNanoseconds()
    assert run.end_time.ToNanoseconds() / 1e9 <= ended
    assert points(client, run_id) == {"loss": [(0, 0.5), (1, 0.25)], "auc": [(0, 0.7)]}
    assert points(client, trial_id) == {"auc": [(step, step / 1000) for step in range(1000)]}
    model = client.pull(f"runs:/{run_id}/model")
    assert (model / "weights").read_bytes() == b"w" * 100_000
    assert client.pull(f"runs:/{run_id}/docs/notes.txt").read_text() == "notes"


def test_an_offline_run_is_synced_from_a_copy_twice_and_at_once(
    offline: runlore.Client, client: runlore.Client, spool: Path, tmp_path: Path, runlore_env: dict[str, str]
) -> None:
    began = time.time()
    ids = record_a_sweep(offline, tmp_path / "work")
    ended = time.time()
    copies = [tmp_path / f"copy{n}" for n in range(3)]
    for copy in copies:
        shutil.copytree(spool, copy)
    time.sleep(0.01)
    shutil.rmtree(spool)
    states: list[list[str]] = []

    def sync(copy: Path) -> None:
        with runlore.connect() as other:
            states.append([part.state for part in other.sync(copy)])

    threads = [threading.Thread(target=sync, args=(copy,)) for copy in copies[:2]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states == [["sent", "sent"]] * 2
    check_the_sweep(client, *ids, began, ended)
    done = command(runlore_env, "sync", "--json", str(copies[2]))
    assert [part["state"] for part in json.loads(done.stdout)] == ["sent", "sent"], done.stderr
    check_the_sweep(client, *ids, began, ended)
    assert len(client.search_runs("sweep")) == 2
    assert [list(copy.iterdir()) for copy in copies] == [[], [], []]


def test_two_syncs_of_one_spool_share_the_work(
    offline: runlore.Client, client: runlore.Client, tmp_path: Path, spool: Path
) -> None:
    for n in range(6):
        with offline.start_run("many", name=f"r{n}") as run:
            run.log({"a": float(n)}, step=n)
    found: list[str] = []

    def sync() -> None:
        with runlore.connect() as other:
            found.extend(part.state for part in other.sync(spool))

    with ThreadPoolExecutor(3) as threads:
        syncs = [threads.submit(sync) for _ in range(3)]
    for done in syncs:
        done.result()
    client.sync()
    assert found.count("sent") <= 6
    assert "kept" not in found
    runs = client.search_runs("many")
    assert sorted((run.name, run.metrics[0].count) for run in runs) == [(f"r{n}", 1) for n in range(6)]
    assert list(spool.iterdir()) == []


async def test_offline_and_sync_asynchronously(runlore_env: dict[str, str], client: runlore.Client) -> None:
    async with runlore.aio.connect(NOBODY, mode="offline") as offline:
        run = await offline.start_run("aio", params={"p": 1})
        async with run:
            run.log({"a": 1.0})
            await run.set_tag("t", "v")
        with pytest.raises(runlore.OfflineError):
            await offline.get_run(run.run_id)
    async with runlore.aio.connect() as online:
        (part,) = await online.sync()
    assert (part.state, part.run_id, part.points) == ("sent", run.run_id, 1)
    assert (client.get_run(run.run_id).metrics[0].count, dict(client.get_run(run.run_id).tags)) == (1, {"t": "v"})


def test_what_needs_a_server_says_so_offline(offline: runlore.Client) -> None:
    run = offline.start_run()
    for call in (
        lambda: offline.search_runs(),
        lambda: offline.resolve("models:/m@champion"),
        lambda: offline.pull(f"runs:/{run.run_id}/model"),
        lambda: offline.register("m", run, "model"),
        lambda: offline.promote("m", 1, "champion"),
        lambda: offline.delete_run(run),
        lambda: offline.sync(),
    ):
        with pytest.raises(runlore.OfflineError, match="needs a server, and this client is offline"):
            call()
    run.finish()


def test_bad_input_is_refused_offline_and_changes_nothing(
    offline: runlore.Client, client: runlore.Client, spool: Path
) -> None:
    with pytest.raises(runlore.InvalidArgumentError, match="32 lower-case hex digits"):
        offline.start_run(run_id="nonsense")
    with pytest.raises(runlore.InvalidArgumentError, match="at most 8192"):
        offline.start_run(tags={"a": "x" * 9000})
    with pytest.raises(runlore.InvalidArgumentError, match="at most 500"):
        offline.start_run("e" * 500, name="n" * 501)
    assert not spool.exists()
    with offline.start_run("e" * 500, name="n" * 500, params={"a": 1}) as run:
        with pytest.raises(runlore.InvalidArgumentError, match="'a' is '1' already and cannot become '2'") as caught:
            run.log_params({"a": 2, "b": 3})
        assert caught.value.reason == "PARAM_CONFLICT"
        assert caught.value.metadata == {"run_id": run.run_id, "key": "a", "recorded": "1", "refused": "2"}
        with pytest.raises(runlore.InvalidArgumentError, match="1 to 250"):
            run.set_tags({"": "x"})
    client.sync()
    with pytest.raises(runlore.InvalidArgumentError) as online:
        client.tracking.LogBatch(v1.LogBatchRequest(run_id=run.run_id, params={"a": "2"}))
    assert (online.value.reason, online.value.metadata) == (caught.value.reason, caught.value.metadata)
    assert dict(client.get_run(run.run_id).params) == {"a": "1"}


def test_a_request_that_sync_cannot_send_is_kept(
    offline: runlore.Client, client: runlore.Client, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with offline.start_run(params={"a": 1}) as run:
        (folder,) = folders.find(spool)
        journal.append(folder / folders.JOURNAL, v1.SetAliasRequest(model_name="m", alias="champion", version=1))
    # As if a journal might hold a kind that nobody taught sync to send.
    monkeypatch.setattr(journal, "KINDS", (*journal.KINDS, v1.SetAliasRequest))
    (part,) = client.sync()
    assert (part.state, part.requests) == ("kept", 3)
    assert part.why.endswith("holds a SetAlias, which this version cannot send")
    assert dict(client.get_run(run.run_id).params) == {"a": "1"}
    assert folder.is_dir()


def test_the_mode_is_online_or_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNLORE_MODE", "sometimes")
    with pytest.raises(runlore.InvalidArgumentError, match="RUNLORE_MODE: is 'sometimes': give online or offline"):
        runlore.connect()
    assert runlore.connect(mode="offline").settings.mode == "offline"


def test_an_offline_script_with_forks_and_captured_context(
    script: Script, client: runlore.Client, runlore_env: dict[str, str]
) -> None:
    done = script(
        "import os, runlore\n"
        "run = runlore.start_run('forks')\n"
        "print(run.run_id, flush=True)\n"
        "run.log({'a': 1.0})\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    run.log({'b': 2.0}); run.set_tag('child', 'yes'); os._exit(0)\n"
        "assert os.waitpid(pid, 0)[1] == 0\n"
        "run.log({'a': 2.0})\n",
        RUNLORE_MODE="offline",
        RUNLORE_ADDRESS=NOBODY,
    )
    assert done.returncode == 0, done.stderr
    run_id = done.stdout.strip()
    with pytest.raises(runlore.NotFoundError):
        client.get_run(run_id)
    listed = json.loads(command(runlore_env, "sync", "--dry-run", "--json").stdout)
    assert sorted(part["points"] for part in listed)[-2:] == [1, 2]
    assert command({**runlore_env, "RUNLORE_MODE": "offline"}, "sync").returncode == 0
    stored = client.get_run(run_id)
    assert (status(stored), stored.tags["child"], stored.tags["runlore.python"][:7]) == ("FINISHED", "yes", "CPython")
    assert {key: [value for _, value in found] for key, found in points(client, run_id).items()} == {
        "a": [1.0, 2.0],
        "b": [2.0],
    }
    assert (client.pull(f"runs:/{run_id}/runlore/packages.txt")).read_text()


def test_what_cannot_be_sent_stays_and_says_why(
    offline: runlore.Client, client: runlore.Client, spool: Path, runlore_env: dict[str, str]
) -> None:
    with offline.start_run("gone", parent_run_id="e" * 32) as run:
        run.log({"a": 1.0})
    with offline.start_run("fine") as fine:
        fine.log({"a": 1.0})
    unreachable = command({**runlore_env, "RUNLORE_ADDRESS": NOBODY}, "--timeout", "1", "sync")
    assert unreachable.returncode == 7
    assert unreachable.stdout.count("cannot reach Runlore at") == 2
    done = command(runlore_env, "sync")
    assert done.returncode == 7
    kept, sent = sorted(done.stdout.splitlines())
    assert kept.startswith(f"kept  {run.run_id}")
    assert "e" * 32 in kept
    assert sent.startswith(f"sent  {fine.run_id}")
    assert [path.name for path in spool.iterdir()] == [run.run_id]
    listed = command(runlore_env, "sync", "--dry-run")
    assert listed.stdout.startswith(f"left  {run.run_id}")
    assert client.get_run(fine.run_id).metrics[0].count == 1


def test_another_run_of_the_same_id_is_left_alone(offline: runlore.Client, client: runlore.Client) -> None:
    theirs = client.start_run("theirs")
    theirs.finish()
    with offline.start_run("mine", run_id=theirs.run_id) as mine:
        mine.log({"a": 1.0})
    (part,) = client.sync()
    assert part.state == "kept"
    assert theirs.run_id in part.why
    assert client.get_run(theirs.run_id).metrics == []


def test_damage_is_told_and_the_rest_is_sent(offline: runlore.Client, client: runlore.Client, spool: Path) -> None:
    with offline.start_run("damaged") as run:
        for step in range(40_000):
            run.log({"a": float(step), "b": 1.0}, step=step)
    first = min(spool.glob("*/*/*.points"))
    content = bytearray(first.read_bytes())
    content[40_000] ^= 1
    first.write_bytes(content)
    (part,) = client.sync()
    assert part.state == "kept"
    assert f"{first} is damaged at byte 39" in part.why or f"{first} is damaged at byte 40" in part.why
    stored = points(client, run.run_id)["a"]
    assert stored == [(step, float(step)) for step in range(len(stored))]
    assert 900 < len(stored) < 1000
    assert part.folder.is_dir()


def test_keep_sends_and_deletes_nothing(
    offline: runlore.Client, client: runlore.Client, runlore_env: dict[str, str]
) -> None:
    with offline.start_run("kept") as run:
        run.log({"a": 1.0}, step=4)
    for _ in range(2):
        done = command(runlore_env, "sync", "--keep")
        assert (done.returncode, done.stdout) == (0, f"sent  {run.run_id} {run.name}  1 points\n")
    assert points(client, run.run_id) == {"a": [(4, 1.0)]}
    assert command(runlore_env, "sync").returncode == 0
    assert command(runlore_env, "sync").stdout == "nothing to send\n"


def test_a_resumed_run_goes_on(client: runlore.Client, offline: runlore.Client) -> None:
    run = client.start_run("resumed")
    for _ in range(3):
        run.log({"a": 1.0})
    run.finish()
    again = runlore.resume_run(run.run_id)
    assert status(client.get_run(run.run_id)) == "RUNNING"
    again.log({"a": 2.0, "b": 3.0})
    again.finish("FAILED")
    with offline.resume_run(run.run_id) as third:
        third.log({"a": 4.0}, step=9)
    client.sync()
    assert points(client, run.run_id) == {"a": [(0, 1.0), (1, 1.0), (2, 1.0), (3, 2.0), (9, 4.0)], "b": [(0, 3.0)]}
    assert status(client.get_run(run.run_id)) == "FINISHED"
    with pytest.raises(runlore.NotFoundError):
        client.resume_run("f" * 32)


def test_many_runs_at_once_in_one_process(client: runlore.Client, spool: Path) -> None:
    runs = [client.start_run("many") for _ in range(40)]
    for step in range(50):
        for n, run in enumerate(runs):
            run.log({"a": float(n)}, step=step)
    for run in runs:
        run.finish()
    for n, run in enumerate(runs):
        assert points(client, run.run_id) == {"a": [(step, float(n)) for step in range(50)]}
    assert list(spool.iterdir()) == []


def test_a_sync_that_is_killed_is_done_by_the_next(
    offline: runlore.Client, client: runlore.Client, runlore_env: dict[str, str]
) -> None:
    run_ids = []
    for _ in range(4):
        with offline.start_run("long") as run:
            for step in range(20_000):
                run.log({"a": float(step), "b": 0.0}, step=step)
        run_ids.append(run.run_id)
    for delay in (0.6, 0.9, 1.2):
        process = subprocess.Popen(
            [sys.executable, "-c", "from runlore.cli import main; main()", "sync"], env=environment(runlore_env)
        )
        time.sleep(delay)
        process.kill()
        process.wait()
    assert command(runlore_env, "sync").returncode == 0
    for run_id in run_ids:
        assert points(client, run_id)["a"] == [(step, float(step)) for step in range(20_000)]
        assert status(client.get_run(run_id)) == "FINISHED"
