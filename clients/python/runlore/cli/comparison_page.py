"""Runs side by side as a page, for a terminal or in HTML: a Comparison in, sections out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from runlore import v1
from runlore._curves import panels
from runlore._tables import Series
from runlore.cli import curves_svg, document, output, parallel_svg
from runlore.cli.document import Page, Section
from runlore.cli.tracking_view import took
from runlore.comparing import PARTS, Compared, SideBySide

#: More runs than these are rows, not columns.
_COLUMNS = 6
#: Runs that a cell names before it only counts them.
_NAMED = 8
#: A column a run, with metrics' last, least and greatest values or with the last ones only; or a row a run.
Layout = Literal["spread", "last", "rows"]
_LAYOUTS: tuple[Layout, ...] = ("spread", "last", "rows")
_TITLES = {"params": "Params", "code": "Code", "data": "Data", "environment": "Environment", "packages": "Packages"}


def page(found: Compared, *, everything: bool = False, layout: Layout | None = None) -> Page:
    """Return the page; with `everything` it has what is the same in all runs too.

    Without a layout, it is "spread" for a few runs and "rows" for many.
    """
    layout = layout or ("rows" if len(found.runs) > _COLUMNS else "spread")
    names = sorted({run.experiment_name for run in found.runs})
    differing = len(found.params.different)
    verdict = f"{len(found.runs)} runs of {', '.join(names)}; {differing} {_params(differing)}"
    sections = [_runs(found)]
    if layout == "rows":
        sections += [_table(found), *(_grouped(found, part) for part in PARTS[1:])]
    else:
        sections += [_by_key(found, "params"), _metrics(found, spread=layout == "spread")]
        sections += [_by_key(found, part) for part in PARTS[1:]]
    sections = [section for section in sections if section.rows] + _rest(found)
    if everything:
        sections += [
            Section(f"{_TITLES[part]}: the same in all", pairs=sorted(getattr(found, part).same.items()))
            for part in PARTS
            if getattr(found, part).same
        ]
    return Page("Comparison of runs", verdict, None, sections)


def _rest(found: Compared) -> list[Section]:
    """Return in a line what does not differ, and what nobody recorded."""
    quiet = {part: getattr(found, part) for part in PARTS if not getattr(found, part).different}
    same = [f"{part} ({len(sides.same)})" for part, sides in quiet.items() if sides.same]
    none = [part for part, sides in quiet.items() if not sides.same] + ["metrics"] * (not found.metrics)
    remarks = [f"The same in all: {', '.join(same)}."] * bool(same) + [f"Not recorded: {', '.join(none)}."] * bool(none)
    return [Section("No difference", remark=" ".join(remarks))] if remarks else []


def text(found: Compared, *, everything: bool, width: int | None) -> list[str]:
    """Return the page's lines, in the layout with most in it for whose params and metrics `width` has room."""
    layout: Layout | None = None
    if width is not None and len(found.runs) <= _COLUMNS:
        layout = next((it for it in _LAYOUTS[:-1] if not output.wider(_lines(found, it), width)), _LAYOUTS[-1])
    return document.as_text(page(found, everything=everything, layout=layout))


def _lines(found: Compared, layout: Layout) -> list[str]:
    sections = [_by_key(found, "params"), _metrics(found, spread=layout == "spread")]
    return [line for section in sections for line in document.section_text(section)]


def html(found: Compared, series: Sequence[Series]) -> str:
    """Return the page as one HTML file, with the curves, and with everything but the packages that are the same."""
    shown = page(found, everything=True)
    shown.sections[:] = [s for s in shown.sections if not s.title.startswith(f"{_TITLES['packages']}: ")]
    drawn = panels(found.runs, series, None, "step")
    if drawn:
        numbers = sorted({line.run for lines in drawn.values() for line in lines})
        figure = curves_svg.legend([(n, found.labels[n]) for n in numbers])
        shown.sections.insert(1, Section("Curves", figure=figure + curves_svg.panels(drawn, found.labels, "step")))
    if axes := parallel_svg.figure(found):
        shown.sections.insert(1, Section("How params and metrics go together", figure=axes))
    shown.style = curves_svg.STYLE
    return "\n".join(document.as_html(shown)) + "\n"


