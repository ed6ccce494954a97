"""What happens to a client when its process forks.

The parent keeps everything. The child keeps nothing that a thread or a socket stands behind: it gets new locks, new
connections, a new sender thread and a new writer id, and an empty spool, because the points of the other one are the
parent's to send.

gRPC itself must be quiet at the moment of the fork and must know that forks happen: `runlore/__init__.py` switches its
fork support on before anything imports it, and `before_fork` lets an object leave gRPC first. That takes hooks that are
registered after gRPC's own, which come with the process's first channel: what is registered last is called first before
a fork, and once gRPC has begun to fork, whoever waits for one of its threads waits forever.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from threading import Lock
from typing import Protocol

from runlore.errors import RunloreError


class Forkable(Protocol):
    """Something that must know of forks. Methods run on the forking thread and must neither block long nor raise."""

    def before_fork(self) -> None:
        """Leave gRPC, and hold still."""

    def after_fork_in_parent(self) -> None:
        """Carry on."""

    def after_fork_in_child(self) -> None:
        """Drop what belongs to the parent."""


_known: weakref.WeakSet[Forkable] = weakref.WeakSet()
_still: list[Forkable] = []
_locks: list[Lock] = []
_parents: list[object] = []
_asyncio_process = 0


def register(thing: Forkable) -> None:
    """Tell `thing` of every fork from now on, for as long as it lives."""
    _known.add(thing)


def fresh_in_child(lock: Lock) -> None:
    """Unlock a lock of the module level in every child: the thread that held it may not exist there."""
    _locks.append(lock)


def keep_for_parent(thing: object) -> None:
    """Never destroy, in this child, what belongs to the parent: gRPC would wait for threads that are not here."""
    _parents.append(thing)


def asyncio_is_used() -> None:
    """Remember that gRPC's asyncio side runs in this process: its thread is always inside gRPC."""
    global _asyncio_process
    _asyncio_process = _asyncio_process or os.getpid()


def check_grpc_works() -> None:
    """Raise RunloreError in a child for which gRPC could not prepare: calls would hang there, with some releases."""
    if _asyncio_process not in (0, os.getpid()):
        raise RunloreError(
            "this process was forked after runlore.aio was used, and gRPC's asyncio side does not survive a fork: "
            "start the process by spawn or forkserver, or use the synchronous client in its parent"
        )


def _before() -> None:
    # The same objects must be told afterwards, and no others, whatever is collected or made in between.
    _still[:] = list(_known)
    for thing in _still:
        thing.before_fork()


def _after_in_parent() -> None:
    for thing in _still:
        thing.after_fork_in_parent()
    _still.clear()


def _after_in_child() -> None:
    for lock in _locks:
        lock._at_fork_reinit()  # type: ignore[attr-defined]  # the standard library's own way; not in the stubs
    for thing in _still:
        thing.after_fork_in_child()
    _still.clear()


_registered = 0
_behind_grpc = False


def grpc_is_used() -> None:
    """Have forks told to us before gRPC knows of them; to be called whenever there is a new channel."""
    global _behind_grpc
    if not _behind_grpc:
        _behind_grpc = True
        _register()


def _register() -> None:
    """Register the hooks once more; those registered before do nothing from now on."""
    global _registered
    _registered += 1
    number = _registered

    def if_last(hook: Callable[[], None]) -> Callable[[], None]:
        return lambda: hook() if number == _registered else None

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(
            before=if_last(_before), after_in_parent=if_last(_after_in_parent), after_in_child=if_last(_after_in_child)
        )


_register()
