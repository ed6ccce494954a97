"""Arguments in the words of this package, turned into the contract's messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.struct_pb2 import Struct

from runlore import v1
from runlore.errors import invalid_field

#: Where an alias is believed to be: a version's number, "absent" (no version holds it) or "any" (move it whatever).
Expectation = int | Literal["absent", "any"]

#: The tag by which a run says how the best of its children is found, in the words of `metric`.
SWEEP_BEST = "runlore.sweep.best"

_DIRECTIONS = {"max": v1.DIRECTION_MAXIMIZE, "min": v1.DIRECTION_MINIMIZE}


def expectation(expect: object) -> v1.AliasExpectation:
    """Return what `expect=` says; raises InvalidArgumentError."""
    if expect == "absent":
        return v1.AliasExpectation(absent=True)
    if expect == "any":
        return v1.AliasExpectation(any=True)
    if isinstance(expect, int) and not isinstance(expect, bool) and 1 <= expect < 2**63:
        return v1.AliasExpectation(version=expect)
    raise invalid_field("expect", f"is {expect!r}: give a version's number, 'absent' or 'any'")


def conditions(if_better: str | Sequence[str] | None) -> list[v1.Condition]:
    """Return the conditions that `if_better=` says: each that the alias's holder is beaten; InvalidArgumentError."""
    wanted = [if_better] if isinstance(if_better, str) else list(if_better or ())
    return [_condition(text) for text in wanted]


def _condition(text: str) -> v1.Condition:
    key, direction = metric("if_better", text)
    return v1.Condition(metric=v1.MetricCondition(key=key, direction=direction, current_holder=True))


def metric(field: str, text: str) -> tuple[str, v1.Direction.ValueType]:
    """Return the metric and the direction that `max:val_auc` or `min:loss` says; raises InvalidArgumentError."""
    direction, colon, key = text.partition(":")
    if not colon or direction not in _DIRECTIONS or not key:
        raise invalid_field(
            field,
            f"is '{text}', which does not say what is better: write 'max:{key or text}' when greater is better, "
            f"'min:{key or text}' when less is better",
        )
    return key, _DIRECTIONS[direction]


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
