"""Files up and down: every byte verified, nothing outside where it belongs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import runlore
from runlore import _files, v1
from runlore._cache import Cache
from runlore._cache.places import check_files
from runlore._settings import cache_folder
from runlore._transfer import ObjectStore, StoreError
from runlore.manifest import CHUNK_BYTES, Tree
from tests.harness.server import ServerProcess, serving
from tests.s3 import S3Server


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder with a subfolder, an executable, an empty file and a file of several chunks."""
    folder = tmp_path / "model"
    (folder / "code").mkdir(parents=True)
    (folder / "weights.bin").write_bytes(os.urandom(CHUNK_BYTES) + b"rest")
    (folder / "code" / "run.sh").write_text("#!/bin/sh\n")
    (folder / "code" / "run.sh").chmod(0o755)
    (folder / "empty.txt").write_text("")
    (folder / "plot.png").write_bytes(b"not really")
    return folder


@pytest.fixture
def logged(client: runlore.Client, model: Path) -> runlore.Run:
    """A run that logged the folder."""
    with client.start_run("a") as run:
        run.log_artifact(model)
    return run


def blob_file(server: ServerProcess, sha256: str) -> Path:
    """Where the server keeps a blob."""
    (found,) = [p for p in (server.data / "artifacts").rglob(sha256) if p.is_file()]
    return found


def test_a_folder_comes_back_as_it_went(client: runlore.Client, logged: runlore.Run, model: Path) -> None:
    response = client.artifacts.GetManifest(v1.GetManifestRequest(run_id=logged.run_id, path="model"))
    by_path = {f.path: f for f in response.files}
    assert (by_path["code/run.sh"].mode, by_path["empty.txt"].mode) == (0o755, 0o644)
    assert {f.media_type for f in by_path.values()} == {""}, "the digest covers it, and guesses differ by machine"
    assert [c.size for c in by_path["weights.bin"].chunks] == [CHUNK_BYTES, 4]
    folder = client.pull(f"runs:/{logged.run_id}/model")
    assert tree(folder) == tree(model)
    assert os.access(folder / "code" / "run.sh", os.X_OK)
    assert not os.access(folder / "empty.txt", os.X_OK)
    assert folder.name == response.manifest.digest == Tree.of(response.files).manifest().digest


def test_where_artifacts_land(client: runlore.Client, model: Path) -> None:
    with client.start_run() as run:
        run.log_artifact(model / "plot.png")
        run.log_artifact(model / "plot.png", "plots/")
        run.log_artifact(model / "code", "deep/er")
        manifest = run.log_artifacts(model / "code", "flat")
    assert manifest.file_count == 4
    paths = [f.path for f in client.artifacts.GetManifest(v1.GetManifestRequest(run_id=run.run_id)).files]
    assert paths == ["deep/er/code/run.sh", "flat/run.sh", "plot.png", "plots/plot.png"]


