"""[artifact_large] A large file up and down through presigned URLs, against the bare minio client that hashes too."""

from __future__ import annotations

import statistics

import psutil

from tests.bench.harness import Bench
from tests.bench.stores import moving, random_file, renew


def scenario(bench: Bench) -> None:
    """Measure 1 GB, each round of bytes that the store does not have."""
    size = 40_000_000 if bench.tiny else 1_000_000_000
    rounds = 1 if bench.tiny else 5
    up: list[tuple[float, float]] = []
    down: list[tuple[float, float]] = []
    grown: list[int] = []
    with moving() as all_of_it:
        path, target = all_of_it.folder / "weights", all_of_it.folder / "target"
        random_file(path, size)
        server = psutil.Process(all_of_it.server.process.pid)
        server_before = server.memory_info().rss
        for number in range(rounds + 1):
            renew(path)
            ours = all_of_it.do("push", path=str(path), model="m", rehash=True)
            renew(path)
            raw = all_of_it.do("raw_put", path=str(path), name=str(number))
            all_of_it.do("forget")
            pulled = all_of_it.do("pull", ref=f"models:/m/{ours['version']}")
            got = all_of_it.do("raw_get", path=str(target), name=str(number), size=size)
            assert (ours["moved"], pulled["moved"]) == (size, size)
            if number:
                # The first round warms up.
                up.append((ours["seconds"], raw["seconds"]))
                down.append((pulled["pulled_in"], got["seconds"]))
                grown += [ours["grown"], pulled["grown"]]
        server_grown = server.memory_info().rss - server_before
        beside = f"minio client on {all_of_it.store_name}"
    label = f"{size / 1e9:g} GB"
    for way, times in (("up", up), ("down", down)):
        mine, raw_times = [ours for ours, _ in times], [raw for _, raw in times]
        share = statistics.median([raw / ours for ours, raw in times])
        bench.record(
            "artifact_large",
            f"{label} {way}",
            "MB/s",
            size / 1e6 / statistics.median(mine),
            max(mine) * 1e3,
            rounds,
            ceiling=(beside, size / 1e6 / statistics.median(raw_times), share),
        )
    bench.record("artifact_large", f"{label}, client's memory above import", "MB", max(grown) / 1e6, rounds=rounds)
    bench.record("artifact_large", f"{label}, server's memory grown by", "MB", server_grown / 1e6, rounds=rounds)
