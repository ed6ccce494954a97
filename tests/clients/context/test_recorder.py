"""The thread that stores a run's context behind it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import runlore
import runlore.aio
from runlore import v1
from runlore._context import packages, recorder
from runlore._sync import uploads
from runlore.errors import RunloreError
from tests.clients.context.repository import Repository, Train, artifacts, on_path
from tests.clients.lossy import LossyRelay


def test_ending_a_run_waits_for_its_context(capturing: runlore.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    write = packages.write

    def slowly(folder: Path) -> dict[str, str]:
        time.sleep(0.4)
        return {**write(folder), "runlore.late": "1"}

    monkeypatch.setattr(packages, "write", slowly)
    began = time.monotonic()
    run = capturing.start_run()
    assert time.monotonic() - began < 0.3
    assert artifacts(capturing, run.run_id) == []
    run.finish()
    assert artifacts(capturing, run.run_id) == ["runlore/packages.txt"]
    assert capturing.get_run(run.run_id).tags["runlore.late"] == "1"
    with capturing.start_run() as another:
        # A version is of the files that the run has by then.
        assert capturing.register("whole-run", another, "runlore").version == 1


def test_what_fails_behind_the_run_is_recorded_and_told_once(
    capturing: runlore.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Path) -> dict[str, str]:
        raise OSError("no room for token=abc")

    monkeypatch.setattr(packages, "write", fail)
    for _ in range(2):
        with capturing.start_run() as run:
            run.log({"a": 1.0})
        stored = capturing.get_run(run.run_id)
        assert stored.status == v1.RUN_STATUS_FINISHED
        assert dict(stored.tags) == {"runlore.capture_errors": "packages: OSError: no room for token=***"}
    assert [r.message for r in caplog.records if r.name == "runlore"] == [
        "this run's context is not complete: packages: OSError: no room for token=***"
    ]


def test_artifacts_that_the_server_refuses_are_recorded(
    capturing: runlore.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RunloreError("the store is full")

    monkeypatch.setattr(uploads, "upload", refuse)
    with capturing.start_run() as run:
        pass
    stored = capturing.get_run(run.run_id)
    assert stored.status == v1.RUN_STATUS_FINISHED
    assert dict(stored.tags) == {"runlore.capture_errors": "artifacts: not stored: the store is full"}
    assert f"the context of run {run.run_id} could not be stored: the store is full" in caplog.text


@pytest.fixture
def relay(runlore_env: Mapping[str, str]) -> Iterator[LossyRelay]:
    made = LossyRelay(runlore_env["RUNLORE_ADDRESS"])
    yield made
    made.close()


def test_a_server_that_comes_back_gets_the_context(
    relay: LossyRelay, capturing: runlore.Client, workspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with runlore.connect(relay.address, workspace=workspace, timeout=2) as lossy:
        began = time.monotonic()
        run = lossy.start_run()
        relay.deaf.set()
        time.sleep(3)
        relay.deaf.clear()
        relay.cut()
        run.finish()
    assert artifacts(capturing, run.run_id) == ["runlore/packages.txt"]
    assert time.monotonic() - began < 20


def test_a_server_that_stays_away_does_not_hold_up_the_end_for_long(
    relay: LossyRelay,
    capturing: runlore.Client,
    workspace: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(recorder, "PATIENCE", 0.5)
    with runlore.connect(relay.address, workspace=workspace, timeout=2) as lossy:
        run = lossy.start_run()
        relay.deaf.set()
        began = time.monotonic()
        run.finish()
        assert time.monotonic() - began < 5
        assert f"run {run.run_id} ends without all of its context" in caplog.text
        relay.deaf.clear()
        relay.cut()
    assert [part.state for part in capturing.sync()] == ["sent"]
    assert capturing.get_run(run.run_id).status == v1.RUN_STATUS_FINISHED


def test_a_process_that_ends_by_itself_stores_the_context_first(
    train: Train, repository: Repository, client: runlore.Client
) -> None:
    repository.commit(train="import runlore\nprint(runlore.start_run('x').run_id)\n")
    done = train()
    assert (done.returncode, done.stderr) == (0, "")
    stored = client.get_run(done.stdout.strip())
    assert stored.status == v1.RUN_STATUS_FINISHED
    assert stored.tags["runlore.git.dirty"] == "false"
    assert artifacts(client, stored.run_id) == ["runlore/packages.txt"]


def test_a_run_that_is_started_while_the_interpreter_exits(
    train: Train, repository: Repository, client: runlore.Client
) -> None:
    repository.commit(
        train="import atexit, runlore\n"
        "def last():\n"
        "    with runlore.start_run('x') as run: run.log({'a': 1.0})\n"
        "    print(run.run_id)\n"
        "atexit.register(last)\n"
    )
    done = train()
    assert (done.returncode, done.stderr) == (0, "")
    assert artifacts(client, done.stdout.strip()) == ["runlore/packages.txt"]


def test_forks_while_the_context_is_stored(train: Train, repository: Repository, client: runlore.Client) -> None:
    """Children neither store it nor wait for it, and the parent's thread outlives every fork."""
    repository.commit(
        train="import os, time, runlore\n"
        "with runlore.start_run('x') as run:\n"
        "    print(run.run_id, flush=True)\n"
        "    for number in range(40):\n"
        "        pid = os.fork()\n"
        "        if pid == 0:\n"
        "            began = time.monotonic()\n"
        "            run.log({'child': 1.0}); run.flush(20)\n"
        "            os._exit(0 if time.monotonic() - began < 10 else 3)\n"
        "        assert os.waitpid(pid, 0)[1] == 0\n"
        "        time.sleep(0.005)\n"
    )
    done = train()
    # gRPC would say on stderr that it was not quiet at a fork.
    assert (done.returncode, done.stderr) == (0, "")
    run_id = done.stdout.strip()
    stored = client.get_run(run_id)
    assert stored.tags["runlore.git.dirty"] == "false"
    assert "runlore.capture_errors" not in stored.tags
    assert artifacts(client, run_id) == ["runlore/packages.txt"]
    assert [(m.key, m.count) for m in stored.metrics] == [("child", 40)]


async def test_the_event_loop_goes_on_while_git_is_slow(
    aio_client: runlore.aio.Client, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit(train="1\n")
    monkeypatch.chdir(repository.root)
    on_path(tmp_path / "bin", "git", f'sleep 0.3; PATH={os.environ["PATH"]} exec git "$@"', monkeypatch)
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - began)

    ticking = asyncio.create_task(tick())
    async with await aio_client.start_run(capture=["git", "packages"]) as run:
        pass
    ticking.cancel()
    stored = await aio_client.get_run(run.run_id)
    assert stored.tags["runlore.git.dirty"] == "false"
    assert stored.artifact_manifest_digest
    assert longest < 0.25
