"""Trees and sweeps of runs as text: protos in, lines out."""

from __future__ import annotations

from collections.abc import Sequence

from runlore import v1
from runlore.cli import output
from runlore.cli.tracking_view import standing, status

#: Values of a param that fit into a line.
_VALUES = 8


def tree(nodes: Sequence[v1.RunNode], best: str = "") -> list[str]:
    """Return a table of runs in which names are drawn as a tree.

    `best` is a metric with its direction, such as `max:val_auc`: it is shown, and the best below the top has a star.
    """
    rows = [
        [f"{branch}{output.clean(node.run.name)}", node.run.run_id, standing(node.run), _children(node)]
        for node, branch in zip(nodes, _branches([node.depth for node in nodes]), strict=True)
    ]
    direction, _, key = best.partition(":")
    if direction not in ("max", "min") or not key:
        return output.table(["name", "run id", "status", "children"], rows, right=[3])
    last = [next((m.last for m in node.run.metrics if m.key == key), None) for node in nodes]
    below = [value for value in last[1:] if value is not None and value == value]
    top = (max if direction == "max" else min)(below, default=None)
    for number, (row, value) in enumerate(zip(rows, last, strict=True)):
        shown = "" if value is None else output.number(value)
        marked = number > 0 and top is not None and value == top
        row += [output.good(output.strong(shown)), output.good("*")] if marked else [shown, ""]
    return output.table(["name", "run id", "status", "children", output.clean(key), ""], rows, right=[3, 4])


def sweep(summary: v1.SummarizeSweepResponse, metric: str) -> list[str]:
    """Return a summary; `metric` is the one that picked the best, empty for none."""
    counts = ", ".join(f"{count.count} {status(count.status)}" for count in summary.statuses)
    rows = [("trials", f"{summary.trial_count}" + (f" ({counts})" if counts else ""))]
    varying = summary.varying_params
    if metric:
        rows.append(("best", _best(summary, metric)))
    lines = output.pairs(rows)
    if varying:
        best = summary.best.params
        table = [
            [
                output.clean(p.key),
                str(p.value_count),
                str(p.missing_count),
                output.clean(best.get(p.key, "")),
                _values(p),
            ]
            for p in varying
        ]
        lines += ["", output.strong("params that vary")]
        shown = output.table(["key", "values", "without", "best has", "which"], table, right=[1, 2])
        lines += [f"  {line}" for line in shown]
    return lines


def _best(summary: v1.SummarizeSweepResponse, metric: str) -> str:
    if not summary.HasField("best"):
        return f"no trial has {output.clean(metric)}"
    last = next(m.last for m in summary.best.metrics if m.key == metric)
    name = output.clean(summary.best.name)
    return f"{name} {summary.best.run_id} ({output.clean(metric)} {output.number(last)})"


def _values(param: v1.VaryingParam) -> str:
    shown = [output.clean(value) for value in param.values[:_VALUES]]
    return ", ".join(shown) + (", …" if param.value_count > len(shown) else "")


def _children(node: v1.RunNode) -> str:
    return str(node.child_count) if node.child_count else ""


def _branches(depths: Sequence[int]) -> list[str]:
    """Draw the lines in front of each name; whether more siblings follow is known from the end."""
    drawn: list[str] = []
    open_levels: set[int] = set()
    for depth in reversed(depths):
        open_levels = {level for level in open_levels if level <= depth}
        lines = "".join("│  " if level in open_levels else "   " for level in range(1, depth))
        drawn.append(lines + ("├─ " if depth in open_levels else "└─ ") if depth else "")
        open_levels.add(depth)
    return drawn[::-1]
