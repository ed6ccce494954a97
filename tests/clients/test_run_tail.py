"""`runlore runs tail`: the last points, and those of a live run until it ends."""

from __future__ import annotations

import json
import math
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

import runlore
from tests.clients.commands import Done
from tests.harness.server import ServerProcess, environment

Command = Callable[..., Done]
TAIL = [sys.executable, "-u", "-c", "from runlore.cli import main; main()", "runs", "tail"]


class Following:
    """A `runs tail -f` under way; its lines are read as they come."""

    def __init__(self, variables: dict[str, str], *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*TAIL, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment({**variables, "PYTHONIOENCODING": "utf-8"}),
        )
        self.lines: list[str] = []
        self.errors: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, args=streams, daemon=True)
            for streams in ((self.process.stdout, self.lines), (self.process.stderr, self.errors))
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: IO[str], lines: list[str]) -> None:
        for line in stream:
            lines.append(line.rstrip("\n"))

    def until(self, text: str) -> None:
        """Wait until a line has this text."""
        end = time.monotonic() + 60
        while not any(text in line for line in (*self.lines, *self.errors)):
            assert time.monotonic() < end, (self.lines, self.errors)
            time.sleep(0.02)

    def end(self) -> tuple[int, str]:
        """Wait for its end, and return the exit code and what it wrote to stderr."""
        code = self.process.wait(60)
        for reader in self._readers:
            reader.join(10)
        return code, "\n".join(self.errors)


@pytest.fixture
def following(runlore_env: dict[str, str]) -> Iterator[Callable[..., Following]]:
    begun: list[Following] = []

    def follow(*arguments: str, **variables: str) -> Following:
        begun.append(Following({**runlore_env, **variables}, *arguments))
        return begun[-1]

    yield follow
    for one in begun:
        one.process.kill()
        one.process.wait()


def points(lines: list[str]) -> list[tuple[str, int, object]]:
    return [(p["key"], p["step"], p["value"]) for p in map(json.loads, lines)]


def test_the_last_lines_are_of_what_was_logged_together(run: Command, client: runlore.Client) -> None:
    with client.start_run("ctr") as made:
        for step in range(30):
            made.log({"loss": step / 4, "auc": 0.5}, step=step)
        made.log({"late": math.nan}, step=-7)
    lines = run("runs", "tail", made.run_id, "-n", "3").out.splitlines()
    assert [line.partition("  ")[2] for line in lines] == [
        "step 28  auc 0.5  loss 7",
        "step 29  auc 0.5  loss 7.25",
        "step -7  late nan",
    ]
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ  ", line) for line in lines)
    assert len(run("runs", "tail", made.run_id).out.splitlines()) == 20
    assert run("runs", "tail", made.run_id, "-n", "0").out == ""
    only = run("runs", "tail", made.run_id, "--key", "loss", "-n", "1").out
    assert only.endswith("step 29  loss 7.25\n")


def test_json_is_an_object_a_point(run: Command, client: runlore.Client) -> None:
    with client.start_run("ctr") as made:
        made.log({"a": math.inf, "b": math.nan, "c": 0.1}, step=2**62)
    lines = run("runs", "tail", made.run_id, "--json").out.splitlines()
    assert points(lines) == [("a", 2**62, "Infinity"), ("b", 2**62, "NaN"), ("c", 2**62, 0.1)]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", json.loads(lines[0])["time"])
    assert json.loads(lines[0])["run_id"] == made.run_id


def test_points_of_one_time_and_step_are_all_shown(run: Command, client: runlore.Client) -> None:
    series = runlore.v1.MetricSeries(key="a", steps=[1, 1], times_unix_us=[5, 5], values=[1.0, 2.0])
    odd = runlore.v1.MetricSeries(key="b", steps=[1], times_unix_us=[2**62], values=[3.0])
    with client.start_run("ctr") as made:
        request = runlore.v1.LogBatchRequest(run_id=made.run_id, writer_id="w", sequence=1, series=[series, odd])
        client.tracking.LogBatch(request)
    assert run("runs", "tail", made.run_id).out.splitlines() == [
        "1970-01-01 00:00:00Z  step 1  a 1  a 2",
        # A time that no calendar has.
        f"{2**62}us  step 1  b 3",
    ]


def test_a_live_run_is_followed_to_its_end(client: runlore.Client, following: Callable[..., Following]) -> None:
    with client.start_run("ctr", name="live") as made:
        made.log({"loss": 1.0}, step=0)
        made.flush()
        follow = following(made.run_id, "-f", "--json", "-n", "5")
        follow.until('"step": 0')
        for step in range(1, 40):
            made.log({"loss": 1.0, "new": 2.0}, step=step)
            if step % 10 == 0:
                made.flush()
                follow.until(f'"step": {step}')
    code, said = follow.end()
    assert (code, said) == (0, "")
    expected = [("loss", 0, 1.0)] + [
        (key, step, v) for step in range(1, 40) for key, v in (("loss", 1.0), ("new", 2.0))
    ]
    assert sorted(points(follow.lines)) == sorted(expected)


def test_it_says_how_the_run_ended(client: runlore.Client, following: Callable[..., Following]) -> None:
    made = client.start_run("ctr", name="bad")
    follow = following(made.run_id, "-f")
    made.log({"loss": 1.0})
    follow.until("loss 1")
    made.finish("FAILED")
    assert follow.end() == (0, "")
    assert follow.lines[-1] == f"run {made.run_id} (bad) failed"


def test_ctrl_c_ends_it_quietly(client: runlore.Client, following: Callable[..., Following]) -> None:
    with client.start_run("ctr") as made:
        made.log({"loss": 1.0})
        made.flush()
        follow = following(made.run_id, "-f")
        follow.until("loss 1")
        follow.process.send_signal(signal.SIGINT)
        assert follow.end() == (130, "")


def test_it_outlives_a_server_that_restarts(
    tmp_path: Path, following: Callable[..., Following], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNLORE_SPOOL", str(tmp_path / "own"))
    monkeypatch.setenv("RUNLORE_CAPTURE", "0")
    server = ServerProcess(tmp_path / "data")
    try:
        server.wait_ready()
        address = server.address
        with runlore.connect(address) as client:
            made = client.start_run("ctr", name="live")
            made.log({"loss": 1.0}, step=0)
            made.flush()
            # Its own time is up long before the server is back.
            follow = following(made.run_id, "-f", RUNLORE_ADDRESS=address, RUNLORE_TIMEOUT="3")
            follow.until("step 0")
            server.stop()
            made.log({"loss": 0.5}, step=1)
            follow.until("waiting for the server")
            server = ServerProcess(tmp_path / "data", "--listen", address)
            server.wait_ready()
            follow.until("step 1")
            made.finish()
        code, said = follow.end()
    finally:
        server.kill()
    assert code == 0
    assert said.count("waiting for the server") == 1
    assert [line.partition("  ")[2] for line in follow.lines[:-1]] == ["step 0  loss 1", "step 1  loss 0.5"]
