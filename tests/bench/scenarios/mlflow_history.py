"""[mlflow_history] get_metric_history of 21 series of 1,000 points, by the plugin and on MLflow's own server."""

from __future__ import annotations

from tests.bench.harness import Bench, Measured
from tests.bench.peer.server import on_runlore
from tests.bench.scenarios.history import KEYS, POINTS

GOAL_TIMES = 10


def scenario(bench: Bench) -> None:
    """Check that all points come, then measure."""
    peer = bench.peer(workers=2)
    if peer is None:
        return
    with bench.server() as served, on_runlore(served) as plugin:
        for over in (True, False):
            size = f"{len(KEYS)} x {POINTS:,} points, a call a series, the run {'is over' if over else 'goes on'}"
            logged = {each: each.ask("log_points", keys=KEYS, count=POINTS, over=over) for each in (plugin, peer)}
            for each, run_id in logged.items():
                if each.ask("points", run_id=run_id, keys=KEYS) != len(KEYS) * POINTS:
                    bench.fail("mlflow_history", size, "not all points are there")
                    return

            def ours(seconds: float, run_id: str = logged[plugin]) -> Measured:
                return plugin.measure("history", 1, seconds, run_id=run_id, keys=KEYS)

            def theirs(seconds: float, run_id: str = logged[peer]) -> Measured:
                return peer.measure("history", 1, seconds, run_id=run_id, keys=KEYS)

            beside = ("MLflow's server, 2 workers", theirs)
            bench.compare("mlflow_history", size, "1/s", ours, peer=beside, least_ratio=GOAL_TIMES)
