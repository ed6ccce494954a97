"""Registered models, versions and evaluations as text: protos in, lines out."""

from __future__ import annotations

from collections.abc import Sequence

from runlore import v1
from runlore._words import stage_name
from runlore.cli import data_view, output
from runlore.cli.tracking_view import actor


def models(listed: Sequence[v1.RegisteredModel]) -> list[str]:
    """Return a table of models."""
    rows = [
        [
            output.clean(m.name),
            str(m.latest_version or ""),
            ", ".join(f"{output.clean(a.alias)} {a.version}" for a in m.aliases[:4]) + (", …" if m.aliases[4:] else ""),
            output.clean(m.owner),
            output.clean(m.team),
            output.time(m.update_time),
        ]
        for m in listed
    ]
    headers = ["name", "latest", "aliases", "owner", "team", "changed"]
    return output.table(headers, rows, right=[1]) if rows else ["no models match"]


def model(shown: v1.RegisteredModel) -> list[str]:
    """Return one model in full."""
    rows = [
        ("model", output.clean(shown.name)),
        ("model id", shown.model_id),
        ("workspace", shown.workspace),
        ("description", output.clean(shown.description)),
        ("owner", output.clean(shown.owner)),
        ("team", output.clean(shown.team)),
        ("reasons", "required" if shown.reason_required else ""),
        ("latest", f"version {shown.latest_version}" if shown.latest_version else "no version yet"),
        ("stages", ", ".join(f"{stage_name(s.stage)}: {s.version}" for s in shown.latest_by_stage)),
        ("created", f"{output.time(shown.create_time)} by {actor(shown.created_by)}"),
        ("changed", output.time(shown.update_time)),
        ("head", f"event {shown.head.revision}, {shown.head.hash}"),
    ]
    lines = output.pairs((name, value) for name, value in rows if value)
    if shown.aliases:
        cells = [
            [output.clean(a.alias), str(a.version), output.time(a.set_time), actor(a.set_by), output.clean(a.reason)]
            for a in shown.aliases
        ]
        table = output.table(["alias", "version", "since", "by", "reason"], cells, right=[1])
        lines += ["", output.strong("aliases"), *output.indented(table)]
    return lines + output.labels("tags", shown.tags)


def versions(listed: Sequence[v1.ModelVersion]) -> list[str]:
    """Return a table of versions."""
    rows = [
        [
            output.clean(v.model_name),
            str(v.version),
            status(v.status),
            stage_name(v.stage),
            ", ".join(output.clean(alias) for alias in v.aliases),
            v.run_id,
            output.time(v.create_time),
            output.clean(v.description),
        ]
        for v in listed
    ]
    headers = ["model", "version", "status", "stage", "aliases", "run", "registered", "description"]
    return output.table(headers, rows, right=[1]) if rows else ["no versions match"]


def version(shown: v1.ModelVersion, evaluated: Sequence[v1.Evaluation]) -> list[str]:
    """Return one version in full."""
    rows = [
        ("model", output.clean(shown.model_name)),
        ("version", str(shown.version)),
        ("status", " ".join(filter(None, [status(shown.status), output.clean(shown.status_message)]))),
        ("stage", stage_name(shown.stage) + _since(shown)),
        ("aliases", ", ".join(output.clean(alias) for alias in shown.aliases)),
        ("description", output.clean(shown.description)),
        ("run", shown.run_id),
        ("logged model", shown.logged_model_id),
        ("files", f"{shown.file_count}, {output.size(shown.size)}"),
        ("manifest", shown.manifest_digest),
        *(("data", data_view.used(i)) for i in shown.evidence.dataset_inputs),
        ("registered", f"{output.time(shown.create_time)} by {actor(shown.created_by)}"),
    ]
    lines = output.pairs((name, value) for name, value in rows if value)
    lines += output.labels("tags", shown.tags) + output.labels("params", shown.evidence.params)
    if shown.evidence.metrics:
        table = output.table(
            ["key", "last"], [[output.clean(m.key), output.number(m.last)] for m in shown.evidence.metrics], right=[1]
        )
        lines += ["", output.strong("metrics") + output.faint(" (at registration)"), *output.indented(table)]
    if evaluated:
        lines += ["", output.strong("evaluations"), *output.indented(evaluations(evaluated))]
    return lines


def evaluations(listed: Sequence[v1.Evaluation]) -> list[str]:
    """Return a table of evaluations."""
    rows = [
        [output.clean(e.key), output.number(e.value), on(e), output.time(e.evaluation_time), actor(e.recorded_by)]
        for e in listed
    ]
    return output.table(["metric", "value", "on", "measured", "recorded by"], rows, right=[1])


def on(evaluation: v1.Evaluation) -> str:
    """Return in a few words which data was measured on."""
    return f"{output.clean(evaluation.dataset_name)} {output.clean(evaluation.dataset_digest[:12])}".strip()


def status(value: v1.ModelVersionStatus.ValueType) -> str:
    """Return a status as a word."""
    word = v1.ModelVersionStatus.Name(value).removeprefix("MODEL_VERSION_STATUS_").lower()
    return output.readiness(word)


def _since(shown: v1.ModelVersion) -> str:
    if not shown.HasField("stage_move"):
        return ""
    move = shown.stage_move
    why = f": {output.clean(move.reason)}" if move.reason else ""
    return f" since {output.time(move.time)} by {actor(move.actor)}{why}"
