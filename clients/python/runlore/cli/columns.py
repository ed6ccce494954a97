"""The columns of a table of runs: parsed from `--columns` or found in a query, asked of the server, and shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from runlore import v1
from runlore.cli import output
from runlore.cli.tracking_view import actor, standing, took

#: A field with a key, in a query or by itself.
_FIELD = re.compile(
    r"""\b(?:(min|max|num)\s*\(\s*)?(metric|param|tag)(?:eter)?s?\.(?:`([^`]+)`|"([^"]+)"|([\w./-]+))(\s*\))?""", re.I
)
_DEFAULT_METRICS = 4
#: Digits of a shortened id at the least: they begin with the time in milliseconds, which 12 digits hold.
_SHORT_ID = 13


@dataclass(frozen=True)
class Column:
    """An attribute, or a metric, a param or a tag."""

    #: `metrics`, `params` or `tags`; empty for an attribute, whose name is the key.
    kind: str
    key: str
    #: Of a metric: `min`, `max` or, for its last value, nothing.
    statistic: str = ""

    @property
    def title(self) -> str:
        """What stands above it."""
        if not self.kind:
            return self.key
        name = f"{self.kind}.{output.clean(self.key)}"
        return f"{self.statistic}({name})" if self.statistic else name

    @property
    def right(self) -> bool:
        """Whether it is aligned to the right."""
        return self.kind == "metrics" or self.key == "took"

    def number(self, run: v1.Run) -> float | None:
        """Return a metric's value; None where the run lacks it."""
        for metric in run.metrics:
            if metric.key == self.key:
                if not self.statistic:
                    return metric.last
                return getattr(metric, self.statistic) if metric.HasField(self.statistic) else None  # type: ignore[arg-type]  # min or max
        return None

    def cell(self, run: v1.Run) -> str:
        """Return what it shows of a run."""
        if not self.kind:
            return _ATTRIBUTES[self.key][1](run)
        if self.kind == "metrics":
            return "" if (value := self.number(run)) is None else output.number(value)
        return output.clean((run.params if self.kind == "params" else run.tags).get(self.key, ""))


def _ended(run: v1.Run) -> str:
    return output.time(run.end_time) if run.HasField("end_time") else ""


#: Attributes by what they are called here: the fields of Run that they need, and how they are shown.
_ATTRIBUTES: dict[str, tuple[tuple[str, ...], Callable[[v1.Run], str]]] = {
    "run id": ((), lambda run: run.run_id),
    "name": (("name",), lambda run: output.clean(run.name)),
    "experiment": (("experiment_name",), lambda run: output.clean(run.experiment_name)),
    "status": (("status", "is_stale", "last_heartbeat_time"), standing),
    "started": (("start_time",), lambda run: output.time(run.start_time)),
    "ended": (("end_time",), _ended),
    "took": (("start_time", "end_time"), took),
    "parent": (("parent_run_id",), lambda run: run.parent_run_id),
    "created by": (("created_by",), lambda run: actor(run.created_by)),
}
#: The contract's names of them, and other words for them.
_WORDS = {
    "run_id": "run id",
    "id": "run id",
    "run_name": "name",
    "experiment_name": "experiment",
    "start_time": "started",
    "end_time": "ended",
    "duration": "took",
    "parent_run_id": "parent",
    "created_by": "created by",
} | {name: name for name in _ATTRIBUTES}
_LEADING = [Column("", name) for name in ("run id", "name", "status", "started", "took")]


def parse(text: str) -> list[Column]:
    """Return what `--columns` names; raises ValueError that says what is no column and what would be.

    The run's id stands first, so that every row says which run it is.
    """
    found = [Column("", "run id")]
    rest = text
    while rest.strip():
        match = _FIELD.match(rest.lstrip())
        if match is not None:
            rest = rest.lstrip()[match.end() :]
            found.append(_of(match))
        else:
            word, _, after = rest.partition(",")
            name = _WORDS.get(word.strip().lower().removeprefix("attributes."))
            if name is None:
                raise ValueError(
                    f"'{word.strip()}' is no column: write metrics.KEY, min(metrics.KEY), max(metrics.KEY), "
                    f"params.KEY, tags.KEY, or one of {', '.join(sorted({w for w in _WORDS if ' ' not in w}))}"
                )
            found.append(Column("", name))
            rest = f",{after}" if after else ""
        rest = rest.lstrip()
        if rest and not rest.startswith(","):
            raise ValueError(f"'{rest}' follows a column: write a comma between two columns")
        rest = rest[1:]
    return list(dict.fromkeys(found))


def named(queries: Iterable[str]) -> list[Column]:
    """Return the columns that filters and orders name; none when they name no metric, param or tag."""
    found = list(dict.fromkeys(_of(match) for query in queries for match in _FIELD.finditer(query)))
    return [*_LEADING, *found] if found else []


def common(listed: Sequence[v1.Run]) -> list[Column]:
    """Return the columns for a query that names none: the most common metrics of what was found."""
    counts = Counter(metric.key for run in listed for metric in run.metrics)
    keys = [key for key, _ in sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))[:_DEFAULT_METRICS]]
    return [*_LEADING, *(Column("metrics", key) for key in keys)]


def select(request: v1.SearchRunsRequest, columns: Sequence[Column]) -> None:
    """Ask for what the columns show and no more; without columns, for what the common ones may need."""
    paths = {path for column in columns or _LEADING if not column.kind for path in _ATTRIBUTES[column.key][0]}
    keys = {"params": request.param_keys, "tags": request.tag_keys, "metrics": request.metric_keys}
    for column in columns:
        if column.kind and column.key not in keys[column.kind]:
            paths.add(column.kind)
            keys[column.kind].append(column.key)
    if not columns:
        paths.add("metrics")
    # A mask without paths means everything; the id always comes.
    request.read_mask.paths.extend(sorted(paths) or ["run_id"])


def table(listed: Sequence[v1.Run], shown: Sequence[Column], order_by: str = "", width: int | None = None) -> list[str]:
    """Return a table of runs; the best value of a metric that the runs are ordered by is marked by colour.

    When it is wider than `width`, of ids only so much is shown as tells these runs apart: commands take that too.
    """
    if not listed:
        return ["no runs match"]
    lines = _table(listed, shown, order_by)
    if width is None or not output.wider(lines, width):
        return lines
    length = next((n for n in range(_SHORT_ID, 32) if len({run.run_id[:n] for run in listed}) == len(listed)), 32)
    return _table(listed, shown, order_by, id_length=length)


def _table(listed: Sequence[v1.Run], shown: Sequence[Column], order_by: str, id_length: int = 32) -> list[str]:
    rows = [[column.cell(run) for column in shown] for run in listed]
    first = _FIELD.match(order_by.strip())
    best = shown.index(_of(first)) if first is not None and _of(first) in shown else None
    if best is not None and shown[best].kind == "metrics" and rows[0][best]:
        top = shown[best].number(listed[0])
        for run, row in zip(listed, rows, strict=True):
            if shown[best].number(run) == top:
                row[best] = output.good(output.strong(row[best]))
    for row in rows:
        row[0] = row[0][:id_length]
    return output.table([c.title for c in shown], rows, right=[i for i, c in enumerate(shown) if c.right])


def _of(match: re.Match[str]) -> Column:
    function = (match[1] or "").lower()
    return Column(f"{match[2].lower()}s", match[3] or match[4] or match[5], function if function != "num" else "")
