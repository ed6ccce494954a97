"""Clients of the shared server, each in a workspace and with a cache of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

import runlore
import runlore.aio
from runlore.cli import main
from tests.clients.commands import Done
from tests.harness.server import ServerProcess, environment

#: From where a script can import the tests' own helpers.
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def runlore_env(
    shared_server: ServerProcess, workspace: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """The variables that lead a client to the shared server; set in this process too."""
    variables = {
        "RUNLORE_ADDRESS": shared_server.address,
        "RUNLORE_WORKSPACE": workspace,
        "RUNLORE_ACTOR": "user:alice",
        "RUNLORE_CACHE": str(tmp_path / "cache"),
        "RUNLORE_SPOOL": str(tmp_path / "spool"),
        # Tests say what a run's tags and artifacts are, to the last one.
        "RUNLORE_CAPTURE": "0",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.fixture
def client(runlore_env: dict[str, str]) -> Iterator[runlore.Client]:
    """A blocking client."""
    with runlore.connect() as made:
        yield made


@pytest.fixture
def run(
    runlore_env: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Done]:
    """`runlore` with the shared server and the workspace of the test, within this process."""

    def call(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["runlore", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Done(int(ended.value.code or 0), said.out, said.err)

    return call


@pytest.fixture
async def aio_client(runlore_env: dict[str, str]) -> AsyncIterator[runlore.aio.Client]:
    """An asynchronous client."""
    async with runlore.aio.connect() as made:
        yield made


@pytest.fixture
def script(runlore_env: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs Python code in a process of its own and returns how it went; kills it after `timeout` seconds.

    Its runs capture what they do by default, so that the life of a process is tested with all that goes on in it.
    """

    def run(code: str, *, timeout: float = 60, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code],
            env=environment({**runlore_env, "RUNLORE_CAPTURE": "1", **env}),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


def points(client: runlore.Client, run_id: str) -> dict[str, list[tuple[int, float]]]:
    """Return every stored (step, value) of a run by metric, in the order written."""
    found: dict[str, list[tuple[int, float]]] = {}
    for message in client.tracking.GetMetricHistory(runlore.v1.GetMetricHistoryRequest(run_ids=[run_id])):
        series = message.series
        found.setdefault(series.key, []).extend(zip(series.steps, series.values, strict=True))
    return found
