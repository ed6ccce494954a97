"""What a million runs hold, as columns: 20 params, 10 tags and 20 metrics a run, made of a run's number alone.

A column is a function of the numbers of runs, so that any part of it can be had at any time: `bulk_tables.py` stores
them, and `expected.py` says by brute force which runs a search finds. The later a run's number, the later its start.

What searches need is in them: values that half of the runs have, one in 100, one in 1,000 and one alone; texts with
common beginnings; metrics that are independent of everything, that rise and fall with the start, that mirror another or
keep close to it, with ties, with NaN, and missing; sweeps of 99 trials; experiments of very different sizes, half of
which were given up in the middle of the time; equal starts; deleted runs.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from runlore import v1

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Stat = Literal["last", "min", "max"]

#: When the first run starts: 2025-01-01, in microseconds since the Unix epoch.
BEGINNING_US = 1_735_689_600_000_000
SECOND_US = 1_000_000
#: From one run's start to the next.
INTERVAL_US = 10 * SECOND_US
#: Runs come in groups of so many; each third is a sweep, whose first run is the parent of the others.
GROUP = 100
#: The points of each series: the least, the greatest and the last, at these steps, a second apart.
POINTS = 3


@dataclass(frozen=True)
class Texts:
    """A param or tag: the text of each run is `form` of its number, which sorts as the text does."""

    form: str
    #: Numbers of runs, and how many runs there are, to the numbers of texts.
    numbers: Callable[[Ints, int], Ints]
    #: Which runs have the key; all without it.
    has: Callable[[Ints], Bools] | None = None

    def text(self, number: int) -> str:
        """Return the text of a number."""
        return self.form % number


@dataclass(frozen=True)
class Values:
    """A metric: the last values of runs, of their numbers and how many runs there are."""

    last: Callable[[Ints, int], Floats]
    has: Callable[[Ints], Bools] | None = None


def dice(name: str, runs: Ints) -> Floats:
    """Uniform numbers in [0, 1), one for each run, independent between names (SplitMix64 of name and number)."""
    return _bits(name, runs) / 2.0**64


def _bits(name: str, runs: Ints) -> NDArray[np.uint64]:
    golden = np.uint64(0x9E3779B97F4A7C15)
    mixed = runs.astype(np.uint64) * golden + np.uint64(zlib.crc32(name.encode()) * 0xD1342543DE82EF95 % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ mixed >> np.uint64(shift)) * np.uint64(factor)
    return mixed ^ mixed >> np.uint64(31)


def _one_of(name: str, count: int) -> Callable[[Ints, int], Ints]:
    return lambda runs, total: (dice(name, runs) * count).astype(np.int64)


def _uniform(name: str) -> Callable[[Ints, int], Floats]:
    return lambda runs, total: dice(name, runs)


def _most(name: str, share: float = 0.9) -> Callable[[Ints], Bools]:
    return lambda runs: dice(name, runs) < share


def _others(name: str, share: float = 0.9) -> Callable[[Ints], Bools]:
    return lambda runs: dice(name, runs) >= share


def _aged(parts: int) -> Callable[[Ints, int], Ints]:
    """The oldest runs have 0, the latest the greatest number."""
    return lambda runs, total: runs * parts // total


PARAMS: dict[str, Texts] = {
    "optimizer": Texts("opt-%d", _one_of("optimizer", 2)),
    "model": Texts("model-%02d", _one_of("model", 100)),
    "dataset": Texts("data-%03d", _one_of("dataset", 1_000)),
    # Each another one, in no order: the factor has no divisor in common with ten.
    "config": Texts("config-%07d", lambda runs, total: runs * 7_654_321 % 10_000_000),
    "rare": Texts("yes-%d", lambda runs, total: (dice("rare", runs) < 0.001).astype(np.int64)),
    "era": Texts("era-%d", _aged(2)),
    "age": Texts("age-%02d", _aged(100)),
    # A prefix finds a tenth of the runs for each digit that it has.
    "path": Texts("s3://datasets/set-%09d/part.parquet", _one_of("path", 10**9)),
    "lr": Texts("0.%06d", _one_of("lr", 1_000_000)),
    "gamma": Texts("0.%02d", _one_of("gamma", 100), _most("gamma or delta")),
    "delta": Texts("0.%02d", _one_of("delta", 100), _others("gamma or delta")),
    **{f"option_{i}": Texts(f"{i}-%02d", _one_of(f"option_{i}", 4 * i)) for i in range(1, 11)},
}
TAGS: dict[str, Texts] = {
    "team": Texts("team-%02d", _one_of("team", 50)),
    "user": Texts("user-%03d", _one_of("user", 500)),
    "stage": Texts("stage-%d", _one_of("stage", 3)),
    "build": Texts("build-%07d", lambda runs, total: runs),
    "queue": Texts("queue-%d", _one_of("queue", 8)),
    "host": Texts("worker-%04d.cluster.local", _one_of("host", 2_000)),
    "source": Texts("pipelines/training/%02d/main.py", _one_of("source", 30)),
    "ticket": Texts("ML-%05d", _one_of("ticket", 100_000), _most("ticket or note")),
    "note": Texts("tried again with the seed %05d", _one_of("note", 100_000), _others("ticket or note")),
    "image": Texts("registry.local/training:%04d", _one_of("image", 300)),
    "priority": Texts("p%d", _one_of("priority", 4)),
}
METRICS: dict[str, Values] = {
    "auc": Values(_uniform("auc")),
    "loss": Values(_uniform("loss")),
    "rising": Values(lambda runs, total: runs / total + 0.01 * dice("rising", runs)),
    "falling": Values(lambda runs, total: 1.0 - runs / total + 0.01 * dice("falling", runs)),
    # `auc` and `mirror` are never above 0.501 together; `near` is where `auc` is.
    "mirror": Values(lambda runs, total: 1.0 - dice("auc", runs) + 0.001 * dice("mirror", runs)),
    "near": Values(lambda runs, total: dice("auc", runs) + 0.01 * dice("near", runs)),
    "level": Values(lambda runs, total: np.floor(10 * dice("level", runs))),
    "shaky": Values(lambda runs, total: np.where(dice("NaN", runs) < 0.01, np.nan, dice("shaky", runs))),
    "extra": Values(_uniform("extra"), _most("extra or other")),
    "other": Values(_uniform("other"), _others("extra or other")),
    **{f"score_{i:02d}": Values(_uniform(f"score_{i:02d}")) for i in range(1, 12)},
}


class Runs:
    """The columns of so many runs, in one experiment or over several; each is made once and kept."""

    def __init__(self, count: int, experiments: int = 1) -> None:
        """`count`: at most 10 M. `experiments`: 1, or so many of Zipf's sizes."""
        self.count, self.experiments = count, experiments
        self.numbers = np.arange(count, dtype=np.int64)
        self._kept: dict[tuple[str, str], Any] = {}

    def param(self, key: str) -> Ints:
        """Return the numbers of a param's texts; -1 where a run lacks it."""
        column: Ints = self._once("params", key)
        return column

    def tag(self, key: str) -> Ints:
        """Return the numbers of a tag's texts; -1 where a run lacks it."""
        column: Ints = self._once("tags", key)
        return column

    def metric(self, key: str, stat: Stat = "last") -> Floats:
        """Return a metric's values; NaN also where a run lacks it, see `has_metric`."""
        column: Floats = self._once(stat, key)
        return column

    def has_metric(self, key: str) -> Bools:
        """Return which runs have the metric."""
        column: Bools = self._once("has", key)
        return column

    @functools.cached_property
    def start_us(self) -> Ints:
        """When each starts, in microseconds since the Unix epoch: whole seconds, and three of 100 at once."""
        late = np.select([self.numbers % GROUP == 51, self.numbers % GROUP == 52], [1, 2], 0)
        start: Ints = BEGINNING_US + (self.numbers - late) * INTERVAL_US
        return start

    @functools.cached_property
    def end_us(self) -> Ints:
        """When each ended: after a minute to an hour."""
        return self.start_us + (60 + (dice("duration", self.numbers) * 3_540).astype(np.int64)) * SECOND_US

    @functools.cached_property
    def status(self) -> Ints:
        """RunStatus: 90 of 100 are FINISHED, two KILLED."""
        thrown = dice("status", self.numbers)
        failed = np.where(thrown < 0.98, v1.RUN_STATUS_FAILED, v1.RUN_STATUS_KILLED)
        status: Ints = np.where(thrown < 0.9, v1.RUN_STATUS_FINISHED, failed)
        return status

    @functools.cached_property
    def is_deleted(self) -> Bools:
        """One of 100 is."""
        return dice("deleted", self.numbers) < 0.01

    @functools.cached_property
    def parent(self) -> Ints:
        """The number of each run's parent; -1 for none."""
        group = self.numbers // GROUP
        is_trial = (group % 3 == 0) & (self.numbers % GROUP > 0)
        parent: Ints = np.where(is_trial, group * GROUP, -1)
        return parent

    @functools.cached_property
    def experiment(self) -> Ints:
        """The number of each run's experiment; a sweep is in one. Odd ones have no runs in the later half."""
        whole = (self.numbers // GROUP) % 3 == 0
        thrown = dice("experiment", np.where(whole, self.numbers // GROUP * GROUP, self.numbers))
        sizes = np.cumsum(1 / np.arange(1, self.experiments + 1))
        found = np.searchsorted(sizes, thrown * sizes[-1], side="right").astype(np.int64)
        later = np.where(whole, self.numbers // GROUP * GROUP, self.numbers) >= self.count // 2
        experiment: Ints = np.where(later, found - found % 2, found)
        return experiment

    @functools.cached_property
    def ids(self) -> NDArray[Any]:
        """Each run's id as 16 bytes: a UUIDv7 (RFC 9562) of its start, as the server gives."""
        millis = (self.start_us // 1_000).astype(np.uint64)
        first, second = _bits("id", self.numbers), _bits("id too", self.numbers)
        whole = np.empty((self.count, 2), ">u8")
        whole[:, 0] = millis << np.uint64(16) | np.uint64(0x7000) | first & np.uint64(0xFFF)
        whole[:, 1] = np.uint64(1 << 63) | second >> np.uint64(2)
        ids: NDArray[Any] = whole.view("V16").reshape(-1)
        return ids

    @functools.cached_property
    def places(self) -> Ints:
        """Each run's place in the default order: the latest start first, then by id."""
        ids = self.ids.view(">u8").reshape(-1, 2)
        places: Ints = np.empty(self.count, np.int64)
        places[np.lexsort((ids[:, 1], ids[:, 0], -self.start_us))] = self.numbers
        return places

    def run_id(self, number: int) -> str:
        """Return a run's id as the contract has it."""
        return bytes(self.ids[number]).hex()

    def run_name(self, number: int) -> str:
        """Return a run's name."""
        return f"run-{number:07d}"

    def _once(self, what: str, key: str) -> Any:
        if (what, key) not in self._kept:
            self._kept[what, key] = self._column(what, key)
        return self._kept[what, key]

    def _column(self, what: str, key: str) -> Any:
        if what in ("params", "tags"):
            texts = (PARAMS if what == "params" else TAGS)[key]
            numbers = texts.numbers(self.numbers, self.count)
            return numbers if texts.has is None else np.where(texts.has(self.numbers), numbers, -1)
        values = METRICS[key]
        has = np.ones(self.count, np.bool_) if values.has is None else values.has(self.numbers)
        if what == "has":
            return has
        # A last value of NaN leaves the extremes, which are of the points before it.
        last = values.last(self.numbers, self.count)
        if what == "last":
            return np.where(has, last, np.nan)
        around = np.where(np.isnan(last), 0.5, last)
        spread = 0.001 + 0.1 * dice(f"{what} of {key}", self.numbers)
        return np.where(has, around - spread if what == "min" else around + spread, np.nan)


def experiment_id(number: int) -> str:
    """Return the id of an experiment: a UUIDv7 of the first run's start."""
    return f"{BEGINNING_US // 1_000:012x}7{number:03x}8{0:015x}"


def experiment_name(number: int) -> str:
    """Return the name of an experiment."""
    return f"experiment-{number:04d}"
