"""[log_call] `run.log({3 keys})` in a training loop, while its points are being sent."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

from tests.bench.harness import Bench, Measured
from tests.harness.server import environment

# A loop of its own process: each step computes for about 0.2 ms, then logs.
LOOP = """
import json, sys, time, runlore
client = runlore.connect(sys.argv[1], actor="user:bench")
taken = []
with client.start_run("bench") as run:
    end = time.perf_counter() + float(sys.argv[2])
    step = 0
    while time.perf_counter() < end:
        work = time.perf_counter() + 200e-6
        while time.perf_counter() < work:
            pass
        metrics = {"loss": 1.0 / (step + 1), "auc": 0.5, "lr": 0.001}
        start = time.perf_counter()
        run.log(metrics, step=step)
        taken.append(time.perf_counter() - start)
        step += 1
print(json.dumps(taken))
"""


def scenario(bench: Bench) -> None:
    """Measure the call alone."""
    with bench.server() as served:
        rounds = []
        for _ in range(bench.rounds):
            command = [sys.executable, "-c", LOOP, served.address, str(bench.seconds)]
            done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment())
            rounds.append(json.loads(done.stdout))
        medians = [statistics.median(taken) * 1e6 for taken in rounds]
        every = Measured(0, [second for taken in rounds for second in taken])
        bench.record("log_call", "3 keys", "µs (p50)", statistics.median(medians), every.p99_ms, len(rounds))
