"""Conditions of an alias move, decided on the frozen evidence of both versions."""

from __future__ import annotations

import math

from runlore import v1


def evaluate(condition: v1.Condition, candidate: v1.ModelVersion, holder: v1.ModelVersion | None) -> v1.ConditionResult:
    """Return how a condition comes out for a candidate against the alias's present holder (None: no holder)."""
    metric = condition.metric
    result = v1.ConditionResult(condition=condition)
    ours = _last(candidate, metric.key)
    if ours is not None:
        result.candidate = ours
    if metric.HasField("constant"):
        bar, against = metric.constant, "the bar"
    elif holder is None:
        result.holds = True
        result.explanation = f"{metric.key}: no version holds the alias, so there is nothing to beat"
        return result
    else:
        found, against = _last(holder, metric.key), f"version {holder.version}"
        if found is None or math.isnan(found):
            what = "has none" if found is None else "has NaN"
            result.explanation = f"{metric.key}: {against}, which holds the alias, {what}: there is nothing to compare"
            return result
        bar = found
    result.bar = bar
    if ours is None or math.isnan(ours):
        what = "has none" if ours is None else "has NaN"
        result.explanation = f"{metric.key}: version {candidate.version} {what}"
        return result
    lead = ours - bar if metric.direction == v1.DIRECTION_MAXIMIZE else bar - ours
    result.holds = lead > 0 and lead >= metric.min_delta
    better = "greater" if metric.direction == v1.DIRECTION_MAXIMIZE else "less"
    by = f" by at least {metric.min_delta:g}" if metric.min_delta else ""
    mine, theirs = _shown(ours, bar)
    result.explanation = (
        f"{metric.key}: {mine} (version {candidate.version}) is {'' if result.holds else 'not '}{better} than "
        f"{theirs} ({against}){by}"
    )
    return result


def _shown(a: float, b: float) -> tuple[str, str]:
    """Two numbers as short as they can be without looking equal when they are not."""
    short = f"{a:.6g}", f"{b:.6g}"
    return short if a == b or short[0] != short[1] else (repr(a), repr(b))


def _last(version: v1.ModelVersion, key: str) -> float | None:
    return next((m.last for m in version.evidence.metrics if m.key == key), None)
