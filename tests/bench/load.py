"""The load generator: a process of its own, so that it never shares an interpreter with what it measures.

Run as `python -m tests.bench.load`: reads one JSON order a line, answers each with one JSON line. Requests are bytes
already, and responses stay bytes, so that its own work is the same for every contestant.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from typing import Any

import grpc
import uvloop

from tests.bench.harness import Measured


class Load:
    """Calls an address in a closed loop, from a process that lives until `close`."""

    def __init__(self) -> None:
        """Start the process."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def call(self, address: str, method: str, request: bytes, connections: int, seconds: float) -> Measured:
        """Call `method` with `request`, one call at a time on each of `connections`, for `seconds`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {
            "address": address,
            "method": method,
            "request": request.hex(),
            "connections": connections,
            "seconds": seconds,
        }
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(f"{method} at {address}: {answer['error']}")
        return Measured(**answer)

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


async def _serve_orders() -> None:
    channels: dict[tuple[str, int], Any] = {}
    while line := await asyncio.to_thread(sys.stdin.readline):
        order = json.loads(line)
        try:
            answer = await _run(channels, order)
        except grpc.RpcError as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)


async def _run(channels: dict[tuple[str, int], Any], order: dict[str, Any]) -> dict[str, Any]:
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
    uvloop.run(_serve_orders())
