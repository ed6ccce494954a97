"""Object stores that lie, are down before, during and after a transfer, or are full."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest

import runlore
from runlore import v1
from runlore._progress import Transfer
from runlore._sync import pushes
from runlore.manifest import CHUNK_BYTES
from tests.clients.artifacts import tree
from tests.faults.disk import small_disk
from tests.faults.files import cache_in, versions
from tests.faults.ledger import Ledger, rng
from tests.faults.world import World
from tests.harness.server import run_command
from tests.harness.wire import UNLIMITED, Stubs, refused
from tests.s3 import S3Server, run_s3_server
from tests.service.artifacts import entry, messages, sha256


@pytest.fixture
def store(data_folder: Path) -> Iterator[S3Server]:
    """A store of the test's own."""
    (data_folder / "store").mkdir()
    with run_s3_server(data_folder / "store") as made:
        yield made


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


def test_a_store_that_lies_is_not_believed(store: S3Server, data_folder: Path, model: Path, faults: Ledger) -> None:
    garbler = Garbler(store.settings.endpoint)
    env = store.variables(public_endpoint=garbler.address)
    try:
        with World(data_folder, faults, store.new_url(), env=env) as world:
            with runlore.connect(world.address) as client, cache_in(data_folder / "first"):
                client.push(model, "m")
            for how in ("garbled", "truncated", "refused"):
                garbler.how = how
                before = garbler.spoiled
                with cache_in(data_folder / how), runlore.connect(world.address) as client:
                    assert tree(client.pull("models:/m/1")) == tree(model)
                assert garbler.spoiled > before
                faults.add(f"store's answers {how}")
            with cache_in(data_folder / "up"), runlore.connect(world.address) as client:
                (model / "large-0").write_bytes(os.urandom(CHUNK_BYTES + 7))
                client.push(model, "m")
                assert tree(client.pull("models:/m/2")) == tree(model)
    finally:
        garbler.close()


def once(moved: int, hurt: Callable[[], None]) -> Callable[[Transfer], None]:
    """Return a report that hurts when so many bytes have moved."""
    done = threading.Event()

    def report(transfer: Transfer) -> None:
        if transfer.moved >= moved and not done.is_set():
            done.set()
            hurt()

    return report


def test_a_store_that_is_down_before_during_and_after(
    store: S3Server, data_folder: Path, model: Path, faults: Ledger
) -> None:
    def kill() -> None:
        store.kill()
        faults.add("store killed")

    def kill_for_a_moment() -> None:
        kill()
        threading.Timer(1.0, store.start).start()

    def change() -> None:
        for i in range(3):
            (model / f"large-{i}").write_bytes(os.urandom(2 * CHUNK_BYTES + i))

    with (
        World(data_folder, faults, store.new_url(), env=store.variables()) as world,
        cache_in(data_folder / "cache") as cache,
        runlore.connect(world.address, timeout=5) as client,
        runlore.connect(world.address, timeout=60) as patient,
    ):
        kill()
        with pytest.raises(runlore.UnavailableError, match=r"artifact store failed.*no connection to the store"):
            client.push(model, "m")
        assert versions(client) == 0
        store.start()
        with pytest.raises(runlore.UnavailableError, match="artifact store failed"):
            pushes.push(client, model, "m", report=once(2 * CHUNK_BYTES, kill))
        assert versions(client) == 0
        store.start()
        again = pushes.push(client, model, "m")
        assert again.transfer.saved >= 2 * CHUNK_BYTES, "what had arrived was not sent again"
        assert tree(client.pull("models:/m/1")) == tree(model)
        change()
        version = pushes.push(patient, model, "m", report=once(2 * CHUNK_BYTES, kill_for_a_moment)).version
        assert tree(patient.pull(f"models:/m/{version.version}")) == tree(model)
        change()
        version = client.push(model, "m")
        kill()
        with pytest.raises(runlore.UnavailableError, match="artifact store failed"):
            client.pull("models:/m/3")
        assert not cache.tree(version.manifest_digest).exists()
        # What was pulled before needs no store.
        client.pull("models:/m/1", verify=True)
        code, _, err = run_command("serve", "--listen", "127.0.0.1:0", *world.where, env=store.variables())
        assert code == 2, err
        assert "no connection to the store" in err
        store.start()
        assert tree(client.pull("models:/m/3")) == tree(model)


def test_a_full_disk_in_a_local_store(data_folder: Path, faults: Ledger) -> None:
    random = rng("artifact disk")
    with small_disk(data_folder / "server" / "artifacts", megabytes=16) as disk, World(data_folder, faults) as world:
        content = random.randbytes(3_000_000)
        with grpc.insecure_channel(world.direct, options=UNLIMITED) as channel:
            on = Stubs(channel)
            run_id = on.tracking.CreateRun(v1.CreateRunRequest(experiment_id="0")).run.run_id
            disk.fill()
            faults.add("disk full in the artifact store")
            with refused("BLOB_STORE_FULL") as found:
                on.artifact.WriteBlob(messages(sha256(content), len(content), content))
            assert found[0].code == "RESOURCE_EXHAUSTED"
            with refused("BLOB_MISSING"):
                on.artifact.LogArtifacts(v1.LogArtifactsRequest(run_id=run_id, files=[entry("a", content)]))
            disk.free()
            on.artifact.WriteBlob(messages(sha256(content), len(content), content))
            on.artifact.LogArtifacts(v1.LogArtifactsRequest(run_id=run_id, files=[entry("a", content)]))


def test_a_full_disk_in_an_object_store(data_folder: Path, model: Path, faults: Ledger) -> None:
    (data_folder / "store").mkdir()
    with (
        small_disk(data_folder / "store", megabytes=800) as disk,
        run_s3_server(data_folder / "store") as store,
        World(data_folder, faults, store.new_url(), env=store.variables()) as world,
        cache_in(data_folder / "cache"),
        runlore.connect(world.address, timeout=20) as client,
    ):
        client.push(model / "small", "m")
        disk.fill()
        faults.add("disk full in the object store")
        with pytest.raises(runlore.RunloreError) as caught:
            client.push(model, "m")
        assert caught.value.reason in ("BLOB_STORE_FULL", "BLOB_STORE_UNAVAILABLE")
        assert versions(client) == 1
        assert tree(client.pull("models:/m/1", verify=True)) == tree(model / "small")
        disk.free()
        _push_once_there_is_room(client, model)
        assert tree(client.pull("models:/m/2")) == tree(model)


def _push_once_there_is_room(client: runlore.Client, model: Path) -> None:
    """Some stores look at their disks once a minute only."""
    end = time.monotonic() + 150
    while True:
        try:
            client.push(model, "m")
        except runlore.RunloreError as error:
            if error.reason not in ("BLOB_STORE_FULL", "BLOB_STORE_UNAVAILABLE") or time.monotonic() > end:
                raise
        else:
            return
