"""The load of unary calls over HTTP/1.1: a closed loop on each connection, as `load.py` does it over gRPC.

Requests are bytes already, head and all, and of a response only its end is looked for, so that its own work is small.
"""

from __future__ import annotations

import asyncio
import itertools
import time

import uvloop

from tests.bench.harness import Measured
from tests.bench.orders import Order, Processes, serve

#: The end of a body that comes in chunks, which the server's do.
_END = b"\r\n0\r\n\r\n"

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class WebLoad:
    """Posts to a port in a closed loop, from a process that lives until `close`."""

    def __init__(self) -> None:
        """Start the process."""
        self._processes = Processes("tests.bench.web_load")

    def post(
        self, address: str, path: str, content_type: str, request: bytes, connections: int, seconds: float
    ) -> Measured:
        """Post a request for so many seconds, one call at a time on each of `connections`."""
        head = (
            f"POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: {content_type}\r\n"
            f"content-length: {len(request)}\r\n\r\n"
        )
        return self._processes.measure(
            {
                "address": address,
                "request": (head.encode() + request).hex(),
                "connections": connections,
                "seconds": seconds,
            }
        )

    def close(self) -> None:
        """End the process."""
        self._processes.close()


async def _run(open_ones: dict[tuple[str, int], Connection], order: Order) -> Order:
    host, _, port = order["address"].rpartition(":")
    for i in range(order["connections"]):
        key = (order["address"], i)
        if key not in open_ones:
            open_ones[key] = await asyncio.open_connection(host, int(port), limit=2**26)
    request = bytes.fromhex(order["request"])
    seconds: list[float] = []
    began = time.perf_counter()
    end = began + order["seconds"]

    async def loop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in itertools.count():
            # Once in any case, as `load.py`.
            if (start := time.perf_counter()) >= end and number:
                return
            writer.write(request)
            answer = await reader.readuntil(_END)
            if not answer.startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(answer.decode(errors="replace"))
            seconds.append(time.perf_counter() - start)

    await asyncio.gather(*(loop(*open_ones[order["address"], i]) for i in range(order["connections"])))
    return {"rate": len(seconds) / (time.perf_counter() - began), "seconds": seconds}


if __name__ == "__main__":
    open_ones: dict[tuple[str, int], Connection] = {}
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        serve(lambda order: runner.run(_run(open_ones, order)))
