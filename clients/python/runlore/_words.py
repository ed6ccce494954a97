"""Arguments in the words of this package, turned into the contract's messages."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from runlore import v1
from runlore.errors import invalid_field

#: Where an alias is believed to be: a version's number, "absent" (no version holds it) or "any" (move it whatever).
Expectation = int | Literal["absent", "any"]

#: The tag by which a run says how the best of its children is found, in the words of `metric_of`.
SWEEP_BEST = "runlore.sweep.best"

#: A stage in MLflow's words, in any case: "None", "Staging", "Production" or "Archived".
STAGES = ("None", "Staging", "Production", "Archived")

_DIRECTIONS = {"max": v1.DIRECTION_MAXIMIZE, "min": v1.DIRECTION_MINIMIZE}
_STATISTICS = {
    "last": v1.METRIC_STATISTIC_LAST,
    "min": v1.METRIC_STATISTIC_MIN,
    "max": v1.METRIC_STATISTIC_MAX,
}


def expectation(expect: object) -> v1.AliasExpectation:
    """Return what `expect=` says; raises InvalidArgumentError."""
    if expect == "absent":
        return v1.AliasExpectation(absent=True)
    if expect == "any":
        return v1.AliasExpectation(any=True)
    if isinstance(expect, int) and not isinstance(expect, bool) and 1 <= expect < 2**63:
        return v1.AliasExpectation(version=expect)
    raise invalid_field("expect", f"is {expect!r}: give a version's number, 'absent' or 'any'")


def conditions(
    if_better: str | v1.Condition | Sequence[str | v1.Condition] | None, if_tags: Mapping[str, object] | None = None
) -> list[v1.Condition]:
    """Return the conditions that `if_better=` and `if_tags=` say; raises InvalidArgumentError."""
    wanted = [if_better] if isinstance(if_better, (str, v1.Condition)) else list(if_better or ())
    found = [better(item) if isinstance(item, str) else item for item in wanted]
    found += [v1.Condition(tag=v1.TagCondition(key=key, value=value)) for key, value in strings(if_tags).items()]
    return found


def better(
    metric: str,
    *,
    than: float | None = None,
    by: float = 0.0,
    evaluated: bool = False,
    dataset: v1.Dataset | v1.DatasetRef | str = "",
    any_data: bool = False,
) -> v1.Condition:
    """Return the condition that a version's metric is strictly better than a bar, for `if_better` of `promote`.

    `metric` says the direction too: "max:val_auc" or "min:loss". The bar is the version that holds the alias now (met
    when none does), or the number `than`; `by` is how much better it has to be at least. The numbers are those that
    were frozen when the versions were registered, or with `evaluated` those of their latest evaluations. `dataset`, or
    its digest, counts only numbers measured on that data; without it, both sides' must be of the same data, unless
    `any_data`. Raises InvalidArgumentError.
    """
    key, direction = metric_of("if_better", metric)
    condition = v1.MetricCondition(
        key=key,
        direction=direction,
        min_delta=by,
        source=v1.METRIC_SOURCE_LATEST_EVALUATION if evaluated else v1.METRIC_SOURCE_FROZEN,
        dataset_digest=dataset if isinstance(dataset, str) else dataset.digest,
        allow_other_data=any_data,
    )
    if than is None:
        condition.current_holder = True
    else:
        condition.constant = than
    return v1.Condition(metric=condition)


def metric_of(field: str, text: str) -> tuple[str, v1.Direction.ValueType]:
    """Return the metric and the direction that `max:val_auc` or `min:loss` says; raises InvalidArgumentError."""
    direction, colon, key = text.partition(":")
    if not colon or direction not in _DIRECTIONS or not key:
        raise invalid_field(
            field,
            f"is '{text}', which does not say what is better: write 'max:{key or text}' when greater is better, "
            f"'min:{key or text}' when less is better",
        )
    return key, _DIRECTIONS[direction]


def statistic_of(text: str) -> tuple[str, v1.MetricStatistic.ValueType]:
    """Return the metric and which value of its series `val_auc` (the last), `max:val_auc` or `min:loss` says."""
    statistic, colon, key = text.partition(":")
    if colon and statistic in _STATISTICS:
        return key, _STATISTICS[statistic]
    return text, v1.METRIC_STATISTIC_LAST


def evidence_struct(evidence: Mapping[str, Any] | None) -> Struct | None:
    """Return free-form evidence as the contract has it; raises InvalidArgumentError on what JSON cannot say."""
    if evidence is None:
        return None
    try:
        return ParseDict(dict(evidence), Struct())
    except (ParseError, TypeError, ValueError):
        raise invalid_field("evidence", "give a dict of what JSON can say: strings, numbers, booleans, lists") from None


def strings(values: Mapping[str, object] | None) -> dict[str, str]:
    """Return params or tags as the contract has them."""
    return {key: str(value) for key, value in (values or {}).items()}


def version_number(field: str, version: object) -> int:
    """Return a version's number; raises InvalidArgumentError."""
    if isinstance(version, str) and version.isdecimal():
        version = int(version)
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version < 2**63:
        raise invalid_field(field, f"is {version!r}: give a version's number, from 1")
    return version


def reference(version: v1.ModelVersion) -> str:
    """Return how a version is referred to."""
    return f"models:/{version.model_name}/{version.version}"


def stage(field: str, name: str) -> v1.ModelStage.ValueType:
    """Return the stage of a name, in any case; raises InvalidArgumentError."""
    if name.title() not in STAGES:
        raise invalid_field(field, f"is '{name}': give {', '.join(STAGES[:-1])} or {STAGES[-1]}")
    return v1.ModelStage.Value(f"MODEL_STAGE_{name.upper()}")


def stage_name(stage: v1.ModelStage.ValueType) -> str:
    """Return a stage in MLflow's words."""
    return v1.ModelStage.Name(stage).removeprefix("MODEL_STAGE_").title()


def completion(field: str, name: str) -> v1.ModelVersionStatus.ValueType:
    """Return what a PENDING version becomes, in any case; raises InvalidArgumentError."""
    if name.upper() not in ("READY", "FAILED"):
        raise invalid_field(field, f"is '{name}': give ready or failed, which a PENDING version can become")
    return v1.ModelVersionStatus.Value(f"MODEL_VERSION_STATUS_{name.upper()}")


def timestamp(field: str, time: datetime) -> Timestamp:
    """Return a time as the contract has it; raises InvalidArgumentError when it has no zone."""
    if time.tzinfo is None:
        raise invalid_field(field, f"is {time.isoformat()}, without a time zone: write it with one, such as +00:00")
    stamp = Timestamp()
    stamp.FromDatetime(time)
    return stamp


def duration(field: str, seconds: float) -> Duration:
    """Return a span of time as the contract has it; raises InvalidArgumentError."""
    if not (math.isfinite(seconds) and 0 <= seconds < 2**31):
        raise invalid_field(field, f"is {seconds!r}: give seconds, 0 or more")
    return Duration(seconds=int(seconds), nanos=int(seconds % 1 * 1e9))
