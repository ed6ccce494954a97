"""The RPCs of the contract, and which of them cases cover: `python -m tests.conformance.coverage` prints a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from google.protobuf.descriptor import MethodDescriptor

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
from tests.conformance.caseformat import Case

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
