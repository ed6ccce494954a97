"""An S3 bucket: what the store itself refuses, signed URLs, and how failures are told."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
import urllib3

from runlore import v1
from runlore_server.blob import BlobStoreError, key_of, s3_heads
from runlore_server.blob.s3 import S3BlobStore, S3Settings
from runlore_server.errors import RunloreError
from tests.clients.lossy import LossyRelay
from tests.s3 import S3Server, free_ports
from tests.store.test_blob_stores import DATA, SHA, collect, stream


@pytest.fixture
async def store(s3_server: S3Server) -> AsyncIterator[S3BlobStore]:
    opened = S3BlobStore(s3_server.bucket, f"{secrets.token_hex(6)}/a b", s3_server.settings)
    yield opened
    await opened.close()


@pytest.fixture
def http() -> urllib3.PoolManager:
    return urllib3.PoolManager(retries=False)


async def test_a_presigned_upload_and_download(store: S3BlobStore, http: urllib3.PoolManager) -> None:
    url, headers = store.presign_put(SHA, len(DATA))
    assert http.request("PUT", url, body=DATA, headers=headers).status == 200
    assert await store.has(SHA) == len(DATA)
    assert http.request("GET", store.presign_get(SHA)).data == DATA
    assert await collect(store.read(SHA)) == DATA


async def test_the_store_refuses_other_bytes(store: S3BlobStore, http: urllib3.PoolManager) -> None:
    url, headers = store.presign_put(SHA, len(DATA))
    answer = http.request("PUT", url, body=DATA[:-1] + b"x", headers=headers)
    assert answer.status == 400
    # SeaweedFS says the one, MinIO the other.
    assert b"BadDigest" in answer.data or b"XAmzContentChecksumMismatch" in answer.data
    assert await store.has(SHA) is None
    with pytest.raises(RunloreError) as refused:
        await collect(store.read(SHA))
    assert refused.value.reason == v1.ERROR_REASON_BLOB_NOT_FOUND


@pytest.mark.parametrize("missing", ["x-amz-checksum-sha256"])
async def test_a_signed_header_cannot_be_left_out(store: S3BlobStore, http: urllib3.PoolManager, missing: str) -> None:
    url, headers = store.presign_put(SHA, len(DATA))
    del headers[missing]
    assert http.request("PUT", url, body=DATA, headers=headers).status in (400, 403)
    assert await store.has(SHA) is None


async def test_a_signed_url_takes_no_other_size_checksum_or_key(store: S3BlobStore, http: urllib3.PoolManager) -> None:
    other = DATA + b"x"
    digest = hashlib.sha256(other).hexdigest()
    url, _ = store.presign_put(SHA, len(DATA))
    _, other_headers = store.presign_put(digest, len(other))
    assert http.request("PUT", url, body=other, headers=other_headers).status == 403
    moved = url.replace(key_of(SHA), key_of(digest))
    assert http.request("PUT", moved, body=other, headers=other_headers).status == 403
    assert await store.has(SHA) is None
    assert await store.has(digest) is None


async def test_an_object_that_the_store_did_not_check_does_not_count(s3_server: S3Server, store: S3BlobStore) -> None:
    prefix = store.name.removeprefix(f"s3://{s3_server.bucket}/")
    s3_server.client().put_object(s3_server.bucket, f"{prefix}/{key_of(SHA)}", BytesIO(DATA), len(DATA))
    assert await store.has(SHA) is None
    await store.write(SHA, len(DATA), stream(DATA))
    assert await store.has(SHA) == len(DATA)


async def test_the_name_has_no_secret(s3_server: S3Server) -> None:
    store = S3BlobStore("bucket", "", s3_server.settings)
    assert store.name == "s3://bucket"
    assert s3_server.settings.secret_key not in repr(s3_server.settings)


async def test_signed_urls_name_the_endpoint_that_clients_reach(s3_server: S3Server) -> None:
    settings = replace(s3_server.settings, public_endpoint="https://s3.example.com")
    store = S3BlobStore("bucket", "p", settings)
    assert store.presign_get(SHA).startswith(f"https://s3.example.com/bucket/p/{key_of(SHA)}?")
    assert store.presign_put(SHA, 1)[0].startswith(f"https://s3.example.com/bucket/p/{key_of(SHA)}?")


async def test_no_endpoint_means_aws_in_the_region() -> None:
    store = S3BlobStore("bucket", "", S3Settings(access_key="a", secret_key="b", region="eu-west-1"))
    assert store.presign_get(SHA).startswith("https://s3.eu-west-1.amazonaws.com/bucket/sha256/")


async def test_check_passes_on_a_bucket_that_exists(store: S3BlobStore) -> None:
    await store.check()
    assert [digest.sha256 async for digest in store.blobs()] == []


async def test_a_missing_bucket(s3_server: S3Server) -> None:
    store = S3BlobStore("no-such-bucket", "", s3_server.settings)
    with pytest.raises(BlobStoreError, match="there is no bucket 'no-such-bucket': create it first"):
        await store.check()
    assert not s3_server.client().bucket_exists("no-such-bucket")


async def test_wrong_keys(s3_server: S3Server, caplog: pytest.LogCaptureFixture) -> None:
    store = S3BlobStore(s3_server.bucket, "", replace(s3_server.settings, secret_key="wrong-secret"))
    with caplog.at_level(logging.DEBUG, logger="runlore_server"):
        with pytest.raises(BlobStoreError, match="AccessDenied") as refused:
            await store.check()
        with pytest.raises(RunloreError, match=r"(AccessDenied|SignatureDoesNotMatch)") as unwritten:
            await store.write(SHA, len(DATA), stream(DATA))
    assert unwritten.value.reason == v1.ERROR_REASON_BLOB_STORE_MISCONFIGURED
    assert unwritten.value.retry_after is None
    assert "Whoever runs the server must act: " in unwritten.value.message
    for text in (str(refused.value), str(unwritten.value), caplog.text):
        assert "wrong-secret" not in text
        assert "X-Amz-Signature" not in text


@pytest.mark.parametrize("missing", ["access_key", "secret_key"])
def test_missing_keys(missing: str) -> None:
    with pytest.raises(BlobStoreError, match="RUNLORE_S3_ACCESS_KEY and RUNLORE_S3_SECRET_KEY"):
        S3BlobStore("bucket", "", replace(S3Settings(access_key="a", secret_key="b"), **{missing: ""}))


@pytest.mark.parametrize("endpoint", ["127.0.0.1:9000", "ftp://x", "http://", "http://user:pw@x", "http://x/path"])
def test_an_endpoint_that_is_none(endpoint: str) -> None:
    with pytest.raises(BlobStoreError, match=r"RUNLORE_S3_ENDPOINT: not of the form http://host:port") as refused:
        S3BlobStore("bucket", "", S3Settings(endpoint, "a", "b"))
    assert "pw" not in str(refused.value)


async def test_a_store_that_does_not_answer(caplog: pytest.LogCaptureFixture) -> None:
    settings = S3Settings(f"http://127.0.0.1:{free_ports(1)[0]}", "access", "the-secret")
    store = S3BlobStore("bucket", "", settings)
    with pytest.raises(BlobStoreError, match="no connection to the store"):
        await store.check()
    for call in (store.has(SHA), store.write(SHA, len(DATA), stream(DATA)), collect(store.read(SHA))):
        with pytest.raises(RunloreError, match="no connection to the store") as refused:
            await call
        assert refused.value.reason == v1.ERROR_REASON_BLOB_STORE_UNAVAILABLE
        assert refused.value.retry_after
        assert "Signature" not in refused.value.message
    assert "the-secret" not in caplog.text
    assert "X-Amz-Signature" not in caplog.text
    await store.close()


async def test_multipart_uploads_of_other_tools_are_ended(s3_server: S3Server, store: S3BlobStore) -> None:
    client: Any = s3_server.client()
    name = f"{store.name.removeprefix(f's3://{s3_server.bucket}/')}/{key_of(SHA)}"
    client._create_multipart_upload(s3_server.bucket, name, {})
    assert await store.sweep(time.time() - 3600) == []
    later = time.time() + 10
    # MinIO lists the uploads of one key only, and ends stale ones itself after a day.
    found = [] if os.environ.get("RUNLORE_TEST_S3") == "minio" else [f"unfinished multipart upload {name}"]
    assert await store.sweep(later, dry_run=True) == found
    assert await store.sweep(later) == found
    assert await store.sweep(later) == []


async def test_connections_that_were_cut_meanwhile(s3_server: S3Server) -> None:
    relay = LossyRelay(s3_server.settings.endpoint.removeprefix("http://"))
    settings = replace(s3_server.settings, endpoint=f"http://{relay.address}")
    store = S3BlobStore(s3_server.bucket, f"{secrets.token_hex(4)}/cut", settings)
    try:
        await store.write(SHA, len(DATA), stream(DATA))
        for _ in range(3):
            assert await asyncio.gather(*(store.has(SHA) for _ in range(40))) == [len(DATA)] * 40
            relay.cut()
        relay.deaf.set()
        asking = asyncio.create_task(store.has(SHA))
        assert await asyncio.to_thread(relay.lost.wait, 20)
        relay.deaf.clear()
        relay.cut()
        assert await asking == len(DATA), "asked again"
    finally:
        await store.close()
        relay.close()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (b"220 mail.example.com ESMTP\r\n\r\n", "not an S3 server"),
        (b"HTTP/1.1 two\r\n\r\n", "not an S3 server"),
        (b"HTTP/1.1 2", "not an S3 server"),
        (b"x" * 100_000, "not an S3 server"),
        (b"", "connection to the store failed"),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "AccessDenied"),
        (b"HTTP/1.1 503 Slow Down\r\n\r\n", "HTTP status 503"),
        (b"HTTP/1.1 507 Insufficient Storage\r\n\r\n", "no room left"),
    ],
)
async def test_answers_that_say_nothing_of_a_blob(said: bytes, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    monkeypatch.setattr(s3_heads, "_PAUSE", 0.0)
    async with await asyncio.start_server(say, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        store = S3BlobStore("bucket", "", S3Settings(f"http://127.0.0.1:{port}", "access", "the-secret"))
        with pytest.raises(RunloreError, match=told) as refused:
            await store.has(SHA)
        assert "Signature" not in refused.value.message
        await store.close()
