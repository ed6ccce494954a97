"""The way from a stub to the server: metadata, deadline, retries and typed errors around every call."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc

from runlore import _channel, _fork
from runlore._async_tools import Channel, open_channel, sleep
from runlore._rpc import Attempts, Clock, Policy, is_safe, with_request_id
from runlore._settings import Settings
from runlore.errors import RunloreError, from_rpc

log = logging.getLogger("runlore")

#: Failed tries of a call before it is worth a word: a second or two.
_WARN_AFTER = 5
#: Seconds that are as good as no end.
_ENDLESS = 1e6


class Transport:
    """Stands in for a channel: the generated stubs take it as one, and every method of theirs then calls through it.

    A stub's method takes `timeout` (seconds, for the whole call with its retries) and `metadata`; it raises
    RunloreError in place of gRPC's errors. The variants `.future` and `.with_call` of gRPC's own stubs are left out:
    they cannot be tried again.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        policy: Policy | None = None,
        clock: Clock | None = None,
        pause: Callable[[float], Awaitable[None]] = sleep,
        connect: Callable[[Settings], Channel] = open_channel,
    ) -> None:
        self.settings = settings
        self._policy = policy or Policy(timeout=settings.timeout)
        self._clock = clock or Clock()
        self._pause = pause
        self._connect = connect
        self._channel: Channel | None = None
        self._metadata = _channel.metadata(settings)
        _fork.register(self)

    @property
    def channel(self) -> Channel:
        """The channel beneath, opened at its first use in this process."""
        if self._channel is None:
            self._channel = self._connect(self.settings)
        return self._channel

    def as_channel(self) -> Channel:
        """Return this, as stubs want it: it has what they need of a channel, though it is none by name."""
        channel: Any = self
        return channel  # type: ignore[no-any-return]

    async def close(self) -> None:
        """Close the channel; calls in flight end as cancelled. A later call opens another."""
        channel, self._channel = self._channel, None
        if channel is not None:
            await channel.close()

    def before_fork(self) -> None:
        """Nothing to do: an idle channel can be forked away from."""

    def after_fork_in_parent(self) -> None:
        """Nothing to do: the parent's channel goes on."""

    def after_fork_in_child(self) -> None:
        """Leave the channel to the parent: its socket is shared, its threads are not here."""
        _fork.keep_for_parent(self._channel)
        self._channel = None

    def attempts(self, *, safe: bool, timeout: float | None = None) -> Attempts:
        """Begin a call."""
        return Attempts(self._policy, self._clock, safe=safe, timeout=timeout)

    async def after(self, error: RunloreError, attempts: Attempts) -> None:
        """Wait before the next try, or raise the error when there is to be none."""
        seconds = attempts.pause_after(error)
        if seconds is None:
            raise error from None
        if attempts.failures == _WARN_AFTER:
            # Else a script whose server is not there would be silent for its first half a minute.
            seconds_left = attempts.remaining()
            how_long = f"for up to {seconds_left:.0f} s" if seconds_left < _ENDLESS else "until it answers"
            log.warning("trying again %s: %s", how_long, error)
        await self._pause(seconds)

    def with_own(self, metadata: Any) -> tuple[Any, ...]:
        """Return the call's metadata: the caller's, and what goes with every call."""
        return (*self._metadata, *(metadata or ()))

    def unary_unary(
        self, method: str, request_serializer: Any = None, response_deserializer: Any = None, **_: Any
    ) -> _Unary:
        """Return a method's callable (the interface that stubs use)."""
        return _Unary(self, method, lambda c: c.unary_unary(method, request_serializer, response_deserializer))

    def unary_stream(
        self, method: str, request_serializer: Any = None, response_deserializer: Any = None, **_: Any
    ) -> _ServerStream:
        """Return a method's callable (the interface that stubs use)."""
        return _ServerStream(self, method, lambda c: c.unary_stream(method, request_serializer, response_deserializer))

    def stream_unary(
        self, method: str, request_serializer: Any = None, response_deserializer: Any = None, **_: Any
    ) -> _ClientStream:
        """Return a method's callable (the interface that stubs use)."""
        return _ClientStream(self, method, lambda c: c.stream_unary(method, request_serializer, response_deserializer))

    def stream_stream(
        self, method: str, request_serializer: Any = None, response_deserializer: Any = None, **_: Any
    ) -> _BothStreams:
        """Return a method's callable (the interface that stubs use)."""
        return _BothStreams(self, method, lambda c: c.stream_stream(method, request_serializer, response_deserializer))


class _Method:
    """One method, bound anew when a fork replaced the channel."""

    def __init__(self, transport: Transport, method: str, bind: Callable[[Channel], Any]) -> None:
        self.transport = transport
        self.method = method
        self._bind = bind
        self._channel: Channel | None = None
        self._call: Any = None

    def call(self) -> Any:
        """Return gRPC's own callable."""
        channel = self.transport.channel
        if channel is not self._channel:
            self._call = self._bind(channel)
            self._channel = channel
        return self._call

    def error(self, error: grpc.RpcError, attempts: Attempts) -> RunloreError:
        """Translate gRPC's error of this method."""
        return from_rpc(error, self.transport.settings.address, attempts.timeout)


class _Unary(_Method):
    async def __call__(self, request: Any, timeout: float | None = None, metadata: Any = None) -> Any:  # noqa: ASYNC109
        transport = self.transport
        request = with_request_id(request)
        attempts = transport.attempts(safe=is_safe(self.method, request), timeout=timeout)
        while True:
            try:
                return await self.call()(request, timeout=attempts.remaining(), metadata=transport.with_own(metadata))
            except grpc.RpcError as error:
                failure = self.error(error, attempts)
            await transport.after(failure, attempts)


class _ServerStream(_Method):
    async def __call__(self, request: Any, timeout: float | None = None, metadata: Any = None) -> AsyncIterator[Any]:  # noqa: ASYNC109
        attempts = self.transport.attempts(safe=False, timeout=timeout)
        call = self.call()(request, timeout=attempts.timeout, metadata=self.transport.with_own(metadata))
        try:
            async for message in call:
                yield message
        except grpc.RpcError as error:
            raise self.error(error, attempts) from None
        finally:
            # A reader that stops half-way must not leave the server sending.
            call.cancel()


class _ClientStream(_Method):
    async def __call__(self, requests: Any, timeout: float | None = None, metadata: Any = None) -> Any:  # noqa: ASYNC109
        attempts = self.transport.attempts(safe=False, timeout=timeout)
        try:
            return await self.call()(requests, timeout=attempts.timeout, metadata=self.transport.with_own(metadata))
        except grpc.RpcError as error:
            raise self.error(error, attempts) from None


class _BothStreams(_Method):
    def __call__(self, requests: Any, timeout: float | None = None, metadata: Any = None) -> _Answers:
        """Begin the call; it may last for days, and has no deadline unless one is given."""
        attempts = self.transport.attempts(safe=False, timeout=timeout)
        call = self.call()(requests, timeout=timeout, metadata=self.transport.with_own(metadata))
        return _Answers(call, lambda error: self.error(error, attempts))


class _Answers:
    """The messages that come back while requests are still being sent."""

    def __init__(self, call: Any, translate: Callable[[grpc.RpcError], RunloreError]) -> None:
        self._call = call
        self._messages = call.__aiter__()
        self._translate = translate

    def __aiter__(self) -> _Answers:
        return self

    async def __anext__(self) -> Any:
        try:
            return await self._messages.__anext__()
        except grpc.RpcError as error:
            raise self._translate(error) from None

    def cancel(self) -> None:
        """End the call; reading it raises RunloreError then."""
        self._call.cancel()
