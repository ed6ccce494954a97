"""Files on their way out: pages of a manifest that stay small messages, and URLs to download their chunks from."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from runlore import v1
from runlore.manifest import CHUNK_BYTES
from runlore_server import limits
from runlore_server.blob import BlobStore
from runlore_server.db import Connection
from runlore_server.store import manifest_files

#: What the files of one page may take, well below a message's limit.
_PAGE_BYTES = 12 * 1024 * 1024
#: What a signed URL takes at most, about; one with a session token is long.
_URL_BYTES = 1_000
_FILE_BYTES = 200
_CHUNK_BYTES = 80
#: Chunks of one file that get a URL.
_MAX_URLS = 10_000
#: URLs signed in one go: some milliseconds, in which the event loop serves nobody else.
_SIGNED_AT_ONCE = 200


async def page(
    conn: Connection, manifest: v1.Manifest, offset: int, most: int, include_urls: bool
) -> list[v1.FileEntry]:
    """Return files of a manifest from the `offset`th on: up to `most` (0: as many as fit), and at least one.

    Paths are from the manifest's root, in the order of their UTF-8 bytes.
    """
    per_chunk = _CHUNK_BYTES + (_URL_BYTES if include_urls else 0)
    # What is read is bounded by a guess from the average file, and what is returned by what was read.
    chunks = manifest.file_count + manifest.size // CHUNK_BYTES
    average = _FILE_BYTES + per_chunk * chunks // max(manifest.file_count, 1)
    limit = min(most or limits.MAX_FILES_PER_RESPONSE, max(_PAGE_BYTES // average, 1))
    files = await manifest_files.page(conn, manifest.digest, offset, limit)
    room = _PAGE_BYTES
    for count, file in enumerate(files):
        room -= file.ByteSize() + (_URL_BYTES * min(len(file.chunks), _MAX_URLS) if include_urls else 0)
        if room < 0 and count > 0:
            return files[:count]
    return files


async def sign_urls(blob_store: BlobStore, files: Iterable[v1.FileEntry]) -> None:
    """Give each chunk a URL to download it from; none when the store signs no URLs."""
    signed = 0
    for file in files:
        for chunk in file.chunks[:_MAX_URLS]:
            chunk.url = blob_store.presign_get(chunk.sha256)
            signed += 1
            if signed % _SIGNED_AT_ONCE == 0:
                await asyncio.sleep(0)