def test_bytes_that_are_stored_are_not_sent_again(
    client: runlore.Client, logged: runlore.Run, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> Iterator[bytes]:
        raise AssertionError("read for an upload that was not needed")

    monkeypatch.setattr(_files.LocalBlob, "pieces", never)
    with client.start_run() as run:
        manifest = run.log_artifact(model)
    assert manifest.digest == client.get_run(logged.run_id).artifact_manifest_digest


def test_a_single_file_is_pulled_as_a_file(client: runlore.Client, logged: runlore.Run, tmp_path: Path) -> None:
    path = client.pull(f"runs:/{logged.run_id}/model/plot.png")
    assert (path.name, path.read_bytes()) == ("plot.png", b"not really")
    out = client.pull(f"runs:/{logged.run_id}/model/plot.png", tmp_path / "out")
    assert out == tmp_path / "out" / "plot.png"
    # A folder that holds one file of its own name looks the same in its manifest.
    twin = tmp_path / "same" / "same"
    twin.parent.mkdir()
    twin.write_text("x")
    with client.start_run() as run:
        run.log_artifact(twin.parent)
    assert client.pull(f"runs:/{run.run_id}/same").is_dir()
    assert client.pull(f"runs:/{run.run_id}/same/same").is_file()


def test_a_second_pull_repairs_the_cache(client: runlore.Client, logged: runlore.Run, model: Path) -> None:
    reference = f"runs:/{logged.run_id}/model"
    folder = client.pull(reference)
    weights = folder / "weights.bin"
    assert not weights.stat().st_mode & 0o222, "nobody writes to the cache by mistake"
    weights.chmod(0o644)
    weights.write_bytes(weights.read_bytes()[:-1] + b"X")
    (folder / "empty.txt").unlink()
    (folder / "stranger").write_text("x")
    (folder / "code" / "run.sh").chmod(0o644)
    (folder / "plot.png").unlink()
    (folder / "plot.png").symlink_to("/etc/hostname")
    assert client.pull(reference) == folder
    assert tree(folder) == tree(model)
    assert os.access(folder / "code" / "run.sh", os.X_OK)
    assert not (folder / "plot.png").is_symlink()


def test_an_intact_cache_is_not_downloaded_again(
    client: runlore.Client, logged: runlore.Run, shared_server: ServerProcess
) -> None:
    folder = client.pull(f"runs:/{logged.run_id}/model")
    response = client.artifacts.GetManifest(v1.GetManifestRequest(run_id=logged.run_id, path="model"))
    blobs = [blob_file(shared_server, c.sha256) for f in response.files for c in f.chunks]
    hidden = [b.rename(b.with_suffix(".hidden")) for b in blobs]
    try:
        assert client.pull(f"runs:/{logged.run_id}/model") == folder
    finally:
        for blob, original in zip(hidden, blobs, strict=True):
            blob.rename(original)


def test_damaged_bytes_are_refused_and_not_kept(
    client: runlore.Client, logged: runlore.Run, shared_server: ServerProcess, tmp_path: Path
) -> None:
    response = client.artifacts.GetManifest(v1.GetManifestRequest(run_id=logged.run_id, path="model"))
    chunk = next(f for f in response.files if f.path == "weights.bin").chunks[1]
    blob = blob_file(shared_server, chunk.sha256)
    blob.chmod(0o644)
    blob.write_bytes(b"tser")
    try:
        with pytest.raises(runlore.RunloreError) as caught:
            client.pull(f"runs:/{logged.run_id}/model", tmp_path / "out")
    finally:
        blob.write_bytes(b"rest")
    assert isinstance(caught.value, runlore.IntegrityError)
    assert "'weights.bin' is damaged" in str(caught.value)
    assert not (tmp_path / "out").exists()
    cache = Cache(cache_folder())
    assert list((cache.root / "trees").iterdir()) == []
    assert not cache.partial(response.manifest.digest).exists()
    assert client.pull(f"runs:/{logged.run_id}/model", tmp_path / "out").is_dir()


def test_a_list_of_files_that_is_not_the_registered_one_is_refused() -> None:
    good = v1.FileEntry(path="a", size=0, sha256="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    digest = Tree.of([good]).manifest().digest
    check_files(digest, [good])
    for files, says in [
        ([v1.FileEntry(path="../a", size=0, sha256=good.sha256)], r"'\.\.'"),
        ([v1.FileEntry(path="/a", size=0, sha256=good.sha256)], "absolute"),
        ([v1.FileEntry(path="a", size=3, sha256=good.sha256)], "cover 0 of"),
        ([v1.FileEntry(path="b", size=0, sha256=good.sha256)], "not .* as registered"),
        ([good, good], "not .* as registered"),
        ([], "not .* as registered"),
    ]:
        with pytest.raises(runlore.IntegrityError, match=says):
            check_files(digest, files)


def test_dest_appears_complete_or_is_left_alone(
    client: runlore.Client, logged: runlore.Run, model: Path, tmp_path: Path
) -> None:
    reference, dest = f"runs:/{logged.run_id}/model", tmp_path / "new" / "dest"
    assert client.pull(reference, dest) == dest
    assert client.pull(reference, dest) == dest, "the same files again are fine"
    assert tree(dest) == tree(model)
    assert [p.name for p in dest.parent.iterdir()] == ["dest"]
    (dest / "mine.txt").write_text("keep me")
    with pytest.raises(FileExistsError, match="holds something else"):
        client.pull(reference, dest)
    assert (dest / "mine.txt").read_text() == "keep me"
    empty = tmp_path / "empty"
    empty.mkdir()
    assert tree(client.pull(reference, empty)) == tree(model)


def test_what_cannot_be_logged_is_named(client: runlore.Client, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with client.start_run() as run:
        with pytest.raises(FileNotFoundError, match="nowhere"):
            run.log_artifact(tmp_path / "nowhere")
        with pytest.raises(runlore.InvalidArgumentError, match="has no files"):
            run.log_artifact(folder)
        (folder / "out").symlink_to("/etc/passwd")
        with pytest.raises(runlore.InvalidArgumentError, match=r"out' leads out of the folder"):
            run.log_artifact(folder)
        (folder / "out").unlink()
        (folder / "loop").symlink_to(folder)
        with pytest.raises(runlore.InvalidArgumentError, match=r"loop' leads back"):
            run.log_artifact(folder)
        (folder / "loop").unlink()
        os.mkfifo(folder / "pipe")
        with pytest.raises(runlore.InvalidArgumentError, match=r"pipe' is neither a file nor a folder"):
            run.log_artifact(folder)
        (folder / "pipe").unlink()
        (folder / "back\\slash").write_text("x")
        with pytest.raises(runlore.InvalidArgumentError, match="backslash"):
            run.log_artifact(folder)
        (folder / "back\\slash").unlink()
        (folder / "file").write_text("x")
        for bad in ("../up", "a/../b", "a\0b", "a//b", "a\\b"):
            with pytest.raises(runlore.InvalidArgumentError) as caught:
                run.log_artifact(folder, bad)
            assert list(caught.value.fields) == ["artifact_path"]
        (folder / "within").symlink_to("file")
        run.log_artifact(folder)
    assert client.get_run(run.run_id).artifact_manifest_digest
    assert (client.pull(f"runs:/{run.run_id}/folder") / "within").read_text() == "x"


def test_a_file_that_changes_under_the_upload_is_named(
    client: runlore.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "growing"
    path.write_bytes(b"before")
    scan = _files.scan

    def then_change(*args: object, **kwargs: bool) -> list[_files.LocalFile]:
        found = scan(*args, **kwargs)  # type: ignore[arg-type]
        path.write_bytes(b"after!")
        return found

    monkeypatch.setattr(_files, "scan", then_change)
    with client.start_run() as run, pytest.raises(runlore.FileChangedError, match=r"growing' changed while"):
        run.log_artifact(path)
    assert client.get_run(run.run_id).artifact_manifest_digest == ""


@pytest.mark.parametrize("ref", ["", "m@champion", "runs:/abc/x", "model:/m/1", "s3://b/k"])
def test_references_that_are_none(client: runlore.Client, ref: str) -> None:
    with pytest.raises(runlore.InvalidArgumentError, match=r"^ref: is .*give 'models:/<name>@<alias>'"):
        client.pull(ref)


def test_references_that_lead_nowhere(client: runlore.Client, logged: runlore.Run) -> None:
    for ref, reason in [
        ("models:/none@champion", "MODEL_NOT_FOUND"),
        (f"runs:/{logged.run_id}/none", "ARTIFACT_NOT_FOUND"),
        (f"runs:/{'a' * 32}", "RUN_NOT_FOUND"),
    ]:
        with pytest.raises(runlore.NotFoundError) as caught:
            client.pull(ref)
        assert caught.value.reason == reason


def test_straight_to_and_from_the_object_store(
    s3_server: S3Server,
    database_url: str,
    data_folder: Path,
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RUNLORE_CACHE", str(tmp_path / "cache"))
    # What is captured goes the same way, and is not counted here.
    monkeypatch.setenv("RUNLORE_CAPTURE", "0")
    used: list[str] = []
    for name in ("put", "get"):
        real = getattr(ObjectStore, name)
        monkeypatch.setattr(ObjectStore, name, lambda *a, name=name, real=real: (used.append(name), real(*a))[1])
    env = s3_server.variables()
    arguments = ("--database", database_url, "--artifacts", s3_server.new_url())
    with serving(data_folder, *arguments, env=env) as server, runlore.connect(server.address) as client:
        with client.start_run() as run:
            run.log_artifact(model)
        assert used == ["put"] * 4, "every chunk went straight to the store"
        assert tree(client.pull(f"runs:/{run.run_id}/model")) == tree(model)
        assert used[4:] == ["get"] * 4

        # A client without a way to the store goes through the server.
        def no_way(*_: object) -> None:
            raise StoreError("no way")

        monkeypatch.setattr(ObjectStore, "put", no_way)
        monkeypatch.setattr(ObjectStore, "get", no_way)
        (model / "new.bin").write_bytes(os.urandom(100))
        with client.start_run() as run:
            run.log_artifact(model)
        assert tree(client.pull(f"runs:/{run.run_id}/model", tmp_path / "out")) == tree(model)
