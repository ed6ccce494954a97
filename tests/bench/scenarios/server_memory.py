"""[server_memory] of a worker: idle, after 2 million points, and after 20 million."""

from __future__ import annotations

import psutil

from tests.bench.harness import Bench
from tests.bench.orders import Processes
from tests.bench.writer import POINTS_A_CALL

WRITERS = 4


def scenario(bench: Bench) -> None:
    """Measure one worker's resident memory. The first points fill its buffers; what grows after them would grow on."""
    points = 400_000 if bench.tiny else 20_000_000
    with bench.server() as served:
        writers = Processes("tests.bench.writer", WRITERS)

        def write(points: int) -> float:
            writers.ask(*[{"address": served.address, "calls": points // WRITERS // POINTS_A_CALL}] * WRITERS)
            return _megabytes(served.pid)

        idle = _megabytes(served.pid)
        warm = write(points // 10)
        full = write(points - points // 10)
        writers.close()
    bench.record("server_memory", "idle", "MB", idle)
    bench.record("server_memory", f"after {points / 1e7:g} M points", "MB", warm)
    bench.record("server_memory", f"after {points / 1e6:g} M points", "MB", full)


def _megabytes(pid: int) -> float:
    return float(psutil.Process(pid).memory_info().rss) / 1e6
