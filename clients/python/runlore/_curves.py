"""Metrics' series as they are drawn: lines in panels, and what colours and dashes tell 20 runs apart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from runlore import v1
from runlore._tables import Series

#: Points of a series that a panel a few hundred pixels wide shows as well as all of them.
DRAWN_POINTS = 1_000
#: Told apart with any kind of colour blindness, on white and on near-black: Okabe and Ito's palette ("Color Universal
#: Design", 2008) without its black and its yellow.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c8c8c")
#: For runs beyond the colours: the lengths of dashes and gaps, in line widths.
DASHES: tuple[tuple[float, ...], ...] = ((), (4, 2), (1, 1.5), (6, 2, 1, 2))


@dataclass(frozen=True)
class Line:
    """A series as it is drawn: ordered by x; NaN in `ys` is a gap, and infinities are NaN."""

    #: Which run, from 0.
    run: int
    xs: list[float]
    ys: list[float]


def style(number: int) -> tuple[str, tuple[float, ...]]:
    """Return the colour and the dashes of a run, by its number from 0; 28 are told apart."""
    return COLOURS[number % len(COLOURS)], DASHES[number // len(COLOURS) % len(DASHES)]


def panels(
    runs: Sequence[v1.Run], series: Iterable[Series], keys: Sequence[str] | None, x: Literal["step", "time"]
) -> dict[str, list[Line]]:
    """Return the lines to draw by metric, in the order of `keys` (None: of the keys), without metrics without any."""
    numbers = {run.run_id: number for number, run in enumerate(runs)}
    found: dict[str, list[Line]] = {key: [] for key in keys or ()}
    for curve in sorted(series, key=lambda s: numbers[s.run_id]):
        start = runs[numbers[curve.run_id]].start_time.ToMicroseconds()
        xs = curve.steps if x == "step" else [(time - start) / 1e6 for time in curve.times_unix_us]
        # Steps may have been logged in any order.
        order = sorted(range(len(xs)), key=xs.__getitem__)
        ys = [curve.values[i] if math.isfinite(curve.values[i]) else math.nan for i in order]
        found.setdefault(curve.key, []).append(Line(numbers[curve.run_id], [float(xs[i]) for i in order], ys))
    listed = keys if keys is not None else sorted(found)
    return {key: found[key] for key in listed if found[key]}


def time_unit(panels: Iterable[Iterable[Line]]) -> tuple[str, float]:
    """Return the unit that spans of time since the start read best in, and its seconds."""
    longest = max((max(map(abs, line.xs)) for lines in panels for line in lines), default=0.0)
    units = (("s", 1.0, 120.0), ("min", 60.0, 7200.0), ("h", 3600.0, 172_800.0))
    return next(((name, size) for name, size, most in units if longest <= most), ("days", 86_400.0))
