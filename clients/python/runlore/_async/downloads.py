"""Downloads: a manifest's files become a local folder, every byte verified on the way."""

from __future__ import annotations

import contextlib
import errno
import logging
import shutil
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from runlore import _settings, _transfer, v1
from runlore._async.paging import collect
from runlore._async.uploads import BLOB_TIMEOUT
from runlore._async_tools import call_in_thread, for_each, sleep
from runlore._cache import Cache
from runlore._cache.lock import Lock
from runlore._cache.places import check_files, check_places
from runlore._downloading import FileSink, Incoming, Sink
from runlore._progress import Counting
from runlore._rpc import Attempts
from runlore.errors import IntegrityError, RunloreError

if TYPE_CHECKING:
    from runlore._async.connection import Connection

log = logging.getLogger("runlore")

AT_ONCE = 8
#: The most that GetManifest gives at once.
FILES_A_PAGE = 20_000
_STORE_TRIES = 3
#: Seconds between looks at a lock, and how many of them before a word about it.
_LOCK_PACE = 0.05
_LOCK_WORD = 40


async def fetch(
    client: Connection, workspace: str, digest: str, *, verify: bool = False, counting: Counting | None = None
) -> Path:
    """Return the cache's folder with exactly the files of a manifest; what is missing or damaged is downloaded.

    Files that were verified before are not read again unless `verify`: they are known by their identity.
    """
    cache = Cache(_settings.cache_folder())
    found = await call_in_thread(cache.verified, digest, rehash=verify)
    if found is not None:
        return found
    limit = _settings.cache_limit()
    counting = counting or Counting()
    files = await list_files(client, workspace, digest)
    async with _locked(cache.lock(digest), f"another process to pull {digest[:12]}"):
        found = await call_in_thread(cache.verified, digest)
        if found is not None:
            return found
        await call_in_thread(check_places, cache.tree(digest).parent, [entry.path for entry in files])
        missing = await call_in_thread(cache.objects.missing, files)
        counting.expect(len(files), sum(entry.size for entry in files))
        counting.add(saved=counting.transfer.total - sum(entry.size for entry in missing))
        await call_in_thread(cache.make_room, None, needed=sum(entry.size for entry in missing))
        async with _locked(cache.use(), "another process to tidy up the cache", shared=True):
            download = _Download(client, workspace, digest, cache, counting)
            try:
                await download.run(await call_in_thread(cache.objects.missing, files))
                folder = await call_in_thread(cache.install, digest, files)
            except (IntegrityError, OSError) as error:
                if isinstance(error, IntegrityError) or error.errno == errno.ENOSPC:
                    # What is wrong helps nobody, and a full disk is not to stay full.
                    await call_in_thread(shutil.rmtree, cache.partial(digest), True)
                if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                    raise OSError(
                        errno.ENOSPC, "the disk is full: free some of it, or set RUNLORE_CACHE", str(cache.root)
                    ) from None
                raise
            finally:
                download.close()
    counting.end()
    await call_in_thread(cache.make_room, limit)
    return folder


async def list_files(client: Connection, workspace: str, digest: str, path: str = "") -> list[v1.FileEntry]:
    """Return all files of a manifest with URLs, checked against its digest (of a part of it, against nothing)."""
    request = v1.GetManifestRequest(workspace=workspace, manifest_digest=digest, path=path, include_urls=True)
    files = await collect(client.artifacts.GetManifest, request, "files", page_size=FILES_A_PAGE)
    if not path:
        await call_in_thread(check_files, digest, files)
    return files


@contextlib.asynccontextmanager
async def _locked(lock: Lock, what: str, *, shared: bool = False) -> AsyncIterator[None]:
    looks = 0
    while not lock.acquire(shared=shared):
        looks += 1
        if looks == _LOCK_WORD:
            log.warning("waiting for %s", what)
        await sleep(_LOCK_PACE)
    try:
        yield
    finally:
        lock.release()


