"""[artifact_delta] What a checkpoint sends of which a twentieth changed, and what pushing the same one again costs."""

from __future__ import annotations

from tests.bench.harness import Bench
from tests.bench.stores import CHUNK, moving, random_file, renew

FILES = 20


def scenario(bench: Bench) -> None:
    """Measure 1 GB in 20 files, and in one file."""
    chunks = 3 if bench.tiny else 60
    size = chunks * CHUNK
    with moving() as all_of_it:
        folder, path = all_of_it.folder / "checkpoint", all_of_it.folder / "weights"
        folder.mkdir()
        for number in range(FILES):
            random_file(folder / f"{number:02}", size // FILES)
        random_file(path, size)
        first = all_of_it.do("push", path=str(folder), model="m")
        assert first["moved"] == size // FILES * FILES
        renew(folder / "07")
        files = all_of_it.do("push", path=str(folder), model="m")
        again = all_of_it.do("push", path=str(folder), model="m", rehash=True)
        known = all_of_it.do("push", path=str(folder), model="m")
        all_of_it.do("push", path=str(path), model="m")
        renew(path, chunks=range(0, chunks, 20))
        within = all_of_it.do("push", path=str(path), model="m")
    assert again["moved"] == known["moved"] == 0
    label = f"{size / 1e9:.2g} GB"
    for what, done in ((f"{label}, 1 of {FILES} files changed", files), (f"{label}, 1 of 20 chunks changed", within)):
        bench.record("artifact_delta", what, "% sent", 100 * done["moved"] / size, done["seconds"] * 1e3)
    for what, done in ((f"{label} again, hashed", again), (f"{label} again, known by identity", known)):
        bench.record("artifact_delta", what, "MB/s", size / 1e6 / done["seconds"], done["seconds"] * 1e3)
