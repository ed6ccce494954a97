"""Curves as SVG within a page: small panels, one a metric, and a legend. Needs nothing but the standard library.

Colours of text and lines come from the page's style, so that panels are light and dark with it.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping, Sequence

from runlore._curves import Line, style
from runlore.cli import output

STYLE = """\
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; margin: .3rem 0 .8rem; padding: 0 }
.legend svg { width: 2.4rem; height: .7rem; margin-right: .4rem; vertical-align: middle }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: 1rem }
.panels figure { margin: 0; break-inside: avoid } .panels svg, .axes svg { width: 100%; height: auto; display: block }
figcaption { font-weight: 600; overflow-wrap: anywhere }
svg text { fill: var(--faint); font: 11px system-ui, sans-serif }
.axes text { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round }
.grid { stroke: var(--thin) } .axis { stroke: var(--line) }
.curve { fill: none; stroke-width: 1.5; stroke-linejoin: round; stroke-linecap: round }
@media print {
  .legend { break-after: avoid } .panels { grid-template-columns: repeat(2, 1fr) }
  .curve, .legend svg { print-color-adjust: exact }
}
"""

_WIDTH, _HEIGHT = 360.0, 200.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 10.0, 8.0, 22.0


def legend(runs: Iterable[tuple[int, str]]) -> str:
    """Return which line is which run: its number and what it is called."""
    entries = []
    for number, label in runs:
        line = f'<line x1="0" y1="6" x2="40" y2="6" {_stroke(number)}/>'
        entries.append(f'<li><svg viewBox="0 0 40 12" aria-hidden="true">{line}</svg>{escape(label)}</li>')
    return f'<ul class="legend">{"".join(entries)}</ul>'


def panels(drawn: Mapping[str, Sequence[Line]], labels: Sequence[str], x_name: str) -> str:
    """Return the panels; over a line, the pointer shows the run's name."""
    figures = [
        f"<figure><figcaption>{escape(key)}</figcaption>{_panel(key, lines, labels, x_name)}</figure>"
        for key, lines in drawn.items()
    ]
    return f'<div class="panels">{"".join(figures)}</div>'


def escape(text: str) -> str:
    """Return text of a record as it may stand in markup."""
    return html.escape(output.clean(text))


def _panel(key: str, lines: Sequence[Line], labels: Sequence[str], x_name: str) -> str:
    xs, ys = _Scale(x for line in lines for x in line.xs), _Scale(y for line in lines for y in line.ys)
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    parts = [f'<svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" role="img" aria-label="{escape(key)}">']
    for tick in ys.ticks(4):
        y = ys.at(tick, bottom, _TOP)
        parts.append(f'<line class="grid" x1="{_LEFT:g}" y1="{y:.1f}" x2="{right:g}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 6:g}" y="{y + 4:.1f}" text-anchor="end">{_tick(tick)}</text>')
    for tick in xs.ticks(4):
        x = xs.at(tick, _LEFT, right)
        # The last one stands where the axis is named.
        if x < right - 70:
            parts.append(f'<text x="{x:.1f}" y="{_HEIGHT - 6:g}" text-anchor="middle">{_tick(tick)}</text>')
    parts.append(f'<line class="axis" x1="{_LEFT:g}" y1="{bottom:g}" x2="{right:g}" y2="{bottom:g}"/>')
    end = f"{x_name} {_tick(xs.most)}" if xs.known else x_name
    parts.append(f'<text x="{right:g}" y="{_HEIGHT - 6:g}" text-anchor="end">{escape(end)}</text>')
    for line in lines:
        points = [
            None if math.isnan(y) else (xs.at(x, _LEFT, right), ys.at(y, bottom, _TOP))
            for x, y in zip(line.xs, line.ys, strict=True)
        ]
        path = f'<path class="curve" d="{_path(points)}" {_stroke(line.run)}>'
        parts.append(f"{path}<title>{escape(labels[line.run])}</title></path>")
    return "".join([*parts, "</svg>"])


def _stroke(run: int) -> str:
    colour, dashes = style(run)
    pattern = f' stroke-dasharray="{" ".join(f"{1.5 * d:g}" for d in dashes)}"' if dashes else ""
    return f'stroke="{colour}" stroke-width="1.5"{pattern}'


def _path(points: Iterable[tuple[float, float] | None]) -> str:
    """Return the line through the points; None is a gap. A point alone is a line without length: a dot."""
    found: list[str] = []
    open_ = False
    for point in points:
        if point is None:
            open_ = False
            continue
        step = f"{point[0]:.1f} {point[1]:.1f}"
        if not open_:
            found.append(f"M{step}h0")
        elif found[-1] != f"L{step}":
            found.append(f"L{step}")
        open_ = True
    return "".join(found)


class _Scale:
    """The range of finite numbers."""

    def __init__(self, values: Iterable[float]) -> None:
        finite = [value for value in values if math.isfinite(value)]
        self.known = bool(finite)
        self.least, self.most = (min(finite), max(finite)) if finite else (0.0, 1.0)

    def at(self, value: float, first: float, last: float) -> float:
        """Return where between `first` and `last` a value is; in the middle when all are equal."""
        if self.most == self.least:
            return (first + last) / 2
        span = self.most - self.least
        if math.isfinite(span):
            share = (value - self.least) / span
        else:
            # Two finite numbers may be further apart than any is large; their halves are not.
            share = (value / 2 - self.least / 2) / (self.most / 2 - self.least / 2)
        return first + share * (last - first)

    def ticks(self, about: int) -> list[float]:
        """Return round numbers within the range: multiples of 1, 2 or 5 times a power of ten."""
        span = self.most - self.least
        if not self.known or span == 0 or not math.isfinite(span):
            return [self.least, self.most][: 1 + (span != 0)] if self.known else []
        rough = span / about
        power = 10.0 ** math.floor(math.log10(rough)) if rough > 1e-300 else 0.0
        if not power:
            return [self.least, self.most]
        step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
        return [n * step for n in range(math.ceil(self.least / step), math.floor(self.most / step) + 1)]


def _tick(value: float) -> str:
    return f"{value:.4g}"
