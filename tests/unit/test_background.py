"""Tasks beside the RPCs end when they are told to, whatever they are just doing."""

from __future__ import annotations

import asyncio
import time

import pytest

from runlore_server.background import Background


class Waiting(Background):
    """Waits for a word, as tasks wait for a connection of the pool."""

    name = "waiting"

    def __init__(self) -> None:
        super().__init__()
        self.word = asyncio.Event()

    async def _run(self) -> None:
        while True:
            await asyncio.wait_for(self.word.wait(), 60)
            self.word.clear()


@pytest.mark.parametrize("turns", range(5))
async def test_a_task_ends_though_what_it_waits_for_comes_just_then(turns: int) -> None:
    """Python 3.11's wait_for loses a cancellation that comes in the turns of the event loop after that."""
    task = Waiting()
    task.start()
    await asyncio.sleep(0.01)
    task.word.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    ending, began = asyncio.create_task(task.stop()), time.monotonic()
    done, _ = await asyncio.wait([ending], timeout=10)
    assert done, f"it still runs after {time.monotonic() - began:.1f} s"
    assert task._task is not None
    assert task._task.done()


async def test_a_task_that_never_began_or_has_ended_can_be_told_to_end() -> None:
    task = Waiting()
    await task.stop()
    task.start()
    await task.stop()
    await task.stop()
