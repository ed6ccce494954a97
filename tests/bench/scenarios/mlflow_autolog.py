"""[mlflow_autolog] a fit of scikit-learn that MLflow logs by itself, on Runlore and on MLflow's own local store."""

from __future__ import annotations

import sys

from tests.bench.harness import Bench, Measured
from tests.bench.peer.server import PeerError, local_store, on_runlore

#: No slower.
GOAL_TIMES = 1.0


def scenario(bench: Bench) -> None:
    """Measure fits, from the start of the run to its end; what they logged is read back."""
    try:
        with bench.server() as served, on_runlore(served) as plugin, local_store() as local:

            def ours(seconds: float) -> Measured:
                return plugin.measure("autolog", 1, seconds)

            def theirs(seconds: float) -> Measured:
                return local.measure("autolog", 1, seconds)

            beside = ("MLflow's SQLite file", theirs)
            # Nine tenths of a fit are a process of MLflow's, whose time differs by a third from one to the next.
            bench.compare("mlflow_autolog", "a fit", "fits/s", ours, peer=beside, least_ratio=GOAL_TIMES, rounds=5)
    except PeerError as error:
        print(f"No row mlflow_autolog: {error}", file=sys.stderr)
