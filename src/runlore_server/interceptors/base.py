"""Wrapping a handler, whatever its streaming shape."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import grpc
from grpc.aio import ServerInterceptor

Handler = Any  # grpc.RpcMethodHandler, which is generic in its type stubs only


class AroundInterceptor(ServerInterceptor, ABC):
    """Runs each RPC inside an async context manager, `around`, and each request message through `request`.

    A method's wrapped handler is made once and kept: handlers are the same for every call.
    """

    def __init__(self) -> None:
        self._wrapped: dict[str, Handler] = {}

    @abstractmethod
    def around(self, method: str, context: Any) -> AbstractAsyncContextManager[None]:
        """Return what surrounds one RPC; `method` is its path without the leading slash."""

    def request(self, method: str, message: Any) -> None:
        """See a request message before the handler does; raise to refuse it."""

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

    def _wrap(self, method: str, handler: Handler) -> Handler:
        around, see = self.around, self.request
        # A layer that looks at no message costs a stream nothing for each.
        blind = type(self).request is AroundInterceptor.request

        def seen(requests: Any) -> Any:
            if blind:
                return requests
            if not handler.request_streaming:
                see(method, requests)
                return requests
            return _each(requests, lambda message: see(method, message))

        if handler.stream_stream and inspect.iscoroutinefunction(handler.stream_stream):
            converse = handler.stream_stream

            async def respond_by_context(requests: Any, context: Any) -> None:
                async with around(method, context):
                    await converse(seen(requests), context)

            return grpc.stream_stream_rpc_method_handler(
                respond_by_context, handler.request_deserializer, handler.response_serializer
            )

        if handler.response_streaming:
            stream: Callable[[Any, Any], AsyncIterator[Any]] = handler.stream_stream or handler.unary_stream

            async def respond_stream(requests: Any, context: Any) -> AsyncIterator[Any]:
                async with around(method, context):
                    async for response in stream(seen(requests), context):
                        yield response

            make = (
                grpc.stream_stream_rpc_method_handler if handler.stream_stream else grpc.unary_stream_rpc_method_handler
            )
            return make(respond_stream, handler.request_deserializer, handler.response_serializer)

        single: Callable[[Any, Any], Awaitable[Any]] = handler.stream_unary or handler.unary_unary

        async def respond(requests: Any, context: Any) -> Any:
            async with around(method, context):
                return await single(seen(requests), context)

        make = grpc.stream_unary_rpc_method_handler if handler.stream_unary else grpc.unary_unary_rpc_method_handler
        return make(respond, handler.request_deserializer, handler.response_serializer)


async def _each(messages: AsyncIterator[Any], see: Callable[[Any], None]) -> AsyncIterator[Any]:
    async for message in messages:
        see(message)
        yield message
