"""Uploads: local files become a run's artifacts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from runlore import _files, _offline, _transfer, v1
from runlore._async_tools import call_in_thread, for_each
from runlore._files import LocalBlob, LocalFile
from runlore._settings import OFFLINE
from runlore.errors import RunloreError

if TYPE_CHECKING:
    from runlore._async.connection import Connection

AT_ONCE = 4
#: Blobs asked about at once: few enough that their URLs are used before they expire.
_BLOBS_A_CALL = 100
#: Files logged at once, as the contract caps them.
_FILES_A_CALL = 10_000
#: Chunks logged at once: with their digests well under a message's 32 MiB.
_CHUNKS_A_CALL = 100_000
_MESSAGE_BYTES = 1024 * 1024
#: Seconds for the up to 16 MiB of a blob: a slow line is not an error.
BLOB_TIMEOUT = 600.0


async def upload(
    client: Connection, run: v1.Run, path: str | os.PathLike[str], artifact_path: str | None, *, keep_name: bool
) -> v1.Manifest:
    """Hash the files, send the blobs that are not stored yet, then log the files; offline, keep copies of them."""
    files = await call_in_thread(_files.collect, path, artifact_path, keep_name=keep_name)
    if client.settings.mode == OFFLINE:
        return await call_in_thread(_offline.keep_files, client.settings, run, files, _calls(files))
    await send_blobs(client, run.workspace, (chunk for file in files for chunk in _chunks(file)))
    manifest = v1.Manifest()
    for part in _calls(files):
        request = v1.LogArtifactsRequest(workspace=run.workspace, run_id=run.run_id, files=part)
        manifest = (await client.artifacts.LogArtifacts(request)).manifest
    return manifest


async def send_blobs(client: Connection, workspace: str, blobs: Iterable[LocalBlob]) -> None:
    """Send the blobs that are not stored yet."""
    distinct = list({blob.sha256: blob for blob in blobs}.values())
    sender = _BlobSender(client, workspace)
    for start in range(0, len(distinct), _BLOBS_A_CALL):
        await sender.send_missing(distinct[start : start + _BLOBS_A_CALL])


def _chunks(file: LocalFile) -> Iterator[LocalBlob]:
    for chunk in file.entry.chunks:
        yield LocalBlob(file.path, chunk.offset, chunk.size, chunk.sha256)


def _calls(files: list[LocalFile]) -> Iterator[list[v1.FileEntry]]:
    """Divide files over as few calls as the caps allow: each call is all or nothing."""
    part: list[v1.FileEntry] = []
    chunks = 0
    for file in files:
        if part and (len(part) == _FILES_A_CALL or chunks + len(file.entry.chunks) > _CHUNKS_A_CALL):
            yield part
            part, chunks = [], 0
        part.append(file.entry)
        chunks += len(file.entry.chunks)
    yield part


class _BlobSender:
    """Sends blobs to the object store where it signs URLs and can be reached, else through the server."""

    def __init__(self, client: Connection, workspace: str) -> None:
        self._client = client
        self._workspace = workspace
        self._direct = True

    async def send_missing(self, blobs: list[LocalBlob]) -> None:
        request = v1.PrepareUploadRequest(
            workspace=self._workspace, blobs=[v1.BlobSpec(sha256=b.sha256, size=b.size) for b in blobs]
        )
        response = await self._client.artifacts.PrepareUpload(request)
        targets = {target.sha256: target for target in response.targets}
        missing = [(b, targets[b.sha256]) for b in blobs if not targets[b.sha256].stored]
        await for_each(missing, self._send, at_once=AT_ONCE)

    async def _send(self, item: tuple[LocalBlob, v1.UploadTarget]) -> None:
        blob, target = item
        data = await call_in_thread(blob.read)
        if target.url and self._direct:
            try:
                await call_in_thread(_transfer.put, target.url, data, dict(target.headers))
                return
            except _transfer.StoreError:
                # This client may have no way to the store; the server has.
                self._direct = False
        await self._send_through_server(blob, data)

    async def _send_through_server(self, blob: LocalBlob, data: bytes) -> None:
        # Storing a blob twice changes nothing, so the stream may be begun again, which a stub cannot do by itself.
        attempts = self._client.transport.attempts(safe=True, timeout=BLOB_TIMEOUT)
        while True:
            try:
                await self._client.artifacts.WriteBlob(_messages(blob, data), timeout=attempts.remaining())
                return
            except RunloreError as error:
                failure = error
            await self._client.transport.after(failure, attempts)


def _messages(blob: LocalBlob, data: bytes) -> Iterator[v1.WriteBlobRequest]:
    yield v1.WriteBlobRequest(blob=v1.BlobSpec(sha256=blob.sha256, size=blob.size))
    for start in range(0, len(data), _MESSAGE_BYTES):
        yield v1.WriteBlobRequest(data=data[start : start + _MESSAGE_BYTES])
