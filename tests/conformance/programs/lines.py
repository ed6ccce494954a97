"""What the drivers written in Python share: the loop over lines, and messages as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2

from runlore import v1
from runlore.errors import RunloreError
from runlore.manifest import Tree
from tests.conformance import coverage

Json = dict[str, Any]

METHODS = coverage.methods()
#: The details that an error may have.
DETAILS = (
    error_details_pb2.ErrorInfo,
    error_details_pb2.BadRequest,
    error_details_pb2.PreconditionFailure,
    error_details_pb2.RetryInfo,
)
#: Where a client of ours has the stub of each service.
STUBS = {
    "ArtifactService": "artifacts",
    "EventService": "events",
    "LoggedModelService": "logged_models",
    "RegistryService": "registry",
    "ServerService": "server",
    "TrackingService": "tracking",
}


def serve(perform: Callable[[Json], Json]) -> None:
    """Answer each line of stdin with one on stdout, until stdin ends."""
    for line in sys.stdin:
        answer(perform(json.loads(line)))


def answer(outcome: Json) -> None:
    """Write one answer."""
    sys.stdout.write(json.dumps(outcome) + "\n")
    sys.stdout.flush()


def stub_of(client: Any, name: str) -> Any:
    """Return the method of a client of ours that `pkg.Service/Method` names."""
    service, _, method = name.rpartition(".")[2].partition("/")
    return getattr(getattr(client, STUBS[service]), method)


def requests_of(operation: Json) -> tuple[MethodDescriptor, list[Message]]:
    """Return the operation's method and its requests as messages."""
    method = METHODS[operation["method"]]
    kind = GetMessageClass(method.input_type)
    return method, [ParseDict(request, kind()) for request in operation["requests"]]


def to_json(message: Message) -> Json:
    """Return proto3 JSON with the names of the `.proto` files."""
    return MessageToDict(message, preserving_proto_field_name=True)


def typed_error(error: RunloreError) -> Json:
    """Return what the SDK's typed error has, as README.md "What comes back, as JSON" lays it out."""
    metadata = {**error.metadata, **({"trace_id": error.trace_id} if error.trace_id else {})}
    found = {
        "code": error.code.name if error.code else "",
        "message": error.message,
        "reason": error.reason,
        "domain": "runlore" if error.trace_id else "",
        "metadata": metadata,
        "violations": [{"field": name, "description": rule} for name, rule in error.fields.items()],
        "preconditions": [
            {"subject": subject, "description": words}
            for subject, words in zip(error.subjects, error.conditions, strict=True)
        ],
        "retry_seconds": error.retry_after,
    }
    return {"error": {name: value for name, value in found.items() if value not in ("", [], {}, None)}}


def details_of(details: Iterable[Message]) -> Json:
    """Return what the google.rpc details of an error have, as README.md "What comes back, as JSON" lays it out."""
    found: Json = {}
    for detail in details:
        if isinstance(detail, error_details_pb2.ErrorInfo):
            found |= {"reason": detail.reason, "domain": detail.domain, "metadata": dict(detail.metadata)}
        elif isinstance(detail, error_details_pb2.BadRequest):
            found["violations"] = [{"field": v.field, "description": v.description} for v in detail.field_violations]
        elif isinstance(detail, error_details_pb2.PreconditionFailure):
            found["preconditions"] = [{"subject": v.subject, "description": v.description} for v in detail.violations]
        elif isinstance(detail, error_details_pb2.RetryInfo):
            found["retry_seconds"] = detail.retry_delay.ToTimedelta().total_seconds()
    return found


def refused(error: Exception) -> Json:
    """Return an error that has nothing but words."""
    return {"error": {"message": str(error)}}


def manifest_digest(operation: Json) -> Json:
    """Answer the operation of that name."""
    try:
        tree = Tree.of(ParseDict(file, v1.FileEntry()) for file in operation["files"])
    except ValueError as error:
        return refused(error)
    return {"response": {"digest": tree.manifest().digest}}


def watch_arguments(request: Json) -> Json:
    """Return the arguments of `Client.watch` for a WatchRequest."""
    message = ParseDict(request, v1.WatchRequest())
    return {
        "model_name": message.model_name or None,
        "alias": message.alias,
        "kinds": list(message.kinds),
        "after": message.after_position,
    }
