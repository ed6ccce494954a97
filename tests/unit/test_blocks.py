"""Columns of points: every series of a batch is summarized as the contract says, whatever stands beside it."""

from __future__ import annotations

import math
import time

from hypothesis import given
from hypothesis import strategies as st

from runlore import v1
from runlore_server.store.blocks import Batch
from tests.harness.points import Point, expected, plain_zeros, points, same, series


def summaries(*batches: list[Point]) -> list[v1.MetricSummary]:
    """What `Batch` makes of one series a list."""
    found = Batch.of([series(batch, f"k{i}") for i, batch in enumerate(batches)]).summaries()
    made = []
    for i in range(len(batches)):
        summary = v1.MetricSummary(
            key=f"k{i}",
            last=found["last"][i],
            last_step=found["last_step"][i],
            last_time_unix_us=found["last_time"][i],
            min_step=found["min_step"][i],
            max_step=found["max_step"][i],
            count=found["count"][i],
        )
        if not math.isnan(found["min"][i]):
            summary.min, summary.max = found["min"][i], found["max"][i]
        made.append(summary)
    return made


@given(st.lists(points(), min_size=1, max_size=6))
def test_each_series_of_a_batch_is_summarized_as_the_contract_says(batches: list[list[Point]]) -> None:
    batches = [plain_zeros(batch) for batch in batches]
    for i, (batch, summary) in enumerate(zip(batches, summaries(*batches), strict=True)):
        assert same(summary, expected(batch, f"k{i}"))


def test_infinities_beside_nan() -> None:
    up, down = summaries([(0, 0, math.nan), (1, 0, math.inf), (2, 0, math.inf)], [(0, 0, math.nan), (1, 0, -math.inf)])
    assert (up.min, up.min_step, up.max, up.max_step) == (math.inf, 1, math.inf, 1)
    assert (down.min, down.min_step, down.max, down.max_step) == (-math.inf, 1, -math.inf, 1)


def test_a_series_of_nan_has_no_extremes() -> None:
    (summary,) = summaries([(0, 0, math.nan)])
    assert math.isnan(summary.last)
    assert not summary.HasField("min")
    assert not summary.HasField("max")


def test_times_are_microseconds() -> None:
    now = time.time_ns() // 1000
    (summary,) = summaries([(0, now, 1.0)])
    assert summary.last_time_unix_us == now
