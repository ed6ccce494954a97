"""The load of `LogBatch`: a writer with a run of its own, a call of 100 series of 100 points after the other."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable

import grpc
import numpy as np

from runlore import v1
from tests.bench.orders import Order, serve

KEYS, POINTS = 100, 100
POINTS_A_CALL = KEYS * POINTS


def batches() -> list[list[v1.MetricSeries]]:
    """Eight batches whose values differ from those of every other, as a run's do."""
    now = time.time_ns() // 1000
    return [
        [
            v1.MetricSeries(
                key=f"metric-{key}",
                steps=range(number * POINTS, (number + 1) * POINTS),
                times_unix_us=range(now, now + POINTS),
                values=dice.random(POINTS).tolist(),
            )
            for key in range(KEYS)
        ]
        for number, dice in enumerate(map(np.random.default_rng, range(8)))
    ]


def repeat(call: Callable[[], object], *, seconds: float = float("inf"), calls: float = float("inf")) -> Order:
    """Call until the time or the number of calls is used up; returns points a second and the seconds of each call."""
    taken: list[float] = []
    began = time.perf_counter()
    while len(taken) < calls and (start := time.perf_counter()) < began + seconds:
        call()
        taken.append(time.perf_counter() - start)
    return {"rate": len(taken) * POINTS_A_CALL / (time.perf_counter() - began), "seconds": taken}


class _Writer:
    """Writes to one run of one server."""

    def __init__(self, address: str) -> None:
        """Create the run."""
        self._tracking = v1.TrackingServiceStub(grpc.insecure_channel(address))
        self._run_id = self._tracking.CreateRun(v1.CreateRunRequest(experiment_name="bench")).run.run_id
        self._writer_id = secrets.token_hex(8)
        self._sequences = itertools.count(1)

    def call(self) -> None:
        """Log a batch; the request's message is made of its series each time."""
        sequence = next(self._sequences)
        self._tracking.LogBatch(
            v1.LogBatchRequest(
                run_id=self._run_id,
                writer_id=self._writer_id,
                sequence=sequence,
                series=_BATCHES[sequence % len(_BATCHES)],
            )
        )


def _answer(order: Order) -> Order:
    writer = _WRITERS.get(order["address"]) or _WRITERS.setdefault(order["address"], _Writer(order["address"]))
    if "calls" in order:
        return repeat(writer.call, calls=order["calls"])
    return repeat(writer.call, seconds=order["seconds"])


_WRITERS: dict[str, _Writer] = {}
_BATCHES: list[list[v1.MetricSeries]] = []

if __name__ == "__main__":
    _BATCHES += batches()
    serve(_answer)
