"""Uploads: what is stored is not sent again, what changes meanwhile is refused, what is cut goes on."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import runlore
from runlore import _hashing, v1
from runlore._files import LocalBlob, scan
from runlore._hash_cache import HashCache
from runlore._progress import Transfer
from runlore._sync import pushes, uploads
from runlore._transfer import ObjectStore, StoreError
from runlore.manifest import CHUNK_BYTES
from runlore_server.blob.presign import Signer
from tests.clients.artifacts import mlflow_model, on_s3, tree
from tests.clients.lossy import LossyRelay
from tests.harness.server import ServerProcess, environment
from tests.s3 import S3Server


def settle(folder: Path) -> None:
    """Date files back to where a later change is sure to show."""
    for path in folder.rglob("*"):
        os.utime(path, (time.time() - 60, time.time() - 60))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Forty files of 1 KB."""
    made = tmp_path / "folder"
    made.mkdir()
    for i in range(40):
        (made / f"{i:02}").write_bytes(os.urandom(1000))
    settle(made)
    return made


@pytest.fixture
def s3_client(
    s3_server: S3Server,
    database_url: str,
    data_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[runlore.Client]:
    """A client of a server on the S3 store."""
    monkeypatch.setenv("RUNLORE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("RUNLORE_CAPTURE", "0")
    with on_s3(s3_server, data_folder, database_url) as server, runlore.connect(server.address) as client:
        yield client


def test_a_model_folder_keeps_its_layout_byte_for_byte(client: runlore.Client, tmp_path: Path) -> None:
    folder = mlflow_model(tmp_path / "model")
    version = client.push(folder, "m", description="from MLflow", tags={"team": "ads"})
    assert (version.version, version.run_id, version.file_count) == (1, "", 9)
    assert (version.description, dict(version.tags)) == ("from MLflow", {"team": "ads"})
    assert tree(client.pull("models:/m/1", tmp_path / "out")) == tree(folder)
    assert tree(client.pull("models:/m/1")) == tree(folder)


def test_pushing_again_sends_nothing_and_reads_nothing(
    client: runlore.Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Transfer] = []
    first = pushes.push(client, folder, "m", report=seen.append)
    assert (first.transfer.files, first.transfer.moved, first.transfer.saved) == (40, 40_000, 0)
    assert seen
    monkeypatch.setattr(_hashing, "hash_range", lambda *_: pytest.fail("read a file that did not change"))
    again = pushes.push(client, folder, "m")
    assert (again.transfer.moved, again.transfer.saved) == (0, 40_000)
    assert (again.version.version, again.version.manifest_digest) == (2, first.version.manifest_digest)


def test_rehash_reads_what_only_looks_the_same(client: runlore.Client, folder: Path) -> None:
    first = client.push(folder, "m")
    before = (folder / "07").stat()
    with (folder / "07").open("r+b") as file:
        file.write(b"X" * 10)
    os.utime(folder / "07", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert client.push(folder, "m").manifest_digest == first.manifest_digest, "set back on purpose: not noticed"
    assert client.push(folder, "m", rehash=True).manifest_digest != first.manifest_digest


def test_a_changed_file_is_read_again_and_alone_sent(client: runlore.Client, folder: Path) -> None:
    client.push(folder, "m")
    (folder / "07").write_bytes(os.urandom(1000))
    done = pushes.push(client, folder, "m")
    assert (done.transfer.moved, done.transfer.saved) == (1000, 39_000)


def test_a_change_within_a_large_file_sends_its_chunk(client: runlore.Client, tmp_path: Path) -> None:
    path = tmp_path / "weights"
    path.write_bytes(os.urandom(3 * CHUNK_BYTES + 5))
    client.push(path, "m")
    with path.open("r+b") as file:
        file.seek(CHUNK_BYTES + 100)
        file.write(b"changed")
    done = pushes.push(client, path, "m")
    assert (done.transfer.moved, done.transfer.saved) == (CHUNK_BYTES, 2 * CHUNK_BYTES + 5)
    assert client.pull("models:/m/2/weights").read_bytes() == path.read_bytes()


def test_a_broken_cache_of_digests_is_made_anew(client: runlore.Client, folder: Path, tmp_path: Path) -> None:
    first = client.push(folder, "m")
    database = tmp_path / "cache" / "hashes.sqlite3"
    database.write_bytes(b"garbage" * 1000)
    assert client.push(folder, "m").manifest_digest == first.manifest_digest
    client.push(folder, "m")
    files = scan(folder, None, keep_name=False)
    assert len(HashCache(database).known((f.path, f.identity) for f in files)) == 40


def test_a_file_written_just_now_is_not_remembered(client: runlore.Client, folder: Path, tmp_path: Path) -> None:
    (folder / "07").write_bytes(b"fresh")
    client.push(folder, "m")
    files = scan(folder, None, keep_name=False)
    known = HashCache(tmp_path / "cache" / "hashes.sqlite3").known((f.path, f.identity) for f in files)
    assert {Path(path).name for path in known} == {f"{i:02}" for i in range(40)} - {"07"}


def test_more_files_than_a_call_holds_appear_at_once(client: runlore.Client, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    for i in range(12):
        (folder / f"{i:02}").mkdir(parents=True)
        for j in range(900):
            (folder / f"{i:02}" / f"{j}").touch()
    (folder / "one").write_text("x")
    with client.start_run() as run:
        run.log_artifact(folder / "one", "many")
        manifest = run.log_artifact(folder)
    assert manifest.file_count == 12 * 900 + 1
    request = v1.ListEventsRequest(resource_id=run.run_id, kinds=[v1.EVENT_KIND_RUN_ARTIFACTS_LOGGED])
    logged = client.events.ListEvents(request).events
    assert len(logged) == 2, "one step for each call of log_artifact"
    assert logged[-1].after.run.artifact_manifest_digest == manifest.digest
    pulled = client.pull(f"runs:/{run.run_id}/many/07")
    assert len(list(pulled.iterdir())) == 900


def test_what_is_no_file_is_refused(client: runlore.Client, folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "socket"))
        with pytest.raises(runlore.InvalidArgumentError, match=r"socket' is neither a file nor a folder"):
            client.push(folder, "m")
    (folder / "socket").unlink()
    (folder / "dangling").symlink_to("nowhere")
    with pytest.raises(runlore.InvalidArgumentError, match=r"dangling' leads to nothing"):
        client.push(folder, "m")
    with pytest.raises(runlore.InvalidArgumentError, match="/dev/null' is neither"):
        client.push("/dev/null", "m")
    with pytest.raises(runlore.NotFoundError):
        client.resolve("models:/m/1")


def test_a_file_that_grows_after_it_was_hashed_is_refused(
    client: runlore.Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.push(folder, "m")
    take = _hashing.Hashing.take

    def then_append(self: _hashing.Hashing, most: int) -> list[LocalBlob]:
        found = take(self, most)
        with (folder / "07").open("ab") as file:
            file.write(b"more")
        return found

    monkeypatch.setattr(_hashing.Hashing, "take", then_append)
    with pytest.raises(runlore.FileChangedError, match=r"07' changed while") as caught:
        client.push(folder, "m")
    assert caught.value.metadata["path"].endswith("07")
    with pytest.raises(runlore.NotFoundError):
        client.resolve("models:/m/2")


def test_the_store_refuses_bytes_that_changed(
    s3_client: runlore.Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = _hashing.Hashing.take

    def then_change(self: _hashing.Hashing, most: int) -> list[LocalBlob]:
        found = take(self, most)
        (folder / "07").write_bytes(os.urandom(1000))
        return found

    monkeypatch.setattr(_hashing.Hashing, "take", then_change)
    with pytest.raises(runlore.FileChangedError, match=r"07' changed while"):
        s3_client.push(folder, "m")


def test_an_upload_that_was_interrupted_goes_on(
    s3_client: runlore.Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, sent, lock = ObjectStore.put, [0], threading.Lock()

    def stop_after_ten(*args: object) -> None:
        with lock:
            sent[0] += 1
            if sent[0] > 10:
                raise KeyboardInterrupt
        put(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(ObjectStore, "put", stop_after_ten)
    with s3_client.start_run() as run, pytest.raises(KeyboardInterrupt):
        run.log_artifact(folder)
    assert s3_client.get_run(run.run_id).artifact_manifest_digest == "", "nothing is visible before it is complete"
    again: list[object] = []
    monkeypatch.setattr(ObjectStore, "put", lambda *args: (again.append(1), put(*args)))
    with s3_client.start_run() as run:
        assert run.log_artifact(folder).file_count == 40
    assert len(again) <= 30


def test_an_expired_url_is_renewed(
    s3_client: runlore.Client, s3_server: S3Server, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = s3_server.settings
    signer = Signer(settings.endpoint, settings.access_key, settings.secret_key, settings.region)
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    statuses: list[int] = []
    expired: set[str] = set()
    real = {"put": ObjectStore.put, "get": ObjectStore.get}

    def stale(method: str) -> object:
        def call(self: ObjectStore, url: str, *args: object) -> None:
            path = url.removeprefix(settings.endpoint).partition("?")[0]
            if path not in expired:
                expired.add(path)
                headers = args[1] if method == "put" else {}
                url = signer.presign(method.upper(), path, expires=60, headers=headers, now=long_ago)  # type: ignore[arg-type]
            try:
                real[method](self, url, *args)  # type: ignore[operator]
            except StoreError as error:
                statuses.append(error.status)
                raise

        return call

    for method in real:
        monkeypatch.setattr(ObjectStore, method, stale(method))
    through_server = pytest.fail
    monkeypatch.setattr(uploads._BlobSender, "_send_through_server", lambda *_: through_server("not straight"))
    s3_client.push(folder, "m")
    assert statuses == [403] * 40
    expired.clear()
    assert tree(s3_client.pull("models:/m/1")) == tree(folder)
    assert statuses == [403] * 80


def test_a_cut_stream_goes_on_where_the_server_has_it(
    shared_server: ServerProcess,
    runlore_env: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "weights"
    starts: list[int] = []
    real = uploads._messages

    def recorded(blob: LocalBlob, start: int) -> Iterator[v1.WriteBlobRequest]:
        starts.append(start)
        return real(blob, start)

    monkeypatch.setattr(uploads, "_messages", recorded)
    relay = LossyRelay(shared_server.address)
    try:
        with runlore.connect(relay.address) as client:
            client.search_runs(limit=1)
            for version in range(1, 4):
                # What had arrived may be asked for before the server has put it aside; not every time.
                starts.clear()
                path.write_bytes(os.urandom(CHUNK_BYTES))
                relay.cut_after(6 * 1024 * 1024)
                client.push(path, "m")
                assert len(starts) >= 2
                assert client.pull(f"models:/m/{version}/weights").read_bytes() == path.read_bytes()
                if starts[-1] > 0:
                    break
            assert 0 < starts[-1] <= 6 * 1024 * 1024, "what had arrived was not sent again"
    finally:
        relay.close()


def test_processes_that_log_to_one_run_lose_nothing(
    client: runlore.Client, folder: Path, runlore_env: dict[str, str]
) -> None:
    code = """
import sys, runlore
run = runlore.resume_run(sys.argv[1])
for path in sys.argv[2:]:
    run.log_artifact(path, "shared")
"""
    paths = [str(path) for path in sorted(folder.iterdir())]
    with client.start_run() as run:
        started = [
            subprocess.Popen([sys.executable, "-c", code, run.run_id, *paths[i::4]], env=environment(runlore_env))
            for i in range(4)
        ]
        assert [process.wait(60) for process in started] == [0] * 4
    assert tree(client.pull(f"runs:/{run.run_id}/shared")) == tree(folder)


def test_artifacts_are_deleted_and_versions_keep_theirs(client: runlore.Client, folder: Path) -> None:
    with client.start_run() as run:
        run.log_artifact(folder)
        client.register("m", run, "folder")
        left = client.delete_artifacts(run, ["folder/07", "/folder/08/"])
    assert left.file_count == 38
    assert [e.name for e in client.list_artifacts(f"runs:/{run.run_id}/folder")][7] == "09"
    assert (client.pull("models:/m/1") / "07").read_bytes() == (folder / "07").read_bytes()
    with pytest.raises(runlore.NotFoundError):
        client.delete_artifacts(run, ["folder/09", "folder/07"])
    assert client.get_run(run.run_id).artifact_manifest_digest == left.digest
    with pytest.raises(runlore.InvalidArgumentError, match="paths: is empty"):
        client.delete_artifacts(run, [])
