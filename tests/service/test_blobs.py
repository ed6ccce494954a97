"""Blobs through a real server, stored in a local folder and in a real S3 bucket."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
import urllib3

from runlore import v1
from runlore.manifest import CHUNK_BYTES
from tests.harness.server import ServerProcess
from tests.harness.wire import Stubs, refused
from tests.service.artifacts import (
    ABSENT,
    entry,
    log,
    messages,
    prepare,
    read,
    sha256,
    write,
)
from tests.service.artifacts import new_run as new_run
from tests.service.artifacts import on as on
from tests.service.artifacts import s3_stubs as s3_stubs


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
    content = secrets.token_bytes(16)
    first = sha256(content)
    with refused("INVALID_FIELD", "blob"):
        stubs.artifact.WriteBlob(iter([*messages(first, 17, content), *messages(sha256(b"2"), 1)]))
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
