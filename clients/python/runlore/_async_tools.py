"""What the asynchronous client is built from; `_sync_tools` has the same names for the client generated from it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import ParamSpec, TypeVar

import grpc.aio

from runlore import _channel, _fork
from runlore._settings import Settings

__all__ = ["Channel", "call_in_thread", "for_each", "open_channel", "shared", "sleep"]

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

Channel = grpc.aio.Channel
sleep = asyncio.sleep

_shared: dict[asyncio.AbstractEventLoop, dict[object, object]] = {}


def open_channel(settings: Settings) -> Channel:
    """Open a channel on the running event loop; it connects with the first call."""
    _fork.asyncio_is_used()
    _fork.check_grpc_works()
    credentials = _channel.credentials(settings)
    if credentials is None:
        channel = grpc.aio.insecure_channel(settings.address, options=_channel.OPTIONS)
    else:
        channel = grpc.aio.secure_channel(settings.address, credentials, options=_channel.OPTIONS)
    _fork.grpc_is_used()
    return channel


def shared(key: object, make: Callable[[], T]) -> T:
    """Return what was made under `key` for this event loop (a channel works on one loop only), making it if need be."""
    for loop in [loop for loop in _shared if loop.is_closed()]:
        # A channel holds on to its loop, so that a loop that ended would stay here with its connections.
        del _shared[loop]
    known = _shared.setdefault(asyncio.get_running_loop(), {})
    if key not in known:
        known[key] = make()
    return known[key]  # type: ignore[return-value]  # what was made under a key has the type that its maker returns


async def call_in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call something that blocks (files, hashing, sockets) without holding up the event loop."""
    return await asyncio.to_thread(function, *args, **kwargs)


async def for_each(items: Iterable[T], work: Callable[[T], Awaitable[None]], *, at_once: int) -> None:
    """Work on every item, some at once; the first error ends it and is raised."""
    queue = iter(items)

    async def worker() -> None:
        for item in queue:
            await work(item)

    tasks = [asyncio.create_task(worker()) for _ in range(at_once)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
