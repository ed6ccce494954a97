"""The local folder: what else it promises."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from runlore import v1
from runlore_server.blob import BlobStoreError, open_blob_store
from runlore_server.blob.s3 import S3Settings
from runlore_server.errors import RunloreError
from tests.store.test_blob_stores import DATA, SHA, stream


def all_files(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


async def test_layout_and_no_temporary_files(tmp_path: Path) -> None:
    store = open_blob_store(str(tmp_path), S3Settings())
    await store.check()
    await store.write(SHA, len(DATA), stream(DATA))
    with pytest.raises(RunloreError):
        await store.write(SHA, len(DATA), stream(b"other"))
    assert all_files(tmp_path) == [f"sha256/{SHA[:2]}/{SHA}"]
    assert store.name == str(tmp_path)


async def test_what_somebody_else_put_there_is_left_alone(tmp_path: Path) -> None:
    store = open_blob_store(str(tmp_path), S3Settings())
    await store.check()
    await store.write(SHA, len(DATA), stream(DATA))
    for name in ("sha256/.DS_Store", f"sha256/{SHA[:2]}/Thumbs.db", f"sha256/{SHA[:2]}/{'A' * 64}"):
        (tmp_path / name).write_bytes(b"x")
    assert [found.sha256 async for found in store.blobs()] == [SHA]
    assert await store.sweep(time.time() + 10) == []
    assert len(all_files(tmp_path)) == 4


async def test_no_urls_are_signed(tmp_path: Path) -> None:
    store = open_blob_store(f"file://{tmp_path}", S3Settings())
    assert store.presign_put(SHA, 1) is None
    assert store.presign_get(SHA) == ""


async def test_a_start_sweeps_what_a_killed_server_left(tmp_path: Path) -> None:
    store = open_blob_store(str(tmp_path), S3Settings())
    await store.check()
    old, fresh = tmp_path / "tmp" / "old", tmp_path / "tmp" / "fresh"
    for path in (old, fresh):
        path.write_bytes(b"half a blob")
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(old, (two_days_ago, two_days_ago))
    await store.check()
    assert not old.exists()
    # It may be another server's, just being written.
    assert fresh.exists()


async def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "artifacts").write_text("not a folder")
    with pytest.raises(BlobStoreError, match=r"--artifacts: the folder .*/artifacts cannot be used: "):
        await open_blob_store(str(tmp_path / "artifacts"), S3Settings()).check()


async def test_a_disk_that_fails_is_a_store_that_is_unavailable(tmp_path: Path) -> None:
    store = open_blob_store(str(tmp_path), S3Settings())
    await store.check()
    (tmp_path / "tmp").rmdir()
    with pytest.raises(RunloreError) as refused:
        await store.write(SHA, len(DATA), stream(DATA))
    assert refused.value.reason == v1.ERROR_REASON_BLOB_STORE_UNAVAILABLE
    assert refused.value.retry_after
    assert str(tmp_path) not in refused.value.message
    assert await store.has(SHA) is None


@pytest.mark.parametrize(
    "url",
    [
        "s3:bucket",
        "s3://",
        "s3://B",
        "s3://bucket/a?b",
        "s3://bucket/a b",
        "gs://bucket",
        "file://host/folder",
        "http://x",
    ],
)
def test_urls_that_name_no_store(url: str) -> None:
    with pytest.raises(BlobStoreError, match="--artifacts: "):
        open_blob_store(url, S3Settings(access_key="a", secret_key="b"))
