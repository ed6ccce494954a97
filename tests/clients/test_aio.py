"""The main path through the asynchronous client, against a real server."""

from __future__ import annotations

import asyncio
import inspect
from pathlib import Path

import pytest

import runlore
import runlore.aio
from runlore import v1


async def test_the_story(aio_client: runlore.aio.Client, tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "m.bin").write_bytes(b"weights")
    async with await aio_client.start_run("ctr", name="lr", params={"C": 1}) as run:
        for step in range(100):
            run.log({"loss": 1 / (step + 1)}, step=step)
        await run.log_param("n", 3)
        await run.set_tag("k", "v")
        await run.log_artifact(model)
        async with await run.start_child("trial") as trial:
            trial.log_metric("val_auc", 0.9)
        await run.flush()
    stored = await aio_client.get_run(run.run_id)
    assert (stored.status, stored.metrics[0].count, dict(stored.params)) == (
        v1.RUN_STATUS_FINISHED,
        100,
        {"C": "1", "n": "3"},
    )
    (best,) = await aio_client.search_runs("ctr", "metrics.val_auc > 0.5", limit=1)
    assert best.run_id == trial.run_id
    series = [
        m.series async for m in aio_client.tracking.GetMetricHistory(v1.GetMetricHistoryRequest(run_ids=[run.run_id]))
    ]
    assert [len(s.values) for s in series] == [100]
    version = await aio_client.register("m", run, "model")
    await aio_client.promote("m", version.version, "champion", reason="r", expect="absent")
    with pytest.raises(runlore.AliasMovedError):
        await aio_client.promote("m", version.version, "champion", expect="absent")
    assert (await aio_client.resolve("models:/m@champion")).model_version.version == 1
    folder = await aio_client.pull("models:/m@champion", tmp_path / "out")
    assert (folder / "m.bin").read_bytes() == b"weights"
    assert [e.revision for e in await aio_client.history("m")] == [1, 2, 3]
    with pytest.raises(runlore.PreconditionError):
        await aio_client.rollback("m", "champion", reason="r")


async def test_how_a_block_ends(aio_client: runlore.aio.Client) -> None:
    with pytest.raises(ValueError, match="mine"):
        async with await aio_client.start_run() as failed:
            raise ValueError("mine")
    assert (await aio_client.get_run(failed.run_id)).status == v1.RUN_STATUS_FAILED

    started = asyncio.Event()
    runs = []

    async def cancelled() -> None:
        async with await aio_client.start_run() as run:
            run.log({"a": 1.0})
            runs.append(run)
            started.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(cancelled())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    stored = await aio_client.get_run(runs[0].run_id)
    assert (stored.status, stored.metrics[0].count) == (v1.RUN_STATUS_KILLED, 1)


async def test_many_at_once(aio_client: runlore.aio.Client) -> None:
    async def one(number: int) -> str:
        async with await aio_client.start_run("many") as run:
            run.log({"n": number})
        return run.run_id

    ids = await asyncio.gather(*(one(n) for n in range(10)))
    found = await aio_client.search_runs("many")
    assert {(r.run_id, r.metrics[0].last) for r in found} == {(i, float(n)) for n, i in enumerate(ids)}


def test_functions_work_on_one_loop_after_another(runlore_env: dict[str, str]) -> None:
    async def main() -> str:
        async with await runlore.aio.start_run("loops") as run:
            run.log({"a": 1.0})
        return run.run_id

    first, second = asyncio.run(main()), asyncio.run(main())
    assert {r.run_id for r in runlore.search_runs("loops")} == {first, second}


def test_the_twins_have_the_same_names_and_signatures() -> None:
    shared = set(runlore.aio.__all__)
    assert shared <= set(runlore.__all__)
    for name in shared:
        ours, twin = getattr(runlore, name), getattr(runlore.aio, name)
        if not inspect.isclass(ours):
            assert list(inspect.signature(ours).parameters) == list(inspect.signature(twin).parameters), name
            continue
        for method in [m for m in vars(ours) if not m.startswith("_") and callable(getattr(ours, m))]:
            assert list(inspect.signature(getattr(ours, method)).parameters) == list(
                inspect.signature(getattr(twin, method)).parameters
            ), f"{name}.{method}"
