"""Servers that refuse every call in the same way, for the failures that a case cannot bring about in a real one."""

from __future__ import annotations

import base64
import contextlib
import http.server
import json
import struct
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

#: gRPC keeps the padding off binary metadata, and Connect off its details.
_DETAILS_KEY = "grpc-status-details-bin"
#: Connect's flag of the envelope that ends a stream.
_END = 2


def status(refusal: dict[str, Any]) -> status_pb2.Status:
    """Return the status for `{"code", "message", "reason", "metadata", "retry_seconds"}`, the last four optional."""
    details: list[Message] = []
    if "reason" in refusal:
        metadata = {"trace_id": "refused", **refusal.get("metadata", {})}
        details.append(error_details_pb2.ErrorInfo(reason=refusal["reason"], domain="runlore", metadata=metadata))
    if "retry_seconds" in refusal:
        delay = Duration()
        delay.FromMicroseconds(round(refusal["retry_seconds"] * 1e6))
        details.append(error_details_pb2.RetryInfo(retry_delay=delay))
    found = status_pb2.Status(code=code_pb2.Code.Value(refusal["code"]), message=refusal.get("message", "refused"))
    for detail in details:
        found.details.add().Pack(detail)
    return found


@contextlib.contextmanager
def serving(answer: status_pb2.Status) -> Iterator[str]:
    """A gRPC server; yields its `host:port`."""
    code = next(code for code in grpc.StatusCode if code.value[0] == answer.code)

    def refuse(_: Any, context: grpc.ServicerContext) -> None:
        context.set_trailing_metadata(((_DETAILS_KEY, answer.SerializeToString()),) if answer.details else ())
        context.abort(code, answer.message)

    class Handler(grpc.GenericRpcHandler):
        def service(self, _: grpc.HandlerCallDetails) -> Any:
            return grpc.stream_stream_rpc_method_handler(refuse)

    server = grpc.server(ThreadPoolExecutor(4), handlers=[Handler()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None)


@contextlib.contextmanager
def serving_web(answer: status_pb2.Status, http_status: int) -> Iterator[str]:
    """An HTTP server that speaks Connect and gRPC-Web; yields its `host:port`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            _skip_body(self)
            kind = self.headers.get("Content-Type", "")
            if kind.startswith("application/grpc-web"):
                body = b""
                self.send_response(200)
                self.send_header("grpc-status", str(answer.code))
                self.send_header("grpc-message", quote(answer.message))
                if answer.details:
                    self.send_header(_DETAILS_KEY, _unpadded(answer.SerializeToString()))
            elif kind.startswith("application/connect+") and http_status != 404:
                # A stream of nothing but its end.
                body = json.dumps({"error": _connect_error(answer)}).encode()
                body = struct.pack(">BI", _END, len(body)) + body
                self.send_response(200)
            else:
                body = json.dumps(_connect_error(answer)).encode()
                kind = "application/json"
                self.send_response(http_status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def _skip_body(request: http.server.BaseHTTPRequestHandler) -> None:
    """Read a body to its end: what is left of it would be taken for the next request."""
    if request.headers.get("Transfer-Encoding", "").lower() != "chunked":
        request.rfile.read(int(request.headers.get("Content-Length", 0)))
        return
    while size := int(request.rfile.readline().partition(b";")[0], 16):
        # The chunk, and its line's end.
        request.rfile.read(size + 2)
    while request.rfile.readline().strip():
        pass


def _connect_error(answer: status_pb2.Status) -> dict[str, Any]:
    code = code_pb2.Code.Name(answer.code).lower().replace("cancelled", "canceled")
    details = [{"type": d.type_url.rpartition("/")[2], "value": _unpadded(d.value)} for d in answer.details]
    return {"code": code, "message": answer.message, "details": details}


def _unpadded(value: bytes) -> str:
    return base64.b64encode(value).decode().rstrip("=")