def _params(count: int) -> str:
    return "param differs" if count == 1 else "params differ"


def _runs(found: Compared) -> Section:
    return Section(
        "Runs",
        headers=["run", "run id", "experiment", "status", "started", "took"],
        rows=[
            [
                label,
                run.run_id,
                run.experiment_name,
                v1.RunStatus.Name(run.status).removeprefix("RUN_STATUS_").lower(),
                output.time(run.start_time),
                took(run),
            ]
            for run, label in zip(found.runs, found.labels, strict=True)
        ],
        right=[5],
    )


def _table(found: Compared) -> Section:
    """Return a row a run: the params that differ, and every metric's last value."""
    keys = list(found.params.different)
    metrics = found.metrics
    best = {key: found.best(key) for key in metrics}
    columns = list(enumerate(metrics, 1 + len(keys)))
    return Section(
        f"Params that differ{_same(found.params)}, and the metrics' last values",
        headers=["run", *keys, *metrics],
        rows=[
            [
                label,
                *(_shown(found.params.different[key][i]) for key in keys),
                *("" if (m := row[i]) is None else output.number(m.last) for row in metrics.values()),
            ]
            for i, label in enumerate(found.labels)
        ],
        right=range(1, 1 + len(keys) + len(metrics)),
        marked={(i, column) for column, key in columns for i in best[key]},
        remark=_marks(found),
    )


def _by_key(found: Compared, part: str) -> Section:
    """Return a row for each key that differs, a column a run."""
    sides: SideBySide[str] = getattr(found, part)
    return Section(
        _titled(part, sides),
        headers=["key", *found.labels],
        rows=[[key, *map(_shown, row)] for key, row in sides.different.items()],
        right=range(1, 1 + len(found.runs)) if part == "params" else (),
    )


def _grouped(found: Compared, part: str) -> Section:
    """Return a row for each value of each key that differs, with the runs that have it."""
    sides: SideBySide[str] = getattr(found, part)
    rows: list[list[str]] = []
    for key, values in sides.different.items():
        groups: dict[str | None, list[str]] = {}
        for value, label in zip(values, found.labels, strict=True):
            groups.setdefault(value, []).append(label)
        for value, labels in groups.items():
            rest = f" and {len(labels) - _NAMED} more" if len(labels) > _NAMED else ""
            rows.append(["" if rows and rows[-1][0] == key else key, _shown(value), ", ".join(labels[:_NAMED]) + rest])
    return Section(_titled(part, sides), headers=["key", "value", "runs"], rows=rows)


def _metrics(found: Compared, *, spread: bool) -> Section:
    metrics = found.metrics
    return Section(
        "Metrics: last (least … greatest)" if spread else "Metrics: last",
        headers=["key", *found.labels],
        rows=[[key, *(_value(metric, spread=spread) for metric in row)] for key, row in metrics.items()],
        right=range(1, 1 + len(found.runs)),
        marked={(number, 1 + i) for number, key in enumerate(metrics) for i in found.best(key)},
        remark=_marks(found),
    )


def _marks(found: Compared) -> str:
    """Return what a mark means."""
    known = [f"{direction}:{key}" for key, direction in sorted(found.directions.items()) if found.best(key)]
    return f"Marked: the best last value by {', '.join(known)}." if known else ""


def _titled(part: str, sides: SideBySide[str]) -> str:
    return f"{_TITLES[part]}{' that differ' if part in ('params', 'packages') else ''}{_same(sides)}"


def _same(sides: SideBySide[str]) -> str:
    return f" ({len(sides.same)} the same)" if sides.same else ""


def _shown(value: str | None) -> str:
    return "—" if value is None else value


def _value(metric: v1.MetricSummary | None, *, spread: bool) -> str:
    if metric is None:
        return "—"
    last = output.number(metric.last)
    if not spread or not metric.HasField("min") or metric.count == 1:
        return last
    return f"{last} ({output.number(metric.min)} … {output.number(metric.max)})"
