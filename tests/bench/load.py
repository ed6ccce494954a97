"""The load of unary calls: a closed loop on each connection.

Requests are bytes already, and responses stay bytes, so that its own work is the same for every contestant.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import grpc
import uvloop

from tests.bench.harness import Measured
from tests.bench.orders import Order, Processes, serve


class Load:
    """Calls an address in a closed loop, from a process that lives until `close`."""

    def __init__(self) -> None:
        """Start the process."""
        self._processes = Processes("tests.bench.load")

    def call(self, address: str, method: str, request: bytes, connections: int, seconds: float) -> Measured:
        """Call `method` with `request`, one call at a time on each of `connections`, for `seconds`."""
        return self._processes.measure(
            {
                "address": address,
                "method": method,
                "request": request.hex(),
                "connections": connections,
                "seconds": seconds,
            }
        )

    def close(self) -> None:
        """End the process."""
        self._processes.close()


async def _run(channels: dict[tuple[str, int], Any], order: Order) -> Order:
    calls = []
    for i in range(order["connections"]):
        key = (order["address"], i)
        if key not in channels:
            # A pool of its own for each channel: otherwise all would share one connection.
            channels[key] = grpc.aio.insecure_channel(order["address"], [("grpc.use_local_subchannel_pool", 1)])
        calls.append(channels[key].unary_unary(order["method"]))
    request = bytes.fromhex(order["request"])
    seconds: list[float] = []
    began = time.perf_counter()
    end = began + order["seconds"]

    async def loop(call: Any) -> None:
        while (start := time.perf_counter()) < end:
            await call(request)
            seconds.append(time.perf_counter() - start)

    await asyncio.gather(*map(loop, calls))
    return {"rate": len(seconds) / (time.perf_counter() - began), "seconds": seconds}


if __name__ == "__main__":
    channels: dict[tuple[str, int], Any] = {}
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        serve(lambda order: runner.run(_run(channels, order)))
