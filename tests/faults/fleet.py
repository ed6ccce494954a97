"""Training jobs under faults, and what became of their points."""

from __future__ import annotations

import json
import random
import secrets
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import grpc

from runlore import v1
from tests.faults import record
from tests.faults.ledger import Ledger
from tests.faults.record import Logged
from tests.harness.server import environment
from tests.harness.wire import UNLIMITED, Stubs

ROOT = Path(__file__).resolve().parents[2]
#: The command that a person types.
RUNLORE = str(Path(sys.executable).with_name("runlore"))
_PATIENCE = 120.0


@dataclass
class _Job:
    run_ids: list[str]
    record: Path
    process: subprocess.Popen[str]


@dataclass
class Fleet:
    """Processes that log to runs until they are stopped or killed, all with one spool folder."""

    address: str
    folder: Path
    faults: Ledger
    #: Points a second that each run logs.
    rate: float = 300.0
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.spool = self.folder / "spool"
        self._jobs: list[_Job] = []
        self._records: dict[str, list[tuple[Path, int]]] = {}

    @property
    def env(self) -> dict[str, str]:
        """The environment of the jobs."""
        return environment(
            {
                "RUNLORE_ADDRESS": self.address,
                "RUNLORE_SPOOL": str(self.spool),
                "RUNLORE_CAPTURE": "0",
                **self.variables,
            }
        )

    def create_runs(self, count: int) -> list[str]:
        """Create runs on the server."""
        with grpc.insecure_channel(self.address) as channel:
            tracking = Stubs(channel).tracking
            return [tracking.CreateRun(v1.CreateRunRequest()).run.run_id for _ in range(count)]

    def start(self, run_ids: list[str]) -> None:
        """Start a process that logs to these runs, each as a writer of its own; returns when it logs."""
        number = sum(map(len, self._records.values())) + 1
        file = self.folder / f"record-{number}-{secrets.token_hex(4)}"
        for i, run_id in enumerate(run_ids):
            self._records.setdefault(run_id, []).append((file, i))
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.writer", str(file), str(number), str(self.rate), *run_ids],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=(file.with_suffix(".stderr")).open("w"),
            text=True,
        )
        assert process.stdout is not None
        self._jobs.append(_Job(run_ids, file, process))
        assert process.stdout.readline() == "logging\n", file.with_suffix(".stderr").read_text()
        end = time.monotonic() + _PATIENCE
        while not (file.exists() and len(record.read(file)) == len(run_ids)):
            assert process.poll() is None, file.with_suffix(".stderr").read_text()
            assert time.monotonic() < end, "a process did not begin to log"
            time.sleep(0.02)

    def kill_one(self, random: random.Random) -> None:
        """`kill -9` a process; another goes on with its runs."""
        job = self._jobs.pop(random.randrange(len(self._jobs)))
        job.process.kill()
        job.process.wait()
        self.faults.add("client killed")
        self.start(job.run_ids)

    def jump_clock(self, random: random.Random) -> None:
        """Let the clock of a process jump, by up to a day either way."""
        random.choice(self._jobs).process.send_signal(signal.SIGUSR1)
        self.faults.add("clock jumped")

    def stop(self) -> None:
        """Let every process end its runs."""
        for job in self._jobs:
            job.process.terminate()
        for job in self._jobs:
            assert job.process.wait(_PATIENCE) == 0, job.record.with_suffix(".stderr").read_text()
        self._jobs.clear()

    def kill(self) -> None:
        """End what is left, however the test went."""
        for job in self._jobs:
            job.process.kill()
            job.process.wait()
        self._jobs.clear()

    def sync(self, *arguments: str) -> dict[str, object]:
        """Send what dead processes left, by the command that a person types."""
        done = subprocess.run(
            [RUNLORE, "sync", "--json", *arguments],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, object] = json.loads(done.stdout or "{}")
        return found

    def settle(self, address: str) -> None:
        """Let every process end, send what dead ones left, and demand that every point is where it should be."""
        self.stop()
        self.sync()
        self.demand_all(address)

    def demand_all(self, address: str) -> None:
        """Demand that much was logged, and that every point is where it should be."""
        assert self.logged() > 1000
        found = self.differences(address)
        assert not found, "\n".join(found)

    def differences(self, address: str) -> list[str]:
        """Compare what the server has with the record; empty when every point is where it should be."""
        found = []
        with grpc.insecure_channel(address, options=UNLIMITED) as channel:
            stubs = Stubs(channel)
            for run_id, sources in self._records.items():
                records = [record.read(file)[i] for file, i in sources if i in record.read(file)]
                run = stubs.tracking.GetRun(v1.GetRunRequest(run_id=run_id)).run
                stored = history(stubs, run_id)
                problem = record.difference(stored, records, run.dropped_points)
                if not problem and sum(m.count for m in run.metrics) != len(stored):
                    problem = f"the summaries count {sum(m.count for m in run.metrics)} of {len(stored)} points"
                if problem:
                    found.append(f"run {run_id}: {problem}")
        return found

    def logged(self) -> int:
        """How many points `log()` returned from, by the record."""
        files = {file for sources in self._records.values() for file, _ in sources}
        return sum(len(found.returned) for file in files for found in record.read(file).values())


def history(stubs: Stubs, run_id: str) -> list[Logged]:
    """Every stored point of a run, each series in order."""
    return [
        Logged(int(message.series.key[1:]), step, value)
        for message in stubs.tracking.GetMetricHistory(v1.GetMetricHistoryRequest(run_ids=[run_id]))
        for step, value in zip(message.series.steps, message.series.values, strict=True)
    ]
