"""Runs cases over Python's gRPC, from the contract's descriptors and proto3 JSON alone."""

from __future__ import annotations

import itertools
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from runlore.v1 import (
    alias_pb2,
    artifact_pb2,
    dataset_pb2,
    event_pb2,
    logged_model_pb2,
    metric_pb2,
    registered_model_pb2,
    registry_pb2,
    resolve_pb2,
    server_pb2,
    tracking_pb2,
)
from tests.conformance import caseformat
from tests.conformance.caseformat import Case, CaseError, Variables
from tests.harness.wire import refusal

ALWAYS_IN_ERRORS = {"domain": "runlore", "metadata": {"trace_id": {"$any": "text"}}}
FILES = (
    alias_pb2,
    artifact_pb2,
    dataset_pb2,
    event_pb2,
    logged_model_pb2,
    metric_pb2,
    registered_model_pb2,
    registry_pb2,
    resolve_pb2,
    server_pb2,
    tracking_pb2,
)


def methods() -> dict[str, MethodDescriptor]:
    """Return every RPC of the contract by the name that cases call it."""
    return {
        f"{service.full_name}/{method.name}": method
        for file in FILES
        for service in file.DESCRIPTOR.services_by_name.values()
        for method in service.methods
    }


class CaseFailure(AssertionError):
    """A step did not come out as its case expects."""


def run(case: Case, channel: grpc.Channel) -> None:
    """Run one case; raises CaseFailure at the first step that comes out otherwise."""
    variables: Variables = {"workspace": f"conf-{secrets.token_hex(8)}", "unique": secrets.token_hex(4)}
    for number, step in enumerate(case.steps, 1):
        try:
            _step(step, channel, variables)
        except (CaseError, CaseFailure) as problem:
            about = f"\n{case.about}" if case.about else ""
            raise CaseFailure(
                f"{case.file}: {case.name}: step {number} ({step.get('call', 'let')}): {problem}{about}"
            ) from None


def _step(step: dict[str, Any], channel: grpc.Channel, variables: Variables) -> None:
    variables.update({name: caseformat.evaluate(value, dict(variables)) for name, value in step.get("let", {}).items()})
    if "call" not in step:
        return
    outcome = _call(step, channel, variables)
    [(wanted, expected)] = step["expect"].items()
    if wanted not in outcome:
        raise CaseFailure(f"expected a {wanted}, got {outcome}")
    problem = caseformat.mismatch(caseformat.evaluate(expected, variables), outcome[wanted])
    if not problem and wanted == "error" and "reason" in expected:
        problem = caseformat.mismatch(
            {"domain": "runlore", "metadata": {"trace_id": {"$any": "text"}}}, outcome["error"]
        )
    if problem:
        raise CaseFailure(f"{problem}\nthe whole outcome: {caseformat.short(outcome)}")
    for name, path in step.get("bind", {}).items():
        variables[name] = caseformat.take(path, outcome[wanted])


def _call(step: dict[str, Any], channel: grpc.Channel, variables: Variables) -> dict[str, Any]:
    """Make the step's call and return its outcome: {"response"|"stream"|"error": JSON}."""
    method = methods().get(step["call"])
    if method is None:
        raise CaseError(f"the contract has no RPC {step['call']}")
    request = caseformat.evaluate(step["request"], variables)
    metadata = {"runlore-workspace": variables["workspace"], **caseformat.evaluate(step.get("metadata", {}), variables)}
    shape = f"{'stream' if method.client_streaming else 'unary'}_{'stream' if method.server_streaming else 'unary'}"
    invoke = getattr(channel, shape)(
        f"/{step['call']}",
        request_serializer=GetMessageClass(method.input_type).SerializeToString,
        response_deserializer=GetMessageClass(method.output_type).FromString,
    )
    sent: Any = _parse(method, request)
    if method.client_streaming:
        sent = iter([_parse(method, item) for item in request])
    try:
        answer = invoke(
            sent,
            timeout=float(step.get("deadline_seconds", 60)),
            metadata=[(name, value) for name, value in metadata.items() if value is not None],
        )
        if method.server_streaming:
            taken = list(itertools.islice(answer, step.get("take")))
            answer.cancel()
            return {"stream": [_json(message) for message in taken]}
        return {"response": _json(answer)}
    except grpc.RpcError as error:
        return {"error": _error(error)}


def _parse(method: MethodDescriptor, request: Any) -> Any:
    if isinstance(request, list):
        return None
    return ParseDict(request, GetMessageClass(method.input_type)())


def _json(message: Message) -> dict[str, Any]:
    return MessageToDict(message, preserving_proto_field_name=True)


def _error(error: grpc.RpcError) -> dict[str, Any]:
    found = refusal(error)
    return {
        name: value
        for name, value in {
            "code": found.code,
            "message": found.message,
            "reason": found.reason,
            "domain": found.domain,
            "metadata": found.metadata,
            "violations": [{"field": f, "description": d} for f, d in found.violations],
            "preconditions": [{"subject": s, "description": d} for s, d in found.preconditions],
            "retry_seconds": found.retry_after,
        }.items()
        if value not in ("", [], {}, None)
    }


def coverage(cases: Iterable[Case]) -> dict[str, dict[str, int]]:
    """Return, for every RPC of the contract, how many calls expect `OK` and how many each reason."""
    found: dict[str, dict[str, int]] = {name: defaultdict(int) for name in methods()}
    for case in cases:
        for call, outcome in case.calls():
            if call in found:
                found[call][outcome] += 1
    return found


def coverage_lines(cases: Iterable[Case]) -> Iterator[str]:
    """Yield the table that `make test-conformance` prints."""
    for call, outcomes in sorted(coverage(cases).items()):
        counts = ", ".join(f"{name} {count}" for name, count in sorted(outcomes.items())) or "NOT COVERED"
        yield f"{call.removeprefix('runlore.v1.'):40} {counts}"


if __name__ == "__main__":
    for line in coverage_lines(caseformat.load()):
        print(line)
