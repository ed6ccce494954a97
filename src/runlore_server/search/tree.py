"""What a filter and an order are once they are parsed (`language.py`): what the rest of a search works with.

Conditions are true or false of a record, never unknown: a comparison of a key that the record lacks is false, whatever
its operator (`IS NULL` aside), and `Not` makes it true.

The parser leaves no `And` directly in an `And` and no `Or` in an `Or`. A comparison of a dataset is always in a
`SameInput`. A time is compared by < and >= alone, exactly: `start_time = 5`, a millisecond, is an `And` of two bounds.
An enum is compared by the names of its values: LIKE is an IN of the names that are like it, maybe of none.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

Value = str | float | int | bool | datetime | tuple[str, ...] | tuple[float, ...] | None


class Kind(Enum):
    """What a field belongs to."""

    METRIC = "metrics"
    PARAM = "params"
    TAG = "tags"
    DATASET = "dataset"
    ATTRIBUTE = "attributes"


class Function(Enum):
    """What is taken of a field instead of its plain value."""

    #: The least and the greatest value of a metric, in place of the last.
    MIN = "min"
    MAX = "max"
    #: The number that a param's or tag's text is; without one, the key is as good as missing.
    NUM = "num"


@dataclass(frozen=True)
class Field:
    """A field of a record, such as `metrics.auc` of a run."""

    kind: Kind
    key: str
    function: Function | None = None


@dataclass(frozen=True)
class Part:
    """Where something stands in the text that was parsed, for errors that name it."""

    text: str = ""
    #: From 1.
    column: int = 1


@dataclass(frozen=True)
class Comparison:
    """`field operator value`. The operator is upper case; the value has the field's type.

    Operators: = != < <= > >= LIKE, NOT LIKE, ILIKE, NOT ILIKE; IN and NOT IN, with a tuple; IS NULL, IS NOT NULL,
    IS NAN and IS NOT NAN, with None.
    """

    field: Field
    operator: str
    value: Value
    part: Part = dataclasses.field(default=Part(), compare=False)


@dataclass(frozen=True)
class SameInput:
    """Comparisons of datasets that one chain of `and` joined, without parentheses between: one input meets them all."""

    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True)
class And:
    """All of them hold; true when there are none."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Or:
    """At least one of them holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Not:
    """It does not hold."""

    part: Condition


Condition = Comparison | SameInput | And | Or | Not

#: What every record meets.
EVERY = And(())


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Yield the comparisons of a condition, in the order written."""
    match condition:
        case Comparison():
            yield condition
        case SameInput(parts) | And(parts) | Or(parts):
            for part in parts:
                yield from comparisons(part)
        case Not(part):
            yield from comparisons(part)


@dataclass(frozen=True)
class OrderKey:
    """One key of an order."""

    field: Field
    descending: bool
    part: Part = dataclasses.field(default=Part(), compare=False)
