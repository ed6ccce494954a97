"""Garbage collection: what goes, what stays, and that nothing that somebody refers to ever goes, whoever races."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from runlore import v1
from runlore_server import calls, errors
from runlore_server.blob import BlobStore, open_blob_store
from runlore_server.blob.s3 import S3Settings
from runlore_server.collector import Collector, Report
from runlore_server.db import Connection, Database
from runlore_server.errors import RunloreError
from runlore_server.fsck import Check
from runlore_server.services.uploads import Uploads
from runlore_server.store import (
    backup,
    blobs,
    collection,
    deleting,
    experiments,
    manifests,
    models,
    purging,
    runs,
    versions,
)
from tests.s3 import S3Server
from tests.store import calling

NOW = timedelta(0)
DAY = timedelta(days=1)
#: What a caller that raced with the collector may be told.
_TOLD = {"BLOB_MISSING", "BLOB_STORE_UNAVAILABLE", "MANIFEST_NOT_FOUND", "ARTIFACT_NOT_FOUND", "CONTENTION"}
_AGE_MARKS = """
UPDATE blob SET delete_time = delete_time - interval '10 minutes'
WHERE sha256 IN (SELECT sha256 FROM blob WHERE delete_time IS NOT NULL FOR UPDATE SKIP LOCKED)
"""


@pytest.fixture(autouse=True)
def call() -> None:
    calling.begin()


@pytest.fixture(params=["local", "s3"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[BlobStore]:
    if request.param == "local":
        opened = open_blob_store(str(tmp_path / "artifacts"), S3Settings())
    else:
        server: S3Server = request.getfixturevalue("s3_server")
        opened = open_blob_store(server.new_url(), server.settings)
    await opened.check()
    yield opened
    await opened.close()


class Bench:
    """A database and a blob store, and what services do with them."""

    def __init__(self, db: Database, store: BlobStore) -> None:
        self.db, self.store = db, store
        self.uploads = Uploads(db, store)

    async def new_run(self) -> str:
        async def create(conn: Connection) -> str:
            experiment = await experiments.create(conn, "default", secrets.token_hex(4))
            run = v1.Run(
                run_id=secrets.token_hex(16),
                workspace="default",
                experiment_id=experiment.experiment_id,
                experiment_name=experiment.name,
                name="r",
                status=v1.RUN_STATUS_RUNNING,
                created_by=calls.current().actor,
            )
            return (await runs.create(conn, run, None, "")).run_id

        return await self.db.write(create)

    async def upload(self, content: bytes) -> None:
        """Announce and write a blob, as a client does."""

        async def stream() -> AsyncIterator[bytes]:
            yield content

        digest = sha256(content)
        if not await self.uploads.announce({digest: len(content)}):
            await self.uploads.write(digest, len(content), stream(), 0)

    async def log(self, run_id: str, contents: dict[str, bytes]) -> str:
        """Record files whose blobs must be stored, as LogArtifacts does; raises BLOB_MISSING."""
        files = [file(path, content) for path, content in contents.items()]
        sizes = {chunk.sha256: chunk.size for each in files for chunk in each.chunks}
        while True:
            found = await self.uploads.find(sizes)
            if len(found) < len(sizes):
                raise errors.blob_missing(sorted(sizes.keys() - found.keys()))

            async def work(conn: Connection) -> str | None:
                if not await blobs.hold(conn, sizes):
                    return None
                locked = await runs.lock_active(conn, "default", run_id)
                manifest = await manifests.merge_files(conn, locked.run.artifact_manifest_digest, files)
                await runs.set_manifest(conn, locked, manifest.digest, v1.EVENT_KIND_RUN_ARTIFACTS_LOGGED)
                return manifest.digest

            done = await self.db.write(work)
            if done is not None:
                return done

    async def remove(self, run_id: str, *paths: str) -> str:
        async def work(conn: Connection) -> str:
            locked = await runs.lock_active(conn, "default", run_id)
            manifest = await manifests.remove_paths(conn, locked.run.artifact_manifest_digest, paths, "it")
            await runs.set_manifest(conn, locked, manifest.digest, v1.EVENT_KIND_RUN_ARTIFACTS_DELETED)
            return manifest.digest

        return await self.db.write(work)

    async def register(self, model_name: str, digest: str) -> v1.ModelVersion:
        """Make a manifest a version's, as CreateModelVersion does; raises MANIFEST_NOT_FOUND."""

        async def work(conn: Connection) -> v1.ModelVersion:
            locked = await models.lock(conn, "default", model_name)
            manifest = await manifests.get(conn, digest)
            await manifests.hold(conn, digest)
            version = v1.ModelVersion(
                workspace="default",
                model_id=locked.model.model_id,
                model_name=model_name,
                status=v1.MODEL_VERSION_STATUS_READY,
                manifest_digest=digest,
                size=manifest.size,
                file_count=manifest.file_count,
                created_by=calls.current().actor,
            )
            return await versions.create(conn, locked, version, "")

        return await self.db.write(work)

    async def age(self) -> None:
        """Make everything wanted long ago."""

        async def work(conn: Connection) -> None:
            for table in ("blob", "tree"):
                await conn.execute(f"UPDATE {table} SET wanted_time = now() - interval '10 days'")

        await self.db.write(work)

    async def collect(self, grace: timedelta = DAY, *, dry_run: bool = False) -> Report:
        return await Collector(self.db, self.store, grace).collect(dry_run=dry_run)

    async def objects(self) -> set[str]:
        return {found.sha256 async for found in self.store.blobs()}

    async def losses(self, *, deep: bool = False) -> list[str]:
        return [str(loss) for loss in (await Check(self.db, self.store).run(deep=deep)).losses]

    async def execute(self, statement: str, *params: Any) -> list[Any]:
        async def work(conn: Connection) -> list[Any]:
            cursor = await conn.execute(statement.encode(), params)
            return await cursor.fetchall() if cursor.description else []

        return await self.db.write(work)


