"""Model versions, aliases and their history as text: protos in, lines out."""

from __future__ import annotations

from collections.abc import Sequence

from runlore import v1
from runlore.cli import data_view, output
from runlore.cli.tracking_view import actor


def registered(version: v1.ModelVersion) -> list[str]:
    """Return what came of a registration."""
    return [
        f"registered {output.strong(output.clean(version.model_name))} version {output.strong(str(version.version))}"
        f" ({_files(version)}, manifest {version.manifest_digest[:12]})"
    ]


def moved(move: v1.AliasMove) -> list[str]:
    """Return what came of a move: the conditions first, since they are why."""
    before = f"version {move.previous_version}" if move.HasField("previous_version") else "no version"
    after = output.strong(f"version {move.alias.version}")
    alias, model = output.clean(move.alias.alias), output.clean(move.alias.model_name)
    return [
        *(output.clean(result.explanation) for result in move.conditions),
        f"{output.strong(alias)} of {output.strong(model)}: {before} -> {after}",
    ]


def resolved(answer: v1.ResolveResponse) -> list[str]:
    """Return all that a reference stands for."""
    version = answer.model_version
    rows = [("model", output.clean(version.model_name)), ("version", str(version.version))]
    if answer.HasField("alias"):
        rows += [
            ("alias", output.clean(answer.alias.alias)),
            ("set", f"{output.time(answer.alias.set_time)} by {actor(answer.alias.set_by)}"),
            ("reason", output.clean(answer.alias.reason)),
        ]
    rows += [
        ("files", _files(version)),
        ("manifest", version.manifest_digest),
        ("run", version.run_id),
        ("logged model", version.logged_model_id),
        *(("data", data_view.used(i)) for i in version.evidence.dataset_inputs),
        ("registered", f"{output.time(version.create_time)} by {actor(version.created_by)}"),
    ]
    lines = output.pairs((name, value) for name, value in rows if value)
    if answer.files:
        files = [[output.clean(f.path), output.size(f.size), f.sha256] for f in answer.files]
        lines += ["", *output.table(["path", "size", "sha256"], files, right=[1])]
    return lines


def history(events: Sequence[v1.Event]) -> list[str]:
    """Return a model's history as a table: who did what, when, from what to what, why."""
    claimed = any(not event.actor.verified for event in events)
    headers = ["rev", "time", "actor (claimed)" if claimed else "actor", "what", "from -> to", "reason"]
    rows = [
        [str(e.revision), output.time(e.time), actor(e.actor), _what(e), _from_to(e), output.clean(_why(e))]
        for e in events
    ]
    return output.table(headers, rows, right=[0]) if rows else ["no events"]


def _files(version: v1.ModelVersion) -> str:
    return f"{version.file_count} {'file' if version.file_count == 1 else 'files'}, {output.size(version.size)}"


def _what(event: v1.Event) -> str:
    if event.kind == v1.EVENT_KIND_MODEL_CREATED:
        return "model created"
    if event.kind == v1.EVENT_KIND_MODEL_VERSION_CREATED:
        return f"version {event.after.model_version.version} registered"
    if event.kind == v1.EVENT_KIND_ALIAS_SET:
        return f"{output.clean(event.after.alias.alias)} set"
    if event.kind == v1.EVENT_KIND_ALIAS_ROLLED_BACK:
        return f"{output.clean(event.after.alias.alias)} rolled back"
    return v1.EventKind.Name(event.kind).removeprefix("EVENT_KIND_").replace("_", " ").lower()


def _from_to(event: v1.Event) -> str:
    if not event.after.HasField("alias"):
        return ""
    before = str(event.before.alias.version) if event.before.HasField("alias") else "none"
    return f"{before} -> {event.after.alias.version}"


def _why(event: v1.Event) -> str:
    proofs = [_proof(result) for result in event.conditions]
    return " ".join(part for part in (event.reason, *proofs) if part)


def _proof(result: v1.ConditionResult) -> str:
    key = result.condition.metric.key
    candidate = output.number(result.candidate) if result.HasField("candidate") else "none"
    if not result.HasField("bar"):
        return f"[{key} {candidate}, nothing to beat]"
    sign = ">" if result.condition.metric.direction == v1.DIRECTION_MAXIMIZE else "<"
    return f"[{key} {candidate} {sign} {output.number(result.bar)}]"
