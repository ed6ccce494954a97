"""Experiments and runs as text: protos in, lines out."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

from runlore import v1
from runlore.cli import data_view, output

#: How the tags begin that the client sets by itself, and how much of one is shown; JSON has all of it.
_CONTEXT = "runlore."
_CONTEXT_WIDTH = 160
#: Points of a series that its curve is drawn from: ten a character.
CURVE_POINTS = 400


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
    return output.pairs((name, value) for name, value in rows if value) + output.labels("tags", shown.tags)


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
        rows.append(("ended", f"{output.time(shown.end_time)} ({took(shown)})"))
    if shown.parent_run_id:
        rows.append(("parent run", shown.parent_run_id))
    if shown.lifecycle_state == v1.LIFECYCLE_STATE_DELETED:
        rows.append(("deleted", _deleted(shown)))
    rows.append(("created by", actor(shown.created_by)))
    lines = output.pairs(rows) + output.labels("params", shown.params) + _tags(shown.tags)
    if shown.metrics:
        lines += ["", output.strong("metrics")]
        lines += output.indented(_metrics(shown.metrics, points))
    lines += data_view.of_run(shown)
    if artifacts:
        lines += ["", output.strong("artifacts")]
        lines += output.indented(
            output.table(["path", "size", ""], [_artifact(entry) for entry in artifacts], right=[1])
        )
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


def actor(shown: v1.Actor) -> str:
    """Return an actor as `<kind>:<id>`."""
    if shown.kind == v1.ACTOR_KIND_UNSPECIFIED:
        return output.clean(shown.id) or "anonymous"
    return output.clean(f"{v1.ActorKind.Name(shown.kind).removeprefix('ACTOR_KIND_').lower()}:{shown.id}")


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


def took(run: v1.Run) -> str:
    """Return how long a run took; empty while it runs."""
    if not run.HasField("end_time"):
        return ""
    return output.duration((run.end_time.ToMicroseconds() - run.start_time.ToMicroseconds()) / 1e6)


def _artifact(entry: v1.ArtifactEntry) -> list[str]:
    if not entry.HasField("folder"):
        return [output.clean(entry.name), output.size(entry.size), ""]
    count = entry.folder.file_count
    return [f"{output.clean(entry.name)}/", output.size(entry.size), f"{count} {'file' if count == 1 else 'files'}"]


def _tags(tags: Mapping[str, str]) -> list[str]:
    """Return the user's tags, then what the client recorded by itself, shortened: a command line may be long."""
    own = {key: value for key, value in tags.items() if key.startswith(_CONTEXT)}
    lines = output.labels("tags", {key: value for key, value in tags.items() if key not in own})
    if own:
        title = output.strong("context") + output.faint(f" (tags {_CONTEXT}*)")
        rows = [(output.clean(key.removeprefix(_CONTEXT)), _shortened(output.clean(own[key]))) for key in sorted(own)]
        lines += ["", title, *output.indented(output.pairs(rows))]
    return lines


def _shortened(text: str) -> str:
    return text if len(text) <= _CONTEXT_WIDTH else f"{text[: _CONTEXT_WIDTH - 1]}…"
