"""Summaries of many series at once agree with the words of the contract, however their points come."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from runlore_server.store import summaries
from runlore_server.store.summaries import Ints, Summaries
from tests.harness.points import Point, expected, plain_zeros, points

Placed = list[tuple[int, Point]]


def columns(found: Placed) -> tuple[Ints, Ints, Ints, summaries.Floats]:
    """Places, steps, times and values."""
    return (
        np.array([place for place, _ in found], np.int64),
        np.array([step for _, (step, _, _) in found], np.int64),
        np.array([time for _, (_, time, _) in found], np.int64),
        np.array([value for _, (_, _, value) in found], np.float64),
    )


def placed() -> st.SearchStrategy[Placed]:
    """Points of a few series, in the order written."""
    point = points(1).map(lambda found: plain_zeros(found)[0])
    return st.lists(st.tuples(st.integers(0, 3), point), min_size=1, max_size=30)


def agrees(found: Summaries, written: Placed) -> None:
    """Compare with the contract's words, series by series."""
    for place, record in enumerate(found):
        of_place = [point for at, point in written if at == place]
        if not of_place:
            assert record["count"] == 0
            continue
        wanted = expected(of_place)
        assert record["count"] == wanted.count
        np.testing.assert_equal(
            [record[name] for name in ("last", "last_step", "last_time", "min_step", "max_step")],
            [wanted.last, wanted.last_step, wanted.last_time_unix_us, wanted.min_step, wanted.max_step],
        )
        for name in ("min", "max"):
            np.testing.assert_equal(record[name], getattr(wanted, name) if wanted.HasField(name) else np.nan)


@given(st.lists(placed(), min_size=1, max_size=4))
def test_folding_in_any_cuts_is_summarizing_the_whole(parts: list[Placed]) -> None:
    found = summaries.none(4)
    written: Placed = []
    for part in parts:
        summaries.fold(found, *columns(part))
        written += part
        agrees(found, written)


@given(st.lists(st.integers(0, 5) | st.integers(0, 100_000), min_size=1, max_size=40))
def test_the_stable_order_is_that_of_sorted(places: list[int]) -> None:
    order = summaries.stable_order(np.array(places, np.int64))
    assert order.tolist() == sorted(range(len(places)), key=lambda i: places[i])


def test_concatenated_summaries_are_unchanged() -> None:
    found = summaries.none(3)
    summaries.fold(found, *columns([(0, (1, 2, 3.5)), (2, (-1, 0, -2.0))]))
    whole = summaries.concatenated([found, summaries.none(1), found])
    np.testing.assert_equal(whole[:3].tolist(), found.tolist())
    np.testing.assert_equal(whole[4:].tolist(), found.tolist())
    assert whole[3]["count"] == 0
