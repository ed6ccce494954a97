"""[server_memory] of a worker, idle and after 20 million points."""

from __future__ import annotations

import psutil

from tests.bench.harness import Bench
from tests.bench.orders import Processes
from tests.bench.writer import POINTS_A_CALL

WRITERS = 4


def scenario(bench: Bench) -> None:
    """Measure one worker: resident memory, and what of it is its own (its share of shared pages included)."""
    points = 400_000 if bench.tiny else 20_000_000
    with bench.server() as served:
        idle_rss, idle_pss = _memory(served.pid)
        writers = Processes("tests.bench.writer", WRITERS)
        writers.ask(*[{"address": served.address, "calls": points // WRITERS // POINTS_A_CALL}] * WRITERS)
        writers.close()
        full_rss, full_pss = _memory(served.pid)
    after = f"after {points / 1e6:g} M points"
    bench.record("server_memory", "idle", "MB", idle_rss)
    bench.record("server_memory", "idle, PSS", "MB", idle_pss)
    bench.record("server_memory", after, "MB", full_rss)
    bench.record("server_memory", f"{after}, grown by", "MB", full_rss - idle_rss)
    bench.record("server_memory", f"{after}, grown by, PSS", "MB", full_pss - idle_pss)


def _memory(pid: int) -> tuple[float, float]:
    found = psutil.Process(pid).memory_full_info()
    return found.rss / 1e6, found.pss / 1e6
