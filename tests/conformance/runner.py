"""Runs the steps of a case through a client: evaluates them, asks the client, matches what it answers."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tests.conformance import caseformat, coverage, folders, relays
from tests.conformance.caseformat import Case, CaseError, Variables

Json = dict[str, Any]

METHODS = coverage.methods()

ALWAYS_IN_ERRORS = {"domain": "runlore", "metadata": {"trace_id": {"$any": "text"}}}


class CaseFailure(AssertionError):
    """A step did not come out as its case expects."""


class Unsupported(Exception):
    """The client cannot do what a step asks for, by its nature; says why."""


class Client(Protocol):
    """What makes calls: a driver, or gRPC in this process."""

    #: False: it makes a call once, and nothing more when the connection ends.
    retries: bool

    def perform(self, operation: Json) -> Json:
        """Do what the operation says, as README.md "Drivers" has it, and return its answer."""
        ...


@dataclass(frozen=True)
class Target:
    """The server that cases run against."""

    #: `host:port`.
    address: str
    #: The URL of its web port, `http://host:port`; empty when it serves none.
    web_address: str
    #: Where it keeps blobs, for steps that damage one.
    artifacts: Path


@dataclass
class _Stage:
    """One case under way."""

    client: Client
    target: Target
    #: The case's own folder.
    folder: Path
    variables: Variables = field(default_factory=dict)
    #: The ports, of gRPC and of the web port, of each place that steps name by `at`.
    places: dict[str, tuple[int, int]] = field(default_factory=dict)


def run(case: Case, client: Client, target: Target) -> None:
    """Run one case; raises CaseFailure at the first step that comes out otherwise, or Unsupported."""
    folder = Path(tempfile.mkdtemp(prefix="runlore-case-"))
    stage = _Stage(client, target, folder)
    stage.variables |= {"workspace": f"conf-{secrets.token_hex(8)}", "unique": secrets.token_hex(4)}
    try:
        for number, step in enumerate(case.steps, 1):
            try:
                _step(step, stage)
            except (CaseError, CaseFailure) as problem:
                about = f"\n{case.about}" if case.about else ""
                what = step.get("call") or caseformat.kind(step)
                raise CaseFailure(f"{case.file}: {case.name}: step {number} ({what}): {problem}{about}") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _step(step: Json, stage: _Stage) -> None:
    variables = stage.variables
    variables.update({name: caseformat.evaluate(value, dict(variables)) for name, value in step.get("let", {}).items()})
    kind = caseformat.kind(step)
    if kind == "let":
        return
    if kind == "folder":
        folders.make(stage.folder / step["folder"], caseformat.evaluate(step["files"], variables))
        return
    if kind == "damage":
        _damage(stage.target.artifacts, caseformat.evaluate(step["damage"], variables))
        return
    if (
        not stage.client.retries
        and "error" not in step["expect"]
        and ("cuts" in step or step.get("server") == "goaway")
    ):
        raise Unsupported("it makes raw calls: who uses it tries again")
    with _reached(step, stage) as addresses:
        outcome = stage.client.perform({**_operation(kind, step, stage), **addresses})
    if "unsupported" in outcome:
        raise Unsupported(outcome["unsupported"])
    _compare(step, stage, outcome)


@contextlib.contextmanager
def _reached(step: Json, stage: _Stage) -> Iterator[Json]:
    """Put what the step asks for between client and server, and yield the addresses to use."""
    fault, cuts, target = step.get("server"), step.get("cuts", []), stage.target
    port, web_port = None, None
    if "at" in step:
        port, web_port = stage.places.setdefault(step["at"], (relays.free_port(), relays.free_port()))
    with relays.between(target.address, fault, cuts, web=False, port=port) as address:
        if not target.web_address:
            yield {"address": address}
            return
        direct = target.web_address.removeprefix("http://")
        with relays.between(direct, fault, cuts, web=True, port=web_port) as web:
            yield {"address": address, "web_address": f"http://{web}"}


def _operation(kind: str, step: Json, stage: _Stage) -> Json:
    """Return what the client is asked to do, but for the addresses."""
    variables = stage.variables
    if kind == "call":
        if step["call"] not in METHODS:
            raise CaseError(f"the contract has no RPC {step['call']}")
        request = caseformat.evaluate(step["request"], variables)
        given = caseformat.evaluate(step.get("metadata", {}), variables)
        metadata = {"runlore-workspace": variables["workspace"], **given}
        return {
            "op": "call",
            "method": step["call"],
            "requests": request if isinstance(request, list) else [request],
            "metadata": {name: value for name, value in metadata.items() if value is not None},
            "deadline_seconds": float(step.get("deadline_seconds", 60)),
            **{name: step[name] for name in ("take", "cancel_after") if name in step},
        }
    arguments = caseformat.evaluate(step[kind], variables)
    # Folders are named by the case, and are below its own.
    paths = {
        name: str(stage.folder / arguments[name]) for name in ("folder", "destination", "cache") if name in arguments
    }
    arguments = {name: value for name, value in arguments.items() if name != "same_as"}
    return {"op": kind, "workspace": variables["workspace"], **arguments, **paths}


def _compare(step: Json, stage: _Stage, outcome: Json) -> None:
    [(wanted, expected)] = step["expect"].items()
    if wanted not in outcome:
        raise CaseFailure(f"expected a {wanted}, got {caseformat.short(outcome)}")
    expected = caseformat.evaluate(expected, stage.variables)
    problem = caseformat.mismatch(expected, outcome[wanted])
    if not problem and wanted == "error" and "reason" in expected and "call" in step:
        problem = caseformat.mismatch(ALWAYS_IN_ERRORS, outcome["error"])
    if problem:
        raise CaseFailure(f"{problem}\nthe whole outcome: {caseformat.short(outcome)}")
    if "from_cache" in step and outcome.get("from_cache", False) is not step["from_cache"]:
        raise CaseFailure(f"from_cache: expected {step['from_cache']}, got {outcome.get('from_cache')}")
    if "pull" in step:
        _compare_folders(step["pull"], stage, pulled=wanted == "response")
    for name, path in step.get("bind", {}).items():
        stage.variables[name] = caseformat.take(path, outcome[wanted])


def _compare_folders(pull: Json, stage: _Stage, *, pulled: bool) -> None:
    destination = stage.folder / pull["destination"]
    if not pulled and "same_as" not in pull:
        if destination.exists():
            raise CaseFailure("the pull failed, and left something at its destination")
        return
    if found := folders.difference(stage.folder / pull["same_as"], destination):
        raise CaseFailure(f"what was pulled is not what was pushed: {found}")


def _damage(artifacts: Path, digest: str) -> None:
    """Change the first byte of a stored blob."""
    blob = artifacts / "sha256" / digest[:2] / digest
    content = blob.read_bytes()
    # Not in place: the file may be linked elsewhere.
    changed = blob.with_suffix(".changed")
    changed.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    changed.replace(blob)
