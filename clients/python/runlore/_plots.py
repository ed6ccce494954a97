"""Metrics drawn by matplotlib, which is imported here and nowhere else.

Figures are made without pyplot, so that no backend is chosen, no display is needed and no global setting changes.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from runlore import v1
from runlore._curves import panels, style, time_unit
from runlore._replacing import replacing
from runlore._tables import Series
from runlore.errors import RunloreError, invalid_field

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: The formats that a file's ending may name.
FORMATS = (".png", ".svg", ".pdf")
_COLUMNS = 3
#: Inches of a panel.
_WIDTH, _HEIGHT = 4.4, 2.9
_DOTS_PER_INCH = 150
#: Characters of a run's name that a legend shows.
_NAME_WIDTH = 32


def draw(
    runs: Sequence[v1.Run],
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    keys: Sequence[str] | None = None,
    x: Literal["step", "time"] = "step",
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """Return a figure with a panel for each metric, and write it to `path` if given.

    Raises RunloreError without matplotlib, InvalidArgumentError for another `x` or ending and when there is nothing to
    draw.
    """
    figure_class = check(x, path)
    drawn = panels(runs, series, keys, x)
    if not drawn:
        raise invalid_field("keys", "name no metric that a run has points of" if keys else "no run has points to draw")
    columns = min(_COLUMNS, math.ceil(math.sqrt(len(drawn))))
    rows = math.ceil(len(drawn) / columns)
    figure = figure_class(figsize=(_WIDTH * columns, _HEIGHT * rows), layout="constrained")
    unit, seconds = ("", 1.0) if x == "step" else time_unit(drawn.values())
    shown: set[int] = set()
    for number, (key, lines) in enumerate(drawn.items()):
        axes = figure.add_subplot(rows, columns, number + 1)
        axes.set_title(_plain(key), fontsize=10, loc="left")
        for line in lines:
            _line(axes, [at / seconds for at in line.xs], line.ys, line.run)
            shown.add(line.run)
        if number + columns >= len(drawn):
            axes.set_xlabel("step" if x == "step" else f"time since the run's start ({unit})", fontsize=9)
        axes.grid(visible=True, color="#e3e3e3", linewidth=0.6)
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
    _legend(figure, [(number, labels[number]) for number in sorted(shown)])
    if path is not None:
        _save(figure, Path(path))
    return figure


def check(x: str, path: str | os.PathLike[str] | None) -> type[Figure]:
    """Return the class of figures; raises as `draw` does for what can be told without points."""
    if x not in ("step", "time"):
        raise invalid_field("x", f"is {x!r}: give 'step' or 'time'")
    if path is not None and Path(path).suffix.lower() not in FORMATS:
        raise invalid_field("path", f"is '{path}': end it in {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise RunloreError("this needs matplotlib, which is not installed: pip install 'runlore[plot]'") from None
    return Figure


def _save(figure: Figure, path: Path) -> None:
    """Write a figure; in SVG, text stays text."""
    import matplotlib

    with replacing(path) as new, matplotlib.rc_context({"svg.fonttype": "none"}):
        figure.savefig(new, format=path.suffix[1:].lower(), dpi=_DOTS_PER_INCH, facecolor="white")


def _line(axes: Axes, xs: list[float], ys: list[float], run: int) -> None:
    colour, dashes = style(run)
    pattern = (0, dashes) if dashes else "-"
    axes.plot(xs, ys, color=colour, linestyle=pattern, linewidth=1.4)
    # A point between two gaps, or alone, is no line: it gets a dot.
    gaps = [math.isnan(y) for y in ys]
    alone = [
        i for i, gap in enumerate(gaps) if not gap and (i == 0 or gaps[i - 1]) and (i + 1 == len(gaps) or gaps[i + 1])
    ]
    if alone:
        axes.plot([xs[i] for i in alone], [ys[i] for i in alone], color=colour, linestyle="", marker="o", markersize=4)


def _legend(figure: Figure, shown: Sequence[tuple[int, str]]) -> None:
    from matplotlib.lines import Line2D

    handles = []
    for number, label in shown:
        colour, dashes = style(number)
        short = label if len(label) <= _NAME_WIDTH else f"{label[: _NAME_WIDTH - 1]}…"
        handles.append(
            Line2D([], [], color=colour, linestyle=(0, dashes) if dashes else "-", linewidth=1.8, label=_plain(short))
        )
    columns = max(1, min(len(handles), int(figure.get_figwidth() // 2.2)))
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, fontsize=8, frameon=False, handlelength=3)


def _plain(text: str) -> str:
    """Return text that matplotlib does not take for a formula, nor for a handle to leave out of the legend."""
    escaped = text.replace("$", r"\$")
    return f" {escaped}" if escaped.startswith("_") else escaped
