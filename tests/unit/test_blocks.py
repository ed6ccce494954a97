"""Columns of points: a summary of parts merges to the summary of the whole."""

from __future__ import annotations

import math
import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from runlore import v1
from runlore_server.store.blocks import Columns, merge

Point = tuple[int, int, float]

POINTS = st.lists(
    st.tuples(st.integers(-5, 5), st.integers(0, 3), st.floats(width=32) | st.sampled_from([0.0, 1.0, math.nan])),
    min_size=1,
    max_size=40,
)


def series(points: list[Point]) -> v1.MetricSeries:
    steps, times, values = zip(*points, strict=True)
    return v1.MetricSeries(key="k", steps=steps, times_unix_us=times, values=values)


def expected(points: list[Point]) -> v1.MetricSummary:
    """The summary by the words of MetricSummary's comments."""
    last = max(enumerate(points), key=lambda item: (item[1][0], item[1][1], item[0]))[1]
    summary = v1.MetricSummary(key="k", last=last[2], last_step=last[0], last_time_unix_us=last[1], count=len(points))
    numbers = [p for p in points if not math.isnan(p[2])]
    if numbers:
        low = min(numbers, key=lambda p: p[2])
        high = max(numbers, key=lambda p: p[2])
        summary.min, summary.min_step, summary.max, summary.max_step = low[2], low[0], high[2], high[0]
    return summary


def same(a: v1.MetricSummary, b: v1.MetricSummary) -> bool:
    # Bytes and not values: NaN equals NaN here. Zeros of both signs are equal numbers.
    return a.SerializeToString(deterministic=True) == b.SerializeToString(deterministic=True)


def plain_zeros(points: list[Point]) -> list[Point]:
    return [(s, t, 0.0 if v == 0 else v) for s, t, v in points]


@given(POINTS)
def test_a_summary_is_what_the_contract_says(points: list[Point]) -> None:
    points = plain_zeros(points)
    assert same(Columns.of(series(points)).summary(), expected(points))


@given(POINTS, st.lists(st.integers(0, 40), max_size=4))
def test_summaries_of_parts_merge_to_that_of_the_whole(points: list[Point], cuts: list[int]) -> None:
    points = plain_zeros(points)
    merged = None
    for begin, end in pairwise(sorted({0, len(points), *(c for c in cuts if c < len(points))})):
        merged = merge(merged, Columns.of(series(points[begin:end])).summary())
    assert merged is not None
    assert same(merged, expected(points))


def test_infinities_beside_nan() -> None:
    summary = Columns.of(series([(0, 0, math.nan), (1, 0, math.inf), (2, 0, math.inf)])).summary()
    assert (summary.min, summary.min_step, summary.max, summary.max_step) == (math.inf, 1, math.inf, 1)
    summary = Columns.of(series([(0, 0, math.nan), (1, 0, -math.inf)])).summary()
    assert (summary.min, summary.min_step, summary.max, summary.max_step) == (-math.inf, 1, -math.inf, 1)


def test_a_series_of_nan_has_no_extremes() -> None:
    summary = Columns.of(series([(0, 0, math.nan)])).summary()
    assert math.isnan(summary.last)
    assert not summary.HasField("min")
    assert not summary.HasField("max")


def test_times_are_microseconds() -> None:
    now = time.time_ns() // 1000
    assert Columns.of(series([(0, now, 1.0)])).summary().last_time_unix_us == now
