"""Files on their way up and down: clients killed at any moment, full disks, stores that lie, many or large files."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import runlore
from runlore import _references
from runlore._cache import Cache
from runlore._sync import pulls, pushes
from runlore.manifest import CHUNK_BYTES
from tests.clients.artifacts import digest_of, tree
from tests.faults.disk import small_disk
from tests.faults.ledger import Ledger, rng
from tests.faults.world import World
from tests.harness.server import environment, run_command, serving
from tests.s3 import S3Server, run_s3_server

ROOT = Path(__file__).resolve().parents[2]
PUSH = "import runlore, sys; runlore.push(sys.argv[1], 'm')"
PULL = "import runlore, sys; runlore.pull(sys.argv[1])"


@pytest.fixture
def model(data_folder: Path) -> Path:
    """A folder of 3 large files and 300 small ones."""
    made = data_folder / "model"
    (made / "small").mkdir(parents=True)
    for i in range(3):
        (made / f"large-{i}").write_bytes(os.urandom(2 * CHUNK_BYTES + i))
    for i in range(300):
        (made / "small" / f"{i}").write_bytes(os.urandom(500))
    return made


@contextmanager
def cache_in(folder: Path) -> Iterator[Cache]:
    """Let this process's pulls use a cache of their own."""
    before = os.environ.get("RUNLORE_CACHE")
    os.environ["RUNLORE_CACHE"] = str(folder)
    try:
        yield Cache(folder)
    finally:
        del os.environ["RUNLORE_CACHE"]
        if before is not None:
            os.environ["RUNLORE_CACHE"] = before


def start(code: str, argument: str, address: str, cache: Path) -> subprocess.Popen[bytes]:
    env = environment({"RUNLORE_ADDRESS": address, "RUNLORE_CACHE": str(cache)})
    return subprocess.Popen([sys.executable, "-c", code, argument], env=env, cwd=ROOT, stderr=subprocess.DEVNULL)


def versions(client: runlore.Client) -> int:
    try:
        request = runlore.v1.SearchModelVersionsRequest(model_name="m")
        return len(client.registry.SearchModelVersions(request).model_versions)
    except runlore.NotFoundError:
        return 0


def check_store(world: World) -> None:
    """Every manifest's blobs are there, with their digests."""
    code, out, err = run_command(
        "fsck", "--deep", "--database", world.postgres.url, "--data", str(world.server.data), timeout=300
    )
    assert code == 0, f"{out}\n{err}"


def test_a_push_killed_at_any_moment_leaves_nothing_half_visible(
    world: World, data_folder: Path, model: Path, faults: Ledger
) -> None:
    random = rng("killed pushes")
    with cache_in(data_folder / "reader"), runlore.connect(world.address) as client:
        done = 0
        for round_ in range(12):
            (model / "large-0").write_bytes(os.urandom(2 * CHUNK_BYTES))
            pushing = start(PUSH, str(model), world.address, data_folder / "writer")
            time.sleep(0.3 + random.random() * 2.5)
            ended = pushing.poll()
            pushing.kill()
            pushing.wait()
            faults.add("push killed")
            if ended == 0:
                done += 1
            # It is there as a whole, or not at all.
            there = versions(client)
            assert there in (done, done + 1), round_
            done = there
        again = pushes.push(client, model, "m")
        assert again.version.version == done + 1
        assert tree(client.pull(f"models:/m/{done + 1}")) == tree(model)
        for version in range(1, done + 1):
            client.pull(f"models:/m/{version}", verify=True)
    check_store(world)


def test_a_pull_killed_at_any_moment_goes_on(world: World, data_folder: Path, model: Path, faults: Ledger) -> None:
    random = rng("killed pulls")
    with cache_in(data_folder / "cache") as cache, runlore.connect(world.address) as client:
        client.push(model, "m")
        digest = digest_of(client, "models:/m/1")
        for _ in range(12):
            pulling = start(PULL, "models:/m/1", world.address, data_folder / "cache")
            time.sleep(0.3 + random.random() * 1.5)
            pulling.kill()
            pulling.wait()
            faults.add("pull killed")
            if cache.tree(digest).exists():
                assert tree(cache.tree(digest)) == tree(model)
                if random.random() < 0.7:
                    # From the beginning, or from the objects that are there.
                    (cache.root / "trees" / f"{digest}.manifest").unlink(missing_ok=True)
        assert tree(client.pull("models:/m/1")) == tree(model)
        assert tree(client.pull("models:/m/1", verify=True)) == tree(model)


