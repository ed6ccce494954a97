"""Conditions that no version could meet together: a mistake of the caller, whatever was measured."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from itertools import combinations

from runlore import v1
from runlore_server import errors
from runlore_server.services.registry.conditions import beats, word


def refuse(conditions: Sequence[v1.Condition]) -> None:
    """Raise INVALID_FIELD for the first two conditions that contradict each other.

    Two at a time will do: what a condition allows a number is all beyond a bar, and such stretches that meet in pairs
    all meet.
    """
    for (i, one), (j, other) in combinations(enumerate(conditions), 2):
        why = _of_tags(one.tag, other.tag) or _of_metrics(one.metric, other.metric)
        if why:
            raise errors.invalid_field(f"conditions[{j}]", f"contradicts conditions[{i}]: {why}")


def _of_tags(one: v1.TagCondition, other: v1.TagCondition) -> str:
    # An empty key is that of a condition of the other kind.
    if not one.key or one.key != other.key or one.value == other.value:
        return ""
    return f"the tag '{word(one.key)}' cannot be both '{word(one.value)}' and '{word(other.value)}'"


def _of_metrics(one: v1.MetricCondition, other: v1.MetricCondition) -> str:
    if not one.key or _number(one) != _number(other) or one.direction == other.direction:
        return ""
    up, down = (one, other) if one.direction == v1.DIRECTION_MAXIMIZE else (other, one)
    key = word(one.key)
    if up.HasField("current_holder") and down.HasField("current_holder"):
        return f"no {key} is both greater and less than the present holder's"
    if up.HasField("constant") and down.HasField("constant") and not _both_met(up, down):
        return f"no {key} is both greater than {up.constant:g}{_by(up)} and less than {down.constant:g}{_by(down)}"
    return ""


def _number(metric: v1.MetricCondition) -> tuple[str, bool, str]:
    """What tells the number that a condition is about from others. A version has one frozen number of a metric."""
    evaluated = metric.source == v1.METRIC_SOURCE_LATEST_EVALUATION
    return metric.key, evaluated, metric.dataset_digest if evaluated else ""


def _both_met(up: v1.MetricCondition, down: v1.MetricCondition) -> bool:
    """Whether some double is good enough for both: then the least that is good enough for `up` is one."""
    low, high = -_INFINITY, _INFINITY
    while low < high:
        middle = (low + high) // 2
        if beats(up, _double(middle), up.constant):
            high = middle
        else:
            low = middle + 1
    least = _double(low)
    return beats(up, least, up.constant) and beats(down, least, down.constant)


def _double(n: int) -> float:
    """The n-th double above 0 (below, when n is negative); their bits are in their order."""
    (value,) = struct.unpack("<d", struct.pack("<q", abs(n)))
    return math.copysign(value, n)


#: The number of infinity, the last double.
(_INFINITY,) = struct.unpack("<q", struct.pack("<d", math.inf))


def _by(metric: v1.MetricCondition) -> str:
    return f" by at least {metric.min_delta:g}" if metric.min_delta else ""
