"""[mlflow_log_metric] mlflow.log_metric in a loop, by the plugin and by MLflow's own client on its server."""

from __future__ import annotations

from tests.bench.harness import Bench, Measured
from tests.bench.peer.server import on_runlore

#: What is measured, with the plugin's options, and how many times faster than MLflow it is to be.
SIZES = (
    ("a call, asynchronous", {}, 200),
    ("a call, synchronous", {"synchronous": True}, 10),
    ("1,000 calls and the end of the run", {"stored": True}, None),
)


def scenario(bench: Bench) -> None:
    """Measure calls; each run's last value is read back."""
    peer = bench.peer(workers=2)
    if peer is None:
        return
    with bench.server() as served, on_runlore(served) as plugin:
        for size, options, times in SIZES:

            def ours(seconds: float, options: dict[str, bool] = options) -> Measured:
                return plugin.measure("log_metric", 1, seconds, **options)

            def theirs(seconds: float, stored: bool = "stored" in options) -> Measured:
                return peer.measure("log_metric", 1, seconds, stored=stored)

            beside = ("MLflow's server, 2 workers", theirs)
            bench.compare("mlflow_log_metric", size, "calls/s", ours, peer=beside, least_ratio=times)
