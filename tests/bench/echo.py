"""The ceiling of an RPC: a bare handler without interceptors, on the server's own stack.

It answers with no bytes, or with those that it was told to keep.

Run as `python -m tests.bench.echo`; prints its port and serves until its standard input ends.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import uvloop

METHOD = "/bench.Echo/Echo"
KEEP, KEPT = "/bench.Echo/Keep", "/bench.Echo/Kept"


@contextmanager
def echo() -> Iterator[str]:
    """Run the echo in a process of its own and yield its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.echo"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield f"127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.stdin.close()
        process.wait(30)


async def _answer(request: bytes, context: Any) -> bytes:
    return b""


class _Keeper:
    """Gives back what it was given, the same bytes for every request."""

    def __init__(self) -> None:
        self._bytes = b""

    async def keep(self, request: bytes, context: Any) -> bytes:
        self._bytes = request
        return b""

    async def kept(self, request: bytes, context: Any) -> bytes:
        return self._bytes


async def _serve() -> None:
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", -1)])
    keeper = _Keeper()
    methods = {"Echo": _answer, "Keep": keeper.keep, "Kept": keeper.kept}
    handlers = {name: grpc.unary_unary_rpc_method_handler(method) for name, method in methods.items()}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("bench.Echo", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop(0)


if __name__ == "__main__":
    uvloop.run(_serve())
