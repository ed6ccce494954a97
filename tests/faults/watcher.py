"""A process that moves aliases and watches, whatever happens to its server, and says at its end what it saw.

`python -m tests.faults.watcher ADDRESS POSITION MODEL...`: a mover of each model, two watches of each and two of all. A
line on stdin ends the movers; when every watch has come to where the log is then, the record is printed as JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import sys
from typing import Any

import grpc

from runlore import v1
from tests.harness.wire import UNLIMITED, Stubs

#: A connection of each client's own, which is dialled again soon after it broke.
_OPTIONS = [*UNLIMITED, ("grpc.use_local_subchannel_pool", 1), ("grpc.max_reconnect_backoff_ms", 500)]


class Watcher:
    """Watches, and goes on from its position whenever a watch ends."""

    def __init__(self, address: str, position: str, model: str) -> None:
        self.model = model
        self.position = position
        self.seen: list[list[Any]] = []
        self._address = address

    async def watch(self) -> None:
        """Watch without end."""
        while True:
            with contextlib.suppress(grpc.aio.AioRpcError, TimeoutError):
                async with grpc.aio.insecure_channel(self._address, _OPTIONS) as channel:
                    request = v1.WatchRequest(after_position=self.position, checkpoint_interval={"seconds": 1})
                    if self.model:
                        request.model_name = self.model
                    call = Stubs(channel).event.Watch(request)
                    while True:
                        # A connection that is dead without a word has no checkpoints.
                        response = await asyncio.wait_for(call.read(), 8)
                        if response is grpc.aio.EOF:
                            break
                        self.seen += ([e.position, e.resource.name, e.revision, e.request_id] for e in response.events)
                        self.position = response.position
            await asyncio.sleep(0.05)


async def move(address: str, model: str, done: asyncio.Event, acknowledged: list[str]) -> None:
    """Move the champion of a model to and fro, each move again until it is acknowledged."""
    request = v1.SetAliasRequest(model_name=model, alias="champion")
    request.expect.any = True
    while not done.is_set():
        with contextlib.suppress(grpc.aio.AioRpcError):
            # A new connection after each failure: the old one may be dead without a word.
            async with grpc.aio.insecure_channel(address, _OPTIONS) as channel:
                while not done.is_set():
                    request.request_id = request.request_id or secrets.token_hex(8)
                    request.version = 1 + len(acknowledged) % 2
                    await Stubs(channel).registry.SetAlias(request, timeout=5)
                    acknowledged.append(request.request_id)
                    request.request_id = ""
                    await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)


async def _end_of_log(address: str) -> str:
    async with grpc.aio.insecure_channel(address, _OPTIONS) as channel:
        async for response in Stubs(channel).event.Watch(v1.WatchRequest()):
            return str(response.position)
    raise AssertionError("a watch sends a position at once")


async def main(address: str, position: str, *models: str) -> None:
    """Move and watch until told to end."""
    done = asyncio.Event()
    acknowledged: dict[str, list[str]] = {model: [] for model in models}
    watchers = [Watcher(address, position, model) for model in (*models, *models, "", "")]
    watching = [asyncio.create_task(watcher.watch()) for watcher in watchers]
    moving = [asyncio.create_task(move(address, model, done, acknowledged[model])) for model in models]
    await asyncio.to_thread(sys.stdin.readline)
    done.set()
    await asyncio.gather(*moving)
    end = await _end_of_log(address)
    for watcher in watchers:
        while watcher.position != end:  # noqa: ASYNC110 - as a client looks
            await asyncio.sleep(0.05)
    for task in watching:
        task.cancel()
    record = {"acknowledged": acknowledged, "watched": [[watcher.model, watcher.seen] for watcher in watchers]}
    print(json.dumps(record), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
