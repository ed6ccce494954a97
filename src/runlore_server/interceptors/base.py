"""Wrapping a handler, whatever its streaming shape."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import lru_cache, partial
from typing import Any

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import MethodOptions
from google.protobuf.message import DecodeError

from runlore_server import errors
from runlore_server.calls import Encoded

Handler = Any  # grpc.RpcMethodHandler, which is generic in its type stubs only

#: Requests that are remembered of each method that changes nothing, and how long they may be.
_REMEMBERED = 1_000
_REMEMBERED_BYTES = 256


class Interceptor:
    """Something that happens around every RPC; `method` is its path without the leading slash.

    Plain calls, and not a context manager each: those would cost a call that is answered from memory a third of its
    time.
    """

    def begin(self, method: str, context: Any) -> None:
        """See the RPC begin; raise to refuse it."""

    def request(self, method: str, message: Any) -> None:
        """See a request message before the handler does; raise to refuse it.

        What is decided here follows from the message alone: one that was let pass may not be shown again.
        """

    async def failed(self, method: str, context: Any, error: Exception) -> None:
        """See what the handler or an interceptor raised; raise something else to replace it."""

    def end(self, method: str, context: Any, *, failed: bool) -> None:
        """See the RPC end, however it did."""


class Chain(grpc.GenericRpcHandler):
    """Runs each RPC inside its interceptors, the first one outermost, and shows each of them its request messages.

    One wrapper for all of them: a stream of many small messages would pay for each layer with every message. Services
    are added to it, and it is the one handler of a server. So each method is wrapped once and found by one look-up.

    A server is not told of methods by their names: for each of those grpc.aio waits for a call of its own, and it
    renews all of these waits whenever a call comes, which costs more than many a call.
    """

    def __init__(self, interceptors: Sequence[Interceptor]) -> None:
        """`interceptors`: outermost first."""
        self._beginning = [i.begin for i in interceptors if _has(i, "begin")]
        self._seeing = [i.request for i in interceptors if _has(i, "request")]
        self._failing = [i.failed for i in reversed(interceptors) if _has(i, "failed")]
        self._ending = [i.end for i in reversed(interceptors) if _has(i, "end")]
        self._bare: dict[str, Handler] = {}
        self._handlers: dict[str, Handler] = {}

    def add(self, servicer: Any, add_to_server: Callable[[Any, Any], None]) -> None:
        """Add a service; `add_to_server` is the generated function that adds it to a server."""
        add_to_server(servicer, self)

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Handler]) -> None:
        """Take a service's handlers by their names. Called by generated code."""
        for name, handler in handlers.items():
            method = f"{service}/{name}"
            self._bare[method] = handler
            self._handlers[f"/{method}"] = self.handler(method, handler.request_deserializer)

    def add_generic_rpc_handlers(self, handlers: Sequence[grpc.GenericRpcHandler]) -> None:
        """Do nothing. Generated code adds each handler this way too."""

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Handler | None:
        """Return the handler of a call, None when there is no such method (gRPC's interface)."""
        return self._handlers.get(handler_call_details.method)

    @property
    def methods(self) -> Sequence[str]:
        """Every method, such as `runlore.v1.EventService/Watch`."""
        return list(self._bare)

    def _begin(self, method: str, context: Any) -> None:
        for begin in self._beginning:
            begin(method, context)

    def _see(self, method: str, message: Any) -> None:
        for see in self._seeing:
            see(method, message)

    async def _fail(self, method: str, context: Any, error: Exception) -> None:
        for fail in self._failing:
            await fail(method, context, error)

    def _end(self, method: str, context: Any, *, failed: bool) -> None:
        for end in self._ending:
            end(method, context, failed=failed)

    def _reader(self, method: str, deserialize: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
        """What makes a request message from its bytes, and shows it to the interceptors.

        A method that changes nothing is asked the same by many, and again and again: what was read and let pass is
        remembered by its bytes. So calls share messages, and handlers never change a request.
        """

        def read(data: bytes) -> Any:
            try:
                message = deserialize(data)
            except DecodeError:
                raise errors.not_a_message(method) from None
            self._see(method, message)
            return message

        if not _changes_nothing(method):
            return read
        remembered = lru_cache(_REMEMBERED)(read)
        return lambda data: remembered(data) if len(data) <= _REMEMBERED_BYTES else read(data)

    def handler(self, method: str, deserialize: Callable[[bytes], Any]) -> Handler:
        """Return a method's handler inside the interceptors. It takes the bytes of requests, as they came.

        `deserialize` makes a message of them; what it cannot read, it refuses by DecodeError or an error of ours.
        """
        bare = self._bare[method]
        serve, make = _shape(bare)
        read: Callable[[Any], Any] = self._reader(method, deserialize)
        if bare.request_streaming:
            read = partial(_each, read)

        async def respond(request: Any, context: Any) -> Any:
            failed = True
            try:
                self._begin(method, context)
                response = await serve(read(request), context)
                failed = False
                return response
            except Exception as error:
                await self._fail(method, context, error)
                raise
            finally:
                self._end(method, context, failed=failed)

        async def respond_stream(request: Any, context: Any) -> AsyncIterator[Any]:
            failed = True
            try:
                self._begin(method, context)
                # What a handler holds is let go when its client is gone, and not when the collector comes by.
                async with aclosing(serve(read(request), context)) as responses:
                    async for response in responses:
                        yield response
                failed = False
            except Exception as error:
                await self._fail(method, context, error)
                raise
            finally:
                self._end(method, context, failed=failed)

        # A handler that streams its responses yields them, or is a coroutine that writes them to the context.
        yields = bare.response_streaming and not inspect.iscoroutinefunction(serve)
        return make(respond_stream if yields else respond, None, _serializer(bare.response_serializer))


async def _each(read: Callable[[bytes], Any], requests: AsyncIterator[bytes]) -> AsyncIterator[Any]:
    async for data in requests:
        yield read(data)


def _serializer(serialize: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
    """What makes a response's bytes, if they are not made yet."""
    return lambda response: response.data if type(response) is Encoded else serialize(response)


def _changes_nothing(method: str) -> bool:
    """Whether the contract says that a method has no side effects."""
    descriptor = descriptor_pool.Default().FindMethodByName(method.replace("/", "."))
    return bool(descriptor.GetOptions().idempotency_level == MethodOptions.NO_SIDE_EFFECTS)


def _has(interceptor: Interceptor, name: str) -> bool:
    """Whether an interceptor does something there."""
    return getattr(type(interceptor), name) is not getattr(Interceptor, name)


def _shape(handler: Handler) -> tuple[Callable[[Any, Any], Any], Callable[..., Handler]]:
    """The handler's function, and what makes a handler of its shape."""
    if handler.stream_stream:
        return handler.stream_stream, grpc.stream_stream_rpc_method_handler
    if handler.unary_stream:
        return handler.unary_stream, grpc.unary_stream_rpc_method_handler
    if handler.stream_unary:
        return handler.stream_unary, grpc.stream_unary_rpc_method_handler
    return handler.unary_unary, grpc.unary_unary_rpc_method_handler
