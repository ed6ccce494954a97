"""A task beside the RPCs that outlives its failures."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable

from runlore_server import errors

log = logging.getLogger(__name__)

#: Seconds that a task has to clean up before it is told again to end.
_PATIENCE = 1.0


class Background(ABC):
    """Begins with `start`, goes on until `stop`; `name` is its name in logs."""

    name: str

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    @abstractmethod
    async def _run(self) -> None:
        """Work without end."""

    def start(self) -> None:
        """Begin, in the running event loop."""
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def stop(self) -> None:
        """End."""
        while self._task is not None and not self._task.done():
            self._task.cancel()
            # Once may not do: in Python 3.11 asyncio.wait_for, which the pool uses, loses a cancellation that comes
            # just when what it waits for does.
            await asyncio.wait([self._task], timeout=_PATIENCE)

    async def _outlive(self, work: Callable[[], Awaitable[object]]) -> bool:
        """Do one round, and log its failure: the next round may do better. Returns whether it was done."""
        try:
            await work()
            return True
        except errors.RunloreError as error:
            log.warning("%s waits: %s", self.name, error)
        except Exception:
            log.exception("%s failed; it goes on", self.name)
        return False
