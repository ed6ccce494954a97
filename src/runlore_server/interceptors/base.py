"""Wrapping a handler, whatever its streaming shape."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

import grpc
from grpc.aio import ServerInterceptor

Handler = Any  # grpc.RpcMethodHandler, which is generic in its type stubs only


class Interceptor(ABC):
    """Something that happens around every RPC."""

    @abstractmethod
    def around(self, method: str, context: Any) -> AbstractAsyncContextManager[None]:
        """Return what surrounds one RPC; `method` is its path without the leading slash."""

    def request(self, method: str, message: Any) -> None:  # noqa: B027 - most look at no message
        """See a request message before the handler does; raise to refuse it."""


class Chain(ServerInterceptor):
    """Runs each RPC inside its interceptors, the first one outermost, and shows each of them its request messages.

    One wrapper for all of them: a stream of many small messages would pay for each layer with every message. A
    method's wrapped handler is made once and kept: handlers are the same for every call.
    """

    def __init__(self, interceptors: Sequence[Interceptor]) -> None:
        """`interceptors`: outermost first."""
        self._interceptors = interceptors
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

    async def _enter(self, stack: AsyncExitStack, method: str, context: Any) -> None:
        for interceptor in self._interceptors:
            await stack.enter_async_context(interceptor.around(method, context))

    def _see(self, method: str, message: Any) -> None:
        for interceptor in self._interceptors:
            interceptor.request(method, message)

    async def _each(self, method: str, messages: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for message in messages:
            self._see(method, message)
            yield message

    def _wrap(self, method: str, handler: Handler) -> Handler:
        def seen(requests: Any) -> Any:
            if handler.request_streaming:
                return self._each(method, requests)
            self._see(method, requests)
            return requests

        if handler.response_streaming:
            stream: Callable[[Any, Any], AsyncIterator[Any]] = handler.stream_stream or handler.unary_stream

            async def respond_stream(requests: Any, context: Any) -> AsyncIterator[Any]:
                async with AsyncExitStack() as stack:
                    await self._enter(stack, method, context)
                    async for response in stream(seen(requests), context):
                        yield response

            make = (
                grpc.stream_stream_rpc_method_handler if handler.stream_stream else grpc.unary_stream_rpc_method_handler
            )
            return make(respond_stream, handler.request_deserializer, handler.response_serializer)

        single: Callable[[Any, Any], Awaitable[Any]] = handler.stream_unary or handler.unary_unary

        async def respond(requests: Any, context: Any) -> Any:
            async with AsyncExitStack() as stack:
                await self._enter(stack, method, context)
                return await single(seen(requests), context)

        make = grpc.stream_unary_rpc_method_handler if handler.stream_unary else grpc.unary_unary_rpc_method_handler
        return make(respond, handler.request_deserializer, handler.response_serializer)
