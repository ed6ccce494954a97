"""[ghz] Resolve, LogBatch and SearchRuns as `ghz` loads them by reflection: a load generator that is not ours."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc

from runlore import v1
from tests.bench import kept
from tests.bench.bulk_runs import Runs
from tests.bench.harness import Bench, Measured
from tests.bench.registered import champion

GHZ = Path("build/bin/ghz")
CONNECTIONS = (1, 8, 64)
SERIES, POINTS = 10, 10


def scenario(bench: Bench) -> None:
    """Measure each at 1, 8 and 64 connections, a call at a time on each."""
    if not GHZ.exists():
        print(f"No ghz: {GHZ} is not there, `make {GHZ}` makes it (needs Go). Its rows stay out.", file=sys.stderr)
        return
    with kept.scratch(bench, Runs(1_000 if bench.tiny else 20_000)) as served:
        for call, size, request in _calls(served.address):
            for connections in CONNECTIONS:
                rounds = [
                    _measure(served.address, call, request, connections, bench.seconds) for _ in range(bench.rounds)
                ]
                every = Measured(0, [second for measured in rounds for second in measured.seconds])
                bench.record(
                    "ghz",
                    f"{size}, {connections} connection{'s' if connections > 1 else ''}",
                    "calls/s",
                    statistics.median(measured.rate for measured in rounds),
                    every.p99_ms,
                    len(rounds),
                )


def _calls(address: str) -> list[tuple[str, str, dict[str, Any]]]:
    """(method, what it is, request) of each; ghz fills in what is in double braces for each call."""
    with grpc.insecure_channel(address) as channel:
        run = v1.TrackingServiceStub(channel).CreateRun(v1.CreateRunRequest(experiment_name="ghz")).run
    points = {"steps": list(range(POINTS)), "times_unix_us": [0] * POINTS, "values": [0.5] * POINTS}
    series = [{"key": f"k{i}", **points} for i in range(SERIES)]
    return [
        ("RegistryService/Resolve", "Resolve by alias", {"reference": champion(address)}),
        (
            "TrackingService/LogBatch",
            f"LogBatch of {SERIES} x {POINTS} points",
            {"run_id": run.run_id, "writer_id": "{{newUUID}}", "sequence": "1", "series": series},
        ),
        ("TrackingService/SearchRuns", "SearchRuns, first page of 100", {"page_size": 100}),
    ]


def _measure(address: str, call: str, request: dict[str, Any], connections: int, seconds: float) -> Measured:
    """Let ghz call for so long; raises RuntimeError when a call failed."""
    done = subprocess.run(
        [
            *(str(GHZ), "--insecure", "--call", f"runlore.v1.{call}", "--data", json.dumps(request)),
            *("--connections", str(connections), "--concurrency", str(connections)),
            *("--duration", f"{round(seconds * 1000)}ms", "--duration-stop", "wait", "--format", "json", address),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"ghz failed: {done.stderr or done.stdout}")
    report = json.loads(done.stdout)
    if set(report["statusCodeDistribution"]) != {"OK"}:
        raise RuntimeError(f"{call}: {report['errorDistribution']}")
    return Measured(report["rps"], [detail["latency"] / 1e9 for detail in report["details"]])
