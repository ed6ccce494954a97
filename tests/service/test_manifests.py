"""Listing folders and reading manifests, a page at a time."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from runlore import v1
from runlore.manifest import Tree
from tests.harness.wire import Stubs, refused
from tests.service.artifacts import ABSENT, entry, names, upload_and_log
from tests.service.artifacts import new_run as new_run


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
