"""The point buffer by itself."""

from __future__ import annotations

import math

import pytest

import runlore
from runlore._points import BATCH_POINTS, BATCH_SERIES, PointBuffer


def buffer(capacity: int = 1_000_000) -> PointBuffer:
    return PointBuffer("a" * 32, "w", capacity)


def test_a_batch_has_the_points_as_columns() -> None:
    points = buffer()
    points.add({"loss": 1.0, "auc": 2}, -3)
    points.add({"loss": math.inf}, None)
    batch = points.batch()
    assert batch is not None
    assert (batch.run_id, batch.workspace, batch.sequence) == ("a" * 32, "w", 1)
    assert [(s.key, list(s.steps), list(s.values)) for s in batch.series] == [
        ("loss", [-3, 0], [1.0, math.inf]),
        ("auc", [-3], [2.0]),
    ]
    assert all(t > 1_600_000_000_000_000 for s in batch.series for t in s.times_unix_us)


def test_steps_are_counted_for_each_metric() -> None:
    points = buffer()
    for metrics in ({"a": 1.0}, {"a": 1.0, "b": 1.0}, {"a": 1.0}):
        points.add(metrics, None)
    batch = points.batch()
    assert batch is not None
    assert {s.key: list(s.steps) for s in batch.series} == {"a": [0, 1, 2], "b": [0]}


def test_the_batch_in_hand_stays_the_same_until_it_is_settled() -> None:
    points = buffer()
    points.add({"a": 1.0}, 0)
    first = points.batch()
    points.add({"a": 2.0}, 1)
    assert points.batch() is first
    assert (points.added, points.settled) == (2, 0)
    points.acknowledged()
    second = points.batch()
    assert first is not None
    assert second is not None
    assert (second.writer_id, second.sequence) == (first.writer_id, 2)
    assert list(second.series[0].values) == [2.0]
    points.acknowledged()
    assert points.batch() is None
    assert points.settled == 2


def test_a_refused_batch_leaves_no_gap() -> None:
    points = buffer()
    points.add({"a": 1.0}, 0)
    points.batch()
    assert points.refused(runlore.RunloreError("no")) == 1
    points.add({"a": 2.0}, 1)
    batch = points.batch()
    assert batch is not None
    assert batch.sequence == 1
    assert points.dropped == 1


def test_batches_are_cut_at_their_caps() -> None:
    points = buffer()
    for step in range(BATCH_POINTS + 5):
        points.add({"a": float(step)}, step)
    first = points.batch()
    assert first is not None
    assert len(first.series[0].values) == BATCH_POINTS
    points.acknowledged()
    rest = points.batch()
    assert rest is not None
    assert list(rest.series[0].steps) == list(range(BATCH_POINTS, BATCH_POINTS + 5))

    many = buffer()
    many.add({f"m{i}": 0.0 for i in range(BATCH_SERIES + 1)}, 0)
    wide = many.batch()
    assert wide is not None
    assert len(wide.series) == BATCH_SERIES


def test_a_full_buffer_turns_points_away_and_counts_them() -> None:
    points = buffer(capacity=3)
    assert points.add({"a": 1.0, "b": 1.0}, 0)
    assert not points.add({"a": 1.0, "b": 1.0}, 1)
    assert points.dropped == 2
    assert points.add({"a": 1.0}, 1)
    points.batch()
    points.acknowledged()
    assert points.add({"a": 1.0}, 2), "what was stored makes room"


def test_a_fork_leaves_the_points_and_the_writer_to_the_parent() -> None:
    points = buffer()
    points.add({"a": 1.0}, None)
    batch = points.batch()
    points.after_fork_in_child()
    assert points.batch() is None
    points.add({"a": 2.0}, None)
    own = points.batch()
    assert batch is not None
    assert own is not None
    assert own.writer_id != batch.writer_id
    assert (own.sequence, list(own.series[0].steps)) == (1, [1])


@pytest.mark.parametrize(
    ("metrics", "step", "field", "rule"),
    [
        ({"a": "1"}, 0, "metrics['a']", "give a number"),
        ({"a": None}, 0, "metrics['a']", "give a number"),
        ({"a": 1j}, 0, "metrics['a']", "give a number"),
        ({"": 1.0}, 0, "metrics", "0 characters"),
        ({"x" * 251: 1.0}, 0, "metrics", "251 characters"),
        ({"a\nb": 1.0}, 0, "metrics", "control characters"),
        ({3: 1.0}, 0, "metrics", "give a string"),
        ({"a": 1.0}, 1.5, "step", "whole number"),
        ({"a": 1.0}, 2**63, "step", "at most 64 bits"),
    ],
)
def test_what_cannot_be_stored_is_refused_and_nothing_is_added(
    metrics: dict, step: object, field: str, rule: str
) -> None:
    points = buffer()
    with pytest.raises(runlore.InvalidArgumentError) as caught:
        points.add({"good": 1.0, **metrics}, step)  # type: ignore[arg-type]
    assert rule in caught.value.fields[field]
    assert points.added == 0
    assert points.batch() is None


def test_numbers_of_other_types_are_taken() -> None:
    numpy = pytest.importorskip("numpy")
    points = buffer()
    points.add({"a": numpy.float32(0.5), "b": True, "c": numpy.array(2)}, numpy.int64(7))
    batch = points.batch()
    assert batch is not None
    assert {s.key: (list(s.steps), list(s.values)) for s in batch.series} == {
        "a": ([7], [0.5]),
        "b": ([7], [1.0]),
        "c": ([7], [2.0]),
    }
