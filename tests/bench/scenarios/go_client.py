"""[go_resolve] and [go_watch_reconnect]: what the Go client costs beside its stub, and when its watch is back."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from tests.bench.harness import Bench

CLIENT = Path("clients/go")
#: Of the raw stub's rate, and seconds from a server's being ready again to the first event.
LEAST_SHARE, MOST_SECONDS = 0.95, 1.0


def scenario(bench: Bench) -> None:
    """Let the Go client's own program measure, on servers of its own."""
    if shutil.which("go") is None:
        print("No Go in PATH (https://go.dev/dl): the rows of the Go client stay out.", file=sys.stderr)
        return
    rounds, restarts = (2, 1) if bench.tiny else (20, 5)
    seconds = 2 * rounds * bench.seconds / 6
    command = ["go", "run", "./internal/bench", "--seconds", f"{seconds:g}", "--rounds", str(rounds)]
    done = subprocess.run(
        [*command, "--restarts", str(restarts)], cwd=CLIENT, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        bench.fail("go_client", "all", f"the program ended with {done.returncode}")
        return
    found = json.loads(done.stdout)
    resolved = found["resolve_per_second"]
    bench.record(
        "go_resolve",
        "1 connection",
        "calls/s",
        resolved["client"],
        rounds=rounds,
        ceiling=("raw stub", resolved["stub"], resolved["ratio"]),
        wanted=(f">= {LEAST_SHARE:.0%} of the raw stub", resolved["ratio"] >= LEAST_SHARE),
    )
    times = found["reconnect_seconds"]
    bench.record(
        "go_watch_reconnect",
        "from the restarted server's readiness to the next event",
        "s",
        statistics.median(times),
        max(times) * 1e3,
        len(times),
        wanted=(f"<= {MOST_SECONDS:g} s each", max(times) <= MOST_SECONDS),
    )
