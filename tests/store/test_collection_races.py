"""Garbage collection beside others: nothing that somebody refers to ever goes, whoever races."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import pytest

from runlore import v1
from runlore_server.collector import Collector
from runlore_server.db import Connection
from runlore_server.errors import RunloreError
from runlore_server.store import blobs, collection, logged_models, manifests, models
from tests.store.collecting import NOW, Bench, file, sha256
from tests.store.collecting import bench as bench
from tests.store.collecting import store as store

#: What a caller that raced with the collector may be told.
_TOLD = {"BLOB_MISSING", "BLOB_STORE_UNAVAILABLE", "MANIFEST_NOT_FOUND", "ARTIFACT_NOT_FOUND", "CONTENTION"}
_AGE_MARKS = """
UPDATE blob SET delete_time = delete_time - interval '10 minutes'
WHERE sha256 IN (SELECT sha256 FROM blob WHERE delete_time IS NOT NULL FOR UPDATE SKIP LOCKED)
"""


async def test_a_blob_logged_while_its_object_is_deleted_is_asked_for_again(bench: Bench) -> None:
    """The race that a collector must not lose: found to be stored, deleted, then logged."""
    run_id = await bench.new_run()
    await bench.upload(b"raced")
    await bench.age()
    digest = sha256(b"raced")
    assert await bench.uploads.announce({digest: 5}) == {digest: 5}
    await bench.age()
    deleting, go_on = asyncio.Event(), asyncio.Event()

    class Slow:
        def __getattr__(self, name: str) -> Any:
            return getattr(bench.store, name)

        async def delete(self, digests: Sequence[str]) -> None:
            deleting.set()
            await go_on.wait()
            await bench.store.delete(digests)

    slow: Any = Slow()
    collecting = asyncio.create_task(Collector(bench.db, slow, NOW).collect())
    await deleting.wait()
    with pytest.raises(RunloreError, match="just being deleted"):
        await bench.log(run_id, {"a": b"raced"})
    await bench.execute("SELECT 1")
    # As if the mark were old: then it waits for the row, and finds the object gone.
    asked = asyncio.create_task(bench.db.write(lambda conn: blobs.lock(conn, {digest: 5})))
    await asyncio.sleep(0.1)
    assert not asked.done()
    go_on.set()
    await collecting
    assert await asked == {}
    with pytest.raises(RunloreError) as refused:
        await bench.log(run_id, {"a": b"raced"})
    assert refused.value.reason == v1.ERROR_REASON_BLOB_MISSING
    await bench.upload(b"raced")
    await bench.log(run_id, {"a": b"raced"})
    assert await bench.losses(deep=True) == []


async def test_what_is_held_is_not_collected(bench: Bench) -> None:
    """Between finding blobs and logging them, a collector may come: before the hold it wins, after it waits."""
    await bench.upload(b"held")
    sizes = {sha256(b"held"): 4}
    assert await bench.uploads.find(sizes) == sizes
    await bench.age()

    async def log(conn: Connection) -> str:
        assert await blobs.hold(conn, sizes)
        holding.set()
        await logging.wait()
        return (await manifests.merge_files(conn, "", [file("a", b"held")])).digest

    holding, logging = asyncio.Event(), asyncio.Event()
    logged = asyncio.create_task(bench.db.write(log))
    await holding.wait()
    collecting = asyncio.create_task(bench.collect(NOW))
    await asyncio.sleep(0.2)
    assert not collecting.done()
    logging.set()
    digest = await logged
    await collecting
    assert await bench.objects() == set(sizes)
    # The tree that was not there when the collector looked for trees is there when it looks at the blob.
    assert (await bench.db.read(lambda conn: manifests.get(conn, digest))).file_count == 1
    await bench.age()
    await bench.collect(NOW)
    assert await bench.objects() == set()
    assert not await bench.db.write(lambda conn: blobs.hold(conn, sizes))


@pytest.mark.parametrize("seed", range(3))
async def test_nothing_that_is_referred_to_is_ever_collected(bench: Bench, seed: int) -> None:
    """Uploads, logs, deletions, versions, logged models and their purges race with collectors that spare nothing."""
    chance = random.Random(seed)
    contents = [f"{seed} {n}".encode() for n in range(12)]
    run_ids = [await bench.new_run() for _ in range(3)]
    await bench.db.write(lambda conn: models.create(conn, "default", "m", "", {}, ""))
    seen: list[str] = []
    registered: list[str] = []
    models_logged: list[str] = []
    over = asyncio.Event()
    done = dict.fromkeys(["logged", "removed", "registered", "models", "purged", "collected"], 0)

    async def write(number: int) -> None:
        mine = random.Random(seed * 100 + number)
        for _ in range(25):
            picked = {f"d{mine.randrange(3)}/f{mine.randrange(4)}": mine.choice(contents) for _ in range(3)}
            run_id = mine.choice(run_ids)
            try:
                for content in picked.values():
                    await bench.upload(content)
                seen.append(await bench.log(run_id, picked))
                done["logged"] += 1
                if mine.random() < 0.5:
                    seen.append(await bench.remove(run_id, mine.choice(list(picked)).split("/")[0]))
                    done["removed"] += 1
                digest = mine.choice(seen)
                if digest and mine.random() < 0.3:
                    registered.append((await bench.register("m", digest)).manifest_digest)
                    done["registered"] += 1
                elif digest and mine.random() < 0.5:
                    models_logged.append(await bench.log_model(run_id, digest))
                    done["models"] += 1
                if models_logged and mine.random() < 0.3:
                    await bench.purge_model(models_logged.pop())
                    done["purged"] += 1
            except RunloreError as error:
                # What a caller is told to do: upload again, try again, or it is gone.
                if error.reason_name not in _TOLD:
                    raise

    async def collect() -> None:
        while not over.is_set():
            try:
                report = await bench.collect(NOW)
                done["collected"] += report.blobs
            except collection.LockedOutError:
                pass
            except RunloreError as error:
                if error.reason_name != "CONTENTION":
                    raise
            # Marks of dead collectors hold for minutes, which a test has not got.
            await bench.execute(_AGE_MARKS)
            await asyncio.sleep(chance.random() * 0.01)

    collectors = [asyncio.create_task(collect()) for _ in range(2)]
    await asyncio.gather(*(write(number) for number in range(6)))
    over.set()
    await asyncio.gather(*collectors)
    assert min(done.values()) > 0, done
    assert await bench.losses(deep=True) == []
    kept = await bench.db.read(lambda conn: logged_models.get_many(conn, "default", models_logged))
    assert len(kept) == len(models_logged)
    registered += [model.artifact_manifest_digest for model in kept]
    for digest in registered:
        assert (await bench.db.read(lambda conn, d=digest: manifests.get(conn, d))).digest == digest  # type: ignore[misc]
