"""ArtifactService through a real server, its blobs in a local folder and in a real S3 bucket."""

from __future__ import annotations

import asyncio
import hashlib
import random
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import urllib3

from runlore import v1
from runlore.manifest import CHUNK_BYTES, Tree
from tests.harness.postgres import Databases, scratch_folder
from tests.harness.server import ServerProcess, serving
from tests.harness.wire import Stubs, refused
from tests.s3 import S3Server

ABSENT = "0" * 64


@pytest.fixture(scope="module")
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


# --- blobs


def test_a_blob_comes_back(on: Stubs) -> None:
    content = random.Random(1).randbytes(3_000_001)
    digest = write(on, content)
    assert read(on, digest) == content
    assert read(on, digest, offset=2_999_999) == content[2_999_999:]
    assert read(on, digest, offset=5, length=7) == content[5:12]
    assert read(on, digest, offset=len(content)) == b""
    assert read(on, digest, offset=len(content) + 1, length=1) == b""


def test_the_largest_blob(on: Stubs) -> None:
    content = secrets.token_bytes(16) * (CHUNK_BYTES // 16)
    digest = write(on, content, 4 * 1024 * 1024)
    assert sha256(read(on, digest)) == digest


def test_writing_a_stored_blob_again_is_fine(on: Stubs) -> None:
    content = secrets.token_bytes(5_000_000)
    for _ in range(2):
        digest = write(on, content)
    # Whatever follows, what is stored stays.
    on.artifact.WriteBlob(messages(digest, len(content), b"other bytes"))
    assert read(on, digest) == content


@pytest.mark.parametrize(
    "pieces", [(b"other",), (b"hell",), (b"hello", b"!"), ()], ids=["other", "short", "long", "none"]
)
def test_bytes_that_are_not_the_announced_ones(on: Stubs, pieces: tuple[bytes, ...]) -> None:
    content = secrets.token_hex(8).encode() + b"hello"
    digest = sha256(content)
    sent = [content[:-5] + piece if i == 0 else piece for i, piece in enumerate(pieces)]
    with refused("DIGEST_MISMATCH") as found:
        on.artifact.WriteBlob(messages(digest, len(content), *sent))
    assert found[0].code == "INVALID_ARGUMENT"
    assert found[0].metadata["sha256"] == digest
    assert found[0].metadata["actual_sha256"] == sha256(b"".join(sent))
    assert found[0].metadata["actual_size"] == str(sum(map(len, sent)))
    with refused("BLOB_NOT_FOUND"):
        read(on, digest)
    assert not prepare(on, (digest, len(content)))[0].stored


def test_a_stream_that_names_no_blob(stubs: Stubs) -> None:
    for sent in ([], [v1.WriteBlobRequest(data=b"x")]):
        with refused("INVALID_FIELD", "blob"):
            stubs.artifact.WriteBlob(iter(sent))


def test_a_stream_that_names_two_blobs(stubs: Stubs) -> None:
    first, second = sha256(b"1"), sha256(b"2")
    with refused("INVALID_FIELD", "blob"):
        stubs.artifact.WriteBlob(iter([*messages(first, 2, b"1"), *messages(second, 1)]))
    with refused("BLOB_NOT_FOUND"):
        read(stubs, first)


@pytest.mark.parametrize("digest", ["", "../" * 21 + "x", "A" * 64, "0" * 63, "0" * 63 + "\n"])
def test_a_digest_that_is_none(stubs: Stubs, digest: str) -> None:
    with refused("INVALID_FIELD", "sha256"):
        read(stubs, digest)
    with refused("INVALID_FIELD", "blob.sha256"):
        stubs.artifact.WriteBlob(messages(digest, 1, b"x"))
    with refused("INVALID_FIELD", "blobs[0].sha256"):
        prepare(stubs, (digest, 1))


def test_a_blob_that_is_not_stored(on: Stubs) -> None:
    with refused("BLOB_NOT_FOUND") as found:
        read(on, ABSENT)
    assert found[0].code == "NOT_FOUND"
    assert found[0].metadata["sha256"] == ABSENT


# --- preparing uploads


def test_prepare_says_what_is_stored(on: Stubs) -> None:
    content = secrets.token_bytes(100)
    digest, other = write(on, content), sha256(secrets.token_bytes(8))
    targets = prepare(on, (other, 8), (digest, 100), (other, 8))
    assert [(target.sha256, target.stored) for target in targets] == [(other, False), (digest, True), (other, False)]
    assert targets[1].url == ""


def test_prepare_with_another_size_than_the_stored_blob_s(on: Stubs) -> None:
    digest = write(on, secrets.token_bytes(100))
    with refused("INVALID_FIELD", "blobs[1].size"):
        prepare(on, (ABSENT, 1), (digest, 99))
    with refused("INVALID_FIELD", "blob.size"):
        on.artifact.WriteBlob(messages(digest, 99, b"x" * 99))


def test_a_local_folder_signs_no_urls(stubs: Stubs) -> None:
    (target,) = prepare(stubs, (ABSENT, 1))
    assert (target.url, dict(target.headers)) == ("", {})


def test_an_upload_straight_to_the_store(s3_stubs: Stubs, workspace: str, new_run: Callable[[Stubs], str]) -> None:
    content = secrets.token_bytes(2_000_000)
    digest = sha256(content)
    http = urllib3.PoolManager(retries=False)
    (target,) = prepare(s3_stubs, (digest, len(content)))
    # The store itself refuses other bytes, and what it refused does not count.
    answer = http.request("PUT", target.url, body=content[:-1] + b"x", headers=dict(target.headers))
    assert answer.status == 400
    run_id = new_run(s3_stubs)
    with refused("BLOB_MISSING"):
        log(s3_stubs, workspace, run_id, entry("a", content))
    assert http.request("PUT", target.url, body=content, headers=dict(target.headers)).status == 200
    # Known to the store, not yet to the database.
    assert prepare(s3_stubs, (digest, len(content)))[0].stored
    log(s3_stubs, workspace, run_id, entry("a", content))
    request = v1.GetManifestRequest(workspace=workspace, run_id=run_id, include_urls=True)
    (file,) = s3_stubs.artifact.GetManifest(request).files
    assert http.request("GET", file.chunks[0].url).data == content


# --- logging artifacts


def test_logged_files_are_listed_and_read(on: Stubs, workspace: str, new_run: Callable[[Stubs], str]) -> None:
    run_id = new_run(on)
    contents = {
        "model/MLmodel": b"flavors: {}\n",
        "model/data/weights.bin": secrets.token_bytes(1000),
        "model/data/empty": b"",
        "plots/файл 1.png": b"png",
        "README.md": b"read me",
    }
    manifest = upload_and_log(on, workspace, run_id, contents)
    assert manifest == Tree.of(entry(path, content) for path, content in contents.items()).manifest()
    run = on.tracking.GetRun(v1.GetRunRequest(workspace=workspace, run_id=run_id)).run
    assert run.artifact_manifest_digest == manifest.digest

    got = on.artifact.GetManifest(v1.GetManifestRequest(workspace=workspace, run_id=run_id))
    assert got.manifest == manifest
    assert [file.path for file in got.files] == sorted(contents, key=str.encode)
    for file in got.files:
        stored = b"".join(read(on, chunk.sha256) for chunk in file.chunks)
        assert stored == contents[file.path]
        assert all(chunk.url == "" for chunk in file.chunks)
    assert on.artifact.GetManifest(v1.GetManifestRequest(manifest_digest=manifest.digest)) == got
    assert names(on, workspace=workspace, run_id=run_id) == ["README.md", "model", "plots"]
    assert names(on, workspace=workspace, run_id=run_id, path="model/data") == ["empty", "weights.bin"]
    assert names(on, manifest_digest=manifest.digest, path="plots") == ["файл 1.png"]


def test_a_file_of_several_chunks(on: Stubs, workspace: str, new_run: Callable[[Stubs], str]) -> None:
    run_id = new_run(on)
    content = secrets.token_bytes(16) * (CHUNK_BYTES // 16) + b"the rest"
    for at in (0, CHUNK_BYTES):
        write(on, content[at : at + CHUNK_BYTES], 4_000_000)
    log(on, workspace, run_id, entry("weights", content, mode=0o755, media_type="application/x"))
    (file,) = on.artifact.GetManifest(v1.GetManifestRequest(workspace=workspace, run_id=run_id)).files
    assert file == entry("weights", content, mode=0o755, media_type="application/x")
    assert b"".join(read(on, chunk.sha256) for chunk in file.chunks) == content


def test_logging_again_adds_and_replaces(stubs: Stubs, workspace: str, new_run: Callable[[Stubs], str]) -> None:
    run_id = new_run(stubs)
    first = upload_and_log(stubs, workspace, run_id, {"a/one": b"1", "two": b"2"})
    second = upload_and_log(stubs, workspace, run_id, {"a/one": b"11", "a/three": b"3"})
    files = stubs.artifact.GetManifest(v1.GetManifestRequest(workspace=workspace, run_id=run_id)).files
    assert [(file.path, file.size) for file in files] == [("a/one", 2), ("a/three", 1), ("two", 1)]
    earlier = stubs.artifact.GetManifest(v1.GetManifestRequest(manifest_digest=first.digest)).files
    assert [(file.path, file.size) for file in earlier] == [("a/one", 1), ("two", 1)]
    states = [
        (event.before.run.artifact_manifest_digest, event.after.run.artifact_manifest_digest)
        for event in events(stubs, workspace, run_id)
    ]
    assert states == [("", first.digest), (first.digest, second.digest)]


def test_the_same_files_again_are_no_event(stubs: Stubs, workspace: str, new_run: Callable[[Stubs], str]) -> None:
    run_id = new_run(stubs)
    manifests = [upload_and_log(stubs, workspace, run_id, {"a/one": b"1"}) for _ in range(3)]
    assert manifests[0] == manifests[1] == manifests[2]
    assert len(events(stubs, workspace, run_id)) == 1


async def test_calls_at_once_lose_nothing(
    aio_stubs: Stubs, stubs: Stubs, workspace: str, new_run: Callable[[Stubs], str]
) -> None:
    run_id = new_run(stubs)
    write(stubs, b"x")
    paths = [f"shared/{n % 3}/file-{n}" for n in range(24)] + [f"top-{n}" for n in range(8)]

    async def one(path: str) -> None:
        request = v1.LogArtifactsRequest(workspace=workspace, run_id=run_id, files=[entry(path, b"x")])
        await aio_stubs.artifact.LogArtifacts(request)

    await asyncio.gather(*map(one, paths))
    got = stubs.artifact.GetManifest(v1.GetManifestRequest(workspace=workspace, run_id=run_id))
    assert [file.path for file in got.files] == sorted(paths)
    assert got.manifest == Tree.of(entry(path, b"x") for path in paths).manifest()
    logged = events(stubs, workspace, run_id)
    assert len(logged) == len(paths)
    assert [event.before.run.artifact_manifest_digest for event in logged[1:]] == [
        event.after.run.artifact_manifest_digest for event in logged[:-1]
    ]


async def test_the_same_folders_in_many_runs_at_once(
    aio_stubs: Stubs, stubs: Stubs, workspace: str, new_run: Callable[[Stubs], str]
) -> None:
    runs = [new_run(stubs) for _ in range(8)]
    write(stubs, b"y")
    files = [entry(f"{a}/{b}/{workspace}", b"y") for a in "abc" for b in "abc"]

    async def one(run_id: str) -> str:
        shuffled = random.Random(run_id).sample(files, len(files))
        request = v1.LogArtifactsRequest(workspace=workspace, run_id=run_id, files=shuffled)
        return str((await aio_stubs.artifact.LogArtifacts(request)).manifest.digest)

    assert set(await asyncio.gather(*map(one, runs))) == {Tree.of(files).manifest().digest}


def test_many_files_at_once(stubs: Stubs, workspace: str, new_run: Callable[[Stubs], str]) -> None:
    run_id = new_run(stubs)
    write(stubs, b"x")
    files = [entry(f"folder-{n % 100}/file-{n}", b"x") for n in range(10_000)]
    assert log(stubs, workspace, run_id, *files).file_count == 10_000
    more = [entry(f"more-{n % 100}/file-{n}", b"x") for n in range(10_000)]
    log(stubs, workspace, run_id, *more)
    request = v1.GetManifestRequest(workspace=workspace, run_id=run_id)
    assert len(stubs.artifact.GetManifest(request).files) == 20_000
    log(stubs, workspace, run_id, entry("one more", b"x"))
    first = stubs.artifact.GetManifest(request)
    # The run grows meanwhile: the pages are still of the manifest that the first one named.
    log(stubs, workspace, run_id, entry("and another", b"x"))
    request.page_token = first.next_page_token
    last = stubs.artifact.GetManifest(request)
    paths = [file.path for file in (*first.files, *last.files)]
    assert paths == sorted(file.path for file in (*files, *more, entry("one more", b"")))
    assert (first.manifest, last.next_page_token) == (last.manifest, "")
    request.ClearField("page_token")
    request.path = "folder-7"
    assert len(stubs.artifact.GetManifest(request).files) == 100


# --- what logging refuses


@pytest.mark.parametrize(
    "path",
    [
        "",
        "../a",
        "a/../../b",
        "..",
        "/etc/passwd",
        "a\\b",
        "..\\a",
        "a\0b",
        "a\nb",
        "a//b",
        "a/",
        "./a",
        ".",
        "a" * 1025,
    ],
)
def test_a_path_that_leads_elsewhere(stubs: Stubs, workspace: str, new_run: Callable[[Stubs], str], path: str) -> None:
    run_id = new_run(stubs)
    write(stubs, b"x")
    with refused("INVALID_FIELD") as found:
        log(stubs, workspace, run_id, entry("fine", b"x"), entry(path, b"x"))
    assert found[0].code == "INVALID_ARGUMENT"
    assert set(found[0].fields) == {"files[1].path"}
    assert unchanged(stubs, workspace, run_id)
    if path:
        for call, request in (
            (stubs.artifact.ListArtifacts, v1.ListArtifactsRequest),
            (stubs.artifact.GetManifest, v1.GetManifestRequest),
        ):
            with refused("INVALID_FIELD", "path"):
                call(request(workspace=workspace, run_id=run_id, path=path))


def test_a_path_twice(stubs: Stubs, workspace: str, new_run: Callable[[Stubs], str]) -> None:
    run_id = new_run(stubs)
    write(stubs, b"x")
    with refused("INVALID_FIELD", "files[2].path"):
        log(stubs, workspace, run_id, entry("a", b"x"), entry("b", b"x"), entry("a", b"x"))
    assert unchanged(stubs, workspace, run_id)


def test_a_file_and_a_folder_of_one_name(stubs: Stubs, workspace: str, new_run: Callable[[Stubs], str]) -> None:
    run_id = new_run(stubs)
    write(stubs, b"x")
    with refused("PATH_CONFLICT", "files[1].path") as found:
        log(stubs, workspace, run_id, entry("a", b"x"), entry("a/b", b"x"))
    assert found[0].metadata["path"] == "a/b"
    assert unchanged(stubs, workspace, run_id)
    first = log(stubs, workspace, run_id, entry("a", b"x"), entry("c/d", b"x"))
    for path in ("a/b", "c"):
        with refused("PATH_CONFLICT", "files[1].path"):
            log(stubs, workspace, run_id, entry("fine", b"x"), entry(path, b"x"))
    now = stubs.artifact.GetManifest(v1.GetManifestRequest(workspace=workspace, run_id=run_id)).manifest
    assert now == first


def test_blobs_that_are_not_stored(on: Stubs, workspace: str, new_run: Callable[[Stubs], str]) -> None:
    run_id = new_run(on)
    write(on, b"x")
    absent = [secrets.token_bytes(8) for _ in range(2)]
    with refused("BLOB_MISSING") as found:
        log(on, workspace, run_id, entry("a", b"x"), *(entry(f"b{i}", content) for i, content in enumerate(absent)))
    assert found[0].code == "FAILED_PRECONDITION"
    assert found[0].metadata["missing"] == "2"
    assert found[0].metadata["first"] == min(map(sha256, absent))
    assert unchanged(on, workspace, run_id)


def test_chunks_that_are_not_those_of_the_file(stubs: Stubs, workspace: str, new_run: Callable[[Stubs], str]) -> None:
    run_id = new_run(stubs)
    write(stubs, b"hello")
    uncut = entry("a", b"hello")
    uncut.size = 6
    with refused("INVALID_FIELD", "files[0].chunks"):
        log(stubs, workspace, run_id, uncut)
    # Consistent in itself, and not what is stored.
    uncut.chunks[0].size = 6
    with refused("INVALID_FIELD", "files[0].chunks[0].size"):
        log(stubs, workspace, run_id, uncut)
    other = entry("a", b"hello")
    other.sha256 = ABSENT
    with refused("INVALID_FIELD", "files[0].chunks"):
        log(stubs, workspace, run_id, other)
    assert unchanged(stubs, workspace, run_id)


def test_a_run_that_is_not_there(stubs: Stubs, workspace: str, new_run: Callable[[Stubs], str]) -> None:
    elsewhere = new_run(stubs)
    for run_id, named in (("0" * 32, workspace), (elsewhere, "another-workspace")):
        with refused("RUN_NOT_FOUND") as found:
            log(stubs, named, run_id, entry("a", b""))
        assert found[0].metadata["run_id"] == run_id
        with refused("RUN_NOT_FOUND"):
            names(stubs, workspace=named, run_id=run_id)
        with refused("RUN_NOT_FOUND"):
            stubs.artifact.GetManifest(v1.GetManifestRequest(workspace=named, run_id=run_id))
    assert unchanged(stubs, workspace, elsewhere)


# --- listing and reading manifests


def test_pages_of_a_folder(stubs: Stubs, workspace: str, new_run: Callable[[Stubs], str]) -> None:
    run_id = new_run(stubs)
    contents = dict.fromkeys(["b", "a.txt", "a/x", "é", "～", "😀", "Z", "a-b"], b"x")
    upload_and_log(stubs, workspace, run_id, contents)
    request = v1.ListArtifactsRequest(workspace=workspace, run_id=run_id, page_size=3)
    pages: list[list[str]] = []
    while True:
        page = stubs.artifact.ListArtifacts(request)
        pages.append([found.name for found in page.entries])
        request.page_token = page.next_page_token
        if not page.next_page_token:
            break
        # The run grows meanwhile: the listing is still of the folder as it was.
        upload_and_log(stubs, workspace, run_id, {f"added-{len(pages)}": b"x"})
    assert pages == [["Z", "a", "a-b"], ["a.txt", "b", "é"], ["\uff5e", "\U0001f600"]]


def test_a_page_token_of_another_request(stubs: Stubs, workspace: str, new_run: Callable[[Stubs], str]) -> None:
    run_id = new_run(stubs)
    manifest = upload_and_log(stubs, workspace, run_id, {"a/1": b"x", "a/2": b"x", "b": b"x"})
    request = v1.ListArtifactsRequest(workspace=workspace, run_id=run_id, page_size=1)
    token = stubs.artifact.ListArtifacts(request).next_page_token
    for other in (
        v1.ListArtifactsRequest(workspace=workspace, run_id=run_id, path="a", page_token=token),
        v1.ListArtifactsRequest(manifest_digest=manifest.digest, page_token=token),
        v1.ListArtifactsRequest(workspace=workspace, run_id=run_id, page_token=token[:-2] + "AA"),
        v1.ListArtifactsRequest(workspace=workspace, run_id=run_id, page_token="nonsense"),
    ):
        with refused("INVALID_PAGE_TOKEN", "page_token"):
            stubs.artifact.ListArtifacts(other)


def test_entries_of_a_folder(stubs: Stubs, workspace: str, new_run: Callable[[Stubs], str]) -> None:
    run_id = new_run(stubs)
    upload_and_log(stubs, workspace, run_id, {"m/a": b"1", "m/sub/b": b"22", "m/sub/c": b"333"})
    listed = stubs.artifact.ListArtifacts(v1.ListArtifactsRequest(workspace=workspace, run_id=run_id, path="m"))
    file, folder = listed.entries
    assert (file.name, file.size, file.file) == ("a", 1, entry("m/a", b"1", mode=0o644, sha256_checked=True))
    assert (folder.name, folder.size, folder.folder.file_count) == ("sub", 5, 2)
    # A folder is a manifest of its own.
    got = stubs.artifact.GetManifest(v1.GetManifestRequest(manifest_digest=folder.folder.digest))
    assert [found.path for found in got.files] == ["b", "c"]
    below = stubs.artifact.GetManifest(v1.GetManifestRequest(workspace=workspace, run_id=run_id, path="m/sub"))
    assert below == got


def test_the_manifest_of_one_file(stubs: Stubs, workspace: str, new_run: Callable[[Stubs], str]) -> None:
    run_id = new_run(stubs)
    content = secrets.token_bytes(9)
    upload_and_log(stubs, workspace, run_id, {"a/b.bin": content, "c": b"x"})
    got = stubs.artifact.GetManifest(v1.GetManifestRequest(workspace=workspace, run_id=run_id, path="a/b.bin"))
    assert list(got.files) == [entry("b.bin", content, mode=0o644, sha256_checked=True)]
    assert got.manifest == Tree.of(got.files).manifest()
    assert stubs.artifact.GetManifest(v1.GetManifestRequest(manifest_digest=got.manifest.digest)) == got


def test_a_run_without_artifacts(stubs: Stubs, workspace: str, new_run: Callable[[Stubs], str]) -> None:
    run_id = new_run(stubs)
    assert names(stubs, workspace=workspace, run_id=run_id) == []
    with refused("ARTIFACT_NOT_FOUND"):
        names(stubs, workspace=workspace, run_id=run_id, path="a")
    with refused("ARTIFACT_NOT_FOUND"):
        stubs.artifact.GetManifest(v1.GetManifestRequest(workspace=workspace, run_id=run_id))


def test_a_path_with_nothing_at_it(stubs: Stubs, workspace: str, new_run: Callable[[Stubs], str]) -> None:
    run_id = new_run(stubs)
    manifest = upload_and_log(stubs, workspace, run_id, {"a/b": b"x"})
    for source in ({"workspace": workspace, "run_id": run_id}, {"manifest_digest": manifest.digest}):
        for path in ("b", "a/c", "a/b/c"):
            with refused("ARTIFACT_NOT_FOUND") as found:
                names(stubs, path=path, **source)
            assert found[0].metadata["path"] == path
            with refused("ARTIFACT_NOT_FOUND"):
                stubs.artifact.GetManifest(v1.GetManifestRequest(path=path, **source))
        with refused("INVALID_FIELD", "path"):
            names(stubs, path="a/b", **source)


def test_a_manifest_that_is_not_stored(stubs: Stubs) -> None:
    with refused("MANIFEST_NOT_FOUND") as found:
        names(stubs, manifest_digest=ABSENT)
    assert found[0].metadata["manifest_digest"] == ABSENT
    with refused("MANIFEST_NOT_FOUND"):
        stubs.artifact.GetManifest(v1.GetManifestRequest(manifest_digest=ABSENT, path="a"))


# --- failures of the store


def test_a_blob_store_that_stops_answering(server: ServerProcess) -> None:
    with grpc.insecure_channel(server.address) as channel:
        on = Stubs(channel)
        run_id = on.tracking.CreateRun(v1.CreateRunRequest(experiment_id="0")).run.run_id
        folder: Path = server.data / "artifacts" / "tmp"
        folder.rmdir()
        with refused("BLOB_STORE_UNAVAILABLE") as found:
            write(on, b"x")
        assert found[0].code == "UNAVAILABLE"
        assert found[0].retry_after
        assert str(server.data) not in found[0].message
        with refused("BLOB_MISSING"):
            log(on, "", run_id, entry("a", b"x"))
        folder.mkdir()
        write(on, b"x")
        assert log(on, "", run_id, entry("a", b"x")).file_count == 1
