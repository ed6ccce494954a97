"""Rounds, rows and the table."""

from __future__ import annotations

import json
import math
import statistics
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path


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
    peer: float | None
    peer_name: str | None
    ratio: float | None
    ceiling: float | None
    ceiling_name: str | None
    share_of_ceiling: float | None
    rounds: int


Contestant = Callable[[float], Measured]


@dataclass
class Bench:
    """How much to measure, and what was measured."""

    tiny: bool
    #: Starts a Runlore server and yields it, with its database's URL.
    server: Callable[[], AbstractContextManager[tuple[str, str]]]
    rows: list[Row] = field(default_factory=list)

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
    ) -> None:
        """Measure contestants in turn, round by round, and add the row."""
        others = [contestant for _, contestant in filter(None, (ceiling, peer))]
        for contestant in (ours, *others):
            contestant(self.seconds / 3)  # a warm-up that does not count
        rounds = [[contestant(self.seconds) for contestant in (ours, *others)] for _ in range(self.rounds)]
        mine = [row[0] for row in rounds]
        at_ceiling = [row[1] for row in rounds] if ceiling else []
        at_peer = [row[-1] for row in rounds] if peer else []
        self.rows.append(
            Row(
                scenario=scenario,
                size=size,
                value=_median([m.rate for m in mine]),
                p99=Measured(0, [s for m in mine for s in m.seconds]).p99_ms,
                unit=unit,
                peer=_median([m.rate for m in at_peer]) if peer else None,
                peer_name=peer[0] if peer else None,
                ratio=_median([a.rate / b.rate for a, b in zip(mine, at_peer, strict=True)]) if peer else None,
                ceiling=_median([m.rate for m in at_ceiling]) if ceiling else None,
                ceiling_name=ceiling[0] if ceiling else None,
                share_of_ceiling=(
                    _median([a.rate / b.rate for a, b in zip(mine, at_ceiling, strict=True)]) if ceiling else None
                ),
                rounds=len(rounds),
            )
        )
        print(_line(self.rows[-1]), file=sys.stderr, flush=True)

    def record(self, scenario: str, size: str, unit: str, value: float, p99_ms: float, rounds: int) -> None:
        """Add a row that is measured beside nothing, such as a time that a user feels."""
        row = Row(scenario, size, value, p99_ms, unit, None, None, None, None, None, None, rounds)
        self.rows.append(row)
        print(_line(row), file=sys.stderr, flush=True)


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    head = "| scenario | size | ours | p99 ms | peer | ratio | ceiling | share of ceiling |\n"
    return head + "| --- | --- | --- | --- | --- | --- | --- | --- |\n" + "\n".join(map(_line, rows))


def write(rows: Sequence[Row], file: Path) -> None:
    """Write `build/bench.json`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


def _line(row: Row) -> str:
    def against(name: str | None, value: float | None) -> str:
        return f"{_number(value)} {row.unit} ({name})" if name else "–"

    ratio = f"{row.ratio:.2f} ×" if row.ratio is not None else "–"
    share = f"{row.share_of_ceiling:.0%}" if row.share_of_ceiling is not None else "–"
    return (
        f"| {row.scenario} | {row.size} | {_number(row.value)} {row.unit} | {_number(row.p99)} "
        f"| {against(row.peer_name, row.peer)} | {ratio} | {against(row.ceiling_name, row.ceiling)} | {share} |"
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _median(values: list[float]) -> float:
    return statistics.median(values)
