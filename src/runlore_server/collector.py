"""Garbage collection: what no run and no version needs, after a grace period. store/collection.py has the rules."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from runlore_server.background import Background
from runlore_server.blob import BlobStore
from runlore_server.db import Connection, Database
from runlore_server.store import collection

log = logging.getLogger(__name__)

T = TypeVar("T")

#: Seconds between looks whether a round is due, about.
_LOOK = 600.0
_LISTED_AT_ONCE = 1_000
#: What an upload left is swept up after this many seconds at the earliest.
_UPLOAD_SECONDS = 3600.0


class _RehearsedError(Exception):
    """Ends a rehearsal's transaction without a commit."""


@dataclass
class Report:
    """What a round deleted, or would have deleted."""

    is_dry_run: bool
    trees: int = 0
    #: Blobs that were found to be stored, with their bytes, and those that were announced and then not logged.
    blobs: int = 0
    blob_bytes: int = 0
    announced: int = 0
    #: Objects in the store that the database did not know.
    orphans: int = 0
    orphan_bytes: int = 0
    uploads: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        verb = "would delete" if self.is_dry_run else "deleted"
        return (
            f"{verb} {self.blobs:,} blobs ({self.blob_bytes:,} bytes), {self.orphans:,} objects that the database did "
            f"not know ({self.orphan_bytes:,} bytes), {len(self.uploads):,} unfinished uploads, {self.trees:,} "
            f"manifest folders; forgot {self.announced:,} announced blobs that nobody logged"
        )

    def fields(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return asdict(self)


class Collector:
    """Deletes what nothing needs, in short transactions; harmless to kill at any step, and to run anywhere."""

    def __init__(self, db: Database, blob_store: BlobStore, grace: timedelta) -> None:
        """Spare what somebody wanted within `grace`."""
        self._db = db
        self._blob_store = blob_store
        self._grace = grace

    async def collect(self, *, dry_run: bool = False) -> Report:
        """Do a round; raises collection.LockedOutError during another's or a backup. A dry run changes nothing."""
        report = Report(dry_run)
        if dry_run:
            with contextlib.suppress(_RehearsedError):
                await self._db.write(lambda conn: self._rehearse(conn, report))
        else:
            await self._trees(report, self._write)
            for batch in _batches(await self._write(collection.unneeded_blobs, self._grace), collection.MARKED_AT_ONCE):
                await self._write(collection.doom, self._grace, [blob.sha256 for blob in batch])
        await self._orphans(report)
        if not dry_run:
            await self._delete(report)
            await self._write(collection.delete_old_checks)
        # Unlike a blob, an upload under way cannot say that it is wanted.
        before = time.time() - max(self._grace.total_seconds(), _UPLOAD_SECONDS)
        report.uploads = await self._blob_store.sweep(before, dry_run=dry_run)
        return report

    async def _trees(self, report: Report, write: Callable[..., Awaitable[Any]]) -> None:
        """Delete from the top down: a folder may go once no tree refers to it."""
        while await write(collection.fill):
            pass
        found = await write(collection.unneeded_trees, self._grace)
        while found:
            below: set[bytes] = set()
            for batch in _batches(found, collection.MARKED_AT_ONCE):
                count, folders = await write(collection.delete_trees, self._grace, batch)
                report.trees += count
                below.update(folders)
            found = await write(collection.unneeded_trees, self._grace, list(below)) if below else []

    async def _rehearse(self, conn: Connection, report: Report) -> None:
        """Count what would go, by deleting it in a transaction that is then rolled back."""

        async def write(work: Callable[..., Awaitable[Any]], *args: Any) -> Any:
            return await work(conn, *args)

        report.trees = report.blobs = report.blob_bytes = report.announced = 0
        await self._trees(report, write)
        _count(report, await collection.unneeded_blobs(conn, self._grace))
        raise _RehearsedError

    async def _orphans(self, report: Report) -> None:
        """Find objects that no row knows: uploads to a server whose database was restored, or that lost a race."""
        before = time.time() - self._grace.total_seconds()
        sizes: dict[str, int] = {}

        async def look() -> None:
            for sha256 in await self._write(collection.unknown, list(sizes)):
                report.orphans += 1
                report.orphan_bytes += sizes[sha256]
                if not report.is_dry_run:
                    await self._write(collection.adopt, {sha256: sizes[sha256]})
            sizes.clear()

        async for found in self._blob_store.blobs():
            if found.time < before:
                sizes[found.sha256] = found.size
                if len(sizes) == _LISTED_AT_ONCE:
                    await look()
        await look()

    async def _delete(self, report: Report) -> None:
        """Delete what is marked, also by a collector that died."""
        while digests := await self._write(collection.begin_deleting):
            _count(report, await self._write(self._delete_objects, digests))
        # An object that was adopted has a row that says no more than an announcement.
        report.announced -= min(report.orphans, report.announced)

    async def _delete_objects(self, conn: Connection, digests: Sequence[str]) -> list[collection.Doomed]:
        doomed = await collection.lock_doomed(conn, digests)
        names = [blob.sha256 for blob in doomed]
        await self._blob_store.delete(names)
        await collection.forget(conn, names)
        return doomed

    async def _write(self, work: Callable[..., Awaitable[T]], *args: Any) -> T:
        return await self._db.write(lambda conn: work(conn, *args))


class Collecting(Background):
    """Collects now and then; any number of servers share the turns."""

    name = "collector"

    def __init__(self, db: Database, collector: Collector, interval: timedelta) -> None:
        """Begin a round when the last one began `interval` ago, whoever did that one."""
        super().__init__()
        self._db = db
        self._collector = collector
        self._interval = interval

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_LOOK * random.uniform(0.5, 1.5))
            await self._outlive(self._round)

    async def _round(self) -> None:
        if not await self._db.write(lambda conn: collection.take_turn(conn, self._interval)):
            return
        try:
            report = await self._collector.collect()
        except collection.LockedOutError as error:
            log.info("no collection: %s", error)
            return
        log.info("collected: %s", report)


def _count(report: Report, found: Sequence[collection.Doomed]) -> None:
    stored = [blob for blob in found if blob.is_stored]
    report.blobs += len(stored)
    report.blob_bytes += sum(blob.size for blob in stored)
    report.announced += len(found) - len(stored)


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
