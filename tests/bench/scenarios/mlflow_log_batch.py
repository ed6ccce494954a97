"""[mlflow_log_batch] MLflow's log_batch of 1,000 metrics, by the plugin and by MLflow's own client on its server."""

from __future__ import annotations

from tests.bench.harness import Bench, Measured
from tests.bench.peer.server import on_runlore

GOAL_TIMES = 30


def scenario(bench: Bench) -> None:
    """Measure calls that leave points to the spool, and calls that return when they are stored."""
    peer = bench.peer(workers=2)
    if peer is None:
        return
    with bench.server() as served, on_runlore(served) as plugin:
        for size, synchronous in (("1,000 metrics", False), ("1,000 metrics, synchronous", True)):

            def ours(seconds: float, synchronous: bool = synchronous) -> Measured:
                return plugin.measure("log_batch", 1, seconds, synchronous=synchronous)

            def theirs(seconds: float) -> Measured:
                return peer.measure("log_batch", 1, seconds)

            beside = ("MLflow's server, 2 workers", theirs)
            bench.compare("mlflow_log_batch", size, "points/s", ours, peer=beside, least_ratio=GOAL_TIMES)
