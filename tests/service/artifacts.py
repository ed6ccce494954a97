"""What tests of ArtifactService share: servers on each kind of blob store, and short ways to send and read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest

from runlore import v1
from runlore.manifest import CHUNK_BYTES
from tests.harness.postgres import Databases, scratch_folder
from tests.harness.server import serving
from tests.harness.wire import Stubs
from tests.s3 import S3Server

ABSENT = "0" * 64


@pytest.fixture(scope="session")
def s3_stubs(postgres: Databases, s3_server: S3Server) -> Iterator[Stubs]:
    """Stubs of a server whose blobs are in a bucket."""
    with (
        postgres.fresh() as url,
        scratch_folder() as folder,
        serving(folder, "--database", url, "--artifacts", s3_server.new_url(), env=s3_server.variables()) as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        yield Stubs(channel)


@pytest.fixture(params=["local", "s3"])
def on(request: pytest.FixtureRequest) -> Stubs:
    """Stubs of a server on each kind of blob store in turn."""
    made: Stubs = request.getfixturevalue("stubs" if request.param == "local" else "s3_stubs")
    return made


@pytest.fixture
def new_run(workspace: str) -> Callable[[Stubs], str]:
    def create(on: Stubs) -> str:
        request = v1.CreateRunRequest(workspace=workspace, experiment_id="0")
        return str(on.tracking.CreateRun(request).run.run_id)

    return create


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def entry(path: str, content: bytes, **fields: Any) -> v1.FileEntry:
    chunks = [content[at : at + CHUNK_BYTES] for at in range(0, len(content), CHUNK_BYTES)]
    return v1.FileEntry(
        path=path,
        size=len(content),
        sha256=sha256(content),
        chunks=[v1.Chunk(offset=i * CHUNK_BYTES, size=len(c), sha256=sha256(c)) for i, c in enumerate(chunks)],
        **fields,
    )


def messages(digest: str, size: int, *pieces: bytes) -> Iterator[v1.WriteBlobRequest]:
    yield v1.WriteBlobRequest(blob=v1.BlobSpec(sha256=digest, size=size))
    for piece in pieces:
        yield v1.WriteBlobRequest(data=piece)


def write(on: Stubs, content: bytes, piece: int = 1_000_000) -> str:
    """Store a blob through the server and return its digest."""
    digest = sha256(content)
    pieces = [content[at : at + piece] for at in range(0, len(content), piece)]
    answer = on.artifact.WriteBlob(messages(digest, len(content), *pieces))
    assert (answer.sha256, answer.size) == (digest, len(content))
    return digest


def read(on: Stubs, digest: str, **fields: int) -> bytes:
    return b"".join(part.data for part in on.artifact.ReadBlob(v1.ReadBlobRequest(sha256=digest, **fields)))


def prepare(on: Stubs, *blobs: tuple[str, int]) -> list[v1.UploadTarget]:
    request = v1.PrepareUploadRequest(blobs=[v1.BlobSpec(sha256=digest, size=size) for digest, size in blobs])
    return list(on.artifact.PrepareUpload(request).targets)


def log(on: Stubs, workspace: str, run_id: str, *files: v1.FileEntry) -> v1.Manifest:
    request = v1.LogArtifactsRequest(workspace=workspace, run_id=run_id, files=files)
    manifest: v1.Manifest = on.artifact.LogArtifacts(request).manifest
    return manifest


def upload_and_log(on: Stubs, workspace: str, run_id: str, contents: dict[str, bytes]) -> v1.Manifest:
    for content in contents.values():
        if content:
            write(on, content)
    return log(on, workspace, run_id, *(entry(path, content) for path, content in contents.items()))


def names(on: Stubs, **request: Any) -> list[str]:
    return [found.name for found in on.artifact.ListArtifacts(v1.ListArtifactsRequest(**request)).entries]


def events(on: Stubs, workspace: str, run_id: str) -> list[v1.Event]:
    request = v1.ListEventsRequest(workspace=workspace, resource_id=run_id, kinds=[v1.EVENT_KIND_RUN_ARTIFACTS_LOGGED])
    return list(on.event.ListEvents(request).events)


def unchanged(on: Stubs, workspace: str, run_id: str) -> bool:
    """Whether a run has no artifacts and no event of any."""
    return not names(on, workspace=workspace, run_id=run_id) and not events(on, workspace, run_id)
