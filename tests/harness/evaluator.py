"""What a filter and an order mean, in plain Python: what searches are held against. And how they are written."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from runlore import v1
from runlore_server.search.tree import And, Comparison, Condition, Field, Function, Kind, Not, Or, OrderKey, SameInput

#: How many characters of a text count in an order.
ORDERED_CHARACTERS = 250
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "IN": lambda actual, wanted: actual in wanted,
    "NOT IN": lambda actual, wanted: actual not in wanted,
}


@dataclass(frozen=True)
class World:
    """What a run does not say of itself."""

    #: The parent of each run that has one.
    parents: Mapping[str, str]
    #: The id of the workspace's default experiment, which answers to `0`.
    default_experiment: str
    #: How ILIKE folds the case of a text: as the database's locale has it.
    fold: Callable[[str], str]

    def ancestors(self, run: v1.Run) -> set[str]:
        """The ids of the runs above one."""
        found, above = set(), run.parent_run_id
        while above:
            found.add(above)
            above = self.parents.get(above, "")
        return found

    def meets(self, run: v1.Run, condition: Condition) -> bool:
        """Whether a run meets a condition."""
        match condition:
            case And(parts):
                return all(self.meets(run, part) for part in parts)
            case Or(parts):
                return any(self.meets(run, part) for part in parts)
            case Not(part):
                return not self.meets(run, part)
            case SameInput(comparisons):
                return any(all(self._input_meets(i, c) for c in comparisons) for i in run.dataset_inputs)
        return self._compares(condition, value_of(run, condition.field), self._wanted(run, condition))

    def in_order(self, runs: Iterable[v1.Run], order: Sequence[OrderKey]) -> list[str]:
        """The ids of runs, in an order; what lacks a key comes last in it, either way."""
        found = sorted(runs, key=lambda run: run.run_id)
        found.sort(key=lambda run: run.start_time.ToNanoseconds(), reverse=True)
        for key in reversed(order):
            there = [run for run in found if _ordered(run, key.field) is not None]
            missing = [run for run in found if _ordered(run, key.field) is None]
            # Reversed by a sort, equals stay as they were.
            there.sort(key=lambda run: _ordered(run, key.field), reverse=key.descending)
            found = there + missing
        return [run.run_id for run in found]

    def _wanted(self, run: v1.Run, comparison: Comparison) -> Any:
        """The constant, where it stands for itself."""
        wanted: Any = comparison.value
        if comparison.field.key == "ancestor_run_id":
            found = self.ancestors(run) & set(wanted if isinstance(wanted, tuple) else (wanted,))
            return (next(iter(found), None),)
        if comparison.field == Field(Kind.ATTRIBUTE, "experiment_id") and comparison.operator in ("=", "!="):
            return self.default_experiment if wanted == "0" else wanted
        if comparison.field == Field(Kind.ATTRIBUTE, "experiment_id") and comparison.operator.endswith("IN"):
            return tuple(self.default_experiment if each == "0" else each for each in wanted)
        return wanted

    def _input_meets(self, given: v1.DatasetInput, comparison: Comparison) -> bool:
        texts = {"name": given.dataset.name, "digest": given.dataset.digest, "context": given.context}
        return self._compares(comparison, texts[comparison.field.key], comparison.value)

    def _compares(self, comparison: Comparison, actual: Any, wanted: Any) -> bool:
        name = comparison.operator
        if comparison.field.key == "ancestor_run_id":
            return wanted != (None,)
        if name == "IS NULL":
            return actual is None
        if actual is None:
            return False
        if name == "IS NOT NULL":
            return True
        if name in ("IS NAN", "IS NOT NAN"):
            return math.isnan(actual) == (name == "IS NAN")
        if name.endswith("LIKE"):
            return self._is_like(actual, wanted, fold="ILIKE" in name) != name.startswith("NOT")
        if isinstance(actual, str) and name not in ("IN", "NOT IN"):
            return _COMPARE[name](actual.encode(), wanted.encode())
        return _COMPARE[name](actual, wanted)

    def _is_like(self, actual: str, pattern: str, *, fold: bool) -> bool:
        if fold:
            actual, pattern = self.fold(actual), self.fold(pattern)
        parts = re.split("(%+|_)", pattern)
        form = "".join("." if part == "_" else ".*" if part[:1] == "%" else re.escape(part) for part in parts)
        return re.fullmatch(form, actual, re.DOTALL) is not None


def value_of(run: v1.Run, field: Field) -> Any:
    """The value of a run's field, None when the run lacks it; of datasets and ancestors a run has many."""
    match field:
        case Field(Kind.METRIC, key, function):
            found = next((m for m in run.metrics if m.key == key), None)
            name = function.value if function else "last"
            return getattr(found, name) if found is not None and (not function or found.HasField(name)) else None
        case Field((Kind.PARAM | Kind.TAG) as kind, key, function):
            text = (run.params if kind is Kind.PARAM else run.tags).get(key)
            return _number(text) if function is Function.NUM and text is not None else text
        case Field(_, ("start_time" | "end_time" | "last_heartbeat_time") as key):
            return getattr(run, key).ToDatetime(UTC) if run.HasField(key) else None
        case Field(_, "status"):
            return v1.RunStatus.Name(run.status).removeprefix("RUN_STATUS_")
        case Field(_, "ancestor_run_id"):
            return None
    return getattr(run, field.key)


