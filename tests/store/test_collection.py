"""Garbage collection: what goes, and what stays."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from runlore import v1
from runlore_server import collector
from runlore_server.blob import BlobStore, open_blob_store
from runlore_server.blob.s3 import S3Settings
from runlore_server.collector import Collecting, Collector
from runlore_server.db import Connection, Database
from runlore_server.errors import RunloreError
from runlore_server.store import (
    backup,
    collection,
    deleting,
    logged_models,
    manifests,
    models,
    purging,
    run_lifecycle,
    runs,
    versions,
)
from tests.store.collecting import DAY, NOW, Bench, sha256, upload_and_log
from tests.store.collecting import bench as bench
from tests.store.collecting import store as store


async def test_files_of_a_deleted_version_stay_until_it_is_purged(bench: Bench) -> None:
    """Deleted by itself or with its model; also when nothing else refers to them any more."""
    run_id = await bench.new_run()
    contents = {"m1": b"of version 1", "m2": b"of version 2"}
    for name, content in contents.items():
        digest = await upload_and_log(bench, run_id, {f"{name}/f": content})
        await bench.db.write(lambda conn, n=name: models.create(conn, "default", n, "", {}, ""))
        await bench.register(name, digest)
        await bench.remove(run_id, name)

    async def delete(conn: Connection) -> None:
        locked = await models.lock(conn, "default", "m1")
        version = await versions.get(conn, locked.model, 1)
        await deleting.version(conn, locked, version, [], reason="", request_id="")
        locked = await models.lock(conn, "default", "m2")
        gone = await models.get(conn, "default", "m2")
        await deleting.model(conn, locked, gone, reason="", request_id="")

    await bench.db.write(delete)
    await bench.age()
    await bench.collect()
    assert await bench.objects() == {sha256(content) for content in contents.values()}
    assert await bench.losses() == []
    await bench.execute(
        "UPDATE model_version SET delete_time = now() - interval '31 days' WHERE delete_time IS NOT NULL"
    )
    await bench.db.write(lambda conn: purging.past_versions(conn, 30, "old"))
    await bench.collect()
    assert await bench.objects() == {sha256(contents["m2"])}
    await bench.execute(
        "UPDATE registered_model SET delete_time = now() - interval '31 days' WHERE delete_time IS NOT NULL"
    )
    while await bench.db.write(lambda conn: purging.past_versions(conn, 30, "old")):
        pass
    await bench.collect()
    assert await bench.objects() == set()


async def test_what_nothing_needs_goes_and_the_rest_stays(bench: Bench) -> None:
    run_id = await bench.new_run()
    await bench.upload(b"never logged")
    before = await upload_and_log(bench, run_id, {"a/kept": b"kept", "a/b/gone": b"gone", "both": b"kept"})
    after = await bench.remove(run_id, "a/b")
    await bench.age()
    rehearsed = await bench.collect(dry_run=True)
    assert await bench.objects() == {sha256(b"never logged"), sha256(b"kept"), sha256(b"gone")}
    report = await bench.collect()
    assert (report.trees, report.blobs, report.blob_bytes) == (3, 2, len(b"never logged") + len(b"gone"))
    assert {**rehearsed.fields(), "is_dry_run": False} == report.fields()
    assert await bench.objects() == {sha256(b"kept")}
    assert await bench.losses(deep=True) == []
    assert (await bench.db.read(lambda conn: manifests.get(conn, after))).file_count == 2
    with pytest.raises(RunloreError, match="no manifest with the digest"):
        await bench.db.read(lambda conn: manifests.get(conn, before))
    assert str(await bench.collect()).startswith("deleted 0 blobs (0 bytes), 0 objects")


async def test_the_grace_period_spares_what_was_wanted_lately(bench: Bench) -> None:
    run_id = await bench.new_run()
    await bench.upload(b"on its way")
    before = await upload_and_log(bench, run_id, {"a": b"1", "b": b"2"})
    await bench.age()
    # Each of these is wanted again: announced, and replaced just now.
    await bench.uploads.announce({sha256(b"on its way"): 10})
    await bench.remove(run_id, "a")
    report = await bench.collect()
    assert (report.trees, report.blobs, report.announced) == (0, 0, 0)
    assert len(await bench.objects()) == 3
    assert (await bench.db.read(lambda conn: manifests.get(conn, before))).file_count == 2


async def test_a_version_keeps_its_files_for_good(bench: Bench) -> None:
    run_id = await bench.new_run()
    digest = await upload_and_log(bench, run_id, {"model/w": b"weights", "log": b"x"})

    async def make(conn: Connection) -> Any:
        model = await manifests.find(conn, digest, "model")
        await models.create(conn, "default", "m", "", {}, "")
        return model

    model = await bench.db.write(make)
    await bench.register("m", model.digest)
    await bench.remove(run_id, "model", "log")
    await bench.age()
    # The run itself disappears, as when it is purged.
    await bench.execute("DELETE FROM run")
    await bench.collect(NOW)
    assert await bench.objects() == {sha256(b"weights")}
    assert await bench.losses(deep=True) == []


async def test_a_run_that_is_purged_takes_its_files_along(bench: Bench) -> None:
    one, two = await bench.new_run(), await bench.new_run()
    await upload_and_log(bench, one, {"mine": b"mine", "d/shared": b"shared"})
    await upload_and_log(bench, two, {"d/shared": b"shared"})

    async def delete(conn: Connection) -> None:
        await run_lifecycle.delete(conn, await runs.lock_run(conn, "default", one))

    await bench.db.write(delete)
    await bench.collect(NOW)
    assert await bench.objects() == {sha256(b"mine"), sha256(b"shared")}, "it can be restored"
    await bench.db.write(lambda conn: purging.run(conn, "default", one))
    assert (await bench.collect()).blobs == 0, "somebody wanted them within the grace period"
    await bench.collect(NOW)
    assert await bench.objects() == {sha256(b"shared")}
    assert await bench.losses() == []


async def test_a_logged_model_keeps_its_files_until_it_is_purged(bench: Bench) -> None:
    run_id = await bench.new_run()
    digest = await upload_and_log(bench, run_id, {"model/w": b"weights", "model/d/x": b"deep", "log": b"log"})

    async def delete(conn: Connection) -> None:
        locked = await logged_models.lock_model(conn, "default", model_id)
        await logged_models.set_lifecycle(conn, locked, v1.LIFECYCLE_STATE_DELETED)
        await conn.execute("UPDATE logged_model SET event_time = event_time - interval '31 days'")

    folder = await bench.db.write(lambda conn: manifests.find(conn, digest, "model"))
    assert folder is not None
    model_id = await bench.log_model(run_id, folder.digest)
    await bench.execute("DELETE FROM run")
    await bench.collect(NOW)
    assert await bench.objects() == {sha256(b"weights"), sha256(b"deep")}
    await bench.db.write(delete)
    await bench.collect(NOW)
    assert await bench.objects() == {sha256(b"weights"), sha256(b"deep")}, "it can be restored"
    assert await bench.losses(deep=True) == []
    assert not await bench.db.write(lambda conn: purging.past(conn, purging.MODELS, 30, "old"))
    report = await bench.collect(NOW)
    assert (report.trees, report.blobs) == (2, 2)
    assert await bench.objects() == set()


async def test_every_column_of_manifests_is_a_root(db: Database) -> None:
    """A table that refers to manifests and is not in the view would lose them."""

    async def columns(conn: Connection) -> tuple[set[str], set[str]]:
        found = await conn.execute(
            """
            SELECT c.table_name FROM information_schema.columns c
            JOIN information_schema.tables t USING (table_schema, table_name)
            WHERE c.column_name LIKE '%manifest_digest%' AND t.table_schema = 'public' AND t.table_type = 'BASE TABLE'
            """
        )
        roots = await conn.execute(
            """
            SELECT table_name FROM information_schema.view_column_usage
            WHERE view_name = 'tree_root' AND column_name LIKE '%manifest_digest%'
            """
        )
        return {row[0] for row in await found.fetchall()}, {row[0] for row in await roots.fetchall()}

    referring, roots = await db.read(columns)
    assert referring == roots == {"run", "model_version", "logged_model"}


async def test_objects_that_the_database_does_not_know(bench: Bench, store: BlobStore, tmp_path: Path) -> None:
    async def stream(content: bytes) -> AsyncIterator[bytes]:
        yield content

    await store.write(sha256(b"orphan"), 6, stream(b"orphan"))
    report = await bench.collect(DAY)
    assert report.orphans == 0
    assert len(await bench.objects()) == 1
    # Only as old as the grace period does it count; a store tells times in whole seconds.
    await asyncio.sleep(1.1)
    report = await bench.collect(NOW, dry_run=True)
    assert (report.orphans, report.orphan_bytes) == (1, 6)
    assert len(await bench.objects()) == 1
    report = await bench.collect(NOW)
    assert (report.orphans, report.orphan_bytes, report.announced) == (1, 6, 0)
    assert await bench.objects() == set()
    assert await bench.execute("SELECT * FROM blob") == []


async def test_what_uploads_left_is_swept_up(tmp_path: Path, db: Database) -> None:
    store = open_blob_store(str(tmp_path), S3Settings())
    await store.check()
    left, young = tmp_path / "tmp" / "left", tmp_path / "tmp" / "young"
    for path in (left, young):
        path.write_bytes(b"half")
    os.utime(left, (time.time() - 90_000,) * 2)
    collector = Collector(db, store, DAY)
    assert (await collector.collect(dry_run=True)).uploads == ["unfinished upload tmp/left (4 bytes)"]
    assert left.exists()
    assert (await collector.collect()).uploads == ["unfinished upload tmp/left (4 bytes)"]
    assert [path.name for path in (tmp_path / "tmp").iterdir()] == ["young"]


async def test_trees_of_an_earlier_version_are_filled_in(bench: Bench) -> None:
    run_id = await bench.new_run()
    await upload_and_log(bench, run_id, {"a": b"1", "d/b": b"2", "d/c": b"1"})
    was = await bench.execute("SELECT digest, blobs FROM tree ORDER BY digest")
    await bench.execute("UPDATE tree SET blobs = NULL")
    await bench.age()
    await bench.collect()
    assert await bench.execute("SELECT digest, blobs FROM tree ORDER BY digest") == was
    assert len(await bench.objects()) == 2


async def test_a_collector_that_died_is_taken_over(bench: Bench) -> None:
    await bench.upload(b"doomed")
    await bench.upload(b"doomed too")
    digests = [sha256(b"doomed"), sha256(b"doomed too")]
    await bench.age()
    await bench.db.write(lambda conn: collection.doom(conn, DAY, digests))
    # It died after the mark, for one of them even after the object was gone.
    await bench.store.delete(digests[:1])
    for digest in digests:
        with pytest.raises(RunloreError, match="just being deleted") as waits:
            await bench.uploads.announce({digest: 6})
        assert waits.value.retry_after
        with pytest.raises(RunloreError, match="just being deleted"):
            await bench.uploads.find({digest: 6})
    # Whoever wants them later has the store asked, and gets what is true.
    await bench.execute("UPDATE blob SET delete_time = delete_time - interval '10 minutes'")
    assert await bench.uploads.announce({digests[0]: 6, digests[1]: 10}) == {}
    assert await bench.uploads.find({digests[0]: 6, digests[1]: 10}) == {digests[1]: 10}
    assert (await bench.collect()).blobs == 0
    await bench.age()
    await bench.db.write(lambda conn: collection.doom(conn, DAY, digests))
    report = await bench.collect()
    assert (report.blobs, report.announced) == (1, 1)
    assert await bench.objects() == set()


async def test_a_backup_keeps_the_collector_out(bench: Bench, database_url: str) -> None:
    await bench.upload(b"gone soon")
    await bench.age()
    with backup.keeping_blobs(database_url):
        with pytest.raises(collection.LockedOutError, match="another collection or a backup is under way"):
            await bench.collect()
        assert len(await bench.objects()) == 1
    assert (await bench.collect()).blobs == 1


async def test_servers_take_turns(bench: Bench) -> None:
    async def turn() -> bool:
        return await bench.db.write(lambda conn: collection.take_turn(conn, DAY))

    assert sorted(await asyncio.gather(*(turn() for _ in range(5)))) == [False] * 4 + [True]
    await bench.execute("UPDATE collection SET start_time = now() - interval '25 hours'")
    assert await turn()
    assert not await turn()


async def test_the_background_task_collects_in_its_turn(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "_LOOK", 0.02)
    await bench.upload(b"unneeded")
    await bench.age()
    tasks = [Collecting(bench.db, Collector(bench.db, bench.store, DAY), DAY) for _ in range(2)]
    for task in tasks:
        task.start()
    try:
        await until_gone(bench)
        # Another content: the first one's row may still be on its way out.
        await bench.upload(b"as little needed")
        await bench.age()
        await asyncio.sleep(0.2)
        assert len(await bench.objects()) == 1, "the next round is due in a day"
        await bench.execute("UPDATE collection SET start_time = now() - interval '25 hours'")
        await until_gone(bench)
    finally:
        for task in tasks:
            await task.stop()


async def until_gone(bench: Bench) -> None:
    for _ in range(500):
        if not await bench.objects():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody collected")
