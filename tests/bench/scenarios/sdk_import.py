"""[sdk_import] `import runlore`, and the generated contract, over what a fresh interpreter itself takes."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from tests.bench.harness import Bench, Measured
from tests.harness.server import environment

# The peak since the interpreter began; `ru_maxrss` would count what it was forked from.
PROBE = "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"


def scenario(bench: Bench) -> None:
    """Measure time and peak memory, the bare interpreter's taken off."""
    times: dict[str, list[float]] = {"runlore": [], "runlore.v1": []}
    memory: dict[str, list[float]] = {"runlore": [], "runlore.v1": []}
    for _ in range(bench.rounds):
        bare_seconds, bare_kb = _run("pass")
        for name in times:
            seconds, kb = _run(f"import {name}")
            times[name].append(seconds - bare_seconds)
            memory[name].append((kb - bare_kb) * 1024 / 1e6)
    for name, seconds_taken in times.items():
        p99 = Measured(0, seconds_taken).p99_ms
        bench.record(
            "sdk_import", f"import {name}", "ms (p50)", statistics.median(seconds_taken) * 1e3, p99, bench.rounds
        )
        bench.record("sdk_import", f"import {name}, memory", "MB", statistics.median(memory[name]), 0.0, bench.rounds)


def _run(statement: str) -> tuple[float, int]:
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", f"{statement}\n{PROBE}"], check=True, capture_output=True, text=True, env=environment()
    )
    return time.perf_counter() - began, int(done.stdout)
