"""The load of live runs: each a LogStream of its own, a frame a second of 20 keys with one new value each.

An order may name the experiment and the 20 keys. Messages are made and read as bytes by raw stubs; a frame is encoded
each time, because its values change.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import secrets
import time
from collections.abc import Iterator
from typing import Any

import grpc
import uvloop

from runlore import v1
from tests.bench.orders import Order, serve

KEYS = 20
#: Streams of one connection, the most that many HTTP/2 servers and proxies allow.
STREAMS = 100
#: Streams that are being opened at a time.
OPENING = 50
#: Seconds after the last frame is due that its acknowledgement is waited for.
PATIENCE = 15.0
_SERVICE = "/runlore.v1.TrackingService/"
_KEYS = [f"metric-{key}" for key in range(KEYS)]


class _Run:
    """A run, created by the first order that needs it."""

    def __init__(self, channel: grpc.aio.Channel, experiment: str, keys: list[str]) -> None:
        self._channel = channel
        self._create = v1.CreateRunRequest(experiment_name=experiment).SerializeToString()
        self._keys = keys
        self._run_id = ""
        self._call: Any = None

    async def open(self) -> None:
        """Open a stream of a new writer."""
        if not self._run_id:
            created = await self._channel.unary_unary(_SERVICE + "CreateRun")(self._create)
            self._run_id = v1.CreateRunResponse.FromString(created).run.run_id
        self._call = self._channel.stream_stream(_SERVICE + "LogStream")()
        opening = v1.LogStreamOpen(run_id=self._run_id, writer_id=secrets.token_hex(8))
        await self._call.write(v1.LogStreamRequest(open=opening).SerializeToString())
        await self._call.read()

    async def log(self, began: float, frames: int) -> list[float]:
        """Write a frame a second; returns for each that was acknowledged the seconds since it was due."""
        taken: list[float] = []
        try:
            async with asyncio.timeout(began - time.perf_counter() + frames + PATIENCE):
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._write(began, frames))
                    tasks.create_task(self._read(began, frames, taken))
        except TimeoutError:
            self._call.cancel()
        return taken

    async def _write(self, began: float, frames: int) -> None:
        for frame in range(frames):
            await asyncio.sleep(began + frame - time.perf_counter())
            await self._call.write(_frame(frame, self._keys))
        await self._call.done_writing()

    async def _read(self, began: float, frames: int, taken: list[float]) -> None:
        while len(taken) < frames:
            response = await self._call.read()
            if response is grpc.aio.EOF:
                return
            now = time.perf_counter()
            committed = v1.LogStreamResponse.FromString(response).acknowledged.committed_points // KEYS
            taken.extend(now - (began + frame) for frame in range(len(taken), committed))


def _frame(number: int, keys: list[str]) -> bytes:
    frame = v1.LogStreamFrame(
        first_point=number * KEYS + 1,
        new_keys=keys if number == 0 else (),
        keys=range(KEYS),
        steps=[number] * KEYS,
        times_unix_us=[time.time_ns() // 1000] * KEYS,
        values=[math.sin(number + key) for key in range(KEYS)],
    )
    return v1.LogStreamRequest(frame=frame).SerializeToString()


def _connections(address: str) -> Iterator[grpc.aio.Channel]:
    """A connection for each stream to come, the same one for STREAMS of them."""
    while True:
        # A pool of its own for each channel: otherwise all would share one connection.
        channel = grpc.aio.insecure_channel(address, [("grpc.use_local_subchannel_pool", 1)])
        yield from itertools.repeat(channel, STREAMS)


class _Load:
    """The runs of one server."""

    def __init__(self, address: str) -> None:
        self._connections = _connections(address)
        self._runs: list[_Run] = []

    async def answer(self, order: Order) -> Order:
        """Let `runs` of them be live for `seconds`."""
        missing = order["runs"] - len(self._runs)
        experiment, keys = order.get("experiment", "bench"), order.get("keys", _KEYS)
        channels = itertools.islice(self._connections, max(0, missing))
        self._runs += [_Run(channel, experiment, keys) for channel in channels]
        chosen = self._runs[: order["runs"]]
        turns = asyncio.Semaphore(OPENING)

        async def open_one(run: _Run) -> None:
            async with turns:
                await run.open()

        async with asyncio.TaskGroup() as tasks:
            for run in chosen:
                tasks.create_task(open_one(run))
        began = time.perf_counter() + 1.0
        # Spread over the second, as runs are that know nothing of each other.
        logs = (run.log(began + i / len(chosen), round(order["seconds"])) for i, run in enumerate(chosen))
        taken = [round(second, 5) for found in await asyncio.gather(*logs) for second in found]
        return {"rate": len(taken) / order["seconds"], "seconds": taken}


_LOADS: dict[str, _Load] = {}


def _load(address: str) -> _Load:
    if address not in _LOADS:
        _LOADS[address] = _Load(address)
    return _LOADS[address]


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        serve(lambda order: runner.run(_load(order["address"]).answer(order)))
