"""ArtifactService: blobs in and out, and the manifests that name them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeVar

from runlore import v1
from runlore.manifest import check_chunks, check_path
from runlore_server import calls, errors
from runlore_server.blob import BlobStore
from runlore_server.db import Connection, Database
from runlore_server.pages import PageTokens, page_size
from runlore_server.sequencer import Sequencer
from runlore_server.services import downloads
from runlore_server.services.base import Methods
from runlore_server.services.uploads import Uploads
from runlore_server.store import blobs, manifests, runs

T = TypeVar("T")

#: How often blobs are looked for again that were collected between being found and being logged.
_ATTEMPTS = 3


class ArtifactService(Methods, v1.ArtifactServiceServicer):
    """Stores and serves files. Each method: see artifact.proto."""

    def __init__(self, db: Database, blob_store: BlobStore, pages: PageTokens, sequencer: Sequencer) -> None:
        """Serve manifests from a database and bytes from a blob store; `sequencer` is told of every change."""
        super().__init__(db, pages, sequencer)
        self._blob_store = blob_store
        self._uploads = Uploads(db, blob_store)

    async def PrepareUpload(self, request: v1.PrepareUploadRequest, context: Any) -> v1.PrepareUploadResponse:
        """Announce the blobs, and sign a URL for each that is not stored, so that no upload is repeated."""
        stored = await self._uploads.announce({blob.sha256: blob.size for blob in request.blobs})
        for index, blob in enumerate(request.blobs):
            _check_size(f"blobs[{index}].size", blob.size, stored.get(blob.sha256))
        targets = []
        for blob in request.blobs:
            target = v1.UploadTarget(sha256=blob.sha256, stored=blob.sha256 in stored)
            signed = None if target.stored else self._blob_store.presign_put(blob.sha256, blob.size)
            if signed is not None:
                target.url = signed[0]
                target.headers.update(signed[1])
            targets.append(target)
        return v1.PrepareUploadResponse(targets=targets)

    async def WriteBlob(self, requests: AsyncIterator[v1.WriteBlobRequest], context: Any) -> v1.WriteBlobResponse:
        """Hand the bytes on to the blob store, which checks them; a blob that is stored is not read again."""
        blob, offset = await _announced(requests)
        stored = await self._uploads.announce({blob.sha256: blob.size})
        _check_size("blob.size", blob.size, stored.get(blob.sha256))
        if not stored:
            await self._uploads.write(blob.sha256, blob.size, _data(requests), offset)
        return v1.WriteBlobResponse(sha256=blob.sha256, size=blob.size)

    async def GetUploadStatus(self, request: v1.GetUploadStatusRequest, context: Any) -> v1.GetUploadStatusResponse:
        """Look into the database, and for a blob that is not stored into what the blob store keeps of it."""
        if await self._db.read(lambda conn: blobs.stored(conn, [request.sha256])):
            return v1.GetUploadStatusResponse(stored=True)
        return v1.GetUploadStatusResponse(kept_bytes=await self._blob_store.kept(request.sha256))

    async def ReadBlob(self, request: v1.ReadBlobRequest, context: Any) -> AsyncIterator[v1.ReadBlobResponse]:
        """Pass the blob store's bytes on."""
        async for data in self._blob_store.read(request.sha256, request.offset, request.length):
            yield v1.ReadBlobResponse(data=data)

    async def LogArtifacts(self, request: v1.LogArtifactsRequest, context: Any) -> v1.LogArtifactsResponse:
        """See that every blob is stored, then merge under the run's lock: no two calls lose each other's files."""
        workspace = calls.current().workspace(request.workspace)
        if not request.files and not request.manifest_digest:
            raise errors.invalid_field("files", "is empty: give 1 to 10,000 files, or a manifest_digest")
        _check_files(request.files)
        await self._db.read(lambda conn: runs.require_active(conn, workspace, request.run_id))

        async def work(conn: Connection) -> v1.LogArtifactsResponse:
            locked = await runs.lock_active(conn, workspace, request.run_id)
            digest = locked.run.artifact_manifest_digest
            if request.manifest_digest:
                digest = (await manifests.merge_manifest(conn, digest, request.manifest_digest)).digest
            manifest = await manifests.merge_files(conn, digest, request.files)
            await runs.set_manifest(conn, locked, manifest.digest, v1.EVENT_KIND_RUN_ARTIFACTS_LOGGED)
            return v1.LogArtifactsResponse(manifest=manifest)

        response = await self._with_blobs(request.files, work)
        self._sequencer.wake()
        return response

    async def CreateManifest(self, request: v1.CreateManifestRequest, context: Any) -> v1.CreateManifestResponse:
        """See that every blob is stored, then store the folders; no event: nothing refers to them yet."""
        _check_files(request.files)

        async def work(conn: Connection) -> v1.CreateManifestResponse:
            if request.base_digest:
                await manifests.hold(conn, request.base_digest)
            manifest = await manifests.merge_files(conn, request.base_digest, request.files)
            return v1.CreateManifestResponse(manifest=manifest)

        return await self._with_blobs(request.files, work)

    async def _with_blobs(self, files: Sequence[v1.FileEntry], work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do a transaction's work while the blobs of these files are stored and cannot be collected."""

        async def held(conn: Connection) -> T | None:
            return await work(conn) if await blobs.hold(conn, found) else None

        for _ in range(_ATTEMPTS):
            found = await self._require_blobs(files)
            done = await self._db.write(held)
            if done is not None:
                return done
        raise errors.contention()

    async def DeleteArtifacts(self, request: v1.DeleteArtifactsRequest, context: Any) -> v1.DeleteArtifactsResponse:
        """Take the paths out under the run's lock, all or none of them."""
        workspace = calls.current().workspace(request.workspace)
        for index, path in enumerate(request.paths):
            check_folder(f"paths[{index}]", path)

        async def change(conn: Connection) -> v1.DeleteArtifactsResponse:
            locked = await runs.lock_active(conn, workspace, request.run_id)
            before = locked.run.artifact_manifest_digest
            manifest = await manifests.remove_paths(conn, before, request.paths, f"run {request.run_id}")
            await runs.set_manifest(conn, locked, manifest.digest, v1.EVENT_KIND_RUN_ARTIFACTS_DELETED)
            return v1.DeleteArtifactsResponse(manifest=manifest)

        return await self._once(request, v1.DeleteArtifactsResponse, change)

    async def ListArtifacts(self, request: v1.ListArtifactsRequest, context: Any) -> v1.ListArtifactsResponse:
        """Page through one folder as it was when the first page was asked for: a token holds the folder's digest."""
        check_folder("path", request.path)
        resume = self._pages.decode(request, request.page_token)
        size = page_size(request.page_size)

        async def work(conn: Connection) -> v1.ListArtifactsResponse:
            digest, offset = resume or (await self._folder(conn, request), 0)
            if digest is None:
                return v1.ListArtifactsResponse()
            found = await manifests.list_folder(conn, digest, request.path, offset, size + 1)
            page, more = self._pages.cut(request, found, size, lambda _: [digest, offset + size])
            return v1.ListArtifactsResponse(entries=page, next_page_token=more)

        return await self._db.read(work)

    async def GetManifest(self, request: v1.GetManifestRequest, context: Any) -> v1.GetManifestResponse:
        """Page through the files of the manifest that the first page found: a token holds its digest."""
        check_folder("path", request.path)
        resume = self._pages.decode(request, request.page_token)

        async def work(conn: Connection) -> v1.GetManifestResponse:
            if resume is not None:
                manifest, offset = await manifests.get(conn, resume[0]), resume[1]
            else:
                manifest, offset = await self._manifest(conn, request), 0
            files = await downloads.page(conn, manifest, offset, request.page_size, request.include_urls)
            end = offset + len(files)
            more = self._pages.encode(request, [manifest.digest, end]) if end < manifest.file_count else ""
            return v1.GetManifestResponse(manifest=manifest, files=files, next_page_token=more)

        # The manifest of a file alone may have to be stored.
        response = await (self._db.write if request.path and not resume else self._db.read)(work)
        if request.include_urls:
            await downloads.sign_urls(self._blob_store, response.files)
        return response

    async def _require_blobs(self, files: Sequence[v1.FileEntry]) -> dict[str, int]:
        """Return the blobs of these files that are stored; raises BLOB_MISSING unless all are."""
        wanted = {chunk.sha256: chunk.size for file in files for chunk in file.chunks}
        stored = await self._uploads.find(wanted)
        if len(stored) < len(wanted):
            raise errors.blob_missing(sorted(wanted.keys() - stored.keys()))
        for i, file in enumerate(files):
            for j, chunk in enumerate(file.chunks):
                _check_size(f"files[{i}].chunks[{j}].size", chunk.size, stored[chunk.sha256])
        return stored

    async def _source(
        self, conn: Connection, request: v1.ListArtifactsRequest | v1.GetManifestRequest
    ) -> tuple[str, str]:
        """Return the digest of the root that a request means (empty: a run without artifacts), and its name."""
        if request.WhichOneof("source") == "run_id":
            run = await runs.get(conn, calls.current().workspace(request.workspace), request.run_id)
            return run.artifact_manifest_digest, f"run {request.run_id}"
        if not await manifests.exists(conn, request.manifest_digest):
            raise errors.manifest_not_found(request.manifest_digest)
        return request.manifest_digest, f"manifest {request.manifest_digest}"

    async def _manifest(self, conn: Connection, request: v1.GetManifestRequest) -> v1.Manifest:
        """Return the manifest of the folder or file that a request means."""
        digest, where = await self._source(conn, request)
        found = await manifests.find(conn, digest, request.path) if digest else None
        if found is None:
            raise errors.artifact_not_found(request.path, where)
        return found

    async def _folder(self, conn: Connection, request: v1.ListArtifactsRequest) -> str | None:
        """Return the digest of the folder to list; None for the root of a run without artifacts."""
        digest, where = await self._source(conn, request)
        if not digest and not request.path:
            return None
        folder = await manifests.find_folder(conn, digest, request.path) if digest else None
        if folder is None:
            raise errors.artifact_not_found(request.path, where)
        return folder


async def _announced(requests: AsyncIterator[v1.WriteBlobRequest]) -> tuple[v1.BlobSpec, int]:
    async for first in requests:
        if first.WhichOneof("content") == "blob":
            return first.blob, first.offset
        break
    raise errors.invalid_field("blob", "is missing: the stream's first message names the blob")


async def _data(requests: AsyncIterator[v1.WriteBlobRequest]) -> AsyncIterator[bytes]:
    async for message in requests:
        if message.WhichOneof("content") != "data":
            raise errors.invalid_field("blob", "comes again: only the stream's first message names the blob")
        yield message.data


def _check_size(field: str, claimed: int, stored: int | None) -> None:
    if stored is not None and claimed != stored:
        raise errors.invalid_field(field, f"is {claimed}, and the blob of that sha256 has {stored} bytes")


def check_folder(field: str, path: str) -> None:
    """Refuse a path that no manifest can hold; empty is the root."""
    if path:
        _check(field, check_path, path)


def _check_files(files: Sequence[v1.FileEntry]) -> None:
    seen: dict[str, int] = {}
    for i, file in enumerate(files):
        _check(f"files[{i}].path", check_path, file.path)
        _check(f"files[{i}].chunks", check_chunks, file)
        first = seen.setdefault(file.path, i)
        if first != i:
            raise errors.invalid_field(f"files[{i}].path", f"'{file.path}' is files[{first}].path too")


def _check(field: str, rule: Any, value: Any) -> None:
    try:
        rule(value)
    except ValueError as error:
        raise errors.invalid_field(field, str(error)) from None
