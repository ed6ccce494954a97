"""kill -9 of the client, and of the server, right after each step of a push and of a pull."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import runlore
from runlore._sync import pushes
from runlore.manifest import CHUNK_BYTES
from tests.clients.artifacts import digest_of, tree
from tests.faults.files import cache_in, make_model, start, versions
from tests.faults.ledger import Ledger
from tests.faults.steps import PULL_STEPS, PUSH_STEPS, after
from tests.faults.world import World

DIES = "import sys, runlore; from tests.faults.steps import after, die\nwith after(sys.argv[2], die): "
PUSH = DIES + "runlore.push(sys.argv[1], 'm')"
PULL = DIES + "runlore.pull(sys.argv[1])"


@pytest.fixture
def model(data_folder: Path) -> Path:
    """A folder of little: there are many steps."""
    return make_model(data_folder / "model", large=1, small=30)


def change(model: Path) -> None:
    """Give the large file other bytes."""
    (model / "large-0").write_bytes(os.urandom(2 * CHUNK_BYTES))


def test_a_client_killed_after_each_step_of_a_push(
    world: World, data_folder: Path, model: Path, faults: Ledger
) -> None:
    with cache_in(data_folder / "cache"), runlore.connect(world.address) as client:
        for step in PUSH_STEPS:
            change(model)
            before = versions(client)
            killed = start(PUSH, str(model), step, address=world.address, cache=data_folder / "cache")
            assert killed.wait(120) == -9, step
            faults.add("push killed after a step")
            made = versions(client) - before
            assert made == (step == PUSH_STEPS[-1]), step
            again = pushes.push(client, model, "m")
            if step in PUSH_STEPS[-3:]:
                assert again.transfer.moved == 0, step
            assert tree(client.pull(f"models:/m/{again.version.version}")) == tree(model), step


def test_a_client_killed_after_each_step_of_a_pull(
    world: World, data_folder: Path, model: Path, faults: Ledger
) -> None:
    with cache_in(data_folder / "cache") as cache, runlore.connect(world.address) as client:
        client.push(model, "m")
        digest = digest_of(client, "models:/m/1")
        for step in PULL_STEPS:
            killed = start(PULL, "models:/m/1", step, address=world.address, cache=data_folder / "cache")
            assert killed.wait(120) == -9, step
            faults.add("pull killed after a step")
            assert cache.tree(digest).exists() == (step == PULL_STEPS[-1]), step
            assert tree(client.pull("models:/m/1")) == tree(model), step
            for part in ("trees", "objects", "partial"):
                shutil.rmtree(cache.root / part)


def test_a_server_killed_after_each_step(world: World, data_folder: Path, model: Path) -> None:
    with cache_in(data_folder / "cache") as cache, runlore.connect(world.address, timeout=60) as client:
        for step in PUSH_STEPS[:-1]:
            change(model)
            with after(step, world.kill_server):
                version = client.push(model, "m").version
            assert tree(client.pull(f"models:/m/{version}")) == tree(model), step
        for step in PULL_STEPS[:-1]:
            for part in ("trees", "objects"):
                shutil.rmtree(cache.root / part)
            with after(step, world.kill_server):
                pulled = client.pull("models:/m/1", fallback=False)
            assert pulled == cache.tree(digest_of(client, "models:/m/1")), step
        assert len(list(pulled.rglob("*"))) == 32
