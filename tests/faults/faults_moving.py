"""Files on their way up and down: clients and servers killed at any moment, full disks, many or large files."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import runlore
from runlore import _references
from runlore._sync import pulls, pushes
from runlore.manifest import CHUNK_BYTES
from tests.clients.artifacts import digest_of, tree
from tests.faults.disk import small_disk
from tests.faults.files import PULL, PUSH, ROOT, cache_in, start, versions
from tests.faults.ledger import Ledger, rng
from tests.faults.world import World
from tests.harness.server import environment


def test_a_push_killed_at_any_moment_leaves_nothing_half_visible(
    world: World, data_folder: Path, model: Path, faults: Ledger
) -> None:
    random = rng("killed pushes")
    with cache_in(data_folder / "reader"), runlore.connect(world.address) as client:
        done = 0
        for round_ in range(12):
            (model / "large-0").write_bytes(os.urandom(2 * CHUNK_BYTES))
            pushing = start(PUSH, str(model), address=world.address, cache=data_folder / "writer")
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


def test_a_pull_killed_at_any_moment_goes_on(world: World, data_folder: Path, model: Path, faults: Ledger) -> None:
    random = rng("killed pulls")
    with cache_in(data_folder / "cache") as cache, runlore.connect(world.address) as client:
        client.push(model, "m")
        digest = digest_of(client, "models:/m/1")
        for _ in range(12):
            pulling = start(PULL, "models:/m/1", address=world.address, cache=data_folder / "cache")
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
        # What is pushed needs no room: digests that cannot be remembered are found anew.
        (model / "new").write_bytes(os.urandom(500))
        assert client.push(model, "m").version == 2
        (model / "new").unlink()
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
