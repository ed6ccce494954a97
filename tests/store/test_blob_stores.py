"""What every blob store promises, checked on a local folder and on a real S3 server alike."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator

import pytest

from runlore import v1
from runlore_server.blob import BlobStore
from runlore_server.errors import RunloreError
from tests.store.collecting import store as store

DATA = bytes(range(256)) * 12_345  # about 3 MiB: several pieces
SHA = hashlib.sha256(DATA).hexdigest()


async def stream(data: bytes, piece: int = 1_000_000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), piece):
        yield data[start : start + piece]


async def collect(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


async def test_a_written_blob_comes_back(store: BlobStore) -> None:
    assert await store.has(SHA) is None
    await store.write(SHA, len(DATA), stream(DATA))
    assert await store.has(SHA) == len(DATA)
    assert await collect(store.read(SHA)) == DATA


async def test_writing_again_changes_nothing(store: BlobStore) -> None:
    for _ in range(2):
        await store.write(SHA, len(DATA), stream(DATA))
    assert [digest.sha256 async for digest in store.blobs()] == [SHA]
    assert await collect(store.read(SHA)) == DATA


async def test_writing_at_once_leaves_one_whole_blob(store: BlobStore) -> None:
    await asyncio.gather(*(store.write(SHA, len(DATA), stream(DATA)) for _ in range(5)))
    assert await collect(store.read(SHA)) == DATA
    assert [digest.sha256 async for digest in store.blobs()] == [SHA]


@pytest.mark.parametrize(
    ("offset", "length", "expected"),
    [
        (0, 1, DATA[:1]),
        (5, 0, DATA[5:]),
        (1_048_575, 3, DATA[1_048_575:1_048_578]),
        (len(DATA) - 2, 100, DATA[-2:]),
        (len(DATA), 0, b""),
        (len(DATA) + 1, 7, b""),
    ],
)
async def test_reading_a_part(store: BlobStore, offset: int, length: int, expected: bytes) -> None:
    await store.write(SHA, len(DATA), stream(DATA))
    assert await collect(store.read(SHA, offset, length)) == expected


async def test_a_reader_may_stop_early(store: BlobStore) -> None:
    await store.write(SHA, len(DATA), stream(DATA))
    async for piece in store.read(SHA):
        assert DATA.startswith(piece)
        break
    assert await collect(store.read(SHA)) == DATA


@pytest.mark.parametrize(
    ("sent", "size"),
    [
        (DATA[:-1] + b"x", len(DATA)),  # other bytes
        (DATA[:-1], len(DATA)),  # cut short
        (DATA + b"x", len(DATA)),  # too many
        (DATA, len(DATA) - 1),  # another size than announced
        (b"", len(DATA)),
    ],
    ids=["other", "short", "long", "size", "empty"],
)
async def test_other_bytes_are_refused(store: BlobStore, sent: bytes, size: int) -> None:
    with pytest.raises(RunloreError) as refused:
        await store.write(SHA, size, stream(sent))
    assert refused.value.reason == v1.ERROR_REASON_DIGEST_MISMATCH
    assert refused.value.metadata["sha256"] == SHA
    assert refused.value.metadata["size"] == str(size)
    assert await store.has(SHA) is None
    assert [digest.sha256 async for digest in store.blobs()] == []


async def test_a_refused_write_leaves_the_stored_blob(store: BlobStore) -> None:
    await store.write(SHA, len(DATA), stream(DATA))
    with pytest.raises(RunloreError):
        await store.write(SHA, len(DATA), stream(DATA[:-1] + b"x"))
    assert await collect(store.read(SHA)) == DATA


async def test_a_writer_that_fails_leaves_nothing(store: BlobStore) -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield DATA[:1000]
        raise ConnectionError("the client went away")

    with pytest.raises(ConnectionError):
        await store.write(SHA, len(DATA), failing())
    assert await store.has(SHA) is None
    assert [digest.sha256 async for digest in store.blobs()] == []


async def test_a_cancelled_write_leaves_nothing(store: BlobStore) -> None:
    begun = asyncio.Event()

    async def stalling() -> AsyncIterator[bytes]:
        yield DATA[:1000]
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(store.write(SHA, len(DATA), stalling()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await store.has(SHA) is None
    assert [digest.sha256 async for digest in store.blobs()] == []


async def test_a_missing_blob(store: BlobStore) -> None:
    with pytest.raises(RunloreError) as refused:
        await collect(store.read(SHA))
    assert refused.value.reason == v1.ERROR_REASON_BLOB_NOT_FOUND
    assert refused.value.metadata == {"sha256": SHA}


@pytest.mark.parametrize(
    "digest", ["", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "\n", "/" + "a" * 63, "é" * 64]
)
async def test_what_is_no_digest_names_no_key(store: BlobStore, digest: str) -> None:
    with pytest.raises(RunloreError, match="sha256: is not 64 lower-case hex digits"):
        await store.has(digest)
    with pytest.raises(RunloreError, match="sha256: is not 64 lower-case hex digits"):
        await collect(store.read(digest))
    with pytest.raises(RunloreError, match="sha256: is not 64 lower-case hex digits"):
        await store.write(digest, 1, stream(b"x"))
    assert [found.sha256 async for found in store.blobs()] == []


async def test_digests_of_many_blobs(store: BlobStore) -> None:
    contents = [f"blob {number}".encode() for number in range(30)]
    for content in contents:
        await store.write(hashlib.sha256(content).hexdigest(), len(content), stream(content))
    assert sorted([d.sha256 async for d in store.blobs()]) == sorted(hashlib.sha256(c).hexdigest() for c in contents)


@pytest.mark.parametrize("error", [ConnectionError, RunloreError], ids=["broken", "ended"])
async def test_a_cut_write_is_kept_and_gone_on_with(store: BlobStore, error: type[Exception]) -> None:
    """A stream that breaks may look like one that ends too early; it makes no difference to what is kept."""

    async def cut() -> AsyncIterator[bytes]:
        yield DATA[:1000]
        if error is ConnectionError:
            raise ConnectionError("the client went away")

    assert await store.kept(SHA) == 0
    with pytest.raises(error):
        await store.write(SHA, len(DATA), cut())
    for _ in range(200):
        if await store.kept(SHA):
            break
        await asyncio.sleep(0.05)
    assert await store.kept(SHA) == 1000
    with pytest.raises(RunloreError) as refused:
        await store.write(SHA, len(DATA), stream(DATA[1001:]), 1001)
    assert refused.value.reason == v1.ERROR_REASON_UPLOAD_OFFSET_MISMATCH
    assert await store.has(SHA) is None
    # From before the end of what is kept, too.
    await store.write(SHA, len(DATA), stream(DATA[900:]), 900)
    assert await store.has(SHA) == len(DATA)
    assert await store.kept(SHA) == 0
    assert await collect(store.read(SHA)) == DATA


async def test_deleting(store: BlobStore) -> None:
    contents = [f"blob {number}".encode() for number in range(5)]
    digests = [hashlib.sha256(content).hexdigest() for content in contents]
    for digest, content in zip(digests, contents, strict=True):
        await store.write(digest, len(content), stream(content))
    await store.delete([*digests[:4], "0" * 64])
    await store.delete(digests[:4])
    await store.delete([])
    assert [found.sha256 async for found in store.blobs()] == digests[4:]
    assert [found.size async for found in store.blobs()] == [6]
