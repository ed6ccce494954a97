"""The commands `gc` and `fsck`, as one process beside any number of servers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from runlore_server import collector, fsck
from runlore_server.blob import BlobStore, open_blob_store
from runlore_server.db import Database
from runlore_server.errors import RunloreError
from runlore_server.settings import Settings
from runlore_server.store import backup, collection

T = TypeVar("T")


class UpkeepError(RuntimeError):
    """What was asked for could not be done; the message says why."""


def collect(url: str, settings: Settings, *, dry_run: bool) -> collector.Report:
    """Do a round of garbage collection."""
    grace = timedelta(hours=settings.gc_grace_hours)
    return _run(url, settings, lambda db, blobs: collector.Collector(db, blobs, grace).collect(dry_run=dry_run))


def check(url: str, settings: Settings, *, deep: bool) -> fsck.Report:
    """Compare the database with the blob store; nothing is collected meanwhile."""
    with backup.keeping_blobs(url):
        return _run(url, settings, lambda db, blobs: fsck.Check(db, blobs).run(deep=deep))


def _run(url: str, settings: Settings, work: Callable[[Database, BlobStore], Awaitable[T]]) -> T:
    async def run() -> T:
        blobs = open_blob_store(settings.artifacts_url, settings.s3)
        await blobs.check()
        db = Database(url, settings.pool_size)
        await db.open()
        try:
            return await work(db, blobs)
        except (RunloreError, collection.LockedOutError) as error:
            raise UpkeepError(str(error)) from error
        finally:
            await db.close()
            await blobs.close()

    return asyncio.run(run())
