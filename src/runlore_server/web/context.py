"""What a call over HTTP has in place of gRPC's context."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import Any, NoReturn

import grpc
from connectrpc.code import Code
from connectrpc.errors import ConnectError, ErrorDetail
from connectrpc.request import RequestContext
from google.protobuf import any_pb2, json_format
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status
from protobuf.wkt import Any as PackedAny
from protobuf.wkt import Struct

#: The trailer that carries a status with its details; each protocol has a form of its own for it.
_STATUS = "grpc-status-details-bin"
_CODES = {code: Code(code.name.lower().replace("cancelled", "canceled")) for code in grpc.StatusCode if code.value[0]}


class Aborted(grpc.aio.AbortError):
    """The end of a call that a handler or an interceptor aborted."""

    def __init__(self, error: ConnectError) -> None:
        """`error`: what the client is told."""
        self.error = error


class WebContext:
    """As much of `grpc.aio.ServicerContext` as handlers and interceptors use."""

    def __init__(self, call: RequestContext[Any, Any]) -> None:
        """`call`: the library's own context."""
        self._call = call
        self._code: grpc.StatusCode | None = None
        self._written: asyncio.Queue[Any]

    def invocation_metadata(self) -> Iterable[tuple[str, str]]:
        """Return the request's headers; HTTP's and the metadata of calls have the same form."""
        return self._call.request_headers.allitems()

    def set_trailing_metadata(self, metadata: Iterable[tuple[str, Any]]) -> None:
        """Set what follows the response."""
        for key, value in metadata:
            self._call.response_trailers[key] = value

    async def abort(
        self, code: grpc.StatusCode, details: str = "", trailing_metadata: Iterable[tuple[str, Any]] = ()
    ) -> NoReturn:
        """End the call with a status. Its details are those of the trailer that carries them in gRPC."""
        trailers = dict(trailing_metadata)
        status = Status.FromString(trailers.pop(_STATUS, b""))
        self.set_trailing_metadata(trailers.items())
        self._code = code
        raise Aborted(ConnectError(_CODES[code], details, [_Detail(packed) for packed in status.details]))

    def code(self) -> grpc.StatusCode | None:
        """Return the status, None as long as there is none and after success."""
        return self._code

    def peer(self) -> str:
        """Return the client's address."""
        return self._call.client_address or ""

    def time_remaining(self) -> float | None:
        """Return the seconds to the call's deadline, None when it has none."""
        left = self._call.timeout_ms
        return None if left is None else left / 1e3

    async def write(self, message: Message) -> None:
        """Send a message of a stream. Waits while the client does not read."""
        await self._written.put(message)

    async def written(self, serve: Callable[[], Awaitable[None]]) -> AsyncGenerator[Any]:
        """Run a handler that writes, and yield what it has written: at most one message waits to be sent."""
        self._written = asyncio.Queue(1)

        async def run() -> None:
            try:
                await serve()
                await self._written.put(None)
            except Exception as error:
                await self._written.put(error)

        task = asyncio.create_task(run())
        try:
            while (item := await self._written.get()) is not None:
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            task.cancel()
            await asyncio.wait([task])


class _Detail(ErrorDetail):
    """A detail of a status, which is shown in JSON too: its base64 tells a person nothing."""

    def __init__(self, packed: any_pb2.Any) -> None:
        super().__init__(PackedAny(type_url=packed.type_url, value=packed.value))

    def value(self, *_: Any) -> Any:
        """Return it as JSON, for the field `debug` of an error (Connect's protocol)."""
        packed = any_pb2.Any(type_url=self._any.type_url, value=self._any.value)
        fields = json_format.MessageToDict(packed)
        del fields["@type"]
        return Struct.from_json(json.dumps(fields))
