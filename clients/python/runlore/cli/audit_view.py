"""Everything about a version: records in, a page or JSON out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runlore import v1
from runlore._origin import Context
from runlore._words import reference, stage_name
from runlore.cli import models_view, output, registry_view
from runlore.cli.document import Page, Section
from runlore.cli.tracking_view import actor

_MOVES = (v1.EVENT_KIND_ALIAS_SET, v1.EVENT_KIND_ALIAS_ROLLED_BACK, v1.EVENT_KIND_ALIAS_DELETED)


@dataclass(frozen=True)
class Audit:
    """What is known of a version."""

    version: v1.ModelVersion
    model: v1.RegisteredModel
    #: The run that made it; None when there was none, or when it was purged since.
    run: v1.Run | None
    files: Sequence[v1.FileEntry]
    context: Context
    #: What its run has of its code and packages.
    captured: Sequence[v1.FileEntry]
    evaluations: Sequence[v1.Evaluation]
    #: Of the whole model, oldest first.
    events: Sequence[v1.Event]
    verified: v1.VerifyResponse


@dataclass(frozen=True)
class Service:
    """A span of time in which an alias pointed at the version; `end` is None while it does."""

    alias: str
    begin: v1.Event
    end: v1.Event | None


def services(events: Sequence[v1.Event], version: int) -> list[Service]:
    """Return when which alias pointed at a version, in the order of their beginning."""
    found: list[Service] = []
    open_ones: dict[str, int] = {}
    for event in events:
        if event.kind not in _MOVES:
            continue
        alias = event.after.alias.alias or event.before.alias.alias
        if alias in open_ones and event.after.alias.version != version:
            at = open_ones.pop(alias)
            found[at] = Service(alias, found[at].begin, event)
        elif alias not in open_ones and event.after.alias.version == version:
            open_ones[alias] = len(found)
            found.append(Service(alias, event, None))
    return found


def about(events: Sequence[v1.Event], version: int) -> list[v1.Event]:
    """Return the events that a version has a part in."""
    return [event for event in events if version in (_version(event.before), _version(event.after))]


def record(found: Audit) -> dict[str, Any]:
    """Return it as JSON."""
    version = found.version.version
    return {
        "reference": reference(found.version),
        "model_version": output.record(found.version),
        "registered_model": output.record(found.model),
        "run": output.record(found.run) if found.run is not None else None,
        "files": [output.record(file) for file in found.files],
        "captured_files": [output.record(file) for file in found.captured],
        "evaluations": [output.record(evaluation) for evaluation in found.evaluations],
        "context": {"run_id": found.context.run_id, "tags": dict(found.context.tags)},
        "service": [
            {
                "alias": s.alias,
                "since": s.begin.time.ToJsonString(),
                "until": s.end.time.ToJsonString() if s.end is not None else None,
            }
            for s in services(found.events, version)
        ],
        "events": [output.record(event) for event in about(found.events, version)],
        "verified": output.record(found.verified),
    }


def page(found: Audit) -> Page:
    """Return it as a page."""
    if found.verified.valid:
        verdict = f"history verified: {found.verified.event_count} events, head {found.verified.head.hash}"
    else:
        first = found.verified.first_break
        verdict = f"HISTORY NOT VALID: event {first.revision}: {first.problem}"
    return Page(f"Audit of {reference(found.version)}", verdict, found.verified.valid, list(_sections(found)))


def _sections(found: Audit) -> Iterator[Section]:
    version, evidence = found.version, found.version.evidence
    yield Section("Version", pairs=_identity(found))
    serving = services(found.events, version.version)
    yield Section(
        "Where it serves and served",
        headers=["alias", "since", "until", "by", "reason"],
        rows=[
            [
                s.alias,
                output.time(s.begin.time),
                output.time(s.end.time) if s.end is not None else "now",
                actor(s.begin.actor),
                s.begin.reason,
            ]
            for s in serving
        ],
        remark="" if serving else "No alias ever pointed at it.",
    )
    yield Section("Run", pairs=_run(found))
    yield Section("Params", pairs=_sorted(evidence.params), remark="" if evidence.params else "None.")
    yield Section(
        "Metrics at registration",
        headers=["metric", "last", "at step", "min", "max", "points"],
        rows=[
            [
                m.key,
                output.number(m.last),
                str(m.last_step),
                output.number(m.min) if m.HasField("min") else "",
                output.number(m.max) if m.HasField("max") else "",
                str(m.count),
            ]
            for m in evidence.metrics
        ],
        right=range(1, 6),
        remark="" if evidence.metrics else "None.",
    )
    yield _evaluations(found.evaluations)
    code, around = found.context.code, found.context.surroundings
    above = found.context.run_id if found.context.run_id != version.run_id else ""
    yield Section(
        "Code",
        pairs=[("of the parent run", above), *_sorted(code)],
        headers=["stored with the run", "size", "sha256"],
        rows=[[file.path, output.size(file.size), file.sha256] for file in found.captured],
        right=[1],
        remark="" if code or found.captured else "None was recorded.",
    )
    yield Section(
        "Data",
        headers=["for", "name", "digest", "source"],
        rows=[
            [i.context, i.dataset.name, i.dataset.digest, i.dataset.source or i.dataset.source_type]
            for i in evidence.dataset_inputs
        ],
        remark="" if evidence.dataset_inputs else "None was recorded.",
    )
    yield Section("Environment", pairs=_sorted(around), remark="" if around else "None was recorded.")
    yield Section(
        "Files",
        pairs=[("manifest", version.manifest_digest)],
        headers=["path", "size", "sha256"],
        rows=[[file.path, output.size(file.size), file.sha256] for file in found.files],
        right=[1],
    )
    if version.tags:
        yield Section("Tags", pairs=_sorted(version.tags))
    events = about(found.events, version.version)
    who = "actor (claimed)" if any(not e.actor.verified for e in events) else "actor"
    yield Section(
        "Everything that happened",
        headers=["rev", "time", who, "what", "from -> to", "reason and evidence"],
        rows=[
            [
                str(e.revision),
                output.time(e.time),
                actor(e.actor),
                registry_view.what(e),
                registry_view.from_to(e),
                _why(e),
            ]
            for e in events
        ],
        right=[0],
    )


def _identity(found: Audit) -> list[tuple[str, str]]:
    version = found.version
    return [
        ("model", version.model_name),
        ("model id", version.model_id),
        ("version", str(version.version)),
        ("workspace", version.workspace),
        ("owner", found.model.owner),
        ("team", found.model.team),
        ("registered", f"{output.time(version.create_time)} by {actor(version.created_by)}"),
        ("status", v1.ModelVersionStatus.Name(version.status).removeprefix("MODEL_VERSION_STATUS_").lower()),
        ("stage", stage_name(version.stage)),
        ("aliases", ", ".join(version.aliases)),
        ("description", version.description),
    ]


def _run(found: Audit) -> list[tuple[str, str]]:
    version, run = found.version, found.run
    if not version.run_id:
        return [("run", "none: the files were pushed without one")]
    if run is None:
        return [("run", version.run_id), ("", "the run is no longer there; what follows was frozen at registration")]
    return [
        ("run", run.run_id),
        ("name", run.name),
        ("experiment", run.experiment_name),
        ("status", v1.RunStatus.Name(run.status).removeprefix("RUN_STATUS_").lower()),
        ("started", output.time(run.start_time)),
        ("ended", output.time(run.end_time) if run.HasField("end_time") else ""),
        ("created by", actor(run.created_by)),
        ("artifacts", version.artifact_path),
        ("logged model", version.logged_model_id),
    ]


def _evaluations(evaluations: Sequence[v1.Evaluation]) -> Section:
    return Section(
        "Evaluations",
        headers=["metric", "value", "on", "measured", "recorded by", "run"],
        rows=[
            [
                e.key,
                output.number(e.value),
                models_view.on(e),
                output.time(e.evaluation_time),
                actor(e.recorded_by),
                e.run_id,
            ]
            for e in evaluations
        ],
        right=[1],
        remark="" if evaluations else "None was recorded.",
    )


def _why(event: v1.Event) -> str:
    parts = [event.reason, *(result.explanation for result in event.conditions)]
    if event.evidence.fields:
        parts.append(f"evidence {json.dumps(output.record(event.evidence), ensure_ascii=False, sort_keys=True)}")
    return "; ".join(part for part in parts if part)


def _sorted(labels: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(labels.items())


def _version(state: v1.ResourceState) -> int:
    if state.evaluations.evaluations:
        return state.evaluations.evaluations[0].version
    return state.alias.version or state.model_version.version
