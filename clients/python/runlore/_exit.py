"""What becomes of runs that nobody ended before their process exits."""

from __future__ import annotations

import asyncio
import atexit
import sys
from typing import Protocol

from runlore import v1


class RunEnder(Protocol):
    """Something with runs that may be open at exit."""

    def end_open_runs(self, status: v1.RunStatus.ValueType) -> None:
        """End them; must not raise."""


_enders: set[RunEnder] = set()


def register(ender: RunEnder) -> None:
    """Keep `ender`, and have it end its open runs at exit."""
    _enders.add(ender)


def forget(ender: RunEnder) -> None:
    """Let `ender` go: it has no open runs."""
    _enders.discard(ender)


def status_after(exception: type[BaseException] | None) -> v1.RunStatus.ValueType:
    """Return how a run ended whose code ended by `exception`: an error fails it, anything else is from outside."""
    if exception is None:
        return v1.RUN_STATUS_FINISHED
    if issubclass(exception, Exception) and not issubclass(exception, asyncio.CancelledError):
        return v1.RUN_STATUS_FAILED
    return v1.RUN_STATUS_KILLED


def watch_this_process() -> None:
    """Also end runs in a process of multiprocessing that was forked: it exits without running atexit's functions."""
    multiprocessing = sys.modules.get("multiprocessing")
    util = sys.modules.get("multiprocessing.util")
    if multiprocessing is not None and util is not None and multiprocessing.parent_process() is not None:
        util.Finalize(None, _end_all, exitpriority=10)


def _end_all() -> None:
    status = status_after(_what_ends_the_process())
    for ender in list(_enders):
        ender.end_open_runs(status)


def _what_ends_the_process() -> type[BaseException] | None:
    """Return the uncaught exception, if any: one in flight, or the last that the interpreter reported."""
    if hasattr(sys, "ps1") or sys.flags.interactive:
        # At a prompt, an exception that was reported ended nothing.
        return None
    last = getattr(sys, "last_exc", None)
    reported: type[BaseException] | None = type(last) if last is not None else getattr(sys, "last_type", None)
    return sys.exc_info()[0] or reported


atexit.register(_end_all)
