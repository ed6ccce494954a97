"""Blobs: immutable bytes stored under their sha256, in a local folder or in an S3 bucket.

A blob is stored as `sha256/<aa>/<digest>`, `<aa>` being the digest's first two digits, below the folder or prefix that
the server was given. Digests are 64 lower-case hex digits everywhere. No blob is ever changed; writing one that is
there already replaces it by the same bytes.

Blobs are checked on the way in, by whoever stores them: nothing becomes visible under a digest that is not its own.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from runlore_server import errors

if TYPE_CHECKING:
    from runlore_server.blob.s3 import S3Settings

_SHA256 = re.compile(r"[0-9a-f]{64}")
_S3_URL = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[\w!.*'()/-]*))?")


class BlobStoreError(RuntimeError):
    """The blob store cannot be used as configured; the message says why and what to do. Raised at start only."""


@dataclass(frozen=True)
class Found:
    """An object that is named as a blob; the store may or may not have checked it."""

    sha256: str
    #: Bytes.
    size: int
    #: When it was written, in seconds since the Unix epoch.
    time: float


class BlobStore(Protocol):
    """Where blobs are kept.

    A store that fails makes any method but `check` raise `errors.blob_store_unavailable`, `blob_store_misconfigured` or
    `blob_store_full`.
    """

    @property
    def name(self) -> str:
        """The store as people know it, such as `s3://bucket/prefix`; holds no secret."""

    async def check(self) -> None:
        """Raise BlobStoreError unless blobs can be kept here. Makes a missing local folder, and nothing else."""

    async def has(self, sha256: str) -> int | None:
        """Return the blob's size in bytes, or None unless the store holds it and has itself checked its sha256."""

    def presign_put(self, sha256: str, size: int) -> tuple[str, Mapping[str, str]] | None:
        """Return a URL to PUT this very blob to, and the headers to send along; None when the store signs no URLs."""

    def presign_get(self, sha256: str) -> str:
        """Return a URL to GET the blob from; empty when the store signs no URLs."""

    async def write(self, sha256: str, size: int, data: AsyncIterator[bytes], offset: int = 0) -> None:
        """Store a blob durably: what is kept of it up to `offset`, and `data` after that.

        What arrived is kept when `data` ends early, with an exception or without: a cut stream does either. Raises
        `errors.digest_mismatch` when this is not that blob (nothing is stored, and of a whole blob nothing kept);
        `errors.upload_offset_mismatch` when less than `offset` is kept.
        """

    async def kept(self, sha256: str) -> int:
        """Return how many of the blob's first bytes are kept of writes that were cut."""

    def read(self, sha256: str, offset: int = 0, length: int = 0) -> AsyncIterator[bytes]:
        """Yield the blob's bytes from `offset`, `length` of them or (0) all; `errors.blob_not_found` without it."""

    def blobs(self) -> AsyncIterator[Found]:
        """Yield every object that is named as a blob, in no order."""

    async def delete(self, digests: Sequence[str]) -> None:
        """Delete blobs; those that are not there are fine. When this returns, none of them is left."""

    async def sweep(self, before: float, *, dry_run: bool = False) -> list[str]:
        """Delete what uploads left that ended before a Unix time, and return it in words, a line each."""

    async def close(self) -> None:
        """Let go of threads and connections."""


def is_digest(text: str) -> bool:
    """Whether a text is 64 lower-case hex digits."""
    return _SHA256.fullmatch(text) is not None


def key_of(sha256: str) -> str:
    """Return the blob's key below the folder or prefix; refuses what is no digest, so that no key leads elsewhere."""
    if not is_digest(sha256):
        raise errors.invalid_field("sha256", "is not 64 lower-case hex digits")
    return f"sha256/{sha256[:2]}/{sha256}"


def open_blob_store(url: str, s3: S3Settings) -> BlobStore:
    """Return the store at `url`: `s3://bucket/prefix` with `s3`'s endpoint and keys, or a folder.

    Nothing connects before `check`. Raises BlobStoreError for a URL that is neither.
    """
    from runlore_server.blob.local import LocalBlobStore
    from runlore_server.blob.s3 import S3BlobStore

    if url.startswith("s3:"):
        match = _S3_URL.fullmatch(url)
        if not match:
            raise BlobStoreError(f"--artifacts: '{url}' does not have the form s3://bucket/prefix")
        return S3BlobStore(match["bucket"], (match["prefix"] or "").strip("/"), s3)
    scheme, separator, rest = url.partition("://")
    if separator and scheme != "file":
        raise BlobStoreError(f"--artifacts: '{url}' is neither a folder nor s3://bucket/prefix")
    folder = Path(rest if separator else url).expanduser()
    if separator and not folder.is_absolute():
        raise BlobStoreError(f"--artifacts: '{url}' has a host or a relative folder; write file:///absolute/folder")
    return LocalBlobStore(folder.absolute())
