"""What a store can be told by settings, on a real MinIO: TLS, bucket in the host name, encryption, temporary keys.

Not part of `make test`: `make test-minio` runs it.
"""

from __future__ import annotations

import base64
import json
import secrets
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import urllib3
from minio import Minio
from minio.credentials import AssumeRoleProvider, Credentials

from runlore import v1
from runlore_server.blob import BlobStoreError, key_of
from runlore_server.blob.s3 import S3BlobStore, S3Settings
from runlore_server.errors import RunloreError
from tests.minio import run_minio
from tests.s3 import S3Server
from tests.store.test_blob_stores import DATA, SHA, collect, stream

TLS = Path(__file__).resolve().parents[1] / "data" / "tls"


@asynccontextmanager
async def opened(settings: S3Settings, bucket: str = "runlore-test") -> AsyncIterator[S3BlobStore]:
    store = S3BlobStore(bucket, f"{secrets.token_hex(4)}/shared", settings)
    await store.check()
    yield store
    await store.close()


async def round_trip(store: S3BlobStore, **http: Any) -> None:
    """Store a blob both ways, and read it both ways."""
    client = urllib3.PoolManager(retries=False, **http)
    url, headers = store.presign_put(SHA, len(DATA))
    assert client.request("PUT", url, body=DATA[:-1] + b"x", headers=headers).status == 400
    put = client.request("PUT", url, body=DATA, headers=headers)
    assert put.status == 200, put.data
    assert await store.has(SHA) == len(DATA)
    assert client.request("GET", store.presign_get(SHA)).data == DATA
    await store.delete([SHA])
    assert await store.has(SHA) is None
    await store.write(SHA, len(DATA), stream(DATA))
    assert await collect(store.read(SHA)) == DATA
    assert [found.sha256 async for found in store.blobs()] == [SHA]


@pytest.fixture(scope="module")
def minio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A MinIO with a key of its own for encryption, that answers to buckets in its host name."""
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    env = {"MINIO_DOMAIN": "localhost", "MINIO_KMS_SECRET_KEY": f"the-key:{key}"}
    with run_minio(tmp_path_factory.mktemp("minio"), env) as server:
        yield server


async def test_tls_with_a_private_ca(tmp_path: Path) -> None:
    for name, wanted in (("localhost.crt", "public.crt"), ("localhost.key", "private.key")):
        shutil.copy(TLS / name, tmp_path / wanted)
    with run_minio(tmp_path, certificates=tmp_path) as server:
        settings = replace(server.settings, ca_file=TLS / "localhost.crt")
        async with opened(settings) as store:
            assert store.presign_get(SHA).startswith("https://")
            await round_trip(store, ca_certs=str(TLS / "localhost.crt"))
        with pytest.raises(BlobStoreError, match=r"certificate is not trusted here; RUNLORE_S3_CA_FILE names"):
            await S3BlobStore(server.bucket, "", replace(settings, ca_file=None)).check()


async def test_the_bucket_in_the_host_name(minio: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = socket.getaddrinfo

    def with_localhost(host: Any, *arguments: Any, **more: Any) -> Any:
        """Resolve names below localhost as RFC 6761 has it; not every resolver does."""
        return resolve("127.0.0.1" if str(host).endswith(".localhost") else host, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", with_localhost)
    endpoint = minio.settings.endpoint.replace("127.0.0.1", "localhost")
    async with opened(replace(minio.settings, endpoint=endpoint, virtual_host=True)) as store:
        assert store.presign_get(SHA).startswith(endpoint.replace("//", "//runlore-test."))
        await round_trip(store)


@pytest.mark.parametrize(("sse", "key"), [("AES256", ""), ("aws:kms", ""), ("aws:kms", "the-key")])
async def test_what_is_stored_is_encrypted_as_asked(minio: S3Server, sse: str, key: str) -> None:
    async with opened(replace(minio.settings, sse=sse, sse_kms_key_id=key)) as store:
        await round_trip(store)
        prefix = store.name.removeprefix(f"s3://{minio.bucket}/")
        found = minio.client().stat_object(minio.bucket, f"{prefix}/{key_of(SHA)}")
        assert found.metadata is not None
        assert found.metadata["x-amz-server-side-encryption"] == sse
        # The signed headers say so: a client cannot leave them out.
        url, headers = store.presign_put(SHA, len(DATA))
        assert headers.pop("x-amz-server-side-encryption") == sse
        assert urllib3.PoolManager().request("PUT", url, body=DATA, headers=headers).status in (400, 403)


def temporary_keys(minio: S3Server, policy: str | None = None) -> Credentials:
    settings = minio.settings
    provider = AssumeRoleProvider(
        sts_endpoint=settings.endpoint,
        access_key=settings.access_key,
        secret_key=settings.secret_key,
        policy=policy,
    )
    return provider.retrieve()


async def test_temporary_keys(minio: S3Server) -> None:
    keys = temporary_keys(minio)
    assert keys.session_token
    temporary = replace(
        minio.settings, access_key=keys.access_key, secret_key=keys.secret_key, session_token=keys.session_token
    )
    async with opened(temporary) as store:
        await round_trip(store)
    assert keys.session_token not in repr(temporary)
    with pytest.raises(BlobStoreError, match="Whoever runs the server must act"):
        await S3BlobStore(minio.bucket, "", replace(temporary, session_token="")).check()


async def test_keys_that_may_not_write(minio: S3Server) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation"],
                "Resource": ["arn:aws:s3:::*"],
            }
        ],
    }
    settings = minio.settings
    keys = temporary_keys(minio, json.dumps(policy))
    reading = replace(
        settings, access_key=keys.access_key, secret_key=keys.secret_key, session_token=keys.session_token or ""
    )
    async with opened(reading) as store:
        with pytest.raises(RunloreError, match=r"AccessDenied.*let these keys read, write, delete and list") as refused:
            await store.write(SHA, len(DATA), stream(DATA))
        assert refused.value.reason == v1.ERROR_REASON_BLOB_STORE_MISCONFIGURED
        url, headers = store.presign_put(SHA, len(DATA))
        assert urllib3.PoolManager().request("PUT", url, body=DATA, headers=headers).status == 403


async def test_a_bucket_that_goes_away(minio: S3Server) -> None:
    client: Minio = minio.client()
    client.make_bucket("short-lived")
    async with opened(minio.settings, "short-lived") as store:
        client.remove_bucket("short-lived")
        with pytest.raises(RunloreError, match=r"NoSuchBucket.*create the bucket") as refused:
            await store.write(SHA, len(DATA), stream(DATA))
        assert refused.value.reason == v1.ERROR_REASON_BLOB_STORE_MISCONFIGURED
        assert refused.value.metadata["answer"] == "NoSuchBucket"
        with pytest.raises(BlobStoreError, match="there is no bucket 'short-lived': create it first"):
            await store.check()
