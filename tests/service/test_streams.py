"""LogStream over the wire: exactly once, whatever becomes of streams, runs and servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import grpc

from runlore import v1
from runlore_server import ids
from tests.harness.wire import Stubs, refused

TIME = 1_700_000_000_000_000


class Writer:
    """An open LogStream of one writer."""

    def __init__(self, call: Any) -> None:
        """`call` is opened already."""
        self.call = call
        self.opened: v1.LogStreamOpened
        self._keys: dict[str, int] = {}

    async def send(self, first_point: int, points: Sequence[tuple[str, int, float]], dropped: int = 0) -> None:
        """Send a frame of (key, step, value)."""
        new = list(dict.fromkeys(key for key, _, _ in points if key not in self._keys))
        self._keys |= {key: len(self._keys) + i for i, key in enumerate(new)}
        frame = v1.LogStreamFrame(
            first_point=first_point,
            new_keys=new,
            keys=[self._keys[key] for key, _, _ in points],
            steps=[step for _, step, _ in points],
            times_unix_us=[TIME] * len(points),
            values=[value for _, _, value in points],
            dropped_points=dropped,
        )
        await self.call.write(v1.LogStreamRequest(frame=frame))

    async def committed(self) -> int:
        """Wait for the next acknowledgement."""
        return int((await self.call.read()).acknowledged.committed_points)

    async def until(self, points: int) -> None:
        """Wait until so many points are acknowledged."""
        while await self.committed() < points:
            pass

    async def end(self) -> list[int]:
        """Close our side and return the acknowledgements that still come."""
        await self.call.done_writing()
        found = []
        while (response := await self.call.read()) is not grpc.aio.EOF:
            found.append(response.acknowledged.committed_points)
        return found


@asynccontextmanager
async def writing(stubs: Stubs, workspace: str, run_id: str, writer_id: str = "w") -> AsyncIterator[Writer]:
    """A stream that is open."""
    call = stubs.tracking.LogStream()
    try:
        await call.write(v1.LogStreamRequest(open={"workspace": workspace, "run_id": run_id, "writer_id": writer_id}))
        writer = Writer(call)
        writer.opened = (await call.read()).opened
        yield writer
    finally:
        call.cancel()


async def new_run(stubs: Stubs, workspace: str) -> str:
    request = v1.CreateRunRequest(workspace=workspace, experiment_name="e", request_id=ids.new())
    return str((await stubs.tracking.CreateRun(request)).run.run_id)


async def history(stubs: Stubs, workspace: str, run_id: str) -> dict[str, list[tuple[int, float]]]:
    found: dict[str, list[tuple[int, float]]] = {}
    request = v1.GetMetricHistoryRequest(workspace=workspace, run_id=run_id)
    async for response in stubs.tracking.GetMetricHistory(request):
        found.setdefault(response.series.key, []).extend(
            zip(response.series.steps, response.series.values, strict=True)
        )
    return found


async def test_points_are_there_once_they_are_acknowledged(aio_stubs: Stubs, workspace: str) -> None:
    run_id = await new_run(aio_stubs, workspace)
    async with writing(aio_stubs, workspace, run_id) as writer:
        assert writer.opened.committed_points == 0
        await writer.send(1, [("a", 0, 1.0), ("b", 0, 2.0), ("a", 1, 3.0)])
        await writer.until(3)
        assert await history(aio_stubs, workspace, run_id) == {"a": [(0, 1.0), (1, 3.0)], "b": [(0, 2.0)]}
        await writer.send(4, [("c", 5, 7.0), ("a", 2, -1.0)], dropped=4)
        assert await writer.end() == [5]
    run = (await aio_stubs.tracking.GetRun(v1.GetRunRequest(workspace=workspace, run_id=run_id))).run
    assert [(m.key, m.last, m.min, m.max, m.count) for m in run.metrics] == [
        ("a", -1.0, -1.0, 3.0, 3),
        ("b", 2.0, 2.0, 2.0, 1),
        ("c", 7.0, 7.0, 7.0, 1),
    ]
    assert run.dropped_points == 4
    assert run.HasField("last_heartbeat_time")


async def test_a_writer_goes_on_where_it_was_and_replays_are_passed_over(aio_stubs: Stubs, workspace: str) -> None:
    run_id = await new_run(aio_stubs, workspace)
    points = [("a", step, float(step)) for step in range(10)]
    async with writing(aio_stubs, workspace, run_id) as writer:
        await writer.send(1, points[:4])
        await writer.until(4)
    async with writing(aio_stubs, workspace, run_id) as writer:
        assert writer.opened.committed_points == 4
        await writer.send(3, points[2:7])
        await writer.send(1, points[:5])
        await writer.send(8, points[7:])
        await writer.until(10)
    assert (await history(aio_stubs, workspace, run_id))["a"] == [(step, value) for _, step, value in points]


async def test_a_gap_is_refused(aio_stubs: Stubs, workspace: str) -> None:
    run_id = await new_run(aio_stubs, workspace)
    async with writing(aio_stubs, workspace, run_id) as writer:
        await writer.send(1, [("a", 0, 1.0)])
        await writer.until(1)
        await writer.send(3, [("a", 1, 2.0)])
        with refused("SEQUENCE_GAP", "frame.first_point") as found:
            await writer.until(3)
    assert found[0].metadata["expected_sequence"] == "2"
    assert await history(aio_stubs, workspace, run_id) == {"a": [(0, 1.0)]}


async def test_many_streams_at_once(aio_stubs: Stubs, workspace: str) -> None:
    run_ids = [await new_run(aio_stubs, workspace) for _ in range(20)]

    async def write(run_id: str, writer_id: str) -> None:
        async with writing(aio_stubs, workspace, run_id, writer_id) as writer:
            for i in range(5):
                await writer.send(2 * i + 1, [(f"k{writer_id}", i, float(i)), ("shared", i, float(i))])
            await writer.until(10)

    await asyncio.gather(*(write(run_id, f"w{n}") for run_id in run_ids for n in range(3)))
    for run_id in run_ids:
        found = await history(aio_stubs, workspace, run_id)
        assert {key: len(points) for key, points in found.items()} == {"kw0": 5, "kw1": 5, "kw2": 5, "shared": 15}
