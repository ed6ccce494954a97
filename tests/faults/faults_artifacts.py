"""Artifacts while everything around them breaks: what was acknowledged is there, whole, and fsck finds nothing lost."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import grpc
import psycopg
import pytest
import urllib3

from runlore import v1
from tests.clients.lossy import LossyRelay
from tests.faults.ledger import Ledger, rng
from tests.faults.world import World
from tests.harness.wire import UNLIMITED, Stubs
from tests.s3 import run_s3_server
from tests.service.artifacts import entry, messages, sha256

_SECONDS = 20.0
#: So many files are to be stored meanwhile; on a slow machine it goes on until they are, for at most this long.
_FILES, _MOST_SECONDS = 20, 180.0
_PATIENCE = 120.0


class Job(threading.Thread):
    """Logs files to a run, trying again as it is told to, and remembers what was acknowledged."""

    def __init__(self, address: str, random: Random) -> None:
        super().__init__(daemon=True)
        self._address, self._random = address, random
        self._http = urllib3.PoolManager(retries=False, timeout=5.0)
        self.over = threading.Event()
        self.run_id = ""
        #: What the run must hold, and what it may hold: a change whose answer never came.
        self.files: dict[str, bytes] = {}
        #: How many changes were acknowledged.
        self.done = 0
        self.refusals: set[str] = set()
        self.defect: Exception | None = None

    def run(self) -> None:
        try:
            with grpc.insecure_channel(self._address, options=UNLIMITED) as channel:
                on = Stubs(channel)
                create = v1.CreateRunRequest(experiment_id="0", request_id=self._random.randbytes(8).hex())
                self.run_id = self._until_done(lambda: on.tracking.CreateRun(create).run.run_id)
                while not self.over.is_set():
                    self._step(on)
        except Exception as defect:
            self.defect = defect

    def _step(self, on: Stubs) -> None:
        self._change(on)
        self.done += 1

    def _change(self, on: Stubs) -> None:
        if self.files and self._random.random() < 0.2:
            path = self._random.choice(list(self.files))
            request = v1.DeleteArtifactsRequest(
                run_id=self.run_id, paths=[path], request_id=self._random.randbytes(8).hex()
            )
            self._until_done(lambda: on.artifact.DeleteArtifacts(request, timeout=10))
            del self.files[path]
            return
        path = f"{self._random.randrange(4)}/{self._random.randrange(10)}"
        # Often the same bytes as before, which are perhaps just being collected.
        content = Random(self._random.randrange(30)).randbytes(self._random.choice([1_000, 200_000]))
        file = entry(path, content)
        self._until_done(lambda: self._upload(on, file, content))
        self.files[path] = content

    def _upload(self, on: Stubs, file: v1.FileEntry, content: bytes) -> None:
        blob = v1.BlobSpec(sha256=file.sha256, size=file.size)
        (target,) = on.artifact.PrepareUpload(v1.PrepareUploadRequest(blobs=[blob]), timeout=10).targets
        if target.url:
            answer = self._http.request("PUT", target.url, body=content, headers=dict(target.headers))
            if answer.status != 200:
                raise urllib3.exceptions.HTTPError(f"status {answer.status}")
        elif not target.stored:
            on.artifact.WriteBlob(messages(file.sha256, file.size, content), timeout=10)
        on.artifact.LogArtifacts(v1.LogArtifactsRequest(run_id=self.run_id, files=[file]), timeout=10)

    def _until_done(self, work: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                return work()
            except grpc.RpcError as error:
                self.refusals.add(error.code().name)
                if time.monotonic() > deadline or error.code().name in ("INTERNAL", "INVALID_ARGUMENT", "NOT_FOUND"):
                    raise
            except urllib3.exceptions.HTTPError:
                self.refusals.add("HTTP")
                if time.monotonic() > deadline:
                    raise
            time.sleep(self._random.uniform(0.01, 0.2))


@contextlib.contextmanager
def jobs(world: World, random: Random, count: int = 4) -> Iterator[list[Job]]:
    """Run jobs meanwhile; they have to come to their ends."""
    started = [Job(world.address, Random(random.random())) for _ in range(count)]
    for job in started:
        job.start()
    try:
        yield started
    finally:
        for job in started:
            job.over.set()
        for job in started:
            job.join(_PATIENCE)
    assert not any(job.is_alive() for job in started)
    assert [job.defect for job in started if job.defect] == []


def wait_for_work(started: list[Job]) -> None:
    """Wait until a change is acknowledged, for a while."""
    before, until = sum(job.done for job in started), time.monotonic() + _PATIENCE / 4
    while sum(job.done for job in started) == before and time.monotonic() < until:
        time.sleep(0.1)


def check(world: World, finished: list[Job]) -> None:
    """What was acknowledged is what is there, now and after a collection that spares nothing."""
    world.check_files()
    with grpc.insecure_channel(world.direct, options=UNLIMITED) as channel:
        on = Stubs(channel)
        for job in finished:
            files = on.artifact.GetManifest(v1.GetManifestRequest(run_id=job.run_id)).files if job.files else []
            assert {file.path: file.sha256 for file in files} == {p: sha256(c) for p, c in job.files.items()}
            for file in files:
                got = on.artifact.ReadBlob(v1.ReadBlobRequest(sha256=file.chunks[0].sha256))
                assert sha256(b"".join(part.data for part in got)) == file.sha256


def collect_and_kill(world: World, random: Random, faults: Ledger) -> None:
    """Begin a collection that spares nothing, and kill it at some step."""
    collector = world.collecting()
    with contextlib.suppress(subprocess.TimeoutExpired):
        collector.wait(random.uniform(0.6, 2.0))
    collector.kill()
    collector.wait()
    faults.add("collector killed")
    # The marks of a dead collector hold for five minutes, which this test has not got: its requests have ended.
    with psycopg.connect(world.postgres.url, autocommit=True) as conn:
        conn.execute("UPDATE blob SET delete_time = delete_time - interval '10 minutes' WHERE delete_time IS NOT NULL")


@pytest.mark.parametrize("kind", ["local", "s3"])
def test_kill_9_of_servers_and_collectors(data_folder: Path, faults: Ledger, kind: str) -> None:
    random = rng(f"artifacts {kind}")
    with contextlib.ExitStack() as stack:
        artifacts, env = "", {}
        if kind == "s3":
            (data_folder / "s3").mkdir()
            s3 = stack.enter_context(run_s3_server(data_folder / "s3"))
            network = LossyRelay(s3.settings.endpoint.removeprefix("http://"))
            stack.callback(network.close)
            artifacts, env = s3.new_url(), s3.variables(endpoint=f"http://{network.address}")
        world = stack.enter_context(World(data_folder, faults, artifacts, env=env))
        with jobs(world, random) as started:
            begun = time.monotonic()
            while (ran := time.monotonic() - begun) < _SECONDS or (
                ran < _MOST_SECONDS and sum(len(job.files) for job in started) <= _FILES
            ):
                fault = random.randrange(5 if kind == "s3" else 4)
                if fault == 0:
                    world.kill_worker()
                elif fault == 1:
                    world.kill_server()
                elif fault == 2:
                    world.cut_network()
                elif fault == 3:
                    collect_and_kill(world, random, faults)
                else:
                    network.deaf.set()
                    time.sleep(random.uniform(0.1, 1.0))
                    network.cut()
                    network.deaf.clear()
                    faults.add("store silent, then cut")
                time.sleep(random.uniform(0, 0.5))
                if ran > _SECONDS:
                    # A machine on which servers hardly come up between faults: give each of them some work.
                    wait_for_work(started)
        assert sum(len(job.files) for job in started) > _FILES
        check(world, started)
