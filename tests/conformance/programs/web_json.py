"""The driver of plain HTTP: what `curl` with JSON does on the web port, and Connect's framing of streams."""

from __future__ import annotations

import base64
import http.client
import json
import struct
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from tests.conformance.programs.lines import DETAILS, METHODS, Json, details_of, serve, to_json

#: Connect's flag of the envelope that ends a stream.
_END = 2
#: Connect's codes by the names that it has for them: `canceled` is the only one that is spelt otherwise.
_SPELLING = {"CANCELED": "CANCELLED"}


def perform(operation: Json) -> Json:
    """Do what the operation says, and return its answer."""
    if operation["op"] != "call":
        return {"unsupported": "plain HTTP makes calls and nothing else"}
    method = METHODS[operation["method"]]
    if method.client_streaming and method.server_streaming:
        return {"unsupported": "HTTP/1.1 has no streams in both directions at once"}
    if "cancel_after" in operation:
        return {"unsupported": "a blocking HTTP client has no way to cancel a call"}
    kind = GetMessageClass(method.output_type)
    connection = http.client.HTTPConnection(
        urlsplit(operation["web_address"]).netloc, timeout=operation["deadline_seconds"]
    )
    end = time.monotonic() + operation["deadline_seconds"]
    try:
        streams = method.server_streaming or method.client_streaming
        found = (_stream if streams else _unary)(connection, operation)
        messages = [to_json(ParseDict(message, kind())) for message in found]
    except _RefusedError as refusal:
        return {"error": refusal.error}
    except TimeoutError:
        return {"error": {"code": "DEADLINE_EXCEEDED", "message": "no answer in time"}}
    except (OSError, http.client.HTTPException) as error:
        code = "DEADLINE_EXCEEDED" if time.monotonic() >= end else "UNAVAILABLE"
        return {"error": {"code": code, "message": f"{type(error).__name__}: {error}"}}
    finally:
        connection.close()
    return {"stream": messages} if method.server_streaming else {"response": messages[0]}


class _RefusedError(Exception):
    def __init__(self, error: Json) -> None:
        self.error = error


def _unary(connection: http.client.HTTPConnection, operation: Json) -> list[Json]:
    response = _post(connection, operation, "application/json", json.dumps(operation["requests"][0]).encode())
    body = response.read()
    if response.status != 200:
        raise _RefusedError(_error(response.status, body))
    return [json.loads(body)]


def _stream(connection: http.client.HTTPConnection, operation: Json) -> list[Json]:
    requests = [json.dumps(request).encode() for request in operation["requests"]]
    body = b"".join(struct.pack(">BI", 0, len(request)) + request for request in requests)
    response = _post(connection, operation, "application/connect+json", body)
    if response.status != 200:
        raise _RefusedError(_error(response.status, response.read()))
    found: list[Json] = []
    for flags, envelope in _envelopes(response):
        message = json.loads(envelope)
        if flags & _END:
            if "error" in message:
                raise _RefusedError(_described(message["error"]))
            return found
        found.append(message)
        if len(found) == operation.get("take"):
            return found
    raise http.client.IncompleteRead(b"")


def _post(connection: http.client.HTTPConnection, operation: Json, kind: str, body: bytes) -> http.client.HTTPResponse:
    headers = {
        **operation["metadata"],
        "Content-Type": kind,
        "Connect-Protocol-Version": "1",
        "Connect-Timeout-Ms": str(round(operation["deadline_seconds"] * 1000)),
    }
    connection.request("POST", f"/{operation['method']}", body, headers)
    return connection.getresponse()


def _envelopes(response: http.client.HTTPResponse) -> Iterator[tuple[int, bytes]]:
    while header := response.read(5):
        flags, size = struct.unpack(">BI", header)
        yield flags, response.read(size)


def _error(status: int, body: bytes) -> Json:
    """Read an error: JSON of Connect's, or of whatever stands before the server."""
    try:
        said = json.loads(body)
    except ValueError:
        return {"code": "UNIMPLEMENTED" if status == 404 else "UNKNOWN", "message": f"HTTP status {status}"}
    return _described(said)


def _described(said: Json) -> Json:
    code = said["code"].upper()
    found: Json = {"code": _SPELLING.get(code, code), "message": said.get("message", "")}
    return found | details_of(message for detail in said.get("details", ()) for message in _detail(detail))


def _detail(detail: Json) -> Iterator[Message]:
    # Connect leaves the padding off.
    value = base64.b64decode(detail["value"] + "=" * (-len(detail["value"]) % 4))
    yield from (kind.FromString(value) for kind in DETAILS if kind.DESCRIPTOR.full_name == detail["type"])


if __name__ == "__main__":
    serve(perform)