def _ordered(run: v1.Run, field: Field) -> Any:
    """What an order compares; None for what comes last."""
    value = run.status if field.key == "status" and field.kind is Kind.ATTRIBUTE else value_of(run, field)
    if isinstance(value, str):
        return value[:ORDERED_CHARACTERS].encode()
    return None if isinstance(value, float) and math.isnan(value) else value


def _number(text: str) -> float | None:
    """The decimal number that a text is."""
    mantissa, marked, exponent = text.lower().partition("e")
    whole, _, fraction = mantissa.removeprefix("-" if mantissa.startswith("-") else "+").partition(".")
    digits = exponent.removeprefix("-" if exponent.startswith("-") else "+")
    # A text has digits alone when it is nothing without them.
    if (
        (whole + fraction + digits).strip("0123456789")
        or not whole + fraction
        or len(whole) > 100
        or len(fraction) > 100
    ):
        return None
    if marked and (not 1 <= len(digits) <= 3 or int(digits) > 199):
        return None
    return float(text)


def written(condition: Condition) -> str:
    """A condition as a filter that parses to it again."""
    match condition:
        case And(parts):
            return " and ".join(
                f"({written(part)})" if isinstance(part, And | Or | SameInput) else written(part) for part in parts
            )
        case Or(parts):
            return " or ".join(f"({written(part)})" if isinstance(part, Or) else written(part) for part in parts)
        case SameInput(comparisons):
            return " and ".join(map(written, comparisons))
        case Not(part):
            return f"not ({written(part)})"
    return f"{_field(condition.field)} {condition.operator} {_constant(condition.value)}".rstrip()


def written_order(order: Iterable[OrderKey]) -> str:
    """An order that parses to these keys again."""
    return ", ".join(_field(key.field) + (" desc" if key.descending else "") for key in order)


def _field(field: Field) -> str:
    key = field.key.replace("`", "``")
    plain = f"{field.kind.value}.`{key}`"
    return f"{field.function.value}({plain})" if field.function else plain


def _constant(value: Any) -> str:
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_constant, value)) + ")"
    if isinstance(value, bool):
        return f"'{value}'"
    if isinstance(value, float):
        return repr(value).replace("inf", "1e999")
    if isinstance(value, datetime):
        return "'" + value.isoformat().replace("+00:00", "Z") + "'"
    return "" if value is None else "'" + value.replace("'", "''") + "'"