@pytest.fixture
def bench(db: Database, store: BlobStore) -> Bench:
    return Bench(db, store)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def file(path: str, content: bytes) -> v1.FileEntry:
    digest = sha256(content)
    chunks = [v1.Chunk(offset=0, size=len(content), sha256=digest)] if content else []
    return v1.FileEntry(path=path, size=len(content), sha256=digest, mode=0o644, chunks=chunks)


async def upload_and_log(bench: Bench, run_id: str, contents: dict[str, bytes]) -> str:
    for content in contents.values():
        await bench.upload(content)
    return await bench.log(run_id, contents)


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


async def test_a_run_that_disappears_takes_its_files_along(bench: Bench) -> None:
    one, two = await bench.new_run(), await bench.new_run()
    await upload_and_log(bench, one, {"mine": b"mine", "d/shared": b"shared"})
    await upload_and_log(bench, two, {"d/shared": b"shared"})
    await bench.execute("DELETE FROM run WHERE run_id = %s", one)
    await bench.age()
    await bench.collect()
    assert await bench.objects() == {sha256(b"shared")}
    assert await bench.losses() == []


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


@pytest.mark.parametrize("seed", range(3))
async def test_nothing_that_is_referred_to_is_ever_collected(bench: Bench, seed: int) -> None:
    """Uploads, logs, deletions, versions and purges race with collectors that spare nothing."""
    chance = random.Random(seed)
    contents = [f"{seed} {n}".encode() for n in range(12)]
    run_ids = [await bench.new_run() for _ in range(3)]
    await bench.db.write(lambda conn: models.create(conn, "default", "m", "", {}, ""))
    seen: list[str] = []
    registered: list[str] = []
    over = asyncio.Event()
    done = dict.fromkeys(["logged", "removed", "registered", "collected"], 0)

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
    for digest in registered:
        assert (await bench.db.read(lambda conn, d=digest: manifests.get(conn, d))).digest == digest  # type: ignore[misc]
