"""Series of many points, logged through the API: random walks, as losses and scores look, made of a seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runlore import v1
from tests.bench.bulk_runs import BEGINNING_US, SECOND_US, Floats

#: Points a call, over all of its series.
_AT_ONCE = 200_000


def walk(seed: int, key: str, points: int) -> Floats:
    """Return a series' values: a run's seed, a key and a number of points give the same each time."""
    values: Floats = np.cumsum(np.random.default_rng([seed, *key.encode()]).standard_normal(points))
    return values


def log(tracking: v1.TrackingServiceStub, seed: int, keys: Sequence[str], points: int) -> str:
    """Create a run with so many points in each series, steps from 0, a second apart; returns its id."""
    run_id = tracking.CreateRun(v1.CreateRunRequest(experiment_name="bench")).run.run_id
    values = {key: walk(seed, key, points) for key in keys}
    stretch = _AT_ONCE // len(keys)
    for sequence, first in enumerate(range(0, points, stretch), 1):
        steps = range(first, min(first + stretch, points))
        times = range(BEGINNING_US + steps.start * SECOND_US, BEGINNING_US + steps.stop * SECOND_US, SECOND_US)
        series = [
            v1.MetricSeries(key=key, steps=steps, times_unix_us=times, values=values[key][steps.start : steps.stop])
            for key in keys
        ]
        tracking.LogBatch(v1.LogBatchRequest(run_id=run_id, writer_id="bench", sequence=sequence, series=series))
    return run_id
