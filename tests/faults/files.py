"""What tests of files under faults share: folders to push, processes that push and pull, caches apart."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import runlore
from runlore._cache import Cache
from runlore.manifest import CHUNK_BYTES
from tests.harness.server import environment

ROOT = Path(__file__).resolve().parents[2]
PUSH = "import runlore, sys; runlore.push(sys.argv[1], 'm')"
PULL = "import runlore, sys; runlore.pull(sys.argv[1])"


def make_model(folder: Path, *, large: int = 3, small: int = 300) -> Path:
    """Make a folder of so many large files and small ones."""
    (folder / "small").mkdir(parents=True)
    for i in range(large):
        (folder / f"large-{i}").write_bytes(os.urandom(2 * CHUNK_BYTES + i))
    for i in range(small):
        (folder / "small" / f"{i}").write_bytes(os.urandom(500))
    return folder


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


def start(code: str, *arguments: str, address: str, cache: Path) -> subprocess.Popen[bytes]:
    """Run code in a process of its own."""
    env = environment({"RUNLORE_ADDRESS": address, "RUNLORE_CACHE": str(cache)})
    return subprocess.Popen([sys.executable, "-c", code, *arguments], env=env, cwd=ROOT, stderr=subprocess.DEVNULL)


def versions(client: runlore.Client) -> int:
    """How many versions of the model `m` there are."""
    try:
        request = runlore.v1.SearchModelVersionsRequest(model_name="m")
        return len(client.registry.SearchModelVersions(request).model_versions)
    except runlore.NotFoundError:
        return 0
