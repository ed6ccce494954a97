"""[history] 21 series of 1,000 points, read to a client, beside MLflow's get_metric_history of each."""

from __future__ import annotations

import statistics

import grpc
import numpy as np

from runlore import v1
from tests.bench import walks
from tests.bench.harness import Bench, Measured
from tests.bench.load import HISTORY, Load

KEYS = [f"metric-{i:02d}" for i in range(21)]
POINTS = 1_000
GOAL_MS = 20.0
GOAL_TIMES = 50.0


def scenario(bench: Bench) -> None:
    """Check that all points come, then measure."""
    size = f"{len(KEYS)} x {POINTS:,} points"
    peer = bench.peer()
    logged = peer.ask("log_points", keys=KEYS, count=POINTS, over=False) if peer else ""
    with bench.server() as served:
        with grpc.insecure_channel(served.address) as channel:
            tracking = v1.TrackingServiceStub(channel)
            run_id = walks.log(tracking, 7, KEYS, POINTS)
            request = v1.GetMetricHistoryRequest(run_ids=[run_id])
            for part in tracking.GetMetricHistory(request):
                if not np.array_equal(part.series.values, walks.walk(7, part.series.key, POINTS)):
                    bench.fail("history", size, f"{part.series.key} comes with other points than it was given")
        if peer and peer.ask("points", run_id=logged, keys=KEYS) != len(KEYS) * POINTS:
            bench.fail("history", size, "MLflow does not have all points")
        message = request.SerializeToString()
        load = Load()

        def ours(seconds: float) -> Measured:
            return load.call(served.address, HISTORY, message, 1, seconds, v1.GetMetricHistoryResponse)

        def theirs(seconds: float) -> Measured:
            assert peer is not None
            return peer.measure("history", 1, seconds, run_id=logged, keys=KEYS)

        bench.compare(
            "history",
            f"{size}, readings",
            "1/s",
            ours,
            peer=("MLflow get_metric_history of each", theirs) if peer else None,
            least_ratio=GOAL_TIMES,
        )
        measured = ours(bench.seconds)
        p50 = statistics.median(measured.seconds) * 1e3
        wanted = (f"p50 <= {GOAL_MS:g} ms", p50 <= GOAL_MS)
        bench.record("history", size, "ms", p50, measured.p99_ms, wanted=wanted)
        load.close()
