"""The cache of pulled files: shared, bounded, verified, and what there is to boot from when the registry is down."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import runlore
from runlore import v1
from runlore._cache import Cache, cache, copies, eviction, objects, places
from runlore._references import parse
from runlore._settings import cache_folder, cache_limit
from runlore._sync import pulls
from runlore.manifest import CHUNK_BYTES
from tests.clients.artifacts import digest_of, mlflow_model, tree
from tests.clients.conftest import ROOT
from tests.harness.server import ServerProcess, environment


@pytest.fixture
def model(tmp_path: Path, client: runlore.Client) -> Path:
    """A folder of two large files and some small ones, and a model `m` of two versions of it that share most."""
    folder = mlflow_model(tmp_path / "model")
    (folder / "weights").write_bytes(os.urandom(CHUNK_BYTES + 1000))
    client.push(folder, "m")
    (folder / "added").write_text("second version")
    client.push(folder, "m")
    (folder / "added").unlink()
    return folder


def inode(path: Path) -> int:
    return path.stat().st_ino


def edit(path: Path) -> None:
    """Write to a file of the cache in spite of its mode."""
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.write(b"EDITED")


def read_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(path: str, *_: object) -> str:
        raise AssertionError(f"read {path}, which was verified before")

    monkeypatch.setattr(cache, "hash_range", never)
    monkeypatch.setattr(objects, "hash_range", never)


def test_versions_share_files(client: runlore.Client, model: Path) -> None:
    first = client.pull("models:/m/1")
    done = pulls.pull(client, parse("ref", "models:/m/2"), None)
    assert done.transfer.moved == len("second version")
    assert done.transfer.saved == done.transfer.total - done.transfer.moved
    assert inode(first / "weights") == inode(done.path / "weights")
    assert (done.path / "added").read_text() == "second version"
    assert tree(first) == tree(model)


def test_a_warm_pull_reads_no_file_and_verify_reads_all(
    client: runlore.Client, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = client.pull("models:/m/1")
    with monkeypatch.context() as patch:
        read_nothing(patch)
        assert client.pull("models:/m/1") == folder
        with pytest.raises(AssertionError, match="verified before"):
            client.pull("models:/m/1", verify=True)
    # Rot under the identity that it had: what only reading finds.
    path = folder / "weights"
    before = path.stat()
    edit(path)
    path.chmod(0o444)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (client.pull("models:/m/1") / "weights").read_bytes()[:6] == b"EDITED"
    assert tree(client.pull("models:/m/1", verify=True)) == tree(model)


def test_after_a_restart_of_the_machine_files_are_read_once(
    client: runlore.Client, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.pull("models:/m/1")
    monkeypatch.setattr(cache, "boot_id", lambda: "another")
    read: list[str] = []
    real = cache.hash_range
    monkeypatch.setattr(cache, "hash_range", lambda path, *rest: (read.append(path), real(path, *rest))[1])
    client.pull("models:/m/1")
    assert len(read) == 10
    client.pull("models:/m/1")
    assert len(read) == 10


def test_an_edit_in_one_tree_is_noticed_in_every_other(client: runlore.Client, model: Path) -> None:
    first, second = client.pull("models:/m/1"), client.pull("models:/m/2")
    edit(first / "weights")
    assert (second / "weights").read_bytes()[:6] == b"EDITED", "they are one file"
    assert client.pull("models:/m/2") == second
    assert (second / "weights").read_bytes() == (model / "weights").read_bytes()
    assert tree(client.pull("models:/m/1")) == tree(model)


def test_an_edited_object_is_not_linked_into_another_tree(client: runlore.Client, model: Path) -> None:
    edit(client.pull("models:/m/1") / "weights")
    assert (client.pull("models:/m/2") / "weights").read_bytes() == (model / "weights").read_bytes()


def test_a_copy_is_the_callers_own(client: runlore.Client, model: Path, tmp_path: Path) -> None:
    copy = client.pull("models:/m/1", tmp_path / "copy")
    assert inode(copy / "weights") != inode(client.pull("models:/m/1") / "weights")
    (copy / "weights").write_bytes(b"mine now")
    assert tree(client.pull("models:/m/1")) == tree(model)
    linked = client.pull("models:/m/1", tmp_path / "linked", link=True)
    assert inode(linked / "weights") == inode(client.pull("models:/m/1") / "weights")
    assert not (linked / "weights").stat().st_mode & 0o222


def test_without_hard_links_files_are_copied(
    client: runlore.Client, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(31, "Too many links")

    monkeypatch.setattr(copies.os, "link", no_links)
    assert tree(client.pull("models:/m/1")) == tree(model)
    read_nothing(monkeypatch)
    client.pull("models:/m/1")


def test_sub_paths_and_manifests_are_pulled(client: runlore.Client, model: Path) -> None:
    assert client.pull("models:/m/1/MLmodel").read_bytes() == (model / "MLmodel").read_bytes()
    assert tree(client.pull("models:/m/1/code/")) == tree(model / "code")
    digest = digest_of(client, "models:/m/1")
    assert tree(client.pull(f"manifests:{digest}")) == tree(model)
    assert client.pull(f"manifests:{digest}/code/features/run.sh").read_text() == "#!/bin/sh\n"
    with pytest.raises(runlore.NotFoundError):
        client.pull("models:/m/1/none")


def test_parts_of_files_are_read_where_they_are(client: runlore.Client, model: Path) -> None:
    data = (model / "weights").read_bytes()
    with client.open_artifact("models:/m/1/weights") as file:
        assert (file.name, file.size) == ("weights", len(data))
        for offset, length in [(0, 10), (CHUNK_BYTES - 5, 10), (CHUNK_BYTES + 990, 100), (len(data), 5), (7, 0)]:
            assert file.read(offset, length) == data[offset : offset + length]
        assert file.read() == data
        assert file.read(CHUNK_BYTES) == data[CHUNK_BYTES:]
        for bad in ({"offset": -1}, {"length": -1}):
            with pytest.raises(runlore.InvalidArgumentError):
                file.read(**bad)
    with pytest.raises(runlore.InvalidArgumentError, match="which is a folder"):
        client.open_artifact("models:/m/1/code")
    assert not (cache_folder() / "trees").exists(), "nothing is kept"


async def test_the_asynchronous_client_does_the_same(
    aio_client: runlore.aio.Client, tmp_path: Path, runlore_env: dict[str, str]
) -> None:
    folder = mlflow_model(tmp_path / "model")
    (folder / "weights").write_bytes(os.urandom(2 * CHUNK_BYTES))
    await aio_client.push(folder, "m")
    assert tree(await aio_client.pull("models:/m/1")) == tree(folder)
    async with await aio_client.open_artifact("models:/m/1/MLmodel") as file:
        assert await file.read(3, 4) == (folder / "MLmodel").read_bytes()[3:7]
    assert [e.name async for e in aio_client.list_artifacts("models:/m/1/metadata")] == ["MLmodel"]


def test_the_bound_takes_what_was_used_least_lately(
    client: runlore.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for _ in range(5):
        (folder / "file").write_bytes(os.urandom(1000))
        client.push(folder, "m")
    monkeypatch.setenv("RUNLORE_CACHE_LIMIT", "3000")
    here = Cache(cache_folder())
    digests = [digest_of(client, f"models:/m/{i}") for i in range(1, 6)]

    def present() -> list[int]:
        return [i for i, digest in enumerate(digests, 1) if here.tree(digest).is_dir()]

    client.pull(f"manifests:{digests[0]}")
    client.pull(f"manifests:{digests[1]}")
    client.pull(f"manifests:{digests[2]}")
    assert present() == [1, 2, 3], "whoever pulled them may be about to open them"
    for i in (0, 1, 2):
        long_ago = time.time() - eviction._IN_USE_SECONDS - 100 + i
        os.utime(here._beside(digests[i], "verified"), (long_ago, long_ago))
    client.pull(f"manifests:{digests[0]}")
    client.pull(f"manifests:{digests[3]}")
    assert present() == [1, 4]
    assert len([p for p in (here.root / "objects").rglob("*") if p.is_file()]) == 2
    client.pull(f"manifests:{digests[1]}")
    assert (here.tree(digests[1]) / "file").stat().st_size == 1000


def test_what_a_reference_stood_for_goes_last(
    client: runlore.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    for _ in range(3):
        path.write_bytes(os.urandom(1000))
        client.push(path, "m")
    here = Cache(cache_folder())
    digests = [digest_of(client, f"models:/m/{i}") for i in range(1, 4)]
    client.promote("m", 1, "champion")
    client.pull("models:/m@champion")
    client.pull(f"manifests:{digests[1]}")
    (cache_folder() / "last").rename(cache_folder() / "kept")
    # Only the champion is one that a pull falls back on.
    client.pull("models:/m@champion")
    for digest in digests[:2]:
        long_ago = time.time() - 10_000 * (2 if digest == digests[0] else 1)
        os.utime(here._beside(digest, "verified"), (long_ago, long_ago))
    monkeypatch.setenv("RUNLORE_CACHE_LIMIT", "3KB")
    client.pull("models:/m/3")
    assert [here.tree(digest).is_dir() for digest in digests] == [True, False, True]


@pytest.mark.parametrize(
    ("text", "size"),
    [("", 50 * 10**9), ("none", None), ("123", 123), ("20GB", 20 * 10**9), ("1.5 KiB", 1536), ("512mib", 512 << 20)],
)
def test_how_the_bound_is_written(monkeypatch: pytest.MonkeyPatch, text: str, size: int | None) -> None:
    monkeypatch.setenv("RUNLORE_CACHE_LIMIT", text)
    assert cache_limit() == size


@pytest.mark.parametrize("text", ["much", "-1", "20 GB of it", "1PB"])
def test_bounds_that_are_none(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("RUNLORE_CACHE_LIMIT", text)
    with pytest.raises(runlore.InvalidArgumentError, match="RUNLORE_CACHE_LIMIT: is"):
        cache_limit()


def test_names_that_this_disk_takes_for_one_are_refused_before_anything_is_written(
    client: runlore.Client, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    monkeypatch.setattr(places, "tells_names_apart", lambda _: False)
    with pytest.raises(runlore.PreconditionError, match=r"'d/readme' cannot be stored here: 'd/README' has the same"):
        places.check_places(tmp_path, ["d/README", "d/other", "d/readme"])
    with pytest.raises(runlore.PreconditionError, match="the same name"):
        places.check_places(tmp_path, ["\u00e9", "e\u0301"])
    with pytest.raises(runlore.PreconditionError, match="the same name"):
        places.check_places(tmp_path, ["Data/a", "data/b"])
    places.check_places(tmp_path, ["d/README", "e/readme", "d/é"])
    long = "x" * 300
    files = [v1.FileEntry(path=f"a/{long}", sha256=empty), v1.FileEntry(path="b", sha256=empty)]
    digest = client.artifacts.CreateManifest(v1.CreateManifestRequest(files=files)).manifest.digest
    with pytest.raises(runlore.PreconditionError, match="300 bytes, and this system allows 255") as caught:
        client.pull(f"manifests:{digest}")
    assert caught.value.reason == "PATH_UNSUPPORTED"
    assert not Cache(cache_folder()).tree(digest).exists()
    assert client.pull(f"manifests:{digest}/b").is_file()


def test_many_processes_pull_at_once(client: runlore.Client, model: Path, runlore_env: dict[str, str]) -> None:
    code = "import runlore; print(runlore.pull('models:/m/1'))"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code], env=environment(runlore_env), cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    said = {process.communicate(timeout=60)[0].strip() for process in started}
    assert said == {str(Cache(cache_folder()).tree(digest_of(client, "models:/m/1")))}
    assert tree(Path(said.pop())) == tree(model)
    assert not list((cache_folder() / "partial").iterdir())


def test_a_pull_that_was_killed_goes_on(
    client: runlore.Client, model: Path, script: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    code = """
