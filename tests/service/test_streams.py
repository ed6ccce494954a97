"""LogStream over the wire: exactly once, whatever becomes of streams, runs and servers."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import psycopg

from runlore import v1
from runlore_server import ids
from tests.harness.server import ServerProcess, serving
from tests.harness.wire import UNLIMITED, Stubs, refused

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


async def new_run(stubs: Stubs, workspace: str, parent: str = "") -> str:
    request = v1.CreateRunRequest(workspace=workspace, experiment_name="e", parent_run_id=parent, request_id=ids.new())
    return str((await stubs.tracking.CreateRun(request)).run.run_id)


async def history(stubs: Stubs, workspace: str, run_id: str) -> dict[str, list[tuple[int, float]]]:
    found: dict[str, list[tuple[int, float]]] = {}
    request = v1.GetMetricHistoryRequest(workspace=workspace, run_ids=[run_id])
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


async def test_a_heartbeat_is_acknowledged_and_dropped_points_never_fall(aio_stubs: Stubs, workspace: str) -> None:
    run_id = await new_run(aio_stubs, workspace)

    async def run() -> v1.Run:
        found = (await aio_stubs.tracking.GetRun(v1.GetRunRequest(workspace=workspace, run_id=run_id))).run
        assert isinstance(found, v1.Run)
        return found

    assert not (await run()).HasField("last_heartbeat_time")
    async with writing(aio_stubs, workspace, run_id) as writer, writing(aio_stubs, workspace, run_id, "x") as other:
        opened = (await run()).last_heartbeat_time.ToNanoseconds()
        await writer.send(1, [], dropped=3)
        assert await writer.committed() == 0
        await writer.send(1, [("a", 0, 1.0)], dropped=2)
        assert await writer.committed() == 1
        await other.send(1, [], dropped=10)
        assert await other.committed() == 0
    assert (await run()).last_heartbeat_time.ToNanoseconds() > opened
    assert (await run()).dropped_points == 13


async def test_an_unsound_frame_leaves_what_was_acknowledged(aio_stubs: Stubs, workspace: str) -> None:
    run_id = await new_run(aio_stubs, workspace)
    async with writing(aio_stubs, workspace, run_id) as writer:
        await writer.send(1, [("a", 0, 1.0)])
        await writer.until(1)
        bad = v1.LogStreamFrame(first_point=2, keys=[7], steps=[0], times_unix_us=[0], values=[0])
        await writer.call.write(v1.LogStreamRequest(frame=bad))
        with refused("INVALID_FIELD", "frame.keys"):
            await writer.until(2)
    assert await history(aio_stubs, workspace, run_id) == {"a": [(0, 1.0)]}


async def test_a_run_that_is_deleted_takes_no_more_until_it_is_restored(aio_stubs: Stubs, workspace: str) -> None:
    run_id = await new_run(aio_stubs, workspace)
    async with writing(aio_stubs, workspace, run_id) as writer, writing(aio_stubs, workspace, run_id, "idle") as idle:
        await writer.send(1, [("a", 0, 1.0)])
        await writer.until(1)
        await aio_stubs.tracking.DeleteRun(v1.DeleteRunRequest(workspace=workspace, run_id=run_id))
        await writer.send(2, [("a", 1, 2.0)])
        with refused("RUN_DELETED"):
            await writer.until(2)
        await idle.send(1, [])
        with refused("RUN_DELETED"):
            await idle.committed()
    await aio_stubs.tracking.RestoreRun(v1.RestoreRunRequest(workspace=workspace, run_id=run_id))
    async with writing(aio_stubs, workspace, run_id) as writer:
        assert writer.opened.committed_points == 1
        await writer.send(2, [("a", 1, 2.0)])
        await writer.until(2)
    assert await history(aio_stubs, workspace, run_id) == {"a": [(0, 1.0), (1, 2.0)]}


async def test_searches_and_sweeps_see_live_runs(aio_stubs: Stubs, workspace: str) -> None:
    """What is not merged yet counts, and stands before what was merged."""
    sweep = await new_run(aio_stubs, workspace)
    trials = [await new_run(aio_stubs, workspace, sweep) for _ in range(3)]
    for trial, values in zip(trials, [(0.5, 0.9), (0.95, 0.1), (math.nan, math.nan)], strict=True):
        batch = v1.MetricSeries(key="auc", steps=[0], times_unix_us=[TIME], values=values[:1])
        await aio_stubs.tracking.LogBatch(
            v1.LogBatchRequest(workspace=workspace, run_id=trial, writer_id="w", sequence=1, series=[batch])
        )
        async with writing(aio_stubs, workspace, trial) as writer:
            await writer.send(1, [("auc", 1, values[1])])
            await writer.until(1)
    request = v1.SearchRunsRequest(workspace=workspace, filter="metrics.auc < 0.92", order_by="metrics.auc DESC")
    found = (await aio_stubs.tracking.SearchRuns(request)).runs
    assert [(run.run_id, run.metrics[0].last, run.metrics[0].count) for run in found] == [
        (trials[0], 0.9, 2),
        (trials[1], 0.1, 2),
    ]
    request = v1.SearchRunsRequest(workspace=workspace, filter="metrics.auc != 0.1")
    assert {run.run_id for run in (await aio_stubs.tracking.SearchRuns(request)).runs} == {trials[0], trials[2]}
    summary = await aio_stubs.tracking.SummarizeSweep(
        v1.SummarizeSweepRequest(workspace=workspace, run_id=sweep, metric="auc", direction=v1.DIRECTION_MAXIMIZE)
    )
    assert summary.best.run_id == trials[0]


async def test_a_run_of_another_workspace_is_not_found(aio_stubs: Stubs, workspace: str) -> None:
    run_id = await new_run(aio_stubs, workspace)
    with refused("RUN_NOT_FOUND"):
        async with writing(aio_stubs, f"{workspace}-other", run_id):
            pass


async def test_hundreds_of_streams_at_once(aio_stubs: Stubs, workspace: str) -> None:
    run_ids = [await new_run(aio_stubs, workspace) for _ in range(40)]

    async def write(run_id: str, writer_id: str) -> None:
        async with writing(aio_stubs, workspace, run_id, writer_id) as writer:
            for i in range(5):
                await writer.send(2 * i + 1, [(f"k{writer_id}", i, float(i)), ("shared", i, float(i))])
            await writer.until(10)

    await asyncio.gather(*(write(run_id, f"w{n}") for run_id in run_ids for n in range(5)))
    for run_id in run_ids:
        found = await history(aio_stubs, workspace, run_id)
        assert {key: len(points) for key, points in found.items()} == {**{f"kw{n}": 5 for n in range(5)}, "shared": 25}


async def test_a_stream_that_cannot_be_committed_is_slowed_down_and_hurts_no_other(
    server: ServerProcess, database_url: str
) -> None:
    """While another transaction has the run's row, nothing is acknowledged and little is read; then all of it is."""
    count, frames = 20_000, 40
    points = [("a", step, float(step)) for step in range(count)]
    async with grpc.aio.insecure_channel(server.address, options=UNLIMITED) as channel:
        stubs = Stubs(channel)
        run_id, other_id = await new_run(stubs, ""), await new_run(stubs, "")
        async with writing(stubs, "", run_id) as writer, writing(stubs, "", other_id) as other:

            async def send() -> None:
                for i in range(frames):
                    await writer.send(i * count + 1, points)

            async with await psycopg.AsyncConnection.connect(database_url) as conn:
                await conn.execute("SELECT FROM run_live WHERE run_id = %s FOR UPDATE", (run_id,))
                sending = asyncio.create_task(send())
                for i in range(20):
                    await other.send(i + 1, [("b", i, float(i))])
                    await asyncio.wait_for(other.until(i + 1), 5)
                    await asyncio.sleep(0.1)
                assert not sending.done()
            await sending
            await writer.until(frames * count)
        run = (await stubs.tracking.GetRun(v1.GetRunRequest(run_id=run_id))).run
        assert [(m.key, m.count, m.last) for m in run.metrics] == [("a", frames * count, count - 1)]


