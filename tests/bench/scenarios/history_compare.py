"""[history_compare] 20 runs x 5 keys x 100,000 points, to 1,000 each in one call: the first time, the second."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable
from typing import Any

import grpc
import numpy as np

from runlore import v1
from tests.bench import walks
from tests.bench.harness import Bench
from tests.harness.postgres import scratch_folder

KEYS = [f"metric-{i}" for i in range(5)]
MAX_POINTS = 1_000
GOAL_FIRST_MS, GOAL_SECOND_MS = 1_500.0, 100.0


def scenario(bench: Bench) -> None:
    """Log the points; then each round asks a server that has just been started twice."""
    runs, points = (3, 5_000) if bench.tiny else (20, 100_000)
    size = f"{runs} runs x {len(KEYS)} keys x {points:,} points to {MAX_POINTS:,}"
    first, second = [], []
    with scratch_folder() as folder:
        with bench.server(data=folder) as served, grpc.insecure_channel(served.address) as channel:
            tracking = v1.TrackingServiceStub(channel)
            # One more, by which a server is woken up.
            run_ids = [walks.log(tracking, seed, KEYS, points) for seed in range(runs + 1)]
        request = v1.GetMetricHistoryRequest(run_ids=run_ids[:-1], keys=KEYS, max_points=MAX_POINTS)
        awake = v1.GetMetricHistoryRequest(run_ids=run_ids[-1:], keys=KEYS, max_points=MAX_POINTS)
        for _ in range(bench.rounds):
            with bench.server(data=folder) as served, grpc.insecure_channel(served.address) as channel:
                tracking = v1.TrackingServiceStub(channel)
                _timed(tracking, awake)
                for taken in (first, second):
                    seconds, parts = _timed(tracking, request)
                    taken.append(seconds * 1e3)
                    if why := _wrong(parts, run_ids[:-1], points):
                        bench.fail("history_compare", size, why)
    for what, taken, goal in (("first time", first, GOAL_FIRST_MS), ("second time", second, GOAL_SECOND_MS)):
        p50 = statistics.median(taken)
        wanted = (f"<= {goal:g} ms", p50 <= goal)
        bench.record("history_compare", f"{size}, {what}", "ms", p50, max(taken), bench.rounds, wanted=wanted)


def _timed(
    tracking: v1.TrackingServiceStub, request: v1.GetMetricHistoryRequest
) -> tuple[float, list[v1.GetMetricHistoryResponse]]:
    began = time.perf_counter()
    parts = list(tracking.GetMetricHistory(request))
    return time.perf_counter() - began, parts


def _wrong(parts: Iterable[v1.GetMetricHistoryResponse], run_ids: list[str], points: int) -> str:
    """What is wrong with an answer: each series is to be some of its points, with its ends and extremes."""
    found: dict[tuple[str, str], list[Any]] = {}
    for part in parts:
        if part.point_count != points:
            return f"{part.series.key}: point_count is {part.point_count}"
        steps, values = found.setdefault((part.run_id, part.series.key), [[], []])
        steps += part.series.steps
        values += part.series.values
    if set(found) != {(run_id, key) for run_id in run_ids for key in KEYS}:
        return f"{len(found)} series came"
    for (run_id, key), (steps, values) in found.items():
        all_values = walks.walk(run_ids.index(run_id), key, points)
        places = np.array(steps)
        if len(places) > MAX_POINTS or (np.diff(places) <= 0).any():
            return f"{key}: {len(places)} points, or not in order"
        if not np.array_equal(all_values[places], values):
            return f"{key}: points that are not the series'"
        if not {0, points - 1, int(all_values.argmin()), int(all_values.argmax())} <= set(steps):
            return f"{key}: without its first, last, least or greatest point"
    return ""