import os, threading
import runlore
from runlore._downloading import Incoming
came, seen = Incoming.came, set()
def once_the_first_chunk_is_in_place(self, number):
    done = came(self, number)
    if len(self.entry.chunks) > 1:
        os.kill(os.getpid(), 9)
    return done
Incoming.came = once_the_first_chunk_is_in_place
runlore.pull("models:/m/1")
"""
    assert script(code).returncode == -9
    digest = digest_of(client, "models:/m/1")
    here = Cache(cache_folder())
    assert not here.tree(digest).exists(), "nothing is half-visible"
    assert list(here.partial(digest).iterdir())
    done = pulls.pull(client, parse("ref", "models:/m/1"), None)
    assert done.transfer.saved >= 1000, "at least one of the two chunks was there"
    assert tree(done.path) == tree(model)
    assert not here.partial(digest).exists()


def test_a_tree_whose_mark_is_missing_is_verified_and_marked(client: runlore.Client, model: Path) -> None:
    folder = client.pull("models:/m/1")
    mark = folder.with_name(f"{folder.name}.verified")
    mark.unlink()
    edit(folder / "weights")
    assert tree(client.pull("models:/m/1")) == tree(model)
    for broken in (b"", b"{}", b'{"boot": 5, "files": []}', json.dumps({"boot": "", "files": {"a": 1}}).encode()):
        mark.write_bytes(broken)
        assert tree(client.pull("models:/m/1")) == tree(model)


class TestWithoutARegistry:
    """The registry goes away after a pull."""

    @pytest.fixture
    def away(
        self, server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> tuple[runlore.Client, Path, Path]:
        """A client whose server is gone, the folder that it pulled before, and what was pushed."""
        monkeypatch.setenv("RUNLORE_CACHE", str(tmp_path / "cache"))
        folder = mlflow_model(tmp_path / "model")
        client = runlore.connect(server.address, timeout=2)
        client.push(folder, "m")
        client.promote("m", 1, "champion")
        pulled = client.pull("models:/m@champion")
        server.kill()
        return client, pulled, folder

    def test_the_last_good_copy_is_used_and_said_to_be(
        self, away: tuple[runlore.Client, Path, Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        client, pulled, folder = away
        with caplog.at_level(logging.WARNING, logger="runlore"):
            assert client.pull("models:/m@champion") == pulled
        (said,) = [r.getMessage() for r in caplog.records if "REGISTRY IS DOWN" in r.getMessage()]
        assert "models:/m@champion" in said
        assert "version 1" in said
        assert pulls.pull(client, parse("ref", "models:/m@champion"), None).stale
        assert tree(client.pull("models:/m@champion", tmp_path / "dest", verify=True)) == tree(folder)
        # Another name for the same bytes was never resolved here.
        with pytest.raises(runlore.UnavailableError):
            client.pull("models:/m@challenger")
        with pytest.raises(runlore.UnavailableError):
            client.pull("models:/m@champion", fallback=False)
        env = environment({"RUNLORE_ADDRESS": client.settings.address, "RUNLORE_CACHE": str(cache_folder())})
        command = [sys.executable, "-c", "from runlore.cli import main; main()", "--timeout", "1"]
        done = subprocess.run(
            [*command, "pull", "models:/m@champion"], env=env, cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert done.stdout == f"{pulled}\n"
        assert "THE REGISTRY IS DOWN: going on with the last good copy of models:/m@champion" in done.stderr

    def test_a_damaged_copy_is_never_used(self, away: tuple[runlore.Client, Path, Path]) -> None:
        client, pulled, _ = away
        edit(pulled / "model.pkl")
        with pytest.raises(runlore.UnavailableError) as caught:
            client.pull("models:/m@champion")
        assert "gone or damaged" in caught.value.__notes__[0]

    def test_another_servers_copy_is_never_used(self, away: tuple[runlore.Client, Path, Path]) -> None:
        with runlore.connect("127.0.0.1:1", timeout=0.5) as other, pytest.raises(runlore.UnavailableError):
            other.pull("models:/m@champion")
