"""The handlers of the one chain of interceptors, as endpoints of `connectrpc`."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import Any

from connectrpc.errors import ConnectError
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.request import RequestContext
from connectrpc.server import ConnectASGIApplication, Endpoint
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions
from google.protobuf.message_factory import GetMessageClass

from runlore_server import calls
from runlore_server.interceptors import Chain
from runlore_server.limits import MAX_MESSAGE_BYTES
from runlore_server.web import json_requests
from runlore_server.web.codecs import Binary, Encoded, EncodedJson, Gzip, Json
from runlore_server.web.context import Aborted, WebContext

Call = RequestContext[Any, Any]

#: Bytes of JSON that a thread reads: Python takes seconds for the longest, in which nobody else would be served.
_LONG_JSON = 256 * 1024


class Rpcs(ConnectASGIApplication[None]):
    """All methods but those that need a stream in each direction at once, which HTTP/1.1 does not have."""

    path = ""

    def __init__(self, chain: Chain) -> None:
        """`chain`: the handlers inside their interceptors."""
        found = {name: descriptor_pool.Default().FindMethodByName(name.replace("/", ".")) for name in chain.methods}
        #: The methods by their paths.
        self.methods = {f"/{name}": method for name, method in found.items()}
        endpoints = {
            f"/{name}": _endpoint(chain, name, method)
            for name, method in found.items()
            if not (method.client_streaming and method.server_streaming)
        }
        super().__init__(
            service=None,
            endpoints=lambda _: endpoints,
            codecs=[Binary(), Json()],
            compressions=[Gzip()],
            read_max_bytes=MAX_MESSAGE_BYTES,
        )


def _endpoint(chain: Chain, name: str, method: MethodDescriptor) -> Any:
    request_class = GetMessageClass(method.input_type)
    read_json = json_requests.reader(request_class)

    def json_message(data: Any) -> Any:
        return data.read.result() if data.read else read_json(data)

    handlers = {
        Encoded: chain.handler(name, request_class.FromString),
        EncodedJson: chain.handler(name, json_message),
    }
    info = MethodInfo(
        name=method.name,
        service_name=method.containing_service.full_name,
        input=request_class,
        output=GetMessageClass(method.output_type),
        idempotency_level=_idempotency(method),
        stream_type=_shape(method),
    )

    async def unary(request: Encoded, call: Call) -> Any:
        await _read_if_long(request, read_json)
        with _refusing():
            response = await handlers[type(request)].unary_unary(request, WebContext(call))
        # JSON needs the message.
        return info.output.FromString(response.data) if isinstance(response, calls.Encoded) else response

    async def server_stream(request: Encoded, call: Call) -> AsyncIterator[Any]:
        await _read_if_long(request, read_json)
        context, serve = WebContext(call), handlers[type(request)].unary_stream
        responses: AsyncGenerator[Any] = (
            context.written(lambda: serve(request, context))
            if inspect.iscoroutinefunction(serve)
            else serve(request, context)
        )
        with _refusing():
            async with aclosing(responses):
                async for response in responses:
                    yield response

    async def client_stream(requests: AsyncIterator[Encoded], call: Call) -> Any:
        kind = EncodedJson if call.request_headers.get("content-type", "").endswith("json") else Encoded
        with _refusing():
            return await handlers[kind].stream_unary(_until_cut(requests), WebContext(call))

    if method.client_streaming:
        return Endpoint.client_stream(info, client_stream)
    if method.server_streaming:
        return Endpoint.server_stream(info, server_stream)
    return Endpoint.unary(info, unary)


async def _read_if_long(request: Encoded, read: Callable[[bytes], Any]) -> None:
    """Read long JSON in a thread. What comes of it, an error too, is for the handler."""
    if isinstance(request, EncodedJson) and len(request) >= _LONG_JSON:
        request.read = asyncio.get_running_loop().run_in_executor(None, read, request)
        await asyncio.wait([request.read])


async def _until_cut(requests: AsyncIterator[Encoded]) -> AsyncIterator[Encoded]:
    """What the library finds wrong with a stream, such as its client's end, ends the call and is no defect."""
    try:
        async for request in requests:
            yield request
    except ConnectError as error:
        raise Aborted(error) from None


def changes_nothing(method: MethodDescriptor) -> bool:
    """Whether a method may be called by GET."""
    return _idempotency(method) is IdempotencyLevel.NO_SIDE_EFFECTS and _shape(method) is StreamType.UNARY


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn an abort into the library's error."""
    try:
        yield
    except Aborted as aborted:
        raise aborted.error from None


def _shape(method: MethodDescriptor) -> StreamType:
    if method.client_streaming:
        return StreamType.CLIENT_STREAM
    return StreamType.SERVER_STREAM if method.server_streaming else StreamType.UNARY


def _idempotency(method: MethodDescriptor) -> IdempotencyLevel:
    """What the contract says of a method's side effects. Without any, it may be called by GET."""
    name = MethodOptions.IdempotencyLevel.Name(method.GetOptions().idempotency_level)
    return IdempotencyLevel["UNKNOWN" if name == "IDEMPOTENCY_UNKNOWN" else name]
