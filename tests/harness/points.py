"""Metric points for tests, and what the contract says of them."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from runlore import v1

#: (step, time, value).
Point = tuple[int, int, float]


def points(max_size: int = 40) -> st.SearchStrategy[list[Point]]:
    """Points with repeated steps and times, NaN and infinities."""
    value = st.floats(width=32) | st.sampled_from([0.0, 1.0, math.nan, math.inf, -math.inf])
    return st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 3), value), min_size=1, max_size=max_size)


def series(found: list[Point], key: str = "k") -> v1.MetricSeries:
    """Points as a request has them."""
    steps, times, values = zip(*found, strict=True)
    return v1.MetricSeries(key=key, steps=steps, times_unix_us=times, values=values)


def expected(found: list[Point], key: str = "k") -> v1.MetricSummary:
    """The summary by the words of MetricSummary's comments."""
    last = max(enumerate(found), key=lambda item: (item[1][0], item[1][1], item[0]))[1]
    summary = v1.MetricSummary(key=key, last=last[2], last_step=last[0], last_time_unix_us=last[1], count=len(found))
    numbers = [p for p in found if not math.isnan(p[2])]
    if numbers:
        low = min(numbers, key=lambda p: p[2])
        high = max(numbers, key=lambda p: p[2])
        summary.min, summary.min_step, summary.max, summary.max_step = low[2], low[0], high[2], high[0]
    return summary


def same(a: v1.MetricSummary, b: v1.MetricSummary) -> bool:
    """Whether two summaries are equal, NaN being equal to NaN."""
    return a.SerializeToString(deterministic=True) == b.SerializeToString(deterministic=True)


def plain_zeros(found: list[Point]) -> list[Point]:
    """The points with zeros of one sign: which of the two a minimum has is nobody's promise."""
    return [(s, t, 0.0 if v == 0 else v) for s, t, v in found]
