"""Conditions of an alias move, decided on what both versions were registered and evaluated with."""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass

from runlore import v1
from runlore_server.store.evaluations import Latest

_NOTHING: Latest = {}
_MAX_WORD = 40


def wanted(conditions: Sequence[v1.Condition]) -> Set[tuple[str, str]]:
    """Return the evaluations that conditions ask for, as metric and data (an empty digest: any)."""
    metrics = [c.metric for c in conditions if c.HasField("metric")]
    return {(m.key, m.dataset_digest) for m in metrics if m.source == v1.METRIC_SOURCE_LATEST_EVALUATION}


def evaluate(
    condition: v1.Condition, candidate: v1.ModelVersion, holder: v1.ModelVersion | None, latest: Latest = _NOTHING
) -> v1.ConditionResult:
    """Return how a condition comes out for a candidate against the alias's present holder (None: no holder)."""
    result = v1.ConditionResult(condition=condition)
    if condition.HasField("tag"):
        _evaluate_tag(result, candidate)
    else:
        _evaluate_metric(result, candidate, holder, latest)
    return result


def beats(metric: v1.MetricCondition, ours: float, bar: float) -> bool:
    """Whether a number is good enough; NaN on either side never is."""
    lead = ours - bar if metric.direction == v1.DIRECTION_MAXIMIZE else bar - ours
    return lead > 0 and lead >= metric.min_delta


def word(text: str) -> str:
    """Cut a caller's text to what a sentence can bear: twenty conditions are told of in one trailer."""
    return text if len(text) <= _MAX_WORD else text[:_MAX_WORD] + "…"


@dataclass(frozen=True)
class _Measured:
    """What a version has of a metric; `evaluation` is where it is from, when it is from one."""

    value: float | None
    data: Set[str] = frozenset()
    evaluation: v1.Evaluation | None = None

    @property
    def lack(self) -> str:
        """Why there is no number to compare; empty when there is one."""
        return "none" if self.value is None else "NaN" if math.isnan(self.value) else ""


def _evaluate_tag(result: v1.ConditionResult, candidate: v1.ModelVersion) -> None:
    tag = result.condition.tag
    value = candidate.tags.get(tag.key)
    result.holds = value == tag.value
    has = f"has '{word(value)}'" if value is not None else "does not have the tag"
    result.explanation = f"{word(tag.key)}: version {candidate.version} {has}"
    if not result.holds:
        result.explanation += f", and '{word(tag.value)}' is required"


def _evaluate_metric(
    result: v1.ConditionResult, candidate: v1.ModelVersion, holder: v1.ModelVersion | None, latest: Latest
) -> None:
    metric, label = result.condition.metric, _label(result.condition.metric)
    ours = _measured(candidate, metric, latest)
    if ours.value is not None:
        result.candidate = ours.value
    if ours.evaluation is not None:
        result.candidate_evaluation.CopyFrom(ours.evaluation)
    if metric.HasField("constant"):
        bar, against = _Measured(metric.constant), "the bar"
    elif holder is None:
        result.holds = True
        result.explanation = f"{label}: no version holds the alias, so there is nothing to beat"
        return
    else:
        bar, against = _measured(holder, metric, latest), f"version {holder.version}"
        if bar.evaluation is not None:
            result.bar_evaluation.CopyFrom(bar.evaluation)
    if bar.value is not None:
        result.bar = bar.value
    if bar.lack:
        result.explanation = f"{label}: {against}, which holds the alias, has {bar.lack}: there is nothing to compare"
    elif ours.lack:
        result.explanation = f"{label}: version {candidate.version} has {ours.lack}"
    elif _other_data(metric, ours, bar):
        mine, theirs = _shown(result.candidate, result.bar)
        result.explanation = (
            f"{label}: {mine} (version {candidate.version}, {_named(ours.data)}) and {theirs} ({against}, "
            f"{_named(bar.data)}) do not compare"
        )
    else:
        result.holds = beats(metric, result.candidate, result.bar)
        better = "greater" if metric.direction == v1.DIRECTION_MAXIMIZE else "less"
        by = f" by at least {metric.min_delta:g}" if metric.min_delta else ""
        mine, theirs = _shown(result.candidate, result.bar)
        result.explanation = (
            f"{label}: {mine} (version {candidate.version}) is {'' if result.holds else 'not '}{better} than "
            f"{theirs} ({against}){by}"
        )


def _measured(version: v1.ModelVersion, metric: v1.MetricCondition, latest: Latest) -> _Measured:
    if metric.source == v1.METRIC_SOURCE_LATEST_EVALUATION:
        found = latest.get((version.version, metric.key, metric.dataset_digest))
        if found is None:
            return _Measured(None)
        return _Measured(found.value, {found.dataset_digest} - {""}, found)
    data = {i.dataset.digest for i in version.evidence.dataset_inputs if i.context not in ("", "training")}
    if metric.dataset_digest and metric.dataset_digest not in data:
        return _Measured(None)
    return _Measured(next((m.last for m in version.evidence.metrics if m.key == metric.key), None), data)


def _other_data(metric: v1.MetricCondition, ours: _Measured, bar: _Measured) -> bool:
    """Whether two numbers are not of the same data, and must be. Those of named data are of that."""
    if metric.HasField("constant") or metric.dataset_digest or metric.allow_other_data:
        return False
    return ours.data != bar.data


def _label(metric: v1.MetricCondition) -> str:
    """The number that a condition is about."""
    source = " (latest evaluation)" if metric.source == v1.METRIC_SOURCE_LATEST_EVALUATION else ""
    data = f" on the data '{word(metric.dataset_digest)}'" if metric.dataset_digest else ""
    return f"{word(metric.key)}{source}{data}"


def _named(data: Set[str]) -> str:
    first = min(data, default="")
    more = f" and {len(data) - 1} more" if len(data) > 1 else ""
    return f"on the data '{word(first)}'{more}" if data else "on no data that was named"


def _shown(a: float, b: float) -> tuple[str, str]:
    """Two numbers as short as they can be without looking equal when they are not."""
    short_ones = f"{a:.6g}", f"{b:.6g}"
    return short_ones if a == b or short_ones[0] != short_ones[1] else (repr(a), repr(b))
