"""The load of watches: each on a model of its own, whose champion moves now and then.

An event's time is the database's clock before the move is committed: what is measured from there is the commit and the
way to the watch, on a machine with one clock.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from typing import Any

import grpc
import uvloop

from runlore import v1
from tests.bench.orders import Order, serve

#: Watches of one connection.
STREAMS = 25
_WORDS = b"a model"


def _channel(address: str) -> grpc.aio.Channel:
    # A pool of its own for each channel: otherwise all would share one connection.
    return grpc.aio.insecure_channel(address, [("grpc.use_local_subchannel_pool", 1)])


async def _create(channel: grpc.aio.Channel, count: int) -> list[str]:
    """Create models with two versions each; returns their names."""
    tracking, artifacts = v1.TrackingServiceStub(channel), v1.ArtifactServiceStub(channel)
    registry = v1.RegistryServiceStub(channel)
    sha256 = hashlib.sha256(_WORDS).hexdigest()
    blob = v1.BlobSpec(sha256=sha256, size=len(_WORDS))
    await artifacts.WriteBlob(iter([v1.WriteBlobRequest(blob=blob), v1.WriteBlobRequest(data=_WORDS)]))
    run = (await tracking.CreateRun(v1.CreateRunRequest(experiment_name="bench"))).run
    chunk = v1.Chunk(size=len(_WORDS), sha256=sha256)
    file = v1.FileEntry(path="model/m.bin", size=len(_WORDS), sha256=sha256, chunks=[chunk])
    await artifacts.LogArtifacts(v1.LogArtifactsRequest(run_id=run.run_id, files=[file]))
    names = [f"watched-{i}" for i in range(count)]
    source = v1.RunSource(run_id=run.run_id, path="model")
    for name in names:
        await registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(name=name))
        for _ in range(2):
            await registry.CreateModelVersion(v1.CreateModelVersionRequest(model_name=name, run=source))
    return names


class _Watches:
    """Watches that stay open from order to order."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self._names: list[str] = []
        self._seconds: list[float] = []
        self._moved = 0

    async def open(self, address: str, count: int) -> None:
        """Create the models and open a watch of each."""
        channels = [_channel(address) for _ in range(-(-count // STREAMS))]
        self._movers = [v1.RegistryServiceStub(_channel(address)) for _ in range(8)]
        self._names = await _create(channels[0], count)
        for i, name in enumerate(self._names):
            call = v1.EventServiceStub(channels[i % len(channels)]).Watch(v1.WatchRequest(model_name=name))
            await call.read()
            self._tasks.append(asyncio.create_task(self._watch(call)))

    async def _watch(self, call: Any) -> None:
        while True:
            response = await call.read()
            now = time.time_ns()
            if response is grpc.aio.EOF:
                return
            self._seconds += [(now - event.time.ToNanoseconds()) / 1e9 for event in response.events]

    async def move(self, rate: float, seconds: float) -> Order:
        """Move champions, one after the other, at a rate; returns the seconds until each move was told."""
        self._seconds = []
        count = round(rate * seconds)
        began = time.perf_counter()

        async def one(number: int) -> bool:
            await asyncio.sleep(began + number / rate - time.perf_counter())
            turn, model = divmod(self._moved + number, len(self._names))
            request = v1.SetAliasRequest(model_name=self._names[model], alias="champion", version=1 + turn % 2)
            request.expect.any = True
            applied = (await self._movers[number % len(self._movers)].SetAlias(request)).applied
            # On a machine that falls behind, one move may overtake another of its model, and then moves nothing.
            return bool(applied.previous_version != applied.alias.version)

        moves = sum(await asyncio.gather(*map(one, range(count))))
        self._moved += count
        for _ in range(1_000):
            if len(self._seconds) >= moves:
                break
            await asyncio.sleep(0.01)
        if len(self._seconds) != moves:
            raise RuntimeError(f"{len(self._seconds)} of {moves} moves were told")
        return {"rate": moves / seconds, "seconds": self._seconds}


async def _answer(watches: _Watches, order: Order) -> Order:
    if "watches" in order:
        await watches.open(order["address"], order["watches"])
        return {}
    return await watches.move(order["rate"], order["seconds"])


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        opened = _Watches()
        serve(lambda order: runner.run(_answer(opened, order)))
