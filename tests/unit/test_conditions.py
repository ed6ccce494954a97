"""Conditions of an alias move: every outcome, and the sentence that tells it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runlore import v1
from runlore_server.services.registry.conditions import evaluate

FINITE = st.floats(-1e6, 1e6)


def version(number: int, **metrics: float) -> v1.ModelVersion:
    found = [v1.MetricSummary(key=key, last=value) for key, value in metrics.items()]
    return v1.ModelVersion(version=number, evidence=v1.Evidence(metrics=found))


def beat_holder(direction: v1.Direction.ValueType, delta: float = 0) -> v1.Condition:
    metric = v1.MetricCondition(key="auc", direction=direction, current_holder=True, min_delta=delta)
    return v1.Condition(metric=metric)


@given(FINITE, FINITE, st.floats(0, 10))
def test_better_is_strict_and_by_the_delta(ours: float, theirs: float, delta: float) -> None:
    up = evaluate(beat_holder(v1.DIRECTION_MAXIMIZE, delta), version(2, auc=ours), version(1, auc=theirs))
    down = evaluate(beat_holder(v1.DIRECTION_MINIMIZE, delta), version(2, auc=ours), version(1, auc=theirs))
    assert up.holds == (ours > theirs and ours - theirs >= delta)
    assert down.holds == (ours < theirs and theirs - ours >= delta)
    assert (up.candidate, up.bar) == (ours, theirs)


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        ({}, {"auc": 1.0}, "auc: version 2 has none"),
        ({"auc": math.nan}, {"auc": 1.0}, "auc: version 2 has NaN"),
        ({"auc": 1.0}, {}, "auc: version 1, which holds the alias, has none: there is nothing to compare"),
        (
            {"auc": 1.0},
            {"auc": math.nan},
            "auc: version 1, which holds the alias, has NaN: there is nothing to compare",
        ),
        ({"auc": 1.0}, {"auc": 1.0}, "auc: 1 (version 2) is not greater than 1 (version 1)"),
    ],
)
def test_what_fails_says_why(ours: dict[str, float], theirs: dict[str, float], words: str) -> None:
    result = evaluate(beat_holder(v1.DIRECTION_MAXIMIZE), version(2, **ours), version(1, **theirs))
    assert not result.holds
    assert result.explanation == words


def test_numbers_that_differ_look_different() -> None:
    result = evaluate(beat_holder(v1.DIRECTION_MAXIMIZE), version(2, auc=0.1 + 0.2), version(1, auc=0.3))
    assert result.explanation == "auc: 0.30000000000000004 (version 2) is greater than 0.3 (version 1)"


def test_without_a_holder_there_is_nothing_to_beat() -> None:
    assert evaluate(beat_holder(v1.DIRECTION_MAXIMIZE), version(1, auc=0.1), None).holds


def test_a_constant_bar() -> None:
    metric = v1.MetricCondition(key="loss", direction=v1.DIRECTION_MINIMIZE, constant=0.5, min_delta=0.1)
    assert evaluate(v1.Condition(metric=metric), version(1, loss=0.25), None).holds
    result = evaluate(v1.Condition(metric=metric), version(1, loss=0.45), None)
    assert not result.holds
    assert result.explanation == "loss: 0.45 (version 1) is not less than 0.5 (the bar) by at least 0.1"
