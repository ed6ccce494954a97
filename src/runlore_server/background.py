"""A task beside the RPCs that outlives its failures."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable

from runlore_server import errors

log = logging.getLogger(__name__)


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
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

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