def test_servers_that_die_under_a_push_and_a_pull(world: World, data_folder: Path, model: Path, faults: Ledger) -> None:
    random = rng("dying servers")
    with cache_in(data_folder / "cache"), runlore.connect(world.direct, timeout=60) as client:
        for number in range(1, 4):
            for i in range(3):
                (model / f"large-{i}").write_bytes(os.urandom(2 * CHUNK_BYTES + i))
            hurting = threading.Timer(random.random(), world.kill_server)
            hurting.start()
            version = client.push(model, "m")
            hurting.join()
            hurting = threading.Timer(random.random() / 2, world.kill_server)
            hurting.start()
            try:
                pulled = client.pull(f"models:/m/{version.version}", fallback=False)
            finally:
                hurting.join()
            assert tree(pulled) == tree(model), number
    check_store(world)


def test_a_full_disk_under_the_cache(world: World, data_folder: Path, model: Path, faults: Ledger) -> None:
    with (
        small_disk(data_folder / "disk", megabytes=160) as disk,
        cache_in(data_folder / "disk" / "cache") as cache,
        runlore.connect(world.address) as client,
    ):
        client.push(model, "m")
        digest = digest_of(client, "models:/m/1")
        disk.fill()
        faults.add("disk full under the cache")
        with pytest.raises(OSError, match="free some") as caught:
            client.pull("models:/m/1")
        assert caught.value.errno == errno.ENOSPC
        assert not cache.tree(digest).exists()
        disk.free()
        # It fills up in the middle.
        filling = threading.Timer(0.2, disk.fill)
        filling.start()
        failed = None
        try:
            client.pull("models:/m/1")
        except OSError as error:
            failed = error
        if failed is not None:
            assert failed.errno == errno.ENOSPC
            assert not cache.tree(digest).exists()
            assert not cache.partial(digest).exists(), "what there is room for again is given back"
        filling.join()
        faults.add("disk full under the cache")
        disk.free()
        assert tree(client.pull("models:/m/1")) == tree(model)
        # Nor is there room for a copy of one's own.
        with pytest.raises(OSError, match="No space left"):
            client.pull("models:/m/1", data_folder / "disk" / "dest")
        assert not (data_folder / "disk" / "dest").exists()


