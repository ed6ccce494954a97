"""The commands gc and fsck beside a server, uploads that are cut, and trees of very many files."""

from __future__ import annotations

import hashlib
import io
import json
import secrets
import threading
import time
from collections.abc import Iterator

import grpc
import psycopg
import pytest

from runlore import v1
from runlore.manifest import CHUNK_BYTES, Tree
from runlore_server import upkeep
from runlore_server.fsck import Loss
from runlore_server.settings import Settings, load
from tests.harness.postgres import Databases, scratch_folder
from tests.harness.server import ServerProcess, run_command, serving
from tests.harness.wire import UNLIMITED, Stubs, refused
from tests.s3 import S3Server
from tests.service.artifacts import entry, log, messages, read, sha256, write


class Place:
    """A server with a database and a blob store of its own, and the commands for them."""

    def __init__(self, server: ServerProcess, stubs: Stubs, arguments: list[str], env: dict[str, str]) -> None:
        self.server, self.on = server, stubs
        self._arguments, self._env = arguments, env
        self.database = arguments[arguments.index("--database") + 1]

    def command(self, *words: str) -> tuple[int, str]:
        code, out, err = run_command(*words, *self._arguments, env=self._env)
        assert code in (0, 3), err
        return code, out

    @property
    def _settings(self) -> Settings:
        flags = dict(
            zip((flag.removeprefix("--") for flag in self._arguments[::2]), self._arguments[1::2], strict=True)
        )
        return load(flags, self._env)

    def gc(self) -> str:
        """Collect, without a process of its own."""
        return str(upkeep.collect(self.database, self._settings, dry_run=False))

    def fsck(self, *, deep: bool = False) -> list[Loss]:
        """Check, without a process of its own, and return what is lost."""
        return upkeep.check(self.database, self._settings, deep=deep).losses

    def new_run(self) -> str:
        return str(self.on.tracking.CreateRun(v1.CreateRunRequest(experiment_id="0")).run.run_id)

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.database, autocommit=True) as conn:
            conn.execute(statement.encode())

    def age(self) -> None:
        for table in ("blob", "tree"):
            self.execute(f"UPDATE {table} SET wanted_time = now() - interval '30 hours'")


@pytest.fixture(params=["local", "s3"])
def place(request: pytest.FixtureRequest, postgres: Databases) -> Iterator[Place]:
    env: dict[str, str] = {}
    with postgres.fresh() as url, scratch_folder() as folder:
        arguments = ["--database", url, "--data", str(folder)]
        if request.param == "s3":
            s3: S3Server = request.getfixturevalue("s3_server")
            arguments += ["--artifacts", s3.new_url()]
            env = s3.variables()
        with (
            serving(folder, *arguments[:2], *arguments[4:], env=env) as server,
            grpc.insecure_channel(server.address, options=UNLIMITED) as channel,
        ):
            yield Place(server, Stubs(channel), arguments, env)


def test_gc_and_fsck_beside_a_server(place: Place) -> None:
    run_id = place.new_run()
    for content in (b"kept", b"dropped", b"never logged"):
        write(place.on, content)
    log(place.on, "", run_id, entry("a", b"kept"), entry("d/b", b"dropped"))
    place.on.artifact.DeleteArtifacts(v1.DeleteArtifactsRequest(run_id=run_id, paths=["d"]))
    assert place.gc().startswith("deleted 0 blobs (0 bytes)")
    place.age()
    would = json.loads(place.command("gc", "--dry-run", "--json")[1])
    assert (would["is_dry_run"], would["blobs"], would["blob_bytes"], would["trees"]) == (True, 2, 19, 2)
    assert place.gc().startswith("deleted 2 blobs (19 bytes)")
    assert read(place.on, sha256(b"kept")) == b"kept"
    for content in (b"dropped", b"never logged"):
        with refused("BLOB_NOT_FOUND"):
            read(place.on, sha256(content))
        # It is as if it had never been: the same bytes can come again.
        write(place.on, content)
        assert read(place.on, sha256(content)) == content
    code, out = place.command("fsck", "--deep")
    assert (code, out.count("\n")) == (0, 1)
    assert "nothing is lost; 2 objects that no manifest needs (19 bytes)" in out


