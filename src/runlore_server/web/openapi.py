"""Writes `openapi.json`, which the web port serves, from the contract (called by `make gen`; needs buf).

python -m runlore_server.web.openapi [--check]
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from connectrpc.code import Code
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions

from runlore_server.web.schemas import Contract, Schema, paragraphs
from runlore_server.web.site import DOCUMENT

PROTOS = Path(__file__).resolve().parents[3] / "protos"

_ABOUT = """\
The typed metadata service between experiment and production, over HTTP: every RPC of the contract `runlore.v1` as a
POST of JSON, and those that change nothing as a GET too (Connect's protocol). The same paths speak Connect with
protobuf's binary form (`application/proto`) and gRPC-Web. Methods with a stream in each direction need gRPC and are
left out.

64-bit integers are strings in responses; requests may have numbers. NaN and infinities are strings. What a response
does not have is at its default: 0, false, empty.
"""
_ENVELOPES = """\
Connect's streaming protocol: each message in an envelope of a byte of flags and four bytes of its length, big-endian.
The last envelope of a response has the flag 2 and a JSON object: empty after success, else with the field `error`.
"""
_HEADERS: dict[str, tuple[str, Schema]] = {
    "runlore-workspace": ("The workspace, when the request has none.", {"type": "string", "maxLength": 64}),
    "runlore-actor": (
        "Who is calling, as `<kind>:<id>` such as `user:alice` (kinds: user, service, run).",
        {"type": "string"},
    ),
    "runlore-trace-id": ("Log correlation id; one is made up when there is none.", {"type": "string", "maxLength": 64}),
    "connect-timeout-ms": (
        "Milliseconds after which the call is given up.",
        {"type": "integer", "minimum": 0, "maximum": 9_999_999_999},
    ),
}
_JSON, _STREAMED = "application/json", "application/connect+json"


def main() -> int:
    """Write the document; with `--check`, fail when it differs from what is there."""
    made = json.dumps(document(compiled()), indent=1, ensure_ascii=False) + "\n"
    if sys.argv[1:] != ["--check"]:
        DOCUMENT.write_text(made, encoding="utf-8")
    elif not DOCUMENT.exists() or DOCUMENT.read_text(encoding="utf-8") != made:
        print("src/runlore_server/web/openapi.json is not what the contract generates: run `make gen`")
        return 1
    return 0


def compiled() -> Contract:
    """Compile the contract with its comments."""
    command = ["buf", "build", "--as-file-descriptor-set", "-o", "-#format=binpb"]
    return Contract(subprocess.run(command, cwd=PROTOS, check=True, stdout=subprocess.PIPE).stdout)


def document(contract: Contract) -> Schema:
    """Return the description of every RPC that the web port takes."""
    paths: Schema = {}
    tags = []
    for file in contract.files:
        for declared in file.service:
            service = contract.pool.FindServiceByName(f"{file.package}.{declared.name}")
            tags.append({"name": service.name, "description": contract.comment(service.full_name)})
            for method in service.methods:
                if not (method.client_streaming and method.server_streaming):
                    paths[f"/{service.full_name}/{method.name}"] = _path(contract, method)
    errors = _errors(contract)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Runlore",
            "version": "v1",
            "description": paragraphs(_ABOUT),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [],
        "tags": tags,
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted((contract.schemas | errors).items())),
            "parameters": {
                name: {"name": name, "in": "header", "description": text, "schema": schema}
                for name, (text, schema) in _HEADERS.items()
            },
            "responses": {
                "Error": {
                    "description": "An error. The status follows from its code, as Connect's protocol says.",
                    "content": {_JSON: {"schema": {"$ref": "#/components/schemas/connect.Error"}}},
                }
            },
        },
    }


def _path(contract: Contract, method: MethodDescriptor) -> Schema:
    request, response = contract.message(method.input_type), contract.message(method.output_type)
    operation: dict[str, Any] = {
        "tags": [method.containing_service.name],
        "operationId": f"{method.containing_service.name}_{method.name}",
        "description": contract.comment(method.full_name),
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in _HEADERS],
    }
    errors = {"default": {"$ref": "#/components/responses/Error"}}
    if method.client_streaming or method.server_streaming:
        operation["description"] += "\n\n" + paragraphs(_ENVELOPES)
        shapes = {True: "messages, each a", False: "one message, a"}
        sent = f"{shapes[method.client_streaming]} {method.input_type.name}"
        received = f"{shapes[method.server_streaming]} {method.output_type.name}"
        stream = {_STREAMED: {"schema": {"type": "string", "format": "binary"}}}
        return {
            "post": operation
            | {
                "requestBody": {"required": True, "description": f"Envelopes of {sent}.", "content": stream},
                "responses": {"200": {"description": f"Envelopes of {received}.", "content": stream}} | errors,
            }
        }
    answer = {"200": {"description": "Success.", "content": {_JSON: {"schema": response}}}} | errors
    path = {
        "post": operation
        | {"requestBody": {"required": True, "content": {_JSON: {"schema": request}}}, "responses": answer}
    }
    if method.GetOptions().idempotency_level == MethodOptions.NO_SIDE_EFFECTS:
        query = [
            {"name": "encoding", "in": "query", "required": True, "schema": {"const": "json"}},
            {"name": "message", "in": "query", "required": True, "content": {_JSON: {"schema": request}}},
            {"name": "connect", "in": "query", "schema": {"const": "v1"}},
        ]
        path["get"] = operation | {
            "operationId": f"{operation['operationId']}_GET",
            "parameters": [*operation["parameters"], *query],
            "responses": answer,
        }
    return path


def _errors(contract: Contract) -> Schema:
    """The shape of errors, with the contract's reasons."""
    reasons = contract.pool.FindEnumTypeByName("runlore.v1.ErrorReason")
    names = [value.name.removeprefix("ERROR_REASON_") for value in reasons.values][1:]
    told = [f"* `{name}`: {contract.comment(f'{reasons.full_name}.ERROR_REASON_{name}')}" for name in names]
    texts = {"type": "object", "additionalProperties": {"type": "string"}}
    return {
        "connect.Error": {
            "type": "object",
            "required": ["code"],
            "properties": {
                "code": {"type": "string", "enum": [code.value for code in Code]},
                "message": {"type": "string", "description": "What is wrong, in English."},
                "details": {"type": "array", "items": {"$ref": "#/components/schemas/connect.ErrorDetail"}},
            },
        },
        "connect.ErrorDetail": {
            "type": "object",
            "description": (
                "A message of the package google.rpc: ErrorInfo with the reason, BadRequest with the fields that "
                "break a rule, PreconditionFailure, or RetryInfo."
            ),
            "required": ["type", "value"],
            "properties": {
                "type": {"type": "string", "examples": ["google.rpc.ErrorInfo"]},
                "value": {"type": "string", "contentEncoding": "base64", "description": "The message's bytes."},
                "debug": {
                    "description": "The message in JSON.",
                    "anyOf": [{"$ref": "#/components/schemas/google.rpc.ErrorInfo"}, {"type": "object"}],
                },
            },
        },
        "google.rpc.ErrorInfo": {
            "type": "object",
            "required": ["reason", "domain"],
            "properties": {
                "reason": {
                    "type": "string",
                    "enum": names,
                    "description": "\n".join([contract.comment(reasons.full_name), "", *told]),
                },
                "domain": {"const": "runlore"},
                "metadata": {**texts, "description": "Named by each reason, and always `trace_id`."},
            },
        },
    }


if __name__ == "__main__":
    sys.exit(main())
