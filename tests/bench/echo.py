"""The ceiling of an RPC: a bare handler without interceptors that answers with no bytes, on the server's own stack.

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


async def _serve() -> None:
    server = grpc.aio.server()
    handler = grpc.method_handlers_generic_handler("bench.Echo", {"Echo": grpc.unary_unary_rpc_method_handler(_answer)})
    server.add_generic_rpc_handlers((handler,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop(0)


if __name__ == "__main__":
    uvloop.run(_serve())
