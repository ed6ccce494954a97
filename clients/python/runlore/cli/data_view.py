"""Datasets and logged models as text: protos in, lines out."""

from __future__ import annotations

from collections.abc import Sequence

from runlore import v1
from runlore.cli import output

#: How much of a source fits into a line; JSON has all of it.
_SOURCE_WIDTH = 80
_DIGEST_WIDTH = 12


def datasets(listed: Sequence[v1.DatasetSummary]) -> list[str]:
    """Return a table of datasets."""
    rows = [
        [
            output.clean(s.dataset.name),
            output.clean(s.dataset.digest),
            ", ".join(output.clean(context) for context in s.contexts if context),
            _source(s.dataset),
        ]
        for s in listed
    ]
    return output.table(["name", "digest", "used for", "source"], rows) if rows else ["no datasets"]


def used(shown: v1.DatasetInput) -> str:
    """Return in a line what was read, and for what."""
    context = f" for {output.clean(shown.context)}" if shown.context else ""
    return f"{output.clean(shown.dataset.name)} {_digest(shown.dataset.digest)}{context}"


def of_run(run: v1.Run) -> list[str]:
    """Return what a run read and made; nothing when that is nothing."""
    lines: list[str] = []
    if run.dataset_inputs or run.model_inputs:
        rows = [
            [output.clean(i.context), output.clean(i.dataset.name), _digest(i.dataset.digest), _source(i.dataset)]
            for i in run.dataset_inputs
        ]
        rows += [["", "logged model", m.model_id, ""] for m in run.model_inputs]
        lines += [
            "",
            output.strong("inputs"),
            *output.indented(output.table(["for", "name", "digest", "source"], rows)),
        ]
    if run.model_outputs:
        rows = [[m.model_id, str(m.step)] for m in run.model_outputs]
        table = output.table(["logged model", "at step"], rows, right=[1])
        lines += ["", output.strong("outputs"), *output.indented(table)]
    return lines


def logged_models(listed: Sequence[v1.LoggedModel]) -> list[str]:
    """Return a table of logged models."""
    rows = [
        [
            model.model_id,
            output.clean(model.name),
            output.clean(model.model_type),
            _status(model.status),
            output.time(model.create_time),
            ", ".join(f"{output.clean(m.key)} {output.number(m.value)}{_on(m)}" for m in model.metrics[:4])
            + (", …" if len(model.metrics) > 4 else ""),
        ]
        for model in listed
    ]
    headers = ["model id", "name", "type", "status", "created", "metrics"]
    return output.table(headers, rows) if rows else ["no logged models match"]


def logged_model(model: v1.LoggedModel) -> list[str]:
    """Return one logged model in full."""
    rows = [
        ("logged model", model.model_id),
        ("name", output.clean(model.name)),
        ("type", output.clean(model.model_type)),
        ("status", " ".join(filter(None, [_status(model.status), output.clean(model.status_message)]))),
        ("run", model.source_run_id),
        ("created", output.time(model.create_time)),
        ("deleted", output.bad("yes") if model.lifecycle_state == v1.LIFECYCLE_STATE_DELETED else ""),
        ("manifest", model.artifact_manifest_digest),
        ("files", output.clean(model.artifact_location)),
    ]
    lines = output.pairs((name, value) for name, value in rows if value)
    lines += output.labels("params", model.params) + output.labels("tags", model.tags)
    if model.metrics:
        table = [
            [
                output.clean(m.key),
                output.number(m.value),
                str(m.step),
                f"{output.clean(m.dataset_name)} {_digest(m.dataset_digest)}".strip(),
                m.run_id,
            ]
            for m in model.metrics
        ]
        shown = output.table(["key", "last", "at step", "on", "measured by run"], table, right=[1, 2])
        lines += ["", output.strong("metrics"), *output.indented(shown)]
    return lines


def _on(metric: v1.LoggedModelMetric) -> str:
    return f" on {output.clean(metric.dataset_name)}" if metric.dataset_name else ""


def _status(value: v1.LoggedModelStatus.ValueType) -> str:
    word = v1.LoggedModelStatus.Name(value).removeprefix("LOGGED_MODEL_STATUS_").lower()
    return output.readiness(word)


def _digest(digest: str) -> str:
    """Return a digest shortened, as those of manifests are shown."""
    return output.clean(digest[:_DIGEST_WIDTH])


def _source(dataset: v1.Dataset) -> str:
    text = output.clean(dataset.source or dataset.source_type)
    return text if len(text) <= _SOURCE_WIDTH else f"{text[: _SOURCE_WIDTH - 1]}…"
