"""Blobs on their way in: announced, sent, and found to be stored before anything may refer to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from itertools import islice

from runlore_server import errors
from runlore_server.blob import BlobStore
from runlore_server.db import Connection, Database
from runlore_server.store import blobs

#: Questions to the blob store under way at once, for one call.
_QUESTIONS_AT_ONCE = 16
#: Blobs that one transaction locks while the blob store is asked about them.
_BATCH = 500
#: Such transactions at once in a process: each holds one of the pool's connections.
_BATCHES_AT_ONCE = 3


class Uploads:
    """What the database knows of blobs, kept in step with the blob store."""

    def __init__(self, db: Database, blob_store: BlobStore) -> None:
        """Keep the rows of a database in step with a blob store."""
        self._db = db
        self._blob_store = blob_store
        self._batches = asyncio.Semaphore(_BATCHES_AT_ONCE)

    async def announce(self, sizes: Mapping[str, int]) -> dict[str, int]:
        """Announce blobs by digest with their sizes, and return the sizes of those that need no upload.

        The blob store is asked only about blobs that were announced before and may have arrived since. Its answer is
        a hint, which `find` makes sure of.
        """
        known = await self._db.read(lambda conn: blobs.known(conn, sizes))
        said = {d: size for d, size in sizes.items() if d not in known or known[d].is_stale}
        if said:
            await self._db.write(lambda conn: blobs.announce(conn, said))
        arrived = await self._ask(d for d, blob in known.items() if not blob.is_stored)
        return {d: blob.size for d, blob in known.items() if blob.is_stored} | arrived

    async def find(self, sizes: Mapping[str, int]) -> dict[str, int]:
        """Return the sizes of these blobs that are stored, having asked the blob store about any it must be asked."""
        found = await self._db.read(lambda conn: blobs.stored(conn, sizes))
        unsure = iter([(digest, size) for digest, size in sizes.items() if digest not in found])
        while batch := dict(islice(unsure, _BATCH)):
            async with self._batches:
                found |= await self._db.write(lambda conn, batch=batch: self._make_sure(conn, batch))  # type: ignore[misc]
        return found

    async def write(self, sha256: str, size: int, data: AsyncIterator[bytes], offset: int) -> None:
        """Store a blob that was announced; errors as `BlobStore.write`."""
        await self._blob_store.write(sha256, size, data, offset)
        if not await self._db.write(lambda conn: self._make_sure(conn, {sha256: size})):
            raise errors.blob_store_unavailable("what it took a moment ago is not there")

    async def _make_sure(self, conn: Connection, sizes: Mapping[str, int]) -> dict[str, int]:
        found = await blobs.lock(conn, sizes)
        asked = await self._ask(digest for digest in sizes if digest not in found)
        await blobs.set_stored(conn, asked)
        return found | asked

    async def _ask(self, digests: Iterable[str]) -> dict[str, int]:
        """Ask the blob store which of these blobs it holds, and return their sizes."""
        free = asyncio.Semaphore(_QUESTIONS_AT_ONCE)

        async def one(digest: str) -> tuple[str, int | None]:
            async with free:
                return digest, await self._blob_store.has(digest)

        try:
            async with asyncio.TaskGroup() as group:
                asked = [group.create_task(one(digest)) for digest in digests]
        except ExceptionGroup as failed:
            # The first failure says it; the group has cancelled the other questions.
            raise failed.exceptions[0] from None
        return {digest: size for digest, size in (task.result() for task in asked) if size is not None}
