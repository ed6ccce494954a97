"""Uploads: local files become artifacts. What is stored is not sent again, so an upload that was cut goes on."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from runlore import _files, _offline, _transfer, v1
from runlore._async_tools import call_in_thread, for_each, sleep
from runlore._files import LocalBlob, LocalFile
from runlore._hashing import Hashing, hash_all
from runlore._progress import Counting
from runlore._rpc import Attempts
from runlore._settings import OFFLINE
from runlore.errors import InternalError, InvalidArgumentError, PreconditionError, RunloreError

if TYPE_CHECKING:
    from runlore._async.connection import Connection

#: Blobs under way at once: so many for each of two that ask for URLs, so that sending does not wait for asking.
_ASKING = 2
_SENDING = 4
#: Blobs asked about at once: few enough that their URLs are used before they expire.
_BLOBS_A_CALL = 250
#: Files logged at once, as the contract caps them.
_FILES_A_CALL = 10_000
#: Chunks logged at once: with their digests well under a message's 32 MiB.
_CHUNKS_A_CALL = 100_000
#: How often a blob is sent to the store before the server is asked to pass it on.
_STORE_TRIES = 3
#: Seconds to ask how much of a blob arrived; it may as well be sent again.
_STATUS_TIMEOUT = 5.0
#: Seconds for one try at the up to 16 MiB of a blob through the server: a slow line is not an error.
BLOB_TIMEOUT = 600.0


async def upload(
    client: Connection, run: v1.Run, path: str | os.PathLike[str], artifact_path: str | None, *, keep_name: bool
) -> v1.Manifest:
    """Send what is not stored yet of a file or folder, then log the files at once; offline, keep copies of them."""
    files = await call_in_thread(_files.scan, path, artifact_path, keep_name=keep_name)
    if client.settings.mode == OFFLINE:
        entries, blobs = await call_in_thread(hash_all, files)
        return await call_in_thread(_offline.keep_files, client.settings, run, entries, blobs, _calls(entries))
    entries = await send_files(client, run.workspace, files, Counting())
    return await log_files(client, run.workspace, run.run_id, entries)


async def log_files(client: Connection, workspace: str, run_id: str, entries: Sequence[v1.FileEntry]) -> v1.Manifest:
    """Add files, whose blobs are stored, to those of a run; returns all that it has then."""
    request = v1.LogArtifactsRequest(workspace=workspace, run_id=run_id)
    parts = list(_calls(entries))
    if len(parts) == 1:
        request.files.extend(parts[0])
    else:
        # Too many for one call: they are put together aside, and appear in the run in one step.
        request.manifest_digest = (await create_manifest(client, workspace, entries)).digest
    return (await client.artifacts.LogArtifacts(request)).manifest


async def send_files(
    client: Connection, workspace: str, files: Sequence[LocalFile], counting: Counting, *, rehash: bool = False
) -> list[v1.FileEntry]:
    """Hash files, send the blobs that are not stored, and return the files as a manifest has them.

    With `rehash`, digests remembered from earlier uploads do not count. Raises FileChangedError.
    """
    counting.expect(len(files), sum(file.identity.size for file in files))
    hashing = await call_in_thread(Hashing, files, rehash=rehash)
    sender = _BlobSender(client, workspace, hashing.take, counting)
    try:
        await sender.run()
        entries = await call_in_thread(hashing.entries)
    finally:
        hashing.stop()
    # The rest is in the tree more than once.
    done = counting.transfer
    counting.add(saved=done.total - done.moved - done.saved)
    counting.end()
    return entries


async def send_blobs(client: Connection, workspace: str, blobs: Iterable[LocalBlob]) -> None:
    """Send the blobs that are not stored yet."""
    left = list({blob.sha256: blob for blob in blobs}.values())

    lock = threading.Lock()

    def take(most: int) -> list[LocalBlob]:
        with lock:
            taken = left[:most]
            del left[:most]
            return taken

    await _BlobSender(client, workspace, take, Counting()).run()


async def create_manifest(
    client: Connection, workspace: str, entries: Sequence[v1.FileEntry], *, base: str = ""
) -> v1.Manifest:
    """Store a manifest of these files, whose blobs are stored, added to those of the manifest `base` if given."""
    manifest = v1.Manifest(digest=base)
    for part in _calls(entries):
        request = v1.CreateManifestRequest(workspace=workspace, base_digest=manifest.digest, files=part)
        manifest = (await client.artifacts.CreateManifest(request)).manifest
    return manifest


def _calls(entries: Sequence[v1.FileEntry]) -> Iterator[list[v1.FileEntry]]:
    """Divide files over as few calls as the caps allow."""
    part: list[v1.FileEntry] = []
    chunks = 0
    for entry in entries:
        if part and (len(part) == _FILES_A_CALL or chunks + len(entry.chunks) > _CHUNKS_A_CALL):
            yield part
            part, chunks = [], 0
        part.append(entry)
        chunks += len(entry.chunks)
    yield part


class _BlobSender:
    """Sends blobs to the object store where it signs URLs and can be reached, else through the server."""

    def __init__(
        self, client: Connection, workspace: str, take: Callable[[int], list[LocalBlob]], counting: Counting
    ) -> None:
        self._client = client
        self._workspace = workspace
        #: Waits for blobs and returns so many at most; none at the end.
        self._take = take
        self._counting = counting
        self._store = _transfer.ObjectStore(client.settings.ca)
        self._direct = True

    async def run(self) -> None:
        """Send blobs as they come, until there are no more."""
        try:
            await for_each(range(_ASKING), self._work, at_once=_ASKING)
        finally:
            self._store.close()

    async def _work(self, _: int) -> None:
        while blobs := await call_in_thread(self._take, _BLOBS_A_CALL):
            targets = await self._prepare(blobs)
            missing = []
            for blob, target in zip(blobs, targets, strict=True):
                if target.stored:
                    self._counting.add(saved=blob.size)
                else:
                    missing.append((blob, target))
            await for_each(missing, self._send, at_once=_SENDING)

    async def _prepare(self, blobs: Sequence[LocalBlob]) -> list[v1.UploadTarget]:
        specs = [v1.BlobSpec(sha256=blob.sha256, size=blob.size) for blob in blobs]
        request = v1.PrepareUploadRequest(workspace=self._workspace, blobs=specs)
        return list((await self._client.artifacts.PrepareUpload(request)).targets)

    async def _send(self, item: tuple[LocalBlob, v1.UploadTarget]) -> None:
        blob, target = item
        if not await self._send_to_store(blob, target):
            await self._send_through_server(blob)
        self._counting.add(moved=blob.size)

    async def _send_to_store(self, blob: LocalBlob, target: v1.UploadTarget) -> bool:
        """Return whether the blob is stored; False where the server had better do it."""
        for attempt in range(_STORE_TRIES):
            if not target.url or not self._direct:
                return False
            try:
                await call_in_thread(self._store.put, target.url, blob, dict(target.headers))
                return True
            except _transfer.StoreError as error:
                if error.unreachable:
                    # This client may have no way to the store; the server has.
                    self._direct = False
                elif error.expired:
                    (target,) = await self._prepare([blob])
                    if target.stored:
                        return True
                elif error.refused:
                    await call_in_thread(blob.check)
                    return False
                else:
                    await sleep(0.2 * 2**attempt)
        return False

    async def _send_through_server(self, blob: LocalBlob) -> None:
        # Storing a blob twice changes nothing, so the stream may be begun again, which a stub cannot do by itself.
        # The time for tries begins with the first failure, and anew whenever something arrived.
        attempts: Attempts | None = None
        start = 0
        while True:
            try:
                await self._client.artifacts.WriteBlob(_messages(blob, start), timeout=BLOB_TIMEOUT)
                return
            except (InvalidArgumentError, InternalError):
                # The bytes are not what was announced, or cannot be read: most likely somebody writes to the file.
                await call_in_thread(blob.check)
                if not start:
                    raise
                # Or what was kept of an earlier try is wrong; it is gone now.
                start = 0
                continue
            except PreconditionError as error:
                if error.reason != "UPLOAD_OFFSET_MISMATCH":
                    raise
                start = 0
                continue
            except RunloreError as error:
                failure = error
            attempts = attempts or self._client.transport.attempts(safe=True)
            await self._client.transport.after(failure, attempts)
            kept = await self._kept(blob)
            if kept is None:
                return
            if kept > start:
                attempts = None
            start = kept

    async def _kept(self, blob: LocalBlob) -> int | None:
        """Return how many bytes of a blob the server keeps; None when it is stored, not just all there."""
        request = v1.GetUploadStatusRequest(sha256=blob.sha256)
        try:
            status = await self._client.artifacts.GetUploadStatus(request, timeout=_STATUS_TIMEOUT)
        except RunloreError:
            # What is wrong is told by the next try at the blob itself.
            return 0
        return None if status.stored else status.kept_bytes


def _messages(blob: LocalBlob, start: int) -> Iterator[v1.WriteBlobRequest]:
    yield v1.WriteBlobRequest(blob=v1.BlobSpec(sha256=blob.sha256, size=blob.size), offset=start)
    for piece in blob.pieces(start):
        yield v1.WriteBlobRequest(data=piece)
