"""GetMetricHistory over the wire: readers that are stuck or go away are nobody else's trouble."""

from __future__ import annotations

import asyncio
from pathlib import Path

import grpc
import psutil

from runlore import v1
from tests.harness.server import serving
from tests.harness.wire import UNLIMITED, Stubs

POINTS, BATCHES = 200_000, 10


async def long_run(stubs: Stubs) -> str:
    """A run with a series of POINTS * BATCHES points."""
    run_id = str((await stubs.tracking.CreateRun(v1.CreateRunRequest(experiment_name="e"))).run.run_id)
    for i in range(BATCHES):
        steps = range(i * POINTS, (i + 1) * POINTS)
        series = v1.MetricSeries(key="loss", steps=steps, times_unix_us=steps, values=map(float, steps))
        batch = v1.LogBatchRequest(run_id=run_id, writer_id="w", sequence=i + 1, series=[series])
        await stubs.tracking.LogBatch(batch)
    return run_id


async def test_stuck_readers_leave_others_their_connections_and_the_server_its_memory(
    database_url: str, data_folder: Path
) -> None:
    flags = ("--database", database_url, "--pool-size", "2")
    with serving(data_folder, *flags) as server:
        async with grpc.aio.insecure_channel(server.address, options=UNLIMITED) as channel:
            stubs = Stubs(channel)
            run_id = await long_run(stubs)
            request = v1.GetMetricHistoryRequest(run_ids=[run_id])
            process = psutil.Process(server.process.pid)
            await stubs.tracking.GetMetricHistory(request).read()
            before = process.memory_info().rss
            stuck = [stubs.tracking.GetMetricHistory(request) for _ in range(20)]
            for call in stuck:
                assert (await call.read()).point_count == POINTS * BATCHES
            await asyncio.gather(
                *(stubs.tracking.GetRun(v1.GetRunRequest(run_id=run_id), timeout=30) for _ in range(20))
            )
            # Twenty times 48 MB are being read.
            assert process.memory_info().rss - before < 400_000_000

            for call in stuck[1:]:
                call.cancel()
            seen = 20_000
            while (message := await stuck[0].read()) is not grpc.aio.EOF:
                assert message.series.steps[0] == seen
                seen += len(message.series.values)
            assert seen == POINTS * BATCHES
        assert server.stop() == 0
        assert "defect" not in server.stderr
