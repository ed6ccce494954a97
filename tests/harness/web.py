"""Calling the web port: by the clients of `connectrpc`, and by plain HTTP."""

from __future__ import annotations

import http.client
import json
import ssl
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from connectrpc.client import ConnectClientSync, ResponseMetadata
from connectrpc.compat import google_protobuf_binary_codec, google_protobuf_json_codec
from connectrpc.errors import ConnectError
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.protocol import ProtocolType
from google.protobuf import descriptor_pool
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass
from google.rpc.status_pb2 import Status

from runlore_server.app import SERVICES
from tests.harness.wire import Refusal, read_status

#: Every way to call, by a name for tests.
WAYS = {
    "connect-proto": (ProtocolType.CONNECT, google_protobuf_binary_codec()),
    "connect-json": (ProtocolType.CONNECT, google_protobuf_json_codec()),
    "grpc-web-proto": (ProtocolType.GRPC_WEB, google_protobuf_binary_codec()),
    "grpc-web-json": (ProtocolType.GRPC_WEB, google_protobuf_json_codec()),
}


def methods() -> list[MethodDescriptor]:
    """Return every method of the contract."""
    services = (descriptor_pool.Default().FindServiceByName(f"runlore.v1.{name}") for name in SERVICES)
    return [method for service in services for method in service.methods]


def _info(name: str) -> MethodInfo[Any, Any]:
    method = descriptor_pool.Default().FindMethodByName(f"runlore.v1.{name.replace('/', '.')}")
    shapes = {
        (False, False): StreamType.UNARY,
        (False, True): StreamType.SERVER_STREAM,
        (True, False): StreamType.CLIENT_STREAM,
    }
    return MethodInfo(
        name=method.name,
        service_name=method.containing_service.full_name,
        input=GetMessageClass(method.input_type),
        output=GetMessageClass(method.output_type),
        idempotency_level=IdempotencyLevel.NO_SIDE_EFFECTS
        if method.GetOptions().idempotency_level == 1
        else IdempotencyLevel.UNKNOWN,
        stream_type=shapes[method.client_streaming, method.server_streaming],
    )


class WebClient:
    """Calls methods by names such as `TrackingService/GetRun`; raises ConnectError, which `refusal` reads."""

    def __init__(self, url: str, way: str = "connect-proto") -> None:
        """`way`: one of WAYS."""
        protocol, codec = WAYS[way]
        self._client = ConnectClientSync(url, protocol=protocol, codec=codec)
        #: What followed the last response to `unary`.
        self.trailers: dict[str, str] = {}

    def unary(self, name: str, request: Any, headers: Mapping[str, str] | None = None, **options: Any) -> Any:
        """Call a unary method."""
        with ResponseMetadata() as response:
            try:
                return self._client.execute_unary(request=request, method=_info(name), headers=headers, **options)
            finally:
                self.trailers = dict(response.trailers)

    def stream(self, name: str, request: Any, **options: Any) -> Iterator[Any]:
        """Call a method that streams its responses."""
        return self._client.execute_server_stream(request=request, method=_info(name), **options)

    def send(self, name: str, requests: Iterable[Any]) -> Any:
        """Call a method that takes a stream."""
        return self._client.execute_client_stream(request=iter(requests), method=_info(name))


def refusal(error: ConnectError) -> Refusal:
    """Read a failed call's code and details."""
    details = [AnyMessage(type_url=f"type.googleapis.com/{d.type_name}", value=d.message_bytes) for d in error.details]
    code = error.code.name.replace("CANCELED", "CANCELLED")
    return read_status(code, error.message, Status(details=details))


@dataclass(frozen=True)
class Answer:
    """An answer over plain HTTP."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)

    @property
    def refusal(self) -> Refusal:
        """An error in Connect's form; its details are read from their bytes."""
        details = [
            AnyMessage(type_url=f"type.googleapis.com/{d['type']}", value=b64decode(d["value"] + "=="))
            for d in self.json.get("details", [])
        ]
        return read_status(self.json["code"].upper(), self.json["message"], Status(details=details))


def fetch(
    url: str,
    path: str,
    content: Any = None,
    headers: Mapping[str, str] | None = None,
    *,
    verb: str = "",
    trusted: ssl.SSLContext | None = None,
) -> Answer:
    """GET a path, or POST content: bytes as they are, anything else as JSON. A header given replaces the usual one."""
    to = urlsplit(url)
    kind = {} if trusted is None else {"context": trusted}
    connection: Any = (http.client.HTTPSConnection if trusted else http.client.HTTPConnection)(
        to.hostname, to.port, timeout=30, **kind
    )
    body = content if content is None or isinstance(content, bytes | Iterator) else json.dumps(content).encode()
    usual = {} if body is None else {"content-type": "application/json"}
    try:
        connection.request(verb or ("GET" if body is None else "POST"), path, body, {**usual, **(headers or {})})
        response = connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


def post(url: str, name: str, content: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """POST a request in JSON to a method such as `TrackingService/GetRun`."""
    return fetch(url, f"/runlore.v1.{name}", content, headers)
