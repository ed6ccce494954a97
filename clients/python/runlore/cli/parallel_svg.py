"""Parallel coordinates as SVG: an axis for each param that varies and for the metric that is best one way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from runlore.cli import output
from runlore.cli.curves_svg import escape
from runlore.comparing import Compared

#: Fewer runs say nothing of how things go together; more axes cannot be read.
_LEAST_RUNS, _MOST_AXES = 4, 10
#: More texts than these have no room at an axis.
_MOST_TEXTS = 12
_WIDTH, _HEIGHT, _TOP, _BOTTOM, _SIDE = 900.0, 260.0, 34.0, 12.0, 70.0
#: From worst to best: told apart in grey and with any kind of colour blindness, as in viridis; light and dark.
_WORST, _BEST = (0xB5, 0x8F, 0xC9), (0xD5, 0x5E, 0x00)


@dataclass(frozen=True)
class _Axis:
    name: str
    #: Where each run is, from 0 at the bottom to 1; None: it has no value.
    places: list[float | None]
    #: What is written beside the axis, and where.
    ticks: list[tuple[float, str]]


def figure(found: Compared) -> str:
    """Return the drawing; empty for few runs, without a param that varies, and without a metric of known direction."""
    key = next((key for key in sorted(found.directions) if found.best(key)), None)
    if key is None or len(found.runs) < _LEAST_RUNS or not found.params.different:
        return ""
    last = [math.nan if m is None else m.last for m in found.metrics[key]]
    axes = [axis for name, row in found.params.different.items() if (axis := _axis(name, row)) is not None]
    goal = _numbers(f"{found.directions[key]}:{key}", last)
    if not axes or goal is None:
        return ""
    axes = [*axes[: _MOST_AXES - 1], goal]
    gap = (_WIDTH - 2 * _SIDE) / (len(axes) - 1)
    parts = [
        f'<div class="axes"><svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" role="img" aria-label="parallel coordinates">'
    ]
    # The best is drawn last, over the others.
    up = found.directions[key] == "max"
    rank = {i: place if up else 1 - place for i, place in enumerate(goal.places) if place is not None}
    for run in sorted(rank, key=rank.__getitem__):
        points = [(_SIDE + gap * n, _y(at)) for n, axis in enumerate(axes) if (at := axis.places[run]) is not None]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        best = run in found.best(key)
        colour = "#{:02x}{:02x}{:02x}".format(
            *(round(a + (b - a) * rank[run]) for a, b in zip(_WORST, _BEST, strict=True))
        )
        title = f"{found.labels[run]}: {output.number(last[run])}"
        parts.append(
            f'<polyline class="curve" points="{line}" stroke="{colour}" style="stroke-width:{3 if best else 1.3}">'
            f"<title>{escape(title)}</title></polyline>"
        )
    for n, axis in enumerate(axes):
        x = _SIDE + gap * n
        parts.append(f'<line class="axis" x1="{x:.1f}" y1="{_TOP:g}" x2="{x:.1f}" y2="{_HEIGHT - _BOTTOM:g}"/>')
        parts.append(
            f'<text x="{x:.1f}" y="14" text-anchor="middle" font-weight="600">{escape(_short(axis.name))}</text>'
        )
        parts += [
            f'<text x="{x + 5:.1f}" y="{_y(at) + 4:.1f}">{escape(_short(text))}</text>' for at, text in axis.ticks
        ]
    return "".join([*parts, "</svg></div>"])


def _axis(name: str, values: Sequence[str | None]) -> _Axis | None:
    """Return a param's axis: of numbers when all are, else of texts; None when there are too many of these."""
    try:
        numbers = [math.nan if value is None else float(value) for value in values]
    except ValueError:
        numbers = []
    if numbers and (axis := _numbers(name, numbers)) is not None:
        return axis
    texts = sorted({value for value in values if value is not None})
    if not 1 <= len(texts) <= _MOST_TEXTS:
        return None
    places = {text: i / max(1, len(texts) - 1) for i, text in enumerate(texts)}
    return _Axis(
        name, [None if value is None else places[value] for value in values], [(at, t) for t, at in places.items()]
    )


def _numbers(name: str, values: Sequence[float]) -> _Axis | None:
    """Return an axis of numbers, logarithmic when they are positive and span two powers of ten; None without any."""
    finite = sorted({value for value in values if math.isfinite(value)})
    if not finite:
        return None
    least, most = finite[0], finite[-1]
    log = least > 0 and most / least >= 100
    low, high = (math.log(least), math.log(most)) if log else (least / 2, most / 2)

    def place(value: float) -> float | None:
        if not math.isfinite(value):
            return None
        at = math.log(value) if log else value / 2
        return 0.5 if high == low else (at - low) / (high - low)

    places = [place(value) for value in values]
    middle = finite[1:-1] if len(finite) <= _MOST_TEXTS else []
    ticks = [(at, output.number(v)) for v in dict.fromkeys([least, *middle, most]) if (at := place(v)) is not None]
    kept: list[tuple[float, str]] = []
    for at, text in sorted(ticks):
        # Texts that would stand on each other are left out, but for the last.
        if at == 1.0 and kept and at - kept[-1][0] < 0.06:
            kept.pop()
        if not kept or at - kept[-1][0] >= 0.06:
            kept.append((at, text))
    return _Axis(name, places, kept)


def _y(at: float) -> float:
    return _HEIGHT - _BOTTOM - at * (_HEIGHT - _BOTTOM - _TOP)


def _short(text: str) -> str:
    return text if len(text) <= 14 else f"{text[:13]}…"
