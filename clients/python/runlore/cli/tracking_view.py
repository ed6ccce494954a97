"""Experiments and runs as text: protos in, lines out."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from runlore import v1
from runlore.cli import data_view, output

_FIELD = re.compile(r"""\b(metric|param|tag)s?\.(?:`([^`]+)`|"([^"]+)"|([\w./-]+))""")
_DEFAULT_METRICS = 4
#: How the tags begin that the client sets by itself, and how much of one is shown; JSON has all of it.
_CONTEXT = "runlore."
_CONTEXT_WIDTH = 160

#: A column of a table of runs: `metrics`, `params` or `tags`, and the key.
Column = tuple[str, str]


def experiments(listed: Sequence[v1.Experiment]) -> list[str]:
    """Return a table of experiments."""
    rows = [
        [output.clean(e.name), e.experiment_id, output.time(e.create_time), output.clean(e.description)] for e in listed
    ]
    return output.table(["name", "experiment id", "created", "description"], rows) if rows else ["no experiments"]


def experiment(shown: v1.Experiment) -> list[str]:
    """Return one experiment in full."""
    rows = [
        ("name", output.clean(shown.name)),
        ("experiment id", shown.experiment_id),
        ("workspace", shown.workspace),
        ("created", output.time(shown.create_time)),
        ("deleted", _deleted(shown)),
        ("artifacts", output.clean(shown.artifact_location)),
        ("description", output.clean(shown.description)),
    ]
    return output.pairs((name, value) for name, value in rows if value) + _labels("tags", shown.tags)


def columns(queries: Iterable[str], listed: Sequence[v1.Run]) -> list[Column]:
    """Return the columns worth showing: the fields that the queries name, or else the most common metrics."""
    named = [(f"{m[1]}s", m[2] or m[3] or m[4]) for query in queries for m in _FIELD.finditer(query)]
    if named:
        return list(dict.fromkeys(named))
    counts = Counter(metric.key for run in listed for metric in run.metrics)
    return [("metrics", key) for key, _ in sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))[:_DEFAULT_METRICS]]


def runs(listed: Sequence[v1.Run], shown: Sequence[Column]) -> list[str]:
    """Return a table of runs with these columns."""
    if not listed:
        return ["no runs match"]
    headers = ["run id", "name", "status", "started", "took", *(output.clean(f"{kind}.{key}") for kind, key in shown)]
    rows = [
        [
            run.run_id,
            output.clean(run.name),
            standing(run),
            output.time(run.start_time),
            _took(run),
            *(_cell(run, column) for column in shown),
        ]
        for run in listed
    ]
    numeric = [i for i, (kind, _) in enumerate(shown, 5) if kind == "metrics"]
    return output.table(headers, rows, right=[4, *numeric])


def run(shown: v1.Run, points: Mapping[str, Sequence[float]], artifacts: Sequence[v1.ArtifactEntry]) -> list[str]:
    """Return one run in full: `points` draws the metrics' curves, `artifacts` is the root of its files."""
    rows = [
        ("run", shown.run_id),
        ("name", output.clean(shown.name)),
        ("experiment", output.clean(shown.experiment_name)),
        ("status", standing(shown)),
        ("started", output.time(shown.start_time)),
    ]
    if shown.status_message:
        rows.insert(4, ("", output.clean(shown.status_message)))
    if shown.HasField("end_time"):
        rows.append(("ended", f"{output.time(shown.end_time)} ({_took(shown)})"))
    if shown.parent_run_id:
        rows.append(("parent run", shown.parent_run_id))
    if shown.lifecycle_state == v1.LIFECYCLE_STATE_DELETED:
        rows.append(("deleted", _deleted(shown)))
    rows.append(("created by", actor(shown.created_by)))
    lines = output.pairs(rows) + _labels("params", shown.params) + _tags(shown.tags)
    if shown.metrics:
        lines += ["", output.strong("metrics")]
        lines += _indented(_metrics(shown.metrics, points))
    lines += data_view.of_run(shown)
    if artifacts:
        lines += ["", output.strong("artifacts")]
        lines += _indented(output.table(["path", "size", ""], [_artifact(entry) for entry in artifacts], right=[1]))
    return lines


def _metrics(summaries: Iterable[v1.MetricSummary], points: Mapping[str, Sequence[float]]) -> list[str]:
    rows = [
        [
            output.clean(m.key),
            output.number(m.last),
            str(m.last_step),
            output.number(m.min) if m.HasField("min") else "",
            output.number(m.max) if m.HasField("max") else "",
            str(m.count),
            output.sparkline(points.get(m.key, ())),
        ]
        for m in summaries
    ]
    return output.table(["key", "last", "at step", "min", "max", "points", "curve"], rows, right=range(1, 6))


def comparison(compared: Sequence[v1.Run]) -> list[str]:
    """Return the runs side by side: params that differ, then every metric's last, least and greatest value."""
    headers = [output.clean(f"{run.name} {run.run_id[-6:]}") for run in compared]
    lines = output.pairs((head, f"{run.run_id}  {standing(run)}") for head, run in zip(headers, compared, strict=True))
    different = differing_params(compared)
    same = len({key for run in compared for key in run.params}) - len(different)
    rows = [[output.clean(key), *(output.clean(run.params.get(key, "")) for run in compared)] for key in different]
    lines += ["", output.strong("params that differ") + output.faint(f" ({same} the same)")]
    lines += _indented(output.table(["key", *headers], rows, right=range(1, len(headers) + 1)) if rows else ["none"])
    by_key = [{m.key: m for m in run.metrics} for run in compared]
    keys = sorted({key for metrics in by_key for key in metrics})
    rows = [[output.clean(key), *(_spread(metrics.get(key)) for metrics in by_key)] for key in keys]
    lines += ["", output.strong("metrics") + output.faint(" (last, least … greatest)")]
    lines += _indented(output.table(["key", *headers], rows, right=range(1, len(headers) + 1)) if rows else ["none"])
    return lines


def comparison_record(compared: Sequence[v1.Run]) -> dict[str, Any]:
    """Return the same as JSON: the differing params and the metrics' summaries, by key, then by run id."""
    keys = sorted({metric.key for run in compared for metric in run.metrics})
    return {
        "runs": [run.run_id for run in compared],
        "params": {
            key: {run.run_id: run.params[key] for run in compared if key in run.params}
            for key in differing_params(compared)
        },
        "metrics": {
            key: {run.run_id: output.record(m) for run in compared for m in run.metrics if m.key == key} for key in keys
        },
    }


def differing_params(compared: Sequence[v1.Run]) -> list[str]:
    """Return the keys of the params that are not the same in all of these runs, in order."""
    keys = {key for run in compared for key in run.params}
    return sorted(key for key in keys if len({run.params.get(key) for run in compared}) > 1)


def actor(shown: v1.Actor) -> str:
    """Return an actor as `<kind>:<id>`."""
    if shown.kind == v1.ACTOR_KIND_UNSPECIFIED:
        return output.clean(shown.id) or "anonymous"
    return output.clean(f"{v1.ActorKind.Name(shown.kind).removeprefix('ACTOR_KIND_').lower()}:{shown.id}")


def _cell(run: v1.Run, column: Column) -> str:
    kind, key = column
    if kind == "metrics":
        return next((output.number(m.last) for m in run.metrics if m.key == key), "")
    return output.clean((run.params if kind == "params" else run.tags).get(key, ""))


def status(status: v1.RunStatus.ValueType) -> str:
    """Return a status as a word."""
    word = v1.RunStatus.Name(status).removeprefix("RUN_STATUS_").lower()
    return {"finished": output.good, "failed": output.bad, "killed": output.bad}.get(word, str)(word)


def standing(run: v1.Run) -> str:
    """Return where a run stands; of a stale one also since when nothing was heard of it."""
    if not run.is_stale:
        return status(run.status)
    silent = output.duration(max(0.0, time.time() - run.last_heartbeat_time.ToMicroseconds() / 1e6))
    return f"{status(run.status)}, {output.bad(f'stale: last heard of {silent} ago')}"


def _deleted(record: v1.Run | v1.Experiment) -> str:
    if record.lifecycle_state != v1.LIFECYCLE_STATE_DELETED:
        return ""
    purge = f", to be purged after {output.time(record.purge_time)}" if record.HasField("purge_time") else ""
    return output.bad(output.time(record.delete_time)) + purge


def _took(run: v1.Run) -> str:
    if not run.HasField("end_time"):
        return ""
    return output.duration((run.end_time.ToMicroseconds() - run.start_time.ToMicroseconds()) / 1e6)


def _spread(metric: v1.MetricSummary | None) -> str:
    if metric is None:
        return ""
    last = output.number(metric.last)
    if not metric.HasField("min"):
        return last
    return f"{last} {output.faint(f'({output.number(metric.min)} … {output.number(metric.max)})')}"


def _artifact(entry: v1.ArtifactEntry) -> list[str]:
    if not entry.HasField("folder"):
        return [output.clean(entry.name), output.size(entry.size), ""]
    count = entry.folder.file_count
    return [f"{output.clean(entry.name)}/", output.size(entry.size), f"{count} {'file' if count == 1 else 'files'}"]


def _tags(tags: Mapping[str, str]) -> list[str]:
    """Return the user's tags, then what the client recorded by itself, shortened: a command line may be long."""
    own = {key: value for key, value in tags.items() if key.startswith(_CONTEXT)}
    lines = _labels("tags", {key: value for key, value in tags.items() if key not in own})
    if own:
        title = output.strong("context") + output.faint(f" (tags {_CONTEXT}*)")
        rows = [(output.clean(key.removeprefix(_CONTEXT)), _shortened(output.clean(own[key]))) for key in sorted(own)]
        lines += ["", title, *_indented(output.pairs(rows))]
    return lines


def _shortened(text: str) -> str:
    return text if len(text) <= _CONTEXT_WIDTH else f"{text[: _CONTEXT_WIDTH - 1]}…"


def _labels(title: str, labels: Mapping[str, str]) -> list[str]:
    if not labels:
        return []
    rows = [(output.clean(key), output.clean(labels[key])) for key in sorted(labels)]
    return ["", output.strong(title), *_indented(output.pairs(rows))]


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]
