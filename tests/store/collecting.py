"""A database and a blob store, and what services and collectors do with them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import AsyncIterator
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
from runlore_server.fsck import Check
from runlore_server.services.uploads import Uploads
from runlore_server.store import blobs, experiments, logged_models, manifests, models, purging, runs, versions
from tests.s3 import S3Server
from tests.store import calling
from tests.store.records import add_logged_model

NOW = timedelta(0)
DAY = timedelta(days=1)


@pytest.fixture(params=["local", "s3"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[BlobStore]:
    if request.param == "local":
        opened = open_blob_store(str(tmp_path / "deep" / "artifacts"), S3Settings())
    else:
        server: S3Server = request.getfixturevalue("s3_server")
        opened = open_blob_store(server.new_url(), server.settings)
    await opened.check()
    yield opened
    await opened.close()


class Bench:
    """A database and a blob store, and what services do with them."""

    def __init__(self, db: Database, store: BlobStore) -> None:
        calling.begin()
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

    async def log_model(self, run_id: str, digest: str) -> str:
        """Make a logged model of a manifest, as CreateLoggedModel does; raises MANIFEST_NOT_FOUND."""

        async def work(conn: Connection) -> str:
            run = await runs.get(conn, "default", run_id)
            await manifests.hold(conn, digest)
            model = await add_logged_model(
                conn, "default", run.experiment_id, name="l", artifact_manifest_digest=digest
            )
            return model.model_id

        return await self.db.write(work)

    async def purge_model(self, model_id: str) -> None:
        """Delete a logged model and purge it at once, with all others that are deleted."""

        async def work(conn: Connection) -> None:
            locked = await logged_models.lock_model(conn, "default", model_id)
            await logged_models.set_lifecycle(conn, locked, v1.LIFECYCLE_STATE_DELETED)
            await purging.past(conn, purging.MODELS, 0, "old")

        await self.db.write(work)

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
