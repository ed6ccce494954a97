"""Logging artifacts: what is added to a run, and what is refused and leaves it as it was."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Callable

import pytest

from runlore import v1
from runlore.manifest import CHUNK_BYTES, Tree
from tests.harness.wire import Stubs, refused
from tests.service.artifacts import (
    ABSENT,
    entry,
    events,
    log,
    names,
    read,
    sha256,
    unchanged,
    upload_and_log,
    write,
)
from tests.service.artifacts import new_run as new_run
from tests.service.artifacts import on as on
from tests.service.artifacts import s3_stubs as s3_stubs


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
