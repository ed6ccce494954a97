"""The driver of grpcurl: raw calls of a tool that knows the contract by the server's reflection alone."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import IO, Any

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.json_format import Parse, ParseDict
from google.protobuf.message_factory import GetMessageClass
from google.rpc import code_pb2, status_pb2

from tests.conformance.programs.lines import DETAILS, METHODS, Json, details_of, serve, to_json

_MAX_MESSAGE = 32 * 1024 * 1024
#: What grpcurl says in words when it does not get as far as a call.
_BEFORE_A_CALL = {
    "connection refused": "UNAVAILABLE",
    "context deadline exceeded": "DEADLINE_EXCEEDED",
    "does not support the reflection API": "UNIMPLEMENTED",
}


_REFLECTION_REFUSED = "failed to query for service descriptor"


def perform(operation: Json) -> Json:
    """Do what the operation says, and return its answer."""
    if operation["op"] != "call":
        return {"unsupported": "grpcurl makes calls and nothing else"}
    if "cancel_after" in operation:
        return {"unsupported": "grpcurl has no way to cancel a call but to end"}
    method = METHODS[operation["method"]]
    requests = [_with_paths(method, request) for request in operation["requests"]]
    with subprocess.Popen(
        [sys.argv[1], *_arguments(operation)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write("".join(json.dumps(request) for request in requests))
        process.stdin.close()
        messages = _messages(process.stdout, operation.get("take"))
        if len(messages) == operation.get("take"):
            process.kill()
        else:
            said = process.stderr.read()
            if process.wait():
                if _REFLECTION_REFUSED in said and not any(words in said for words in _BEFORE_A_CALL):
                    return {"unsupported": "its own question for the contract is refused, before the call"}
                return {"error": _error(said)}
    kind = GetMessageClass(method.output_type)
    # grpcurl writes lowerCamelCase.
    found = [to_json(ParseDict(message, kind())) for message in messages]
    return {"stream": found} if method.server_streaming else {"response": found[0]}


def _arguments(operation: Json) -> list[str]:
    headers = [f"{name}: {value}" for name, value in operation["metadata"].items()]
    seconds = str(operation["deadline_seconds"])
    return [
        *("-plaintext", "-format-error", "-max-msg-sz", str(_MAX_MESSAGE)),
        *("-max-time", seconds, "-connect-timeout", seconds, "-d", "@"),
        *(argument for header in headers for argument in ("-rpc-header", header)),
        *(operation["address"], operation["method"]),
    ]


def _with_paths(method: MethodDescriptor, request: Json) -> Json:
    """Return the request with its field masks as objects: grpcurl does not know their form in JSON, a string."""
    masks = {
        field.name: {"paths": list(ParseDict(request[field.name], FieldMask()).paths)}
        for field in method.input_type.fields
        if field.message_type is FieldMask.DESCRIPTOR and field.name in request
    }
    return {**request, **masks}


def _messages(output: IO[str], most: int | None) -> list[Any]:
    """Read JSON documents, one after the other, until there are `most` or no more."""
    found: list[Any] = []
    lines: list[str] = []
    for line in output:
        lines.append(line)
        # Documents are indented: only their first and last lines begin with a brace.
        if line.rstrip() in ("}", "{}"):
            found.append(json.loads("".join(lines)))
            lines = []
            if len(found) == most:
                break
    return found


def _error(said: str) -> Json:
    """Read what grpcurl writes about a failed call: a google.rpc.Status in JSON, behind a word."""
    begin = said.find("{\n")
    if begin < 0:
        code = next((code for words, code in _BEFORE_A_CALL.items() if words in said), "")
        return {"code": code, "message": said.strip()}
    status = Parse(said[begin:], status_pb2.Status())
    details = [kind.FromString(d.value) for d in status.details for kind in DETAILS if d.Is(kind.DESCRIPTOR)]
    return {"code": code_pb2.Code.Name(status.code), "message": status.message, **details_of(details)}


if __name__ == "__main__":
    serve(perform)