class BlobReader:
    """Reads chunks, from the object store where it signs URLs and can be reached, else through the server."""

    def __init__(self, client: Connection, workspace: str, digest: str) -> None:
        self._client = client
        self._workspace = workspace
        self._digest = digest
        self._store = _transfer.ObjectStore(client.settings.ca)
        self._direct = True

    def close(self) -> None:
        """Close connections."""
        self._store.close()

    async def read(self, entry: v1.FileEntry, number: int, sink: Sink) -> None:
        """Give a chunk's bytes to a sink; raises IntegrityError when they are not the chunk's."""
        if await self._from_store(entry, number, sink) and sink.is_good:
            return
        # A proxy in between may have garbled them: the server is asked before they count as damaged.
        chunk = entry.chunks[number]
        sink.restart()
        await self._from_server(chunk, sink)
        if not sink.is_good:
            raise IntegrityError(
                f"'{entry.path}' is damaged: its {chunk.size} bytes at offset {chunk.offset} do not have the "
                f"sha256 {chunk.sha256}; nothing was kept. `runlore-server fsck --deep` lists what else is",
                metadata={"path": entry.path, "sha256": chunk.sha256},
            )

    async def _from_store(self, entry: v1.FileEntry, number: int, sink: Sink) -> bool:
        chunk = entry.chunks[number]
        for attempt in range(_STORE_TRIES):
            if not chunk.url or not self._direct:
                return False
            try:
                await call_in_thread(self._store.get, chunk.url, chunk.size, sink)
                return True
            except _transfer.StoreError as error:
                sink.restart()
                if error.unreachable:
                    # This client may have no way to the store; the server has.
                    self._direct = False
                elif error.expired:
                    (renewed,) = await list_files(self._client, self._workspace, self._digest, entry.path)
                    chunk = renewed.chunks[number]
                else:
                    await sleep(0.2 * 2**attempt)
        return False

    async def _from_server(self, chunk: v1.Chunk, sink: Sink) -> None:
        # The time for tries begins with the first failure, and anew whenever something arrived.
        attempts: Attempts | None = None
        size = 0
        while True:
            request = v1.ReadBlobRequest(sha256=chunk.sha256, offset=size)
            try:
                async for message in self._client.artifacts.ReadBlob(request, timeout=BLOB_TIMEOUT):
                    await call_in_thread(sink, message.data)
                    size += len(message.data)
                    attempts = None
                    if size > chunk.size:
                        break
                return
            except RunloreError as error:
                failure = error
            attempts = attempts or self._client.transport.attempts(safe=True)
            await self._client.transport.after(failure, attempts)


class _Download:
    """Brings a manifest's missing objects into the cache, chunk by chunk."""

    def __init__(self, client: Connection, workspace: str, digest: str, cache: Cache, counting: Counting) -> None:
        self._reader = BlobReader(client, workspace, digest)
        self._folder = cache.partial(digest)
        self._objects = cache.objects
        self._counting = counting

    def close(self) -> None:
        """Close connections."""
        self._reader.close()

    async def run(self, files: Sequence[v1.FileEntry]) -> None:
        """Download files; each is in the cache as soon as it is complete, so that a second try has less to do."""
        await for_each(self._chunks(files), self._fetch, at_once=AT_ONCE)
        await call_in_thread(self._objects.remember, files)

    def _chunks(self, files: Iterable[v1.FileEntry]) -> Iterable[tuple[Incoming, int]]:
        for entry in files:
            incoming = Incoming(self._folder / self._objects.name(entry), entry)
            for number in range(max(1, len(entry.chunks))):
                yield incoming, number

    async def _fetch(self, item: tuple[Incoming, int]) -> None:
        incoming, number = item
        await call_in_thread(incoming.prepare)
        if not incoming.entry.chunks:
            await call_in_thread(self._objects.add, incoming.path, incoming.entry)
            return
        chunk = incoming.entry.chunks[number]
        if await call_in_thread(incoming.has, chunk):
            self._counting.add(saved=chunk.size)
        else:
            sink = await call_in_thread(FileSink, incoming.path, chunk)
            try:
                await self._reader.read(incoming.entry, number, sink)
            finally:
                sink.close()
            self._counting.add(moved=chunk.size)
        if await call_in_thread(incoming.came, number):
            await call_in_thread(self._objects.add, incoming.path, incoming.entry)
