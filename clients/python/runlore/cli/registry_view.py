"""Model versions, aliases and their history as text: protos in, lines out."""

from __future__ import annotations

from collections.abc import Sequence

from runlore import v1
from runlore._words import stage_name
from runlore.cli import data_view, output
from runlore.cli.tracking_view import actor

#: What changes with any change of a record.
_INCIDENTAL = ("version", "update_time", "etag", "evidence")
_WORDS = {
    v1.EVENT_KIND_MODEL_CREATED: "model created",
    v1.EVENT_KIND_MODEL_UPDATED: "model changed: {fields}",
    v1.EVENT_KIND_MODEL_DELETED: "model deleted",
    v1.EVENT_KIND_MODEL_VERSION_CREATED: "version {version} registered",
    v1.EVENT_KIND_MODEL_VERSION_UPDATED: "version {version} changed: {fields}",
    v1.EVENT_KIND_MODEL_VERSION_DELETED: "version {version} deleted",
    v1.EVENT_KIND_MODEL_VERSION_PURGED: "version {version} purged",
    v1.EVENT_KIND_EVALUATION_RECORDED: "version {version} evaluated",
    v1.EVENT_KIND_STAGE_SET: "version {version} staged",
    v1.EVENT_KIND_ALIAS_SET: "{alias} set",
    v1.EVENT_KIND_ALIAS_ROLLED_BACK: "{alias} rolled back",
    v1.EVENT_KIND_ALIAS_DELETED: "{alias} deleted",
}


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
        ("stage", "" if version.stage == v1.MODEL_STAGE_NONE else stage_name(version.stage)),
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
        [str(e.revision), output.time(e.time), actor(e.actor), what(e), from_to(e), output.clean(why(e))]
        for e in events
    ]
    return output.table(headers, rows, right=[0]) if rows else ["no events"]


def happened(event: v1.Event) -> str:
    """Return what happened in a line."""
    parts = [output.time(event.time), output.strong(output.clean(event.resource.name)), what(event), from_to(event)]
    reason = output.clean(why(event))
    return "  ".join([*filter(None, parts), f"by {actor(event.actor)}{f': {reason}' if reason else ''}"])


def _files(version: v1.ModelVersion) -> str:
    return f"{version.file_count} {'file' if version.file_count == 1 else 'files'}, {output.size(version.size)}"


def what(event: v1.Event) -> str:
    """Return in a few words what happened."""
    words = _WORDS.get(event.kind)
    if words is None:
        return v1.EventKind.Name(event.kind).removeprefix("EVENT_KIND_").replace("_", " ").lower()
    state = event.after if event.HasField("after") else event.before
    evaluated = state.evaluations.evaluations[0].version if state.evaluations.evaluations else 0
    return words.format(
        alias=output.clean(state.alias.alias), version=state.model_version.version or evaluated, fields=_fields(event)
    )


def from_to(event: v1.Event) -> str:
    """Return from what to what an alias or a version's stage moved, or what was measured; empty for the rest."""
    before, after = event.before, event.after
    if "alias" in (before.WhichOneof("state"), after.WhichOneof("state")):
        return " -> ".join(str(s.alias.version) if s.HasField("alias") else "none" for s in (before, after))
    if event.kind == v1.EVENT_KIND_STAGE_SET:
        return f"{stage_name(before.model_version.stage)} -> {stage_name(after.model_version.stage)}"
    if event.kind == v1.EVENT_KIND_EVALUATION_RECORDED:
        return ", ".join(f"{output.clean(e.key)} {output.number(e.value)}" for e in after.evaluations.evaluations)
    return ""


def _fields(event: v1.Event) -> str:
    """The fields of a model or version that an event changed, which are those that either state has."""
    names: dict[str, None] = {}
    for state in (event.before, event.after):
        kind = state.WhichOneof("state")
        if kind in ("registered_model", "model_version"):
            names.update({field.name: None for field, _ in getattr(state, kind).ListFields()})
    return ", ".join(name for name in names if name not in _INCIDENTAL) or "a field"


def why(event: v1.Event) -> str:
    """Return the reason, and the numbers that a move was decided on."""
    proofs = [_proof(result) for result in event.conditions]
    return " ".join(part for part in (event.reason, *proofs) if part)


def _proof(result: v1.ConditionResult) -> str:
    if result.condition.HasField("tag"):
        return f"[{result.condition.tag.key} {result.condition.tag.value}]"
    key = result.condition.metric.key
    candidate = output.number(result.candidate) if result.HasField("candidate") else "none"
    if not result.HasField("bar"):
        return f"[{key} {candidate}, nothing to beat]"
    sign = ">" if result.condition.metric.direction == v1.DIRECTION_MAXIMIZE else "<"
    return f"[{key} {candidate} {sign} {output.number(result.bar)}]"
