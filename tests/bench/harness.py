"""Rounds, rows and the table."""

from __future__ import annotations

import json
import math
import statistics
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol


@dataclass(frozen=True)
class Measured:
    """One round of one contestant: its rate (higher is better) and the seconds that its calls took."""

    rate: float
    seconds: Sequence[float]

    @property
    def p99_ms(self) -> float:
        """The 99th percentile of the calls, in milliseconds."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, math.ceil(len(ordered) * 0.99) - 1)] * 1e3


@dataclass(frozen=True)
class Row:
    """What `build/bench.json` holds of a scenario at a size."""

    scenario: str
    size: str
    value: float
    p99: float
    unit: str
    peer_name: str | None
    peer: float | None
    ratio: float | None
    ceiling_name: str | None
    ceiling: float | None
    share_of_ceiling: float | None
    rounds: int
    #: What is wanted, and whether it is met; None where nothing in particular is.
    goal: str | None = None
    met: bool | None = None


Contestant = Callable[[float], Measured]
#: What a value is shown beside: its name, its value, and how many times better ours is (of a ceiling: our share).
Beside = tuple[str, float, float]
#: What is wanted of a row, in words, and whether it is met.
Wanted = tuple[str, bool]


class Served(NamedTuple):
    """A Runlore server that runs."""

    address: str
    database_url: str
    pid: int
    #: The web port's URL; empty without one.
    web_address: str


class Peer(Protocol):
    """MLflow's server, with clients of its own."""

    #: Its Postgres.
    database_url: str

    def measure(self, work: str, clients: int, seconds: float, **options: Any) -> Measured:
        """Let so many clients do `work`, see `tests/bench/peer/client.py`; a rate of points, runs, frames or calls."""
        ...

    def ask(self, what: str, **options: Any) -> Any:
        """Let one client do something once, see there, and return what comes of it."""
        ...

    def bytes_per_point(self) -> float:
        """What its points take on disk."""
        ...


@dataclass
class Bench:
    """How much to measure, and what was measured."""

    tiny: bool
    #: Starts a Runlore server, with more arguments if any; `data` is a folder that is kept, without it one is made.
    server: Callable[..., AbstractContextManager[Served]]
    #: Starts the peer at first, with so many workers when they are given, and returns it; None when it cannot be had,
    #: which was said then.
    peer: Callable[..., Peer | None]
    rows: list[Row] = field(default_factory=list)
    #: What went wrong, a sentence each.
    failures: list[str] = field(default_factory=list)

    @property
    def rounds(self) -> int:
        """How often each contestant is measured."""
        return 1 if self.tiny else 5

    @property
    def seconds(self) -> float:
        """How long each measurement lasts."""
        return 0.3 if self.tiny else 3.0

    def compare(
        self,
        scenario: str,
        size: str,
        unit: str,
        ours: Contestant,
        *,
        ceiling: tuple[str, Contestant] | None = None,
        peer: tuple[str, Contestant] | None = None,
        least_ratio: float | None = None,
        least_share: float | None = None,
        rounds: int = 1,
    ) -> None:
        """Measure contestants in turn, round by round, and add the row.

        `least_ratio` to the peer and `least_share` of the ceiling are wanted. `rounds`: so many times the rounds of
        other rows, where few are too uneven to tell contestants apart.
        """
        others = [contestant for _, contestant in filter(None, (ceiling, peer))]
        for contestant in (ours, *others):
            contestant(self.seconds / 3)  # a warm-up that does not count
        times = self.rounds if self.tiny else self.rounds * rounds
        measured = [[contestant(self.seconds) for contestant in (ours, *others)] for _ in range(times)]
        mine = [row[0] for row in measured]
        at_ceiling = [row[1] for row in measured] if ceiling else []
        at_peer = [row[-1] for row in measured] if peer else []
        every = Measured(0, [second for each in mine for second in each.seconds])
        beside_peer = _compared(peer[0], mine, at_peer) if peer else None
        beside_ceiling = _compared(ceiling[0], mine, at_ceiling) if ceiling else None
        wanted: list[Wanted] = []
        if beside_peer and least_ratio:
            wanted.append((f">= {least_ratio:g} times the peer", beside_peer[2] >= least_ratio))
        if beside_ceiling and least_share:
            wanted.append((f">= {least_share:.0%} of the ceiling", beside_ceiling[2] >= least_share))
        self._add(
            Row(
                scenario,
                size,
                _median([each.rate for each in mine]),
                every.p99_ms,
                unit,
                *_beside(beside_peer),
                *_beside(beside_ceiling),
                times,
                *((", ".join(goal for goal, _ in wanted), all(met for _, met in wanted)) if wanted else (None, None)),
            )
        )

    def record(
        self,
        scenario: str,
        size: str,
        unit: str,
        value: float,
        p99_ms: float = 0.0,
        rounds: int = 1,
        *,
        peer: Beside | None = None,
        ceiling: Beside | None = None,
        wanted: Wanted | None = None,
    ) -> None:
        """Add a row that is not a median of rounds of rates, such as a time that a user feels or a size."""
        beside = (*_beside(peer), *_beside(ceiling))
        self._add(Row(scenario, size, value, p99_ms, unit, *beside, rounds, *(wanted or (None, None))))

    def fail(self, scenario: str, size: str, why: str) -> None:
        """Say that a row cannot be had, such as for a wrong answer; the others are still measured."""
        self.failures.append(f"{scenario}, {size}: {why}")
        print(f"FAILED {self.failures[-1]}", file=sys.stderr, flush=True)

    def _add(self, row: Row) -> None:
        if self.tiny:
            # Its figures mean nothing.
            row = replace(row, goal=None, met=None)
        self.rows.append(row)
        print(_line(row), file=sys.stderr, flush=True)


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    head = "| scenario | size | ours | p99 ms | peer | ratio | ceiling | share of ceiling | goal |\n"
    return head + "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n" + "\n".join(map(_line, rows))


def write(rows: Sequence[Row], file: Path) -> None:
    """Write `build/bench.json`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


def _line(row: Row) -> str:
    def against(name: str | None, value: float | None) -> str:
        return f"{_number(value)} {row.unit} ({name})" if name else "–"

    ratio = f"{row.ratio:.2f} ×" if row.ratio is not None else "–"
    share = f"{row.share_of_ceiling:.0%}" if row.share_of_ceiling is not None else "–"
    goal = f"{row.goal}: {'met' if row.met else 'MISSED'}" if row.goal is not None else "–"
    return (
        f"| {row.scenario} | {row.size} | {_number(row.value)} {row.unit} | {_number(row.p99)} "
        f"| {against(row.peer_name, row.peer)} | {ratio} | {against(row.ceiling_name, row.ceiling)} | {share} "
        f"| {goal} |"
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _compared(name: str, mine: Sequence[Measured], other: Sequence[Measured]) -> Beside:
    """Medians: of the other's rates, and of the rounds' own ratios."""
    ratios = [a.rate / b.rate for a, b in zip(mine, other, strict=True)]
    return name, _median([measured.rate for measured in other]), _median(ratios)


def _beside(beside: Beside | None) -> tuple[str | None, float | None, float | None]:
    return beside or (None, None, None)


def _median(values: list[float]) -> float:
    return statistics.median(values)
