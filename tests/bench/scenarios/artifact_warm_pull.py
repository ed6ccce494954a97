"""[artifact_warm_pull] A pull of what the cache has: verified by identity, and by reading it."""

from __future__ import annotations

import statistics

from tests.bench.harness import Bench, Measured
from tests.bench.stores import CHUNK, moving, random_file

FILES = 8


def scenario(bench: Bench) -> None:
    """Measure a model of 1 GB in 8 files, from the call to the folder: the resolving of its alias is a part."""
    size = (1 if bench.tiny else 8) * CHUNK * FILES
    with moving() as all_of_it:
        folder = all_of_it.folder / "model"
        folder.mkdir()
        for number in range(FILES):
            random_file(folder / f"{number}", size // FILES)
        all_of_it.do("push", path=str(folder), model="m")
        cold = all_of_it.do("pull", ref="models:/m/1")
        warm = [all_of_it.do("pull", ref="models:/m/1") for _ in range(3 if bench.tiny else 50)]
        verified = all_of_it.do("pull", ref="models:/m/1", verify=True)
    assert cold["moved"] == size
    assert not any(done["moved"] for done in (*warm, verified))
    label = f"{size / 1e9:.2g} GB"
    times = [done["pulled_in"] for done in warm]
    p50 = statistics.median(times) * 1e3
    bench.record("artifact_warm_pull", label, "ms (p50)", p50, Measured(0, times).p99_ms, len(times))
    seconds = verified["pulled_in"]
    bench.record("artifact_warm_pull", f"{label}, --verify", "MB/s", size / 1e6 / seconds, seconds * 1e3)
