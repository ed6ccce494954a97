"""[artifact_small_files] Many small files up, listed and down, against MLflow's artifact proxy on the same store."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

import grpc

from runlore import v1
from tests.bench.harness import Bench, Measured
from tests.bench.peer.files import PeerFiles, peer_files
from tests.bench.stores import Moving, moving

BYTES = 4096
PAGE = 1_000


def scenario(bench: Bench) -> None:
    """Measure 10,000 files of 4 KB. MLflow gets fewer, because rates are compared."""
    count, theirs_count = (200, 20) if bench.tiny else (10_000, 1_000)
    rounds = 1 if bench.tiny else 3
    up: list[float] = []
    down: list[float] = []
    peer_up: list[float] = []
    peer_down: list[float] = []
    pages: list[float] = []
    with moving() as all_of_it, peer_files(all_of_it.store) as peer:
        for number in range(rounds):
            folder = _folder(all_of_it.folder / f"ours-{number}", count)
            pushed = all_of_it.do("push", path=str(folder), model="m")
            up.append(count / pushed["seconds"])
            pages += _list(all_of_it, pushed["version"])
            pulled = all_of_it.do("pull", ref=f"models:/m/{pushed['version']}")
            assert pulled["moved"] == count * BYTES
            down.append(count / pulled["pulled_in"])
            if peer:
                _measure_peer(peer, all_of_it.folder, number, theirs_count, peer_up, peer_down)
    for way, mine, theirs in (("up", up, peer_up), ("down", down, peer_down)):
        ratio = statistics.median([a / b for a, b in zip(mine, theirs, strict=False)]) if theirs else 0.0
        bench.record(
            "artifact_small_files",
            f"{count:,} files {way}",
            "files/s",
            statistics.median(mine),
            rounds=rounds,
            peer=("MLflow", statistics.median(theirs), ratio) if theirs else None,
        )
    p50 = statistics.median(pages) * 1e3
    bench.record("artifact_small_files", f"a page of {PAGE:,}", "ms (p50)", p50, Measured(0, pages).p99_ms, len(pages))


def _folder(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:05}").write_bytes(os.urandom(BYTES))
    return folder


def _list(all_of_it: Moving, version: int) -> list[float]:
    """Return how long each page of a version's listing takes."""
    with grpc.insecure_channel(all_of_it.server.address) as channel:
        artifacts, registry = v1.ArtifactServiceStub(channel), v1.RegistryServiceStub(channel)
        found = registry.Resolve(v1.ResolveRequest(reference=f"models:/m/{version}"))
        request = v1.ListArtifactsRequest(manifest_digest=found.model_version.manifest_digest, page_size=PAGE)
        taken = []
        while True:
            began = time.perf_counter()
            response = artifacts.ListArtifacts(request)
            taken.append(time.perf_counter() - began)
            if not response.next_page_token:
                return taken
            request.page_token = response.next_page_token


def _measure_peer(peer: PeerFiles, folder: Path, number: int, count: int, up: list[float], down: list[float]) -> None:
    source = _folder(folder / f"theirs-{number}", count)
    run_id, seconds = peer.up(source)
    up.append(count / seconds)
    target = folder / f"theirs-{number}-down"
    target.mkdir()
    down.append(count / peer.down(run_id, target))
