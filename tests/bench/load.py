"""The load of unary calls: a closed loop on each connection, or one call on each of many new ones.

Requests are bytes already, and responses stay bytes, so that its own work is the same for every contestant.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import grpc
import uvloop
from google.protobuf.message import Message

from runlore import v1
from tests.bench.harness import Measured
from tests.bench.orders import Order, Processes, serve

#: The one method that answers with a stream.
HISTORY = "/runlore.v1.TrackingService/GetMetricHistory"


class Answer(NamedTuple):
    """What a call of a storm got; times are of the machine's monotonic clock."""

    start: float
    end: float
    response: bytes


class Load:
    """Calls an address in a closed loop, from a process that lives until `close`."""

    def __init__(self) -> None:
        """Start the process."""
        self._processes = Processes("tests.bench.load")

    def call(
        self,
        address: str,
        method: str,
        request: bytes | Sequence[bytes],
        connections: int,
        seconds: float | None = None,
        response: type[Message] | None = None,
        *,
        calls: int = 0,
    ) -> Measured:
        """Call `method`, one call at a time on each of `connections`; with several requests in turn.

        For `seconds`, or so many `calls` on each connection. With a type of `response`, one of our contract, each is
        parsed, which then counts; HISTORY's stream is read to its end.
        """
        requests = [request] if isinstance(request, bytes) else request
        return self._processes.measure(
            {
                "address": address,
                "method": method,
                "requests": [message.hex() for message in requests],
                "connections": connections,
                "seconds": seconds,
                "calls": calls,
                "response": response.__name__ if response is not None else None,
            }
        )

    def storm(self, address: str, method: str, request: bytes, connections: int) -> list[Answer]:
        """Open so many connections at once and call `method` once on each. Raises RuntimeError when a call fails."""
        order = {"address": address, "method": method, "request": request.hex(), "storm": connections}
        [answer] = self._processes.ask(order)
        return [Answer(start, end, bytes.fromhex(response)) for start, end, response in answer["answers"]]

    def close(self) -> None:
        """End the process."""
        self._processes.close()


async def _run(channels: dict[tuple[str, int], Any], order: Order) -> Order:
    calls = []
    parse = getattr(v1, order["response"]).FromString if order["response"] else None
    for i in range(order["connections"]):
        key = (order["address"], i)
        if key not in channels:
            # A pool of its own for each channel: otherwise all would share one connection.
            options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", -1)]
            channels[key] = grpc.aio.insecure_channel(order["address"], options)
        call = getattr(channels[key], "unary_stream" if order["method"] == HISTORY else "unary_unary")
        calls.append(call(order["method"], response_deserializer=parse))
    requests = itertools.cycle(map(bytes.fromhex, order["requests"]))
    seconds: list[float] = []
    began = time.perf_counter()
    end = began + (order["seconds"] if order["seconds"] is not None else float("inf"))

    async def loop(call: Any) -> None:
        for number in range(order["calls"]) if order["calls"] else itertools.count():
            # Once in any case: a machine may be too busy to begin within the time.
            if (start := time.perf_counter()) >= end and number:
                return
            answer = call(next(requests))
            if order["method"] == HISTORY:
                async for _ in answer:
                    pass
            else:
                await answer
            seconds.append(time.perf_counter() - start)

    await asyncio.gather(*map(loop, calls))
    return {"rate": len(seconds) / (time.perf_counter() - began), "seconds": seconds}


async def _storm(order: Order) -> Order:
    request = bytes.fromhex(order["request"])

    async def boot() -> tuple[float, float, str]:
        start = time.monotonic()
        async with grpc.aio.insecure_channel(order["address"], [("grpc.use_local_subchannel_pool", 1)]) as channel:
            response = await channel.unary_unary(order["method"])(request, wait_for_ready=True, timeout=60)
            return start, time.monotonic(), response.hex()

    return {"answers": await asyncio.gather(*(boot() for _ in range(order["storm"])))}


if __name__ == "__main__":
    channels: dict[tuple[str, int], Any] = {}
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        serve(lambda order: runner.run(_storm(order) if "storm" in order else _run(channels, order)))