class Garbler:
    """A way to a store that changes, cuts off or holds back what it answers."""

    def __init__(self, target: str) -> None:
        host, _, port = target.removeprefix("http://").rpartition(":")
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        #: "garbled", "truncated", "refused" or "".
        self.how = ""
        self.spoiled = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                inner, _ = self._listener.accept()
            except OSError:
                return
            if self.how == "refused":
                self.spoiled += 1
                inner.close()
                continue
            outer = socket.create_connection(self._target)
            threading.Thread(target=self._pump, args=(inner, outer, False), daemon=True).start()
            threading.Thread(target=self._pump, args=(outer, inner, True), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        total = 0
        try:
            while data := source.recv(65_536):
                total += len(data)
                # The head of an answer stays as it is: it is the bytes that are wrong.
                if answers and total > 65_536 and self.how:
                    self.spoiled += 1
                    if self.how == "truncated":
                        break
                    data = data[:-1] + bytes([data[-1] ^ 1])
                sink.sendall(data)
        except OSError:
            pass
        finally:
            for end in (source, sink):
                end.close()


def test_a_store_that_lies_is_not_believed(data_folder: Path, model: Path, faults: Ledger) -> None:
    (data_folder / "store").mkdir()
    with run_s3_server(data_folder / "store") as store:
        garbler = Garbler(store.settings.endpoint)
        try:
            with serving(data_folder / "server", *_on(store), env=_keys(store, garbler.address)) as server:
                with runlore.connect(server.address) as client, cache_in(data_folder / "first"):
                    client.push(model, "m")
                for how in ("garbled", "truncated", "refused"):
                    garbler.how = how
                    before = garbler.spoiled
                    with cache_in(data_folder / how), runlore.connect(server.address) as client:
                        assert tree(client.pull("models:/m/1")) == tree(model)
                    assert garbler.spoiled > before
                    faults.add(f"store's answers {how}")
                garbler.how = "refused"
                with cache_in(data_folder / "up"), runlore.connect(server.address) as client:
                    (model / "large-0").write_bytes(os.urandom(CHUNK_BYTES + 7))
                    client.push(model, "m")
                    assert tree(client.pull("models:/m/2")) == tree(model)
        finally:
            garbler.close()


def _on(store: S3Server) -> tuple[str, str]:
    return "--artifacts", store.new_url()


def _keys(store: S3Server, public: str) -> dict[str, str]:
    return {
        "RUNLORE_S3_ENDPOINT": store.settings.endpoint,
        "RUNLORE_S3_PUBLIC_ENDPOINT": public,
        "AWS_ACCESS_KEY_ID": store.settings.access_key,
        "AWS_SECRET_ACCESS_KEY": store.settings.secret_key,
        "AWS_REGION": store.settings.region,
    }


def test_the_store_is_down_and_comes_back(data_folder: Path, model: Path, faults: Ledger) -> None:
    (data_folder / "store").mkdir()
    with (
        run_s3_server(data_folder / "store") as store,
        serving(data_folder / "server", *_on(store), env=_keys(store, "")) as server,
        cache_in(data_folder / "cache"),
        runlore.connect(server.address, timeout=20) as client,
    ):
        client.push(model, "m")
        store.process.kill()
        store.process.wait()
        faults.add("store down")
        (model / "large-1").write_bytes(os.urandom(100))
        with pytest.raises(runlore.UnavailableError, match="artifact store"):
            client.push(model, "m")
        with pytest.raises(runlore.NotFoundError):
            client.resolve("models:/m/2")
        with pytest.raises(runlore.UnavailableError, match="artifact store"):
            client.pull("models:/m/1")
        assert not list((data_folder / "cache" / "trees").glob("*"))


def test_a_hundred_thousand_files(world: World, data_folder: Path) -> None:
    many = data_folder / "many"
    for i in range(100):
        (many / f"{i:03}").mkdir(parents=True)
        for j in range(1_000):
            path = many / f"{i:03}" / f"{j:04}"
            if j % 2:
                path.write_text(f"{j % 50}")
            else:
                path.touch()
    with cache_in(data_folder / "cache"), runlore.connect(world.address, timeout=120) as client:
        with client.start_run(capture=False) as run:
            manifest = run.log_artifact(many)
        assert manifest.file_count == 100_000
        client.register("m", run, "many")
        done = pulls.pull(client, _references.parse("ref", "models:/m/1"), None)
        assert tree(done.path / "042") == tree(many / "042")
        assert sum(len(names) for _, _, names in os.walk(done.path)) == 100_000
        began = time.monotonic()
        assert client.pull("models:/m/1") == done.path
        assert time.monotonic() - began < 30


def test_a_sparse_file_of_five_gigabytes_in_little_memory(world: World, data_folder: Path) -> None:
    path = data_folder / "sparse"
    with path.open("wb") as file:
        file.truncate(5_000_000_000)
        file.seek(3_000_000_000)
        file.write(b"something in the middle")
    code = """
import sys
import runlore, runlore.v1
from runlore._sync import pulls, pushes
def memory(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name))
before = memory("VmRSS")
runlore.push(sys.argv[1], "m")
print(memory("VmHWM") - before)
"""
    env = environment({"RUNLORE_ADDRESS": world.address, "RUNLORE_CACHE": str(data_folder / "cache")})
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], env=env, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 150_000, "kilobytes above import"
    with runlore.connect(world.address) as client:
        version = client.resolve("models:/m/1").model_version
        assert version.size == 5_000_000_000
        with client.open_artifact("models:/m/1/sparse") as file:
            assert file.read(3_000_000_000, 23) == b"something in the middle"
            assert file.read(4_999_999_999) == b"\0"
