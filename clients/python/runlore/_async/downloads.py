"""Downloads: a manifest's files become a local folder, every byte verified on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from runlore import _cache, _transfer, v1
from runlore._async.uploads import AT_ONCE, BLOB_TIMEOUT
from runlore._async_tools import call_in_thread, for_each
from runlore.errors import IntegrityError, RunloreError

if TYPE_CHECKING:
    from runlore._async.connection import Connection


async def fetch(client: Connection, digest: str, files: Sequence[v1.FileEntry], dest: Path | None) -> Path:
    """Return a folder with exactly these files: `dest`, or the cache's own.

    What the cache has is hashed again; what is missing or damaged is downloaded.
    """
    await call_in_thread(_cache.check_files, digest, files)
    folder = _cache.folder_of(digest)
    bad = await call_in_thread(_cache.bad_files, folder, files)
    if bad or not folder.is_dir():
        with _cache.scratch(folder) as new:
            await _Download(client, new).run(bad)
            await call_in_thread(_cache.check_downloaded, new, bad)
            await call_in_thread(_cache.install, new, folder, bad)
    if dest is None:
        return folder
    await call_in_thread(_cache.copy_out, folder, dest, files)
    return dest


class _Download:
    """Fetches files chunk by chunk, from the object store where it signs URLs and can be reached, else the server."""

    def __init__(self, client: Connection, folder: Path) -> None:
        self._client = client
        self._folder = folder
        self._direct = True

    async def run(self, files: Iterable[v1.FileEntry]) -> None:
        entries = list(files)
        await call_in_thread(_cache.lay_out, self._folder, entries)
        chunks = [(entry, chunk) for entry in entries for chunk in entry.chunks]
        await for_each(chunks, self._fetch, at_once=AT_ONCE)

    async def _fetch(self, item: tuple[v1.FileEntry, v1.Chunk]) -> None:
        entry, chunk = item
        data = await self._from_store(chunk)
        if data is None:
            data = await self._from_server(chunk)
            if not await call_in_thread(_cache.has_digest, data, chunk):
                raise IntegrityError(
                    f"'{entry.path}' is damaged: its {chunk.size} bytes at offset {chunk.offset} do not have the "
                    f"sha256 {chunk.sha256}; nothing was kept",
                    metadata={"path": entry.path, "sha256": chunk.sha256},
                )
        await call_in_thread(_cache.write_chunk, self._folder / entry.path, chunk, data)

    async def _from_store(self, chunk: v1.Chunk) -> bytes | None:
        """Return the chunk's verified bytes; None when the store cannot be used or gives other bytes."""
        if not chunk.url or not self._direct:
            return None
        try:
            data = await call_in_thread(_transfer.get, chunk.url, chunk.size)
        except _transfer.StoreError:
            self._direct = False
            return None
        # A proxy in between may have garbled them: the server is asked before they count as damaged.
        return data if await call_in_thread(_cache.has_digest, data, chunk) else None

    async def _from_server(self, chunk: v1.Chunk) -> bytes:
        attempts = self._client.transport.attempts(safe=True, timeout=BLOB_TIMEOUT)
        while True:
            data = bytearray()
            try:
                stream = self._client.artifacts.ReadBlob(
                    v1.ReadBlobRequest(sha256=chunk.sha256), timeout=attempts.remaining()
                )
                async for message in stream:
                    data += message.data
                    if len(data) > chunk.size:
                        break
                return bytes(data)
            except RunloreError as error:
                failure = error
            await self._client.transport.after(failure, attempts)
