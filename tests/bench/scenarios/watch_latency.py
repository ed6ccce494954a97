"""[watch_latency] how long a move takes to those who watch: 200 watches, each on one of 200 models."""

from __future__ import annotations

import statistics

from tests.bench.harness import Bench, Measured
from tests.bench.orders import Processes

RATE = 100.0
WORKERS = (1, 4)


def scenario(bench: Bench) -> None:
    """Measure from each event's own time, which is before its commit, to its arrival."""
    count = 20 if bench.tiny else 200
    for workers in WORKERS:
        with bench.server("--workers", str(workers)) as served:
            load = Processes("tests.bench.watch")
            load.ask({"address": served.address, "watches": count})
            load.measure({"rate": RATE, "seconds": bench.seconds})  # a warm-up that does not count
            rounds = [load.measure({"rate": RATE, "seconds": bench.seconds * 2}) for _ in range(bench.rounds)]
            load.close()
        every = Measured(RATE, [second for measured in rounds for second in measured.seconds])
        size = f"{count} watches, {RATE:.0f} events/s, {workers} worker{'s' if workers > 1 else ''}"
        bench.record("watch_latency", size, "ms", statistics.median(every.seconds) * 1e3, every.p99_ms, len(rounds))
