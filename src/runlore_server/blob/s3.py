"""Blobs in a bucket of any S3-compatible store.

A blob counts as stored only when the store itself checked its sha256 on the way in: every upload, a client's or this
server's own, carries `x-amz-checksum-sha256`, which the store verifies, keeps, and reports to `has`. Correctness needs
nothing else of the store, no conditional writes in particular.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError
from minio.helpers import MIN_PART_SIZE

from runlore_server import errors
from runlore_server.blob import BlobStoreError, key_of
from runlore_server.blob.presign import Signer

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_PIECE_BYTES = 1024 * 1024
_URL_SECONDS = 6 * 3600
_THREADS = 16
#: Blobs that are held in memory at once on their way through this process to the store: 16 MiB each at most.
_WRITES_AT_ONCE = 16


@dataclass(frozen=True)
class S3Settings:
    """How to reach an S3-compatible store."""

    #: `http[s]://host[:port]`; empty for AWS in `region`.
    endpoint: str = ""
    access_key: str = ""
    secret_key: str = field(default="", repr=False)
    region: str = "us-east-1"
    #: The endpoint as clients reach it, for presigned URLs; empty when it is `endpoint`.
    public_endpoint: str = ""


class S3BlobStore:
    """Blobs below one prefix of a bucket."""

    def __init__(self, bucket: str, prefix: str, settings: S3Settings) -> None:
        """Use a bucket that exists; nothing connects before `check`. Raises BlobStoreError on unusable settings."""
        if not settings.access_key or not settings.secret_key:
            raise BlobStoreError(
                "--artifacts s3://... needs keys: set RUNLORE_S3_ACCESS_KEY and RUNLORE_S3_SECRET_KEY "
                "(or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)"
            )
        endpoint = _endpoint("RUNLORE_S3_ENDPOINT", settings.endpoint or f"https://s3.{settings.region}.amazonaws.com")
        public = _endpoint("RUNLORE_S3_PUBLIC_ENDPOINT", settings.public_endpoint or endpoint)
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._endpoint = endpoint
        self._signer = Signer(public, settings.access_key, settings.secret_key, settings.region)
        self._http = urllib3.PoolManager(
            maxsize=_THREADS,
            timeout=urllib3.Timeout(connect=3.0, read=30.0),
            retries=urllib3.Retry(total=2, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]),
        )
        url = urlsplit(endpoint)
        self._minio = Minio(
            url.netloc,
            access_key=settings.access_key,
            secret_key=settings.secret_key,
            secure=url.scheme == "https",
            region=settings.region,
            http_client=self._http,
        )
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="runlore-s3")
        self._writes = asyncio.Semaphore(_WRITES_AT_ONCE)

    @property
    def name(self) -> str:
        """The bucket and prefix as a URL."""
        return f"s3://{self._bucket}/{self._prefix}".rstrip("/")

    async def check(self) -> None:
        """See that the bucket is there and that the keys open it."""
        where = f"--artifacts {self.name} at {self._endpoint}"
        try:
            exists = await self._run("looking for the bucket", self._minio.bucket_exists, self._bucket)
        except errors.RunloreError as error:
            raise BlobStoreError(f"{where} cannot be used: {error.message}") from error
        if not exists:
            raise BlobStoreError(f"{where}: there is no bucket '{self._bucket}': create it first")

    async def has(self, sha256: str) -> int | None:
        """Return the blob's size when the store reports its sha256; costs one request."""
        return await self._run("looking for a blob", self._head, sha256)

    def presign_put(self, sha256: str, size: int) -> tuple[str, dict[str, str]]:
        """Return a URL good for six hours, that takes these bytes only: length and checksum are signed."""
        headers = {"content-length": str(size), "x-amz-checksum-sha256": _base64(sha256)}
        return self._signer.presign("PUT", self._path(sha256), expires=_URL_SECONDS, headers=headers), headers

    def presign_get(self, sha256: str) -> str:
        """Return a URL good for six hours."""
        return self._signer.presign("GET", self._path(sha256), expires=_URL_SECONDS)

    async def write(self, sha256: str, size: int, data: AsyncIterator[bytes]) -> None:
        """Store a blob, held in memory meanwhile: the store takes a checksum before the bytes."""
        async with self._writes:
            content = bytearray()
            async for piece in data:
                content += piece
                if len(content) > size:
                    break
            digest = hashlib.sha256(content).hexdigest()
            if len(content) != size or digest != sha256:
                raise errors.digest_mismatch(sha256, size, digest, len(content))
            await self._run("writing a blob", self._put, sha256, bytes(content))
        if await self.has(sha256) is None:
            log.error("the store at %s took a blob and does not report its sha256", self._endpoint)
            raise errors.blob_store_unavailable("it keeps no x-amz-checksum-sha256 of what it stores")

    async def read(self, sha256: str, offset: int = 0, length: int = 0) -> AsyncIterator[bytes]:
        """Yield the blob's bytes in pieces of up to 1 MiB."""
        response = await self._run("reading a blob", self._get, sha256, offset, length)
        if response is None:
            return
        try:
            while piece := await self._run("reading a blob", response.read, _PIECE_BYTES):
                yield piece
            response.release_conn()
        finally:
            # Of a connection that was read to its end this does nothing; of another, the rest is not waited for.
            response.close()

    async def digests(self) -> AsyncIterator[str]:
        """Yield the digest of every object below the prefix that is named as a blob."""
        below = f"{self._prefix}sha256/"
        objects = self._minio.list_objects(self._bucket, prefix=below, recursive=True)
        while page := await self._run("listing blobs", _names, objects):
            for name in page:
                digest = name.rpartition("/")[2]
                if name == f"{self._prefix}{key_of(digest)}":
                    yield digest

    async def close(self) -> None:
        """Stop the threads, after the requests under way, and close the connections."""
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)
        self._http.clear()

    def _path(self, sha256: str) -> str:
        return f"/{self._bucket}/{self._prefix}{key_of(sha256)}"

    def _head(self, sha256: str) -> int | None:
        key = self._prefix + key_of(sha256)
        try:
            found = self._minio.stat_object(self._bucket, key, extra_headers={"x-amz-checksum-mode": "ENABLED"})
        except S3Error as error:
            if error.code == "NoSuchKey":
                return None
            raise
        checksum = found.metadata.get("x-amz-checksum-sha256") if found.metadata else None
        if checksum != _base64(sha256):
            log.warning("the object of the blob %s has no sha256 checked by the store: it does not count", sha256)
            return None
        return found.size

    def _put(self, sha256: str, content: bytes) -> None:
        self._minio.put_object(
            self._bucket,
            self._prefix + key_of(sha256),
            BytesIO(content),
            len(content),
            metadata={"x-amz-checksum-sha256": _base64(sha256)},
            # One PUT, never an upload in parts: the checksum is that of the whole.
            part_size=max(len(content), MIN_PART_SIZE),
        )

    def _get(self, sha256: str, offset: int, length: int) -> urllib3.BaseHTTPResponse | None:
        try:
            return self._minio.get_object(self._bucket, self._prefix + key_of(sha256), offset, length)
        except S3Error as error:
            if error.code == "NoSuchKey":
                raise errors.blob_not_found(sha256) from None
            if error.code == "InvalidRange":
                return None
            raise

    async def _run(self, what: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a call of the SDK in a thread; what fails becomes a message without keys or signed URLs."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: call(*args, **kwargs))
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            why = _describe(error)
            log.error("%s in %s at %s failed: %s", what, self.name, self._endpoint, why)
            raise errors.blob_store_unavailable(f"{what}: {why}") from None


def _endpoint(variable: str, value: str) -> str:
    url = urlsplit(value)
    if url.scheme not in ("http", "https") or not url.netloc or url.path.strip("/") or url.query or "@" in url.netloc:
        raise BlobStoreError(f"{variable}: not of the form http://host:port or https://host")
    return f"{url.scheme}://{url.netloc}"


def _names(objects: Iterator[object]) -> list[str]:
    return [str(found.object_name) for found in islice(objects, 1000)]  # type: ignore[attr-defined]


def _base64(sha256: str) -> str:
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def _describe(error: Exception) -> str:
    """Say what happened. The text of an exception may hold a signed URL, so it is never used."""
    if isinstance(error, S3Error):
        return f"the store answered {error.code}"
    if isinstance(error, ServerError):
        return f"the store answered HTTP status {error.status_code}"
    if isinstance(error, InvalidResponseError):
        return "what answered is not an S3 server"
    cause: object = error
    while isinstance(cause, urllib3.exceptions.MaxRetryError) and cause.reason:
        cause = cause.reason
    if isinstance(cause, urllib3.exceptions.ResponseError):
        return "the store kept answering with an error"
    if isinstance(cause, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError):
        return "no connection to the store"
    return f"the connection to the store failed ({type(cause).__name__})"
