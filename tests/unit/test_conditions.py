"""Conditions of an alias move: every outcome, and the sentence that tells it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runlore import v1
from runlore_server.services.registry.conditions import evaluate, wanted

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


def data(*inputs: tuple[str, str]) -> list[v1.DatasetInput]:
    """Dataset inputs of (digest, context)."""
    return [v1.DatasetInput(dataset=v1.Dataset(name="d", digest=digest), context=context) for digest, context in inputs]


def on_data(number: int, auc: float, *inputs: tuple[str, str]) -> v1.ModelVersion:
    measured = version(number, auc=auc)
    measured.evidence.dataset_inputs.extend(data(*inputs))
    return measured


def evaluations(*found: tuple[int, float, str]) -> dict[tuple[int, str, str], v1.Evaluation]:
    """The latest evaluations of `auc` of (version, value, digest), on any data."""
    return {(n, "auc", ""): v1.Evaluation(version=n, key="auc", value=v, dataset_digest=d) for n, v, d in found}


def latest(**fields: Any) -> v1.Condition:
    metric = v1.MetricCondition(
        key="auc", direction=v1.DIRECTION_MAXIMIZE, source=v1.METRIC_SOURCE_LATEST_EVALUATION, **fields
    )
    return v1.Condition(metric=metric)


@pytest.mark.parametrize(
    ("ours", "theirs", "holds"),
    [
        ([], [], True),
        ([("a", "validation")], [("a", "validation")], True),
        ([("a", "validation"), ("t1", "training")], [("a", "test"), ("t2", "training")], True),
        ([("a", "")], [], True),
        ([("a", "validation")], [("b", "validation")], False),
        ([("a", "validation")], [], False),
        ([("a", "validation")], [("a", "validation"), ("b", "test")], False),
    ],
)
def test_frozen_numbers_compare_on_the_same_data(
    ours: list[tuple[str, str]], theirs: list[tuple[str, str]], holds: bool
) -> None:
    condition = beat_holder(v1.DIRECTION_MAXIMIZE)
    result = evaluate(condition, on_data(2, 0.9, *ours), on_data(1, 0.8, *theirs))
    assert result.holds == holds
    assert (result.candidate, result.bar) == (0.9, 0.8)
    assert holds or "do not compare" in result.explanation
    condition.metric.allow_other_data = True
    assert evaluate(condition, on_data(2, 0.9, *ours), on_data(1, 0.8, *theirs)).holds


def test_frozen_numbers_of_wanted_data() -> None:
    condition = beat_holder(v1.DIRECTION_MAXIMIZE)
    condition.metric.dataset_digest = "a"
    both = on_data(2, 0.9, ("a", "test"), ("b", "test")), on_data(1, 0.8, ("a", "validation"))
    assert evaluate(condition, *both).holds
    missing = evaluate(condition, on_data(2, 0.9, ("b", "test")), both[1])
    assert not missing.holds
    assert missing.explanation == "auc on the data 'a': version 2 has none"
    # Data for training is what it learned, not what it was measured on.
    assert not evaluate(condition, on_data(2, 0.9, ("a", "training")), both[1]).holds


def test_the_latest_evaluations_are_compared_and_told() -> None:
    found = evaluations((2, 0.7, "recent"), (1, 0.6, "recent"))
    result = evaluate(latest(current_holder=True), version(2, auc=0.1), version(1, auc=0.9), found)
    assert result.holds
    assert (result.candidate, result.bar) == (0.7, 0.6)
    assert (result.candidate_evaluation, result.bar_evaluation) == (found[2, "auc", ""], found[1, "auc", ""])
    assert result.explanation == "auc (latest evaluation): 0.7 (version 2) is greater than 0.6 (version 1)"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([(1, 0.6, "d")], "auc (latest evaluation): version 2 has none"),
        ([(2, math.nan, "d"), (1, 0.6, "d")], "auc (latest evaluation): version 2 has NaN"),
        (
            [(2, 0.7, "d")],
            "auc (latest evaluation): version 1, which holds the alias, has none: there is nothing to compare",
        ),
        (
            [(2, 0.7, "new"), (1, 0.6, "old")],
            "auc (latest evaluation): 0.7 (version 2, on the data 'new') and 0.6 (version 1, on the data 'old') do not "
            "compare",
        ),
        (
            [(2, 0.7, "new"), (1, 0.6, "")],
            "auc (latest evaluation): 0.7 (version 2, on the data 'new') and 0.6 (version 1, on no data that was "
            "named) do not compare",
        ),
    ],
)
def test_evaluations_that_fail_say_why(found: list[tuple[int, float, str]], words: str) -> None:
    result = evaluate(latest(current_holder=True), version(2, auc=1), version(1, auc=0), evaluations(*found))
    assert not result.holds
    assert result.explanation == words


def test_a_constant_takes_the_latest_evaluation_too() -> None:
    found = evaluations((2, 0.7, "recent"))
    assert evaluate(latest(constant=0.6), version(2, auc=0.1), None, found).holds
    assert not evaluate(latest(constant=0.8), version(2, auc=0.9), None, found).holds


def test_a_tag_must_have_the_value() -> None:
    condition = v1.Condition(tag=v1.TagCondition(key="fairness_audit", value="passed"))
    tagged = v1.ModelVersion(version=2, tags={"fairness_audit": "passed"})
    assert evaluate(condition, tagged, None).holds
    tagged.tags["fairness_audit"] = "failed"
    result = evaluate(condition, tagged, None)
    assert not result.holds
    assert result.explanation == "fairness_audit: version 2 has 'failed', and 'passed' is required"
    del tagged.tags["fairness_audit"]
    result = evaluate(condition, tagged, None)
    assert not result.holds
    assert result.explanation == "fairness_audit: version 2 does not have the tag, and 'passed' is required"
    # An empty value is one too, and not the same as none.
    assert not evaluate(v1.Condition(tag=v1.TagCondition(key="k")), tagged, None).holds


def test_only_evaluations_that_are_asked_for_are_read() -> None:
    frozen, tag = beat_holder(v1.DIRECTION_MAXIMIZE), v1.Condition(tag=v1.TagCondition(key="k"))
    found = wanted([frozen, tag, latest(constant=1), latest(constant=2), latest(constant=1, dataset_digest="d")])
    assert found == {("auc", ""), ("auc", "d")}
