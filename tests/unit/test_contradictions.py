"""Conditions that contradict each other: refused exactly when no number could meet both."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runlore import v1
from runlore_server.errors import RunloreError
from runlore_server.services.registry.conditions import beats
from runlore_server.services.registry.contradictions import refuse

FINITE = st.floats(allow_nan=False, allow_infinity=False)
UP, DOWN = v1.DIRECTION_MAXIMIZE, v1.DIRECTION_MINIMIZE
LATEST = v1.METRIC_SOURCE_LATEST_EVALUATION


def metric(direction: v1.Direction.ValueType, key: str = "auc", **fields: Any) -> v1.Condition:
    return v1.Condition(metric=v1.MetricCondition(key=key, direction=direction, **fields))


def tag(key: str, value: str) -> v1.Condition:
    return v1.Condition(tag=v1.TagCondition(key=key, value=value))


@pytest.mark.parametrize(
    ("conditions", "field", "words"),
    [
        (
            [metric(UP, constant=0.9), metric(DOWN, constant=0.5)],
            "conditions[1]",
            "contradicts conditions[0]: no auc is both greater than 0.9 and less than 0.5",
        ),
        (
            [metric(DOWN, constant=0.5), tag("a", "b"), metric(UP, constant=0.5)],
            "conditions[2]",
            "contradicts conditions[0]: no auc is both greater than 0.5 and less than 0.5",
        ),
        (
            [metric(UP, constant=0.25, min_delta=0.5), metric(DOWN, constant=1, min_delta=0.5)],
            "conditions[1]",
            "contradicts conditions[0]: no auc is both greater than 0.25 by at least 0.5 and less than 1 by at least "
            "0.5",
        ),
        (
            [metric(UP, current_holder=True), metric(DOWN, current_holder=True)],
            "conditions[1]",
            "contradicts conditions[0]: no auc is both greater and less than the present holder's",
        ),
        (
            [tag("audit", "passed"), tag("audit", "failed")],
            "conditions[1]",
            "contradicts conditions[0]: the tag 'audit' cannot be both 'passed' and 'failed'",
        ),
        # A version has one frozen number, whatever data it names; not saying the source means that one.
        (
            [
                metric(UP, constant=0.9, dataset_digest="d"),
                metric(DOWN, constant=0.5, source=v1.METRIC_SOURCE_FROZEN),
            ],
            "conditions[1]",
            "contradicts conditions[0]: no auc is both greater than 0.9 and less than 0.5",
        ),
    ],
)
def test_what_contradicts_is_refused_and_named(conditions: list[v1.Condition], field: str, words: str) -> None:
    with pytest.raises(RunloreError) as refused:
        refuse(conditions)
    (violation,) = refused.value.violations
    assert (violation.field, violation.description) == (field, words)


@pytest.mark.parametrize(
    "conditions",
    [
        [metric(UP, constant=0.5), metric(DOWN, constant=0.9)],
        [metric(UP, constant=0.5, min_delta=0.25), metric(DOWN, constant=1, min_delta=0.25)],
        [metric(UP, constant=0.9), metric(UP, constant=0.5)],
        [metric(UP, constant=0.9), metric(DOWN, "loss", constant=0.5)],
        [metric(UP, constant=0.9), metric(DOWN, constant=0.5, source=LATEST)],
        [metric(UP, constant=0.9, source=LATEST), metric(DOWN, constant=0.5, source=LATEST, dataset_digest="d")],
        [metric(UP, current_holder=True), metric(DOWN, constant=0.5)],
        [metric(UP, current_holder=True), metric(DOWN, current_holder=True, source=LATEST)],
        [tag("a", "x"), tag("b", "y"), tag("a", "x")],
        # A metric and a tag of one name have nothing to do with each other.
        [tag("auc", "x"), metric(UP, constant=0.9), metric(UP, current_holder=True), tag("auc", "x")],
    ],
)
def test_what_can_hold_together_is_not_refused(conditions: list[v1.Condition]) -> None:
    refuse(conditions)


@given(FINITE, st.floats(0, allow_nan=False, allow_infinity=False), FINITE, st.floats(0, 1e300), FINITE)
@example(0.1, 0.2, 1.0, 0.7, 0.3)
@example(-1e16, 1e16, 1.0, 0.0, 0.0)
@example(1.0, 0.0, math.nextafter(1.0, 2), 0.0, 1.0)
def test_no_number_meets_what_is_refused(low: float, more: float, high: float, less: float, number: float) -> None:
    up, down = metric(UP, constant=low, min_delta=more), metric(DOWN, constant=high, min_delta=less)
    tried = {number, low, high, low + more, high - less, math.inf, -math.inf}
    tried |= {math.nextafter(n, way) for n in tried for way in (math.inf, -math.inf)}
    met = [n for n in tried if beats(up.metric, n, low) and beats(down.metric, n, high)]
    try:
        refuse([up, down])
    except RunloreError:
        assert met == []


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.floats(0, 1e9), st.floats(0, 1e9))
def test_what_a_number_meets_is_what_is_not_refused(low: float, number: float, more: float, less: float) -> None:
    """Bars on both sides of a number, at distances that it keeps, are never refused."""
    high = number + less
    up, down = metric(UP, constant=low, min_delta=more), metric(DOWN, constant=high, min_delta=less)
    if beats(up.metric, number, low) and beats(down.metric, number, high):
        refuse([up, down])
