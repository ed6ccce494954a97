"""[ingest_growth] whether a batch costs the same when its run has 20 million points already."""

from __future__ import annotations

from tests.bench.harness import Bench
from tests.bench.orders import Processes
from tests.bench.writer import POINTS_A_CALL


def scenario(bench: Bench) -> None:
    """Fill one run in ten parts; the row compares the last with the first."""
    points = 200_000 if bench.tiny else 20_000_000
    calls = points // 10 // POINTS_A_CALL
    with bench.server() as served:
        writer = Processes("tests.bench.writer")
        writer.measure({"address": served.address, "calls": 1})
        parts = [writer.measure({"address": served.address, "calls": calls}) for _ in range(10)]
        writer.close()
    first, last = parts[0], parts[-1]
    bench.record(
        "ingest_growth",
        f"to {points / 1e6:g} M points",
        "points/s",
        last.rate,
        last.p99_ms,
        ceiling=("its first tenth", first.rate, last.rate / first.rate),
    )
