"""What the blob store is asked, and when: a question costs a request, and an upload of many files asks thousands."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runlore_server.blob.local import LocalBlobStore
from runlore_server.db import Database
from runlore_server.services.uploads import Uploads

BLOBS = [f"content {n}".encode() for n in range(30)]
SIZES = {hashlib.sha256(content).hexdigest(): len(content) for content in BLOBS}


class Counting(LocalBlobStore):
    """A folder that counts what it is asked."""

    asked = 0

    async def has(self, sha256: str) -> int | None:
        self.asked += 1
        return await super().has(sha256)


@pytest.fixture
async def store(tmp_path: Path) -> Counting:
    made = Counting(tmp_path)
    await made.check()
    return made


async def put(store: Counting, content: bytes) -> None:
    """Store a blob as a client does by a signed URL: the server does not see it."""

    async def stream() -> AsyncIterator[bytes]:
        yield content

    await store.write(hashlib.sha256(content).hexdigest(), len(content), stream())


async def test_new_blobs_are_asked_for_once_and_when_they_are_logged(db: Database, store: Counting) -> None:
    uploads = Uploads(db, store)
    assert await uploads.announce(SIZES) == {}
    assert store.asked == 0
    for content in BLOBS:
        await put(store, content)
    assert await uploads.find(SIZES) == SIZES
    assert store.asked == len(BLOBS)
    # From then on the database knows.
    assert await uploads.find(SIZES) == SIZES
    assert await uploads.announce(SIZES) == SIZES
    assert store.asked == len(BLOBS)


async def test_a_second_try_sends_only_what_did_not_arrive(db: Database, store: Counting) -> None:
    uploads = Uploads(db, store)
    await uploads.announce(SIZES)
    for content in BLOBS[:20]:
        await put(store, content)
    assert set(await uploads.announce(SIZES)) == set(list(SIZES)[:20])
    assert store.asked == len(BLOBS)
    # An answer to an announcement is a hint: nothing is recorded by it.
    assert set(await uploads.find(SIZES)) == set(list(SIZES)[:20])
    for content in BLOBS[20:]:
        await put(store, content)
    assert await uploads.find(SIZES) == SIZES
