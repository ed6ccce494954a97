"""What surrounds every RPC: each handler in its interceptors, each message seen before its handler."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from runlore import v1
from runlore_server.errors import RunloreError
from runlore_server.interceptors.base import Chain, Interceptor

RESOLVE, BATCH = "/runlore.v1.RegistryService/Resolve", "/runlore.v1.TrackingService/LogBatch"


class Details:
    """What gRPC says of a call before it is handled."""

    def __init__(self, method: str) -> None:
        self.method = method


class Noting(Interceptor):
    """Notes what it sees, and refuses a workspace."""

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self.failures: list[Exception] = []
        self.ended: list[bool] = []

    def request(self, method: str, message: Any) -> None:
        self.seen.append(message)
        if getattr(message, "workspace", "") == "refused":
            raise ValueError(method)

    async def failed(self, method: str, context: Any, error: Exception) -> None:
        self.failures.append(error)

    def end(self, method: str, context: Any, *, failed: bool) -> None:
        self.ended.append(failed)


class Registry(v1.RegistryServiceServicer):
    async def Resolve(self, request: v1.ResolveRequest, context: Any) -> v1.ResolveResponse:
        return v1.ResolveResponse(position=request.reference)


class Tracking(v1.TrackingServiceServicer):
    async def LogBatch(self, request: v1.LogBatchRequest, context: Any) -> v1.LogBatchResponse:
        return v1.LogBatchResponse()

    async def LogStream(
        self, requests: AsyncIterator[v1.LogStreamRequest], context: Any
    ) -> AsyncIterator[v1.LogStreamResponse]:
        async for _ in requests:
            yield v1.LogStreamResponse()


@pytest.fixture
def noting() -> Noting:
    return Noting()


@pytest.fixture
def chain(noting: Noting) -> Chain:
    chain = Chain([noting])
    chain.add(Registry(), v1.add_RegistryServiceServicer_to_server)
    chain.add(Tracking(), v1.add_TrackingServiceServicer_to_server)
    return chain


async def call(chain: Chain, method: str, data: bytes) -> Any:
    handler = chain.service(Details(method))
    assert handler is not None
    assert handler.request_deserializer is None, "gRPC hands over the bytes"
    return await handler.unary_unary(data, None)


async def test_a_request_that_changes_nothing_is_read_and_seen_once(chain: Chain, noting: Noting) -> None:
    one, another = (v1.ResolveRequest(reference=text).SerializeToString() for text in ("a", "b"))
    assert [(await call(chain, RESOLVE, data)).position for data in (one, another, one)] == ["a", "b", "a"]
    assert [message.reference for message in noting.seen] == ["a", "b"]
    assert noting.ended == [False] * 3


async def test_a_change_is_seen_however_often_it_is_sent(chain: Chain, noting: Noting) -> None:
    data = v1.LogBatchRequest(run_id="0" * 32).SerializeToString()
    for _ in range(2):
        await call(chain, BATCH, data)
    assert len(noting.seen) == 2


async def test_a_long_request_is_not_remembered(chain: Chain, noting: Noting) -> None:
    data = v1.ResolveRequest(reference="r" * 600).SerializeToString()
    for _ in range(2):
        await call(chain, RESOLVE, data)
    assert len(noting.seen) == 2


async def test_a_refusal_is_not_remembered(chain: Chain, noting: Noting) -> None:
    data = v1.ResolveRequest(workspace="refused").SerializeToString()
    for _ in range(2):
        with pytest.raises(ValueError, match="Resolve"):
            await call(chain, RESOLVE, data)
    assert len(noting.seen) == len(noting.failures) == 2
    assert noting.ended == [True, True]


@pytest.mark.parametrize("method", [RESOLVE, BATCH])
async def test_bytes_that_are_no_message_are_refused(chain: Chain, noting: Noting, method: str) -> None:
    with pytest.raises(RunloreError, match="is not a protobuf message of the type that") as refused:
        await call(chain, method, b"\x0a\xff")
    assert refused.value.reason_name == "INVALID_FIELD"
    assert noting.failures == [refused.value]
    assert noting.seen == []


async def test_each_message_of_a_stream_is_seen_as_it_comes(chain: Chain, noting: Noting) -> None:
    handler = chain.service(Details("/runlore.v1.TrackingService/LogStream"))
    assert handler is not None
    assert handler.request_deserializer is None, "gRPC hands over the bytes"
    message = v1.LogStreamRequest(open=v1.LogStreamOpen(run_id="r"))

    async def sent() -> AsyncIterator[bytes]:
        for count in range(3):
            assert len(noting.seen) == count
            yield message.SerializeToString()

    assert len([response async for response in handler.stream_stream(sent(), None)]) == 3
    assert noting.seen == [message] * 3


async def test_bytes_of_a_stream_that_are_no_message_are_refused(chain: Chain, noting: Noting) -> None:
    handler = chain.service(Details("/runlore.v1.TrackingService/LogStream"))
    assert handler is not None

    async def sent() -> AsyncIterator[bytes]:
        yield b"\x0a\xff"

    with pytest.raises(RunloreError, match="is not a protobuf message of the type that") as refused:
        assert [response async for response in handler.stream_stream(sent(), None)] == []
    assert noting.failures == [refused.value]


async def test_a_method_takes_requests_in_another_encoding_inside_the_same_interceptors(
    chain: Chain, noting: Noting
) -> None:
    handler = chain.handler(RESOLVE[1:], lambda data: v1.ResolveRequest(reference=data.decode()))
    assert [(await handler.unary_unary(data, None)).position for data in (b"a", b"a")] == ["a", "a"]
    assert [message.reference for message in noting.seen] == ["a"], "remembered by its bytes in this encoding"
    assert noting.ended == [False] * 2


def test_a_method_that_is_not_known_has_no_handler(chain: Chain) -> None:
    assert chain.service(Details("/runlore.v1.RegistryService/Nothing")) is None
    assert chain.service(Details("")) is None
