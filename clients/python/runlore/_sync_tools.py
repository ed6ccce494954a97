"""What the synchronous client is built from: the names of `_async_tools`, without asyncio."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

import grpc

from runlore import _channel, _fork
from runlore._settings import Settings

__all__ = ["Channel", "call_in_thread", "for_each", "open_channel", "shared", "sleep"]

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

Channel = grpc.Channel
sleep = time.sleep

_END = object()

_shared: dict[object, object] = {}
_shared_lock = threading.Lock()
_fork.fresh_in_child(_shared_lock)


def open_channel(settings: Settings) -> Channel:
    """Open a channel; it connects with the first call."""
    _fork.check_grpc_works()
    credentials = _channel.credentials(settings)
    if credentials is None:
        channel = grpc.insecure_channel(settings.address, options=_channel.OPTIONS)
    else:
        channel = grpc.secure_channel(settings.address, credentials, options=_channel.OPTIONS)
    _fork.grpc_is_used()
    return channel


def shared(key: object, make: Callable[[], T]) -> T:
    """Return what was made under `key` for this process, making it if need be."""
    with _shared_lock:
        if key not in _shared:
            _shared[key] = make()
        return _shared[key]  # type: ignore[return-value]  # what was made under a key has the type its maker returns


def call_in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call something that blocks: here, blocking is fine."""
    return function(*args, **kwargs)


def for_each(items: Iterable[T], work: Callable[[T], None], *, at_once: int) -> None:
    """Work on every item, some at once in threads; the first error ends it and is raised."""
    queue = iter(items)
    first = list(itertools.islice(queue, 2))
    if len(first) < 2:
        for item in first:
            work(item)
        return
    queue = itertools.chain(first, queue)
    lock = threading.Lock()
    errors: list[BaseException] = []

    def worker() -> None:
        try:
            while not errors:
                with lock:
                    item = next(queue, _END)
                if item is _END:
                    return
                work(item)  # type: ignore[arg-type]  # what is not the end is an item
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=worker, name="runlore-transfer", daemon=True) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except BaseException as error:
        # Ctrl-C: what is under way is not waited for, and nothing more is begun.
        errors.append(error)
        raise
    if errors:
        raise errors[0]