def test_fsck_names_what_is_lost_and_who_needs_it(place: Place, s3_server: S3Server) -> None:
    run_id = place.new_run()
    contents = {"m/gone": b"gone", "m/other": b"other", "m/same": b"fine"}
    for content in contents.values():
        write(place.on, content)
    log(place.on, "", run_id, *(entry(path, content) for path, content in contents.items()))
    place.on.registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(name="m"))
    source = v1.RunSource(run_id=run_id, path="m")
    place.on.registry.CreateModelVersion(v1.CreateModelVersionRequest(model_name="m", run=source))
    assert place.fsck(deep=True) == []
    damage(place, s3_server, {b"gone": None, b"other": b"OTHER"})
    code, out = place.command("fsck")
    assert code == 3
    (line,) = [line for line in out.splitlines() if line.startswith("lost: ")]
    assert f"blob {sha256(b'gone')}: is not in the blob store, needed by 'gone'" in line
    assert f"run {run_id}" in line
    assert "models:/m/1" in line
    assert "1 LOSSES" in out
    losses = place.fsck(deep=True)
    assert [loss.digest for loss in losses] == [sha256(b"gone"), sha256(b"other")]
    assert losses[1].problem == f"its bytes have the sha256 {sha256(b'OTHER')}"
    damage(place, s3_server, {b"other": b"longer than it was"})
    assert place.fsck()[-1].problem == "has 18 bytes in the blob store and not 5"
    place.execute("DELETE FROM tree WHERE file_count = 3 AND digest IN (SELECT manifest_digest FROM model_version)")
    assert place.fsck()[0].problem == "is not in the database"


def damage(place: Place, s3: S3Server, contents: dict[bytes, bytes | None]) -> None:
    """Put other bytes behind a blob's back, or none."""
    for content, other in contents.items():
        key = f"sha256/{sha256(content)[:2]}/{sha256(content)}"
        artifacts = next((a for a in place._arguments if a.startswith("s3:")), "")
        if artifacts:
            name = f"{artifacts.partition(s3.bucket)[2].strip('/')}/{key}"
            if other is None:
                s3.client().remove_object(s3.bucket, name)
            else:
                s3.client().put_object(s3.bucket, name, io.BytesIO(other), len(other))
        else:
            path = place.server.data / "artifacts" / key
            if other is None:
                path.unlink()
            else:
                path.write_bytes(other)


