"""What the web port serves: its health, its description, and the RPCs to whoever may call them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import MethodDescriptor
from starlette.middleware.cors import CORSMiddleware

from runlore_server.web.endpoints import Rpcs, changes_nothing

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]

#: The OpenAPI description of the RPCs, which `openapi.py` writes.
DOCUMENT = Path(__file__).with_name("openapi.json")
#: Content types of requests, by whether the method has streams.
_GRPC_WEB = ["application/grpc-web", "application/grpc-web+proto", "application/grpc-web+json"]
_ACCEPTED = {
    False: ["application/json", "application/proto", *_GRPC_WEB],
    True: ["application/connect+json", "application/connect+proto", *_GRPC_WEB],
}
#: Headers that pages of an allowed origin may send and read, beyond those that any page may.
_SENT = (
    *("content-type", "connect-protocol-version", "connect-timeout-ms", "connect-content-encoding"),
    *("connect-accept-encoding", "content-encoding", "grpc-timeout", "grpc-encoding", "grpc-accept-encoding"),
    *("x-grpc-web", "x-user-agent", "runlore-actor", "runlore-workspace", "runlore-trace-id"),
)
_READ = (
    *("grpc-status", "grpc-message", "grpc-status-details-bin", "grpc-encoding", "content-encoding"),
    *("connect-content-encoding", "runlore-trace-id", "trailer-runlore-trace-id"),
)
_PORT = re.compile(r":\d+$")
_QUERY = re.compile(rb"(^|&)encoding=(json|proto)(&|$)")
#: Seconds for which a browser remembers that it may.
_REMEMBERED = 7_200


class Site:
    """The ASGI application of the web port."""

    def __init__(
        self, rpcs: Rpcs, serving: Callable[[], Awaitable[bool]], origins: Sequence[str], hosts: Sequence[str] | None
    ) -> None:
        """`serving` says whether calls are still taken; pages of `origins` may call.

        `hosts`: the names by which this server is called, None for any. A page that a browser was made to look for at
        this machine's own address has another (DNS rebinding), and would not need an allowed origin.
        """
        self._rpcs = rpcs
        self._serving = serving
        self._origins = frozenset(origins)
        self._hosts = None if hosts is None else frozenset(hosts)
        self._description = DOCUMENT.read_bytes()
        self._inner: Application = self._serve
        if origins:
            self._inner = CORSMiddleware(
                self._serve,
                allow_origins=origins,
                allow_methods=["GET", "POST"],
                allow_headers=_SENT,
                expose_headers=_READ,
                max_age=_REMEMBERED,
            )

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Serve one request."""
        try:
            headers = {name: value.decode() for name, value in scope["headers"]}
        except UnicodeDecodeError:
            await refuse(send, 400, "invalid_argument", "a header of the request is not UTF-8")
            return
        origin, host = headers.get(b"origin", ""), without_port(headers.get(b"host", ""))
        if origin and origin not in self._origins:
            said = f"pages of {origin} may not call this server: allow them by its flag --web-allow-origin"
            await refuse(send, 403, "permission_denied", said)
        elif self._hosts is not None and host not in self._hosts:
            said = (
                f"this server is called {' or '.join(sorted(self._hosts))}, not '{host}': behind a proxy of that name, "
                "allow its pages by --web-allow-origin, or say --insecure when the network itself keeps others out"
            )
            await refuse(send, 403, "permission_denied", said)
        else:
            # The end of a drain cuts who does not read, which is no defect.
            with contextlib.suppress(asyncio.CancelledError):
                await self._inner(scope, receive, send)

    async def _serve(self, scope: Any, receive: Receive, send: Send) -> None:
        path, verb = scope["path"], scope["method"]
        if path == "/healthz" and verb in ("GET", "HEAD"):
            serving = await self._serving()
            await respond(send, 200 if serving else 503, {"status": "SERVING" if serving else "NOT_SERVING"})
            return
        if path == "/openapi.json" and verb in ("GET", "HEAD"):
            await answer(send, 200, self._description)
            return
        method = self._rpcs.methods.get(path)
        if method is None:
            said = f"there is no method {path}: POST to /runlore.v1.RegistryService/Resolve, for example"
            await refuse(send, 404, "unimplemented", said)
        elif method.client_streaming and method.server_streaming:
            said = f"{method.full_name} has streams in both directions, which HTTP/1.1 has not: call it by gRPC"
            await refuse(send, 505, "unimplemented", said)
        elif verb != "POST" and (verb != "GET" or not changes_nothing(method)):
            verbs = "GET or POST" if changes_nothing(method) else "POST"
            said = f"{method.full_name} is called by {verbs}"
            await refuse(send, 405, "unimplemented", said, (b"allow", verbs.replace(" or ", ", ").encode()))
        elif verb == "GET" and not (scope["query_string"].isascii() and _QUERY.search(scope["query_string"])):
            said = f"a GET of {method.full_name} has the query ?encoding=json&message={{…}}, its JSON percent-encoded"
            await refuse(send, 400, "invalid_argument", said)
        elif verb == "POST" and (accepted := _other_types(method, scope)):
            said = f"{method.full_name} takes requests of the content types {', '.join(accepted)}"
            await refuse(send, 415, "unimplemented", said, (b"accept-post", ", ".join(accepted).encode()))
        else:
            await self._rpcs(scope, receive, send)


def _other_types(method: MethodDescriptor, scope: Any) -> list[str]:
    """Return the content types that a method takes when the request's is none of them."""
    sent = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    accepted = _ACCEPTED[method.client_streaming or method.server_streaming]
    return [] if sent.decode("latin-1").partition(";")[0].strip().lower() in accepted else accepted


def without_port(authority: str) -> str:
    """Return the host of `host:port`."""
    return _PORT.sub("", authority.lower())


async def refuse(send: Send, status: int, code: str, message: str, *headers: tuple[bytes, bytes]) -> None:
    """Answer with an error in the form that Connect gives it."""
    await respond(send, status, {"code": code, "message": message}, *headers)


async def respond(send: Send, status: int, content: object, *headers: tuple[bytes, bytes]) -> None:
    """Answer with JSON."""
    await answer(send, status, json.dumps(content, ensure_ascii=False).encode(), *headers)


async def answer(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    """Answer with JSON that is written already."""
    start = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})
