"""The searches that are measured at a million runs, each with several constants, which are asked for in turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tests.bench.bulk_runs import GROUP, Ints, Runs
from tests.bench.expected import (
    EVERY,
    LATEST,
    Order,
    Where,
    by_metric,
    by_param,
    children,
    found,
    metric,
    param,
    param_like,
    tag,
)


@dataclass(frozen=True)
class Goal:
    """What times of a call are wanted, in ms."""

    p50: float | None
    p99: float | None

    def __str__(self) -> str:
        """In words."""
        wanted = [f"{name} <= {ms:g} ms" for name, ms in (("p50", self.p50), ("p99", self.p99)) if ms is not None]
        return ", ".join(wanted)

    def met(self, p50: float, p99: float) -> bool:
        """Whether times are within it."""
        return (self.p50 is None or p50 <= self.p50) and (self.p99 is None or p99 <= self.p99)


#: The first look, and the look at the best.
FIRST = Goal(10, None)
#: Whatever an index can find.
FOUND = Goal(20, 80)
#: While 1,000 runs are live.
LIVE = Goal(40, None)
#: What no index can find: a call ends in time, with a short page and a token where it found too little.
TRAP = Goal(None, 150)


@dataclass(frozen=True)
class Search:
    """A kind of search."""

    what: str
    goal: Goal
    wheres: tuple[Where, ...]
    order: Order = LATEST
    #: The numbers of the experiments that are searched; none: all.
    experiments: tuple[int, ...] = ()

    def expected(self, runs: Runs, where: Where) -> Ints:
        """Return the numbers of the runs that it must find, in order."""
        return found(runs, where, self.order, self.experiments)


BEST = by_metric("auc", descending=True)


def searches(runs: Runs) -> Iterator[Search]:
    """Return all that are measured among these runs."""
    sevens = range(7, 100, 17)
    yield Search("default order", FIRST, (EVERY,))
    yield Search("by a metric", FIRST, (EVERY,), BEST)
    yield Search("by a metric's least value", FIRST, (EVERY,), by_metric("loss", stat="min"))
    good = metric("auc", ">", 0.5)
    yield Search("metric and param (1 %), by it", FOUND, tuple(good & param("model", "=", n) for n in sevens), BEST)
    yield Search(
        "metric and param (1 %), by another",
        FOUND,
        tuple(good & param("model", "=", n) for n in sevens),
        by_metric("loss"),
    )
    yield Search(
        "metric and param (0.1 %)", FOUND, tuple(good & param("dataset", "=", 10 * n + 3) for n in sevens), BEST
    )
    yield Search("param of one run", FOUND, tuple(_configs(runs)), BEST)
    yield Search(
        "two params and a tag",
        FOUND,
        tuple(param("model", "=", n) & param("optimizer", "=", 1) & tag("team", "=", n // 2) for n in sevens),
    )
    yield Search("children of a parent", FOUND, tuple(children(n, runs) for n in _parents(runs)))
    yield Search("children of a parent, by a metric", FOUND, tuple(children(n, runs) for n in _parents(runs)), BEST)
    yield Search("!=", FOUND, tuple(param("optimizer", "!=", n) for n in range(2)), BEST)
    yield Search("rare param or metric", FOUND, tuple(one | metric("auc", ">", 0.999) for one in _configs(runs)), BEST)
    yield Search(
        "param (0.1 %) or tag (2 %)",
        FOUND,
        tuple(param("dataset", "=", n) | tag("team", "=", n // 2) for n in sevens),
    )
    yield Search("LIKE 'prefix%' (1 %)", FOUND, tuple(_paths("%02d", sevens)), BEST)
    yield Search("LIKE 'prefix%' (0.1 %)", FOUND, tuple(_paths("%03d", sevens)))
    yield Search("by a param", FOUND, (EVERY,), by_param("path"))
    yield Search("by a param with 2 values, desc", FOUND, (EVERY,), by_param("optimizer", descending=True))
    yield Search("by a param with 2 values, then a metric", FOUND, (EVERY,), by_param("optimizer").then(BEST))
    yield from _traps()
    if runs.experiments > 1:
        yield from _of_some_experiments(runs)


def while_live() -> Iterator[Search]:
    """Return those that are measured while others are live."""
    yield Search("default order", LIVE, (EVERY,))
    yield Search("by a metric", LIVE, (EVERY,), BEST)
    good = metric("auc", ">", 0.5)
    yield Search("metric and param (1 %), by it", LIVE, tuple(good & param("model", "=", n) for n in (7, 58)), BEST)


def _traps() -> Iterator[Search]:
    """Filters that are anti-correlated with each other or with the order, and texts that no index finds."""
    yield Search("halves that hardly meet", TRAP, (metric("auc", ">", 0.5) & metric("mirror", ">", 0.5),))
    yield Search("halves that never meet", TRAP, (metric("auc", ">", 0.502) & metric("mirror", ">", 0.5),), BEST)
    yield Search("param of the older half, the latest first", TRAP, (param("era", "=", 0),))
    yield Search(
        "metric that falls, by one that rises",
        TRAP,
        (metric("falling", ">", 0.5),),
        by_metric("rising", descending=True),
    )
    yield Search("LIKE '%anywhere%'", TRAP, (param_like("path", "%777%"),), BEST)


def _of_some_experiments(runs: Runs) -> Iterator[Search]:
    numbers = tuple(range(0, runs.experiments, 10))
    yield Search("default order, a large experiment", FIRST, (EVERY,), experiments=(0,))
    yield Search("by a metric, a large experiment", FOUND, (EVERY,), BEST, experiments=(0,))
    yield Search("by a metric, a small experiment", FOUND, (EVERY,), BEST, experiments=(runs.experiments // 2,))
    yield Search(f"by a metric, {len(numbers)} experiments", FOUND, (EVERY,), BEST, experiments=numbers)
    # Its runs are all of the older half.
    yield Search(
        "by a metric that rises, an experiment given up",
        TRAP,
        (EVERY,),
        by_metric("rising", descending=True),
        experiments=(1,),
    )


def _configs(runs: Runs) -> Iterator[Where]:
    numbers = runs.param("config")
    return (param("config", "=", int(numbers[n])) for n in _spread(runs.count))


def _parents(runs: Runs) -> list[int]:
    """Parents of sweeps from all of the time."""
    return [n // (3 * GROUP) * 3 * GROUP for n in _spread(runs.count)]


def _paths(digits: str, numbers: Sequence[int]) -> Iterator[Where]:
    return (param_like("path", f"s3://datasets/set-{digits % number}%") for number in numbers)


def _spread(count: int) -> list[int]:
    found: list[int] = np.linspace(0, count - 1, 6).astype(np.int64).tolist()
    return found