async def test_a_client_that_reads_no_acknowledgements_is_served(aio_stubs: Stubs, workspace: str) -> None:
    run_id = await new_run(aio_stubs, workspace)
    async with writing(aio_stubs, workspace, run_id) as writer:
        for i in range(200):
            await writer.send(i + 1, [("a", i, float(i))])
        assert (await writer.end())[-1] == 200


async def test_streams_end_at_once_when_the_server_stops_and_go_on_with_the_next(
    database_url: str, data_folder: Path
) -> None:
    sent = [("a", step, float(step)) for step in range(300)]
    run_id, acknowledged = "", 0
    for round_ in range(3):
        with serving(data_folder, "--database", database_url, "--drain-seconds", "20") as server:
            async with grpc.aio.insecure_channel(server.address, options=UNLIMITED) as channel:
                stubs = Stubs(channel)
                run_id = run_id or await new_run(stubs, "")
                async with writing(stubs, "", run_id) as writer:
                    assert writer.opened.committed_points >= acknowledged
                    for step in range(writer.opened.committed_points, 100 * round_ + 100):
                        await writer.send(step + 1, sent[step : step + 1])
                    if round_ == 0:
                        acknowledged = await writer.committed()
                        server.kill()
                    elif round_ == 1:
                        began = time.monotonic()
                        server.process.terminate()
                        with refused("SERVER_STOPPING") as found:
                            while True:
                                acknowledged = await writer.committed()
                        assert found[0].retry_after == 1
                        await asyncio.to_thread(server.wait_end)
                        assert time.monotonic() - began < 10
                    else:
                        await writer.until(len(sent))
                        assert (await history(stubs, "", run_id))["a"] == [(step, value) for _, step, value in sent]


async def test_a_finished_run_is_merged_soon(server: ServerProcess, database_url: str) -> None:
    async with grpc.aio.insecure_channel(server.address, options=UNLIMITED) as channel:
        stubs = Stubs(channel)
        run_id = await new_run(stubs, "")
        async with writing(stubs, "", run_id) as writer:
            for i in range(5):
                await writer.send(i + 1, [("a", i, float(i))])
                await writer.until(i + 1)
        wanted = v1.UpdateRunRequest(run_id=run_id, status=v1.RUN_STATUS_FINISHED)
        wanted.update_mask.paths.append("status")
        before = (await stubs.tracking.UpdateRun(wanted)).run
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as conn:
            for _ in range(200):
                await asyncio.sleep(0.1)
                if await (await conn.execute("SELECT is_live FROM run_live")).fetchone() == (False,):
                    break
            blocks = await conn.execute("SELECT key, first_index, count, steps FROM metric_block")
            assert await blocks.fetchall() == [("a", 0, 5, [0, 1, 2, 3, 4])]
            assert await (await conn.execute("SELECT FROM metric_frame")).fetchall() == []
        assert list((await stubs.tracking.GetRun(v1.GetRunRequest(run_id=run_id))).run.metrics) == list(before.metrics)
        assert await history(stubs, "", run_id) == {"a": [(i, float(i)) for i in range(5)]}