def test_a_claimed_sha256_is_checked_by_a_deep_fsck(place: Place) -> None:
    run_id = place.new_run()
    content = secrets.token_bytes(8) * (CHUNK_BYTES // 8) + b"the last chunk"
    for chunk in (content[:CHUNK_BYTES], content[CHUNK_BYTES:]):
        write(place.on, chunk, 4_000_000)
    liar = entry("liar", content)
    liar.sha256 = "0" * 64
    liar.sha256_checked = True
    log(
        place.on,
        "",
        run_id,
        entry("honest", content),
        liar,
        entry("copy", content),
        entry("small", content[CHUNK_BYTES:]),
    )

    def checked() -> dict[str, bool]:
        files = place.on.artifact.GetManifest(v1.GetManifestRequest(run_id=run_id)).files
        listed = place.on.artifact.ListArtifacts(v1.ListArtifactsRequest(run_id=run_id)).entries
        assert {e.name: e.file.sha256_checked for e in listed} == {f.path: f.sha256_checked for f in files}
        return {file.path: file.sha256_checked for file in files}

    assert checked() == {"copy": False, "honest": False, "liar": False, "small": True}
    (loss,) = place.fsck(deep=True)
    assert (loss.what, loss.name, loss.problem) == ("file", "liar", f"its bytes have the sha256 {sha256(content)}")
    assert checked() == {"copy": True, "honest": True, "liar": False, "small": True}


def test_a_cut_upload_goes_on(place: Place) -> None:
    content = secrets.token_bytes(6_000_000)
    digest = sha256(content)
    status = v1.GetUploadStatusRequest(sha256=digest)
    cut(place.on, digest, content, 4_000_000)
    kept = kept_bytes(place.on, status)
    assert 0 < kept <= 4_000_000
    with refused("BLOB_NOT_FOUND"):
        read(place.on, digest)
    first = v1.WriteBlobRequest(blob=v1.BlobSpec(sha256=digest, size=len(content)), offset=kept + 1)
    with refused("UPLOAD_OFFSET_MISMATCH", "offset") as found:
        place.on.artifact.WriteBlob(iter([first]))
    assert found[0].metadata["kept_bytes"] == str(kept)
    first.offset = kept
    rest = [v1.WriteBlobRequest(data=content[at : at + 1_000_000]) for at in range(kept, len(content), 1_000_000)]
    assert place.on.artifact.WriteBlob(iter([first, *rest])).size == len(content)
    assert place.on.artifact.GetUploadStatus(status) == v1.GetUploadStatusResponse(stored=True)
    assert read(place.on, digest) == content
    # A wrong beginning is found out, and forgotten.
    other = secrets.token_bytes(3_000_000)
    announced = sha256(other)
    cut(place.on, announced, content, 1_000_000)
    status.sha256 = announced
    kept = kept_bytes(place.on, status)
    first = v1.WriteBlobRequest(blob=v1.BlobSpec(sha256=announced, size=len(other)), offset=kept)
    with refused("DIGEST_MISMATCH"):
        place.on.artifact.WriteBlob(iter([first, v1.WriteBlobRequest(data=other[kept:])]))
    assert place.on.artifact.GetUploadStatus(status) == v1.GetUploadStatusResponse()
    assert write(place.on, other) == announced


def kept_bytes(on: Stubs, status: v1.GetUploadStatusRequest) -> int:
    """Wait until the server has put aside what arrived."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if kept := on.artifact.GetUploadStatus(status).kept_bytes:
            return int(kept)
        time.sleep(0.02)
    raise AssertionError("nothing is kept")


def cut(on: Stubs, digest: str, content: bytes, length: int) -> None:
    """Begin to write a blob, and break off after `length` bytes have been sent."""
    hold = threading.Event()

    def sent() -> Iterator[v1.WriteBlobRequest]:
        pieces = (content[at : min(at + 500_000, length)] for at in range(0, length, 500_000))
        yield from messages(digest, max(len(content) // 2 * 2, length + 1), *pieces)
        hold.wait(1.0)

    call = on.artifact.WriteBlob.future(sent())
    # All of it is on its way: flow control lets a piece pass once the server has read one.
    hold.wait(0.7)
    call.cancel()
    hold.set()


@pytest.mark.slow
def test_a_tree_of_100_000_files(stubs: Stubs, workspace: str) -> None:
    """Logged in ten calls, listed, paged through, registered and resolved."""
    run_id = stubs.tracking.CreateRun(v1.CreateRunRequest(workspace=workspace, experiment_id="0")).run.run_id
    empty = hashlib.sha256().hexdigest()
    paths = [f"{'flat' if n % 2 else f'deep/{n % 300}'}/{n:06}" for n in range(100_000)]
    for start in range(0, len(paths), 10_000):
        files = [v1.FileEntry(path=path, sha256=empty) for path in paths[start : start + 10_000]]
        manifest = stubs.artifact.LogArtifacts(
            v1.LogArtifactsRequest(workspace=workspace, run_id=run_id, files=files)
        ).manifest
    assert manifest.file_count == 100_000
    stubs.registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(workspace=workspace, name="m"))
    version = stubs.registry.CreateModelVersion(
        v1.CreateModelVersionRequest(workspace=workspace, model_name="m", run=v1.RunSource(run_id=run_id))
    ).model_version
    resolved = stubs.registry.Resolve(
        v1.ResolveRequest(workspace=workspace, reference="models:/m/1", include_files=True)
    )
    got = list(resolved.files)
    token = resolved.files_page_token
    while token:
        page = stubs.artifact.GetManifest(
            v1.GetManifestRequest(workspace=workspace, manifest_digest=version.manifest_digest, page_token=token)
        )
        assert 0 < len(page.files) <= 20_000
        got += page.files
        token = page.next_page_token
    assert [file.path for file in got] == sorted(paths)
    assert Tree.of(got).manifest() == manifest
    request = v1.ListArtifactsRequest(workspace=workspace, run_id=run_id, path="flat", page_size=1000)
    page_of_names = stubs.artifact.ListArtifacts(request)
    assert [found.name for found in page_of_names.entries[:2]] == ["000001", "000003"]
    assert page_of_names.next_page_token
