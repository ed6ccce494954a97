"""Wrapping a handler, whatever its streaming shape."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import grpc
from grpc.aio import ServerInterceptor

Handler = Any  # grpc.RpcMethodHandler, which is generic in its type stubs only


class Interceptor:
    """Something that happens around every RPC; `method` is its path without the leading slash.

    Plain calls, and not a context manager each: those would cost a call that is answered from memory a third of its
    time.
    """

    def begin(self, method: str, context: Any) -> None:
        """See the RPC begin; raise to refuse it."""

    def request(self, method: str, message: Any) -> None:
        """See a request message before the handler does; raise to refuse it."""

    async def failed(self, method: str, context: Any, error: Exception) -> None:
        """See what the handler or an interceptor raised; raise something else to replace it."""

    def end(self, method: str, context: Any, *, failed: bool) -> None:
        """See the RPC end, however it did."""


class Chain(ServerInterceptor):
    """Runs each RPC inside its interceptors, the first one outermost, and shows each of them its request messages.

    One wrapper for all of them: a stream of many small messages would pay for each layer with every message. A
    method's wrapped handler is made once and kept: handlers are the same for every call.
    """

    def __init__(self, interceptors: Sequence[Interceptor]) -> None:
        """`interceptors`: outermost first."""
        self._beginning = [i.begin for i in interceptors if _has(i, "begin")]
        self._seeing = [i.request for i in interceptors if _has(i, "request")]
        self._failing = [i.failed for i in reversed(interceptors) if _has(i, "failed")]
        self._ending = [i.end for i in reversed(interceptors) if _has(i, "end")]
        self._wrapped: dict[str, Handler] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler:
        """Return the wrapped handler (grpc.aio's interceptor interface)."""
        handler = await continuation(handler_call_details)
        if handler is None:
            return handler
        path = handler_call_details.method
        wrapped = self._wrapped.get(path)
        if wrapped is None:
            wrapped = self._wrapped[path] = self._wrap(path.lstrip("/"), handler)
        return wrapped

    def _begin(self, method: str, context: Any) -> None:
        for begin in self._beginning:
            begin(method, context)

    def _see(self, method: str, message: Any) -> None:
        for see in self._seeing:
            see(method, message)

    async def _each(self, method: str, messages: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for message in messages:
            self._see(method, message)
            yield message

    async def _fail(self, method: str, context: Any, error: Exception) -> None:
        for fail in self._failing:
            await fail(method, context, error)

    def _end(self, method: str, context: Any, *, failed: bool) -> None:
        for end in self._ending:
            end(method, context, failed=failed)

    def _wrap(self, method: str, handler: Handler) -> Handler:
        serve, make = _shape(handler)

        def seen(requests: Any) -> Any:
            if handler.request_streaming:
                return self._each(method, requests)
            self._see(method, requests)
            return requests

        async def respond(requests: Any, context: Any) -> Any:
            failed = True
            try:
                self._begin(method, context)
                response = await serve(seen(requests), context)
                failed = False
                return response
            except Exception as error:
                await self._fail(method, context, error)
                raise
            finally:
                self._end(method, context, failed=failed)

        async def respond_stream(requests: Any, context: Any) -> AsyncIterator[Any]:
            failed = True
            try:
                self._begin(method, context)
                async for response in serve(seen(requests), context):
                    yield response
                failed = False
            except Exception as error:
                await self._fail(method, context, error)
                raise
            finally:
                self._end(method, context, failed=failed)

        # A handler that streams its responses yields them, or is a coroutine that writes them to the context.
        yields = handler.response_streaming and not inspect.iscoroutinefunction(serve)
        return make(respond_stream if yields else respond, handler.request_deserializer, handler.response_serializer)


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
