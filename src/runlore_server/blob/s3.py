"""Blobs in a bucket of any S3-compatible store.

Beside the blobs, `partial/<sha256>` below the prefix holds what arrived of a WriteBlob that was cut.

A blob counts as stored only when the store itself checked its sha256 on the way in: every upload, a client's or this
server's own, carries `x-amz-checksum-sha256`, which the store verifies, keeps, and reports to `has`. Correctness needs
nothing else of the store, no conditional writes in particular.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error, ServerError
from minio.helpers import MIN_PART_SIZE

from runlore_server import errors
from runlore_server.blob import BlobStoreError, Found, is_digest, key_of, s3_failures
from runlore_server.blob.presign import Signer
from runlore_server.blob.s3_heads import Heads

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_PIECE_BYTES = 1024 * 1024
_URL_SECONDS = 6 * 3600
#: Of a URL that this process asks by itself, tries and clocks that differ included.
_OWN_URL_SECONDS = 15 * 60
#: Objects that one request deletes, by the protocol.
_DELETES_AT_ONCE = 1000
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
    #: Of temporary keys.
    session_token: str = field(default="", repr=False)
    #: Whether the bucket is part of the host name (`https://bucket.host/key`) and not of the path.
    virtual_host: bool = False
    #: PEM certificates of the CA that signed the store's; None for those that the system trusts.
    ca_file: Path | None = None
    #: Server-side encryption of what is stored: empty (as the bucket has it), `AES256` or `aws:kms`.
    sse: str = ""
    #: The key for `aws:kms`; empty for the store's default key.
    sse_kms_key_id: str = ""


@dataclass(frozen=True)
class _Stat:
    length: int
    #: The sha256 that the store checked, in base64; empty when it keeps none.
    checksum: str


class _Object(NamedTuple):
    name: str
    size: int
    #: In seconds since the Unix epoch.
    time: float


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
        self._place = "" if settings.virtual_host else f"/{bucket}"
        inner = endpoint
        if settings.virtual_host:
            public, inner = (url.replace("://", f"://{bucket}.", 1) for url in (public, inner))
        keys = (settings.access_key, settings.secret_key, settings.region, settings.session_token)
        self._signer, self._inner_signer = Signer(public, *keys), Signer(inner, *keys)
        self._heads = Heads(inner, settings.ca_file)
        self._put_headers = _encryption(settings)
        self._http = urllib3.PoolManager(
            maxsize=_THREADS,
            ca_certs=str(settings.ca_file) if settings.ca_file else None,
            timeout=urllib3.Timeout(connect=3.0, read=30.0),
            retries=urllib3.Retry(total=2, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]),
        )
        url = urlsplit(endpoint)
        self._minio = Minio(
            url.netloc,
            access_key=settings.access_key,
            secret_key=settings.secret_key,
            session_token=settings.session_token or None,
            secure=url.scheme == "https",
            region=settings.region,
            http_client=self._http,
        )
        if settings.virtual_host:
            self._minio.enable_virtual_style_endpoint()  # type: ignore[no-untyped-call]
        self._keeping: set[asyncio.Task[None]] = set()
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
        found = await self._stat("looking for a blob", self._prefix + key_of(sha256))
        if found is None:
            return None
        if found.checksum != _base64(sha256):
            log.warning("the object of the blob %s has no sha256 checked by the store: it does not count", sha256)
            return None
        return found.length

    def presign_put(self, sha256: str, size: int) -> tuple[str, dict[str, str]]:
        """Return a URL good for six hours, that takes these bytes only: length and checksum are signed."""
        headers = {"content-length": str(size), "x-amz-checksum-sha256": _base64(sha256), **self._put_headers}
        return self._signer.presign("PUT", self._path(sha256), expires=_URL_SECONDS, headers=headers), headers

    def presign_get(self, sha256: str) -> str:
        """Return a URL good for six hours."""
        return self._signer.presign("GET", self._path(sha256), expires=_URL_SECONDS)

    async def write(self, sha256: str, size: int, data: AsyncIterator[bytes], offset: int = 0) -> None:
        """Store a blob, held in memory meanwhile: the store takes a checksum before the bytes."""
        partial = self._kept(sha256)
        async with self._writes:
            content = bytearray(await self._beginning(sha256, offset))
            try:
                async for piece in data:
                    content += piece
                    if len(content) > size:
                        break
            except BaseException:
                self._keep_later(sha256, bytes(content))
                raise
            digest = hashlib.sha256(content).hexdigest()
            right = len(content) == size and digest == sha256
            if right:
                await self._run("writing a blob", self._put, sha256, bytes(content))
            if len(content) < size:
                # A cut stream may look like one that ended.
                self._keep_later(sha256, bytes(content))
            elif offset:
                await self._run("deleting a part of a blob", self._remove, [partial])
            if not right:
                raise errors.digest_mismatch(sha256, size, digest, len(content))
        if await self.has(sha256) is None:
            log.error("the store at %s took a blob and does not report its sha256", self._endpoint)
            raise errors.blob_store_unavailable("it keeps no x-amz-checksum-sha256 of what it stores")

    async def kept(self, sha256: str) -> int:
        """Return the size of the object that a cut write left."""
        found = await self._stat("looking for a part of a blob", self._kept(sha256))
        return 0 if found is None else found.length

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

    async def blobs(self) -> AsyncIterator[Found]:
        """Yield every object below the prefix that is named as a blob."""
        async for found in self._list("sha256/"):
            sha256 = found.name.rpartition("/")[2]
            if is_digest(sha256) and found.name == self._prefix + key_of(sha256):
                yield Found(sha256, found.size, found.time)

    async def delete(self, digests: Sequence[str]) -> None:
        """Delete up to a thousand blobs a request."""
        for start in range(0, len(digests), _DELETES_AT_ONCE):
            names = [self._prefix + key_of(digest) for digest in digests[start : start + _DELETES_AT_ONCE]]
            await self._run("deleting blobs", self._remove, names)

    async def sweep(self, before: float, *, dry_run: bool = False) -> list[str]:
        """Delete kept parts of blobs, and multipart uploads below the prefix: Runlore makes none, other tools may."""
        old = [found async for found in self._list("partial/") if found.time < before]
        swept = [f"unfinished upload {found.name} ({found.size:,} bytes)" for found in old]
        if not dry_run:
            await self._run("deleting parts of blobs", self._remove, [found.name for found in old])
        return swept + await self._run("ending multipart uploads", self._abort, before, dry_run)

    async def close(self) -> None:
        """Stop the threads, after the requests under way, and close the connections."""
        await asyncio.gather(*self._keeping, return_exceptions=True)
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)
        self._http.clear()
        self._heads.close()

    def _path(self, sha256: str) -> str:
        return f"{self._place}/{self._prefix}{key_of(sha256)}"

    def _kept(self, sha256: str) -> str:
        key_of(sha256)
        return f"{self._prefix}partial/{sha256}"

    async def _stat(self, what: str, name: str) -> _Stat | None:
        headers = {"x-amz-checksum-mode": "ENABLED"}
        path = f"{self._place}/{name}"
        url = self._inner_signer.presign("HEAD", path, expires=_OWN_URL_SECONDS, headers=headers)
        try:
            answer = await self._heads.head(url.removeprefix(self._inner_signer.endpoint), headers)
            if answer.status == 404:
                return None
            if answer.status != 200:
                raise ServerError(f"HTTP status {answer.status}", answer.status)
        except (ServerError, OSError) as error:
            raise self._failure(what, error) from None
        return _Stat(int(answer.headers.get("content-length", 0)), answer.headers.get("x-amz-checksum-sha256", ""))

    async def _beginning(self, sha256: str, offset: int) -> bytes:
        """Return the first `offset` bytes that are kept of a blob."""
        if not offset:
            return b""
        kept = await self.kept(sha256)
        if kept < offset:
            raise errors.upload_offset_mismatch(sha256, offset, kept)
        return await self._run("reading a part of a blob", self._read_part, self._kept(sha256), offset)

    def _keep_later(self, sha256: str, content: bytes) -> None:
        """Keep the beginning of a blob by a task of its own: the call may be cancelled already."""
        keeping = asyncio.create_task(self._keep(sha256, content))
        self._keeping.add(keeping)
        keeping.add_done_callback(self._keeping.discard)

    async def _keep(self, sha256: str, content: bytes) -> None:
        """Keep the beginning of a blob, unless more is there."""
        # `_run` has logged a failure; then nothing is kept, which is no more than a longer way.
        with contextlib.suppress(errors.RunloreError):
            if content and (await self.has(sha256) or await self.kept(sha256)) < len(content):
                await self._run("keeping a part of a blob", self._put_part, self._kept(sha256), content)

    def _put_part(self, name: str, content: bytes) -> None:
        self._minio.put_object(self._bucket, name, BytesIO(content), len(content), metadata=dict(self._put_headers))

    def _read_part(self, name: str, length: int) -> bytes:
        response = self._minio.get_object(self._bucket, name, 0, length)
        try:
            return bytes(response.read())
        finally:
            response.close()

    def _remove(self, names: Sequence[str]) -> None:
        for failed in self._minio.remove_objects(self._bucket, [DeleteObject(name) for name in names]):
            if failed.code != "NoSuchKey":
                raise s3_failures.refusal("deleting", failed.code or "an error without a code")

    def _abort(self, before: float, dry_run: bool) -> list[str]:
        aborted = []
        found = self._minio._list_multipart_uploads(self._bucket, prefix=f"{self._prefix}sha256/")
        for upload in found.uploads:
            begun = upload.initiated_time
            if begun is not None and begun.timestamp() < before:
                aborted.append(f"unfinished multipart upload {upload.object_name}")
                if not dry_run:
                    self._minio._abort_multipart_upload(self._bucket, str(upload.object_name), str(upload.upload_id))
        return aborted

    async def _list(self, below: str) -> AsyncIterator[_Object]:
        """Yield the objects below a folder of the prefix."""
        objects = self._minio.list_objects(self._bucket, prefix=self._prefix + below, recursive=True)
        while page := await self._run("listing blobs", _page, objects):
            for found in page:
                yield found

    def _put(self, sha256: str, content: bytes) -> None:
        self._minio.put_object(
            self._bucket,
            self._prefix + key_of(sha256),
            BytesIO(content),
            len(content),
            metadata={"x-amz-checksum-sha256": _base64(sha256), **self._put_headers},
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
            raise self._failure(what, error) from None

    def _failure(self, what: str, error: Exception) -> errors.RunloreError:
        failure = s3_failures.of(what, error)
        log.error("%s in %s at %s failed: %s", what, self.name, self._endpoint, failure.message)
        return failure


def _endpoint(variable: str, value: str) -> str:
    url = urlsplit(value)
    if url.scheme not in ("http", "https") or not url.netloc or url.path.strip("/") or url.query or "@" in url.netloc:
        raise BlobStoreError(f"{variable}: not of the form http://host:port or https://host")
    return f"{url.scheme}://{url.netloc}"


def _encryption(settings: S3Settings) -> dict[str, str]:
    """Return the headers with which everything is stored."""
    if not settings.sse:
        return {}
    headers = {"x-amz-server-side-encryption": settings.sse}
    if settings.sse_kms_key_id:
        headers["x-amz-server-side-encryption-aws-kms-key-id"] = settings.sse_kms_key_id
    return headers


def _page(objects: Iterator[Any]) -> list[_Object]:
    return [
        _Object(
            str(found.object_name), found.size or 0, found.last_modified.timestamp() if found.last_modified else 0.0
        )
        for found in islice(objects, 1000)
    ]


def _base64(sha256: str) -> str:
    return base64.b64encode(bytes.fromhex(sha256)).decode()
