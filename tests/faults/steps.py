"""Something that happens right after a step of the client: in this process, or, as a kill, in one of its own."""

from __future__ import annotations

import importlib
import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

#: The calls that end the steps of a push, in their order.
PUSH_STEPS = [
    "runlore._files:scan",
    "runlore._hashing:Hashing.take",
    "runlore._sync.uploads:_BlobSender._prepare",
    # A blob's bytes: it happens in the middle of them.
    "runlore._sync.uploads:_messages",
    "runlore._sync.uploads:_BlobSender._send",
    "runlore._sync.uploads:send_files",
    "runlore._sync.uploads:create_manifest",
    "runlore._sync.registry:RegistryMethods.create_version",
]
#: And of a pull.
PULL_STEPS = [
    "runlore._sync.pulls:locate",
    "runlore._sync.downloads:list_files",
    "runlore._sync.downloads:BlobReader.read",
    "runlore._cache.objects:Objects.add",
    "runlore._sync.downloads:_Download.run",
    "runlore._cache.cache:Cache.install",
]


def die() -> None:
    """End this process as `kill -9` does."""
    os.kill(os.getpid(), 9)


@contextmanager
def after(step: str, act: Callable[[], None]) -> Iterator[None]:
    """Let something happen when a call first ends; of one that yields, after its second value."""
    module, _, path = step.partition(":")
    owner: Any = importlib.import_module(module)
    *owners, name = path.split(".")
    for part in owners:
        owner = getattr(owner, part)
    real = getattr(owner, name)
    left = [act]

    def once() -> None:
        for waiting in (left.pop() for _ in range(len(left))):
            waiting()

    def in_the_middle(values: Iterator[Any]) -> Iterator[Any]:
        yield from islice(values, 2)
        once()
        yield from values

    def stepping(*args: Any, **kwargs: Any) -> Any:
        done = real(*args, **kwargs)
        if inspect.isgenerator(done):
            return in_the_middle(done)
        once()
        return done

    setattr(owner, name, stepping)
    try:
        yield
    finally:
        setattr(owner, name, real)
