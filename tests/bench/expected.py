"""Filters and orders that say both what is asked of a server and, by brute force over columns, what it must answer.

`metric("auc", ">", 0.9) & param("model", "=", 7)` has the filter's text and its truth of every run of `bulk_runs.py`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.bench.bulk_runs import PARAMS, TAGS, Bools, Floats, Ints, Runs, Stat, Texts

_COMPARE: dict[str, Callable[[Any, Any], Bools]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Where:
    """A condition: its text, and which runs it is true of."""

    text: str
    true_of: Callable[[Runs], Bools]
    #: What joins its parts; empty for a single one.
    joined_by: str = ""

    def __and__(self, other: Where) -> Where:
        """Both hold."""
        return self._joined("and", other, lambda runs: self.true_of(runs) & other.true_of(runs))

    def __or__(self, other: Where) -> Where:
        """One of them holds."""
        return self._joined("or", other, lambda runs: self.true_of(runs) | other.true_of(runs))

    def _joined(self, word: str, other: Where, true_of: Callable[[Runs], Bools]) -> Where:
        texts = (part.text if part.joined_by in ("", word) else f"({part.text})" for part in (self, other))
        return Where(f" {word} ".join(texts), true_of, word)


@dataclass(frozen=True)
class Order:
    """An order's text, and numbers that sort the runs so; NaN for those that come last."""

    text: str
    keys: tuple[Callable[[Runs], Floats], ...]

    def then(self, other: Order) -> Order:
        """Return the order that sorts equals by another one."""
        return Order(f"{self.text}, {other.text}", self.keys + other.keys)


EVERY = Where("", lambda runs: np.ones(runs.count, np.bool_))
LATEST = Order("", ())


def metric(key: str, compare: str, value: float, stat: Stat = "last") -> Where:
    """Compare a metric. NaN is in no order and differs from everything; a run without the metric is not found."""

    def true_of(runs: Runs) -> Bools:
        return runs.has_metric(key) & _COMPARE[compare](runs.metric(key, stat), value)

    return Where(f"{_metric(key, stat)} {compare} {value!r}", true_of)


def param(key: str, compare: str, number: int) -> Where:
    """Compare a param with the text of a number. A run without the param is not found."""
    return _text(f"params.{key}", PARAMS[key], lambda runs: runs.param(key), compare, number)


def tag(key: str, compare: str, number: int) -> Where:
    """Compare a tag likewise."""
    return _text(f"tags.{key}", TAGS[key], lambda runs: runs.tag(key), compare, number)


def param_like(key: str, pattern: str) -> Where:
    """Compare a param with a pattern `beginning%` or `%anywhere%`."""
    sought = pattern.strip("%")

    def true_of(runs: Runs) -> Bools:
        found = np.array([PARAMS[key].text(number) for number in runs.param(key).tolist()], np.str_)
        matches: Bools = (
            np.strings.startswith(found, sought) if pattern[0] != "%" else np.strings.find(found, sought) >= 0
        )
        return matches & (runs.param(key) >= 0)

    return Where(f"params.{key} LIKE '{pattern}'", true_of)


def children(parent: int, runs: Runs) -> Where:
    """The runs of a sweep."""
    return Where(f"parent_run_id = '{runs.run_id(parent)}'", lambda runs: runs.parent == parent)


def by_metric(key: str, *, descending: bool = False, stat: Stat = "last") -> Order:
    """Order by a metric."""
    sign = -1.0 if descending else 1.0
    return Order(_metric(key, stat) + _direction(descending), (lambda runs: sign * runs.metric(key, stat),))


def by_param(key: str, *, descending: bool = False) -> Order:
    """Order by a param's text."""

    def numbers(runs: Runs) -> Floats:
        numbers = runs.param(key)
        return np.where(numbers < 0, np.nan, -numbers if descending else numbers)

    return Order(f"params.{key}{_direction(descending)}", (numbers,))


def found(runs: Runs, where: Where, order: Order, experiments: Sequence[int] = ()) -> Ints:
    """Return the numbers of the runs that a search must return, in order; of some experiments, or of all."""
    matches = where.true_of(runs) & ~runs.is_deleted
    if experiments:
        matches &= np.isin(runs.experiment, experiments)
    numbers = runs.numbers[matches]
    keys = [key(runs)[matches] for key in order.keys]
    # The last one sorts first; NaN goes last.
    return numbers[np.lexsort((runs.places[matches], *reversed(keys)))]


def _text(field: str, texts: Texts, column: Callable[[Runs], Ints], compare: str, number: int) -> Where:
    def true_of(runs: Runs) -> Bools:
        return (column(runs) >= 0) & _COMPARE[compare](column(runs), number)

    return Where(f"{field} {compare} '{texts.text(number)}'", true_of)


def _metric(key: str, stat: Stat) -> str:
    return f"metrics.{key}" if stat == "last" else f"{stat}(metrics.{key})"


def _direction(descending: bool) -> str:
    return " desc" if descending else " asc"
