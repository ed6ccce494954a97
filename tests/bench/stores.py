"""An object store to measure on, with a Runlore server in front: MinIO when it is built, else SeaweedFS."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.orders import Order, Processes
from tests.harness.postgres import scratch_folder
from tests.harness.server import ServerProcess, serving
from tests.minio import BINARY, run_minio
from tests.s3 import S3Server, run_s3_server

CHUNK = 16 * 1024 * 1024


@dataclass
class Moving:
    """A server, its store, and processes that move files: one with the SDK, one with the bare client."""

    server: ServerProcess
    store: S3Server
    store_name: str
    folder: Path
    _sdk: Processes
    _raw: Processes

    def do(self, work: str, **order: object) -> Order:
        """Let a process do one work of `tests/bench/files.py`; its answer has `seconds` and `grown`."""
        settings = self.store.settings
        where = {
            "server": self.server.address,
            "endpoint": settings.endpoint,
            "access_key": settings.access_key,
            "secret_key": settings.secret_key,
            "region": settings.region,
            "bucket": self.store.bucket,
        }
        # Memory that one client let go of is not to count as the other's.
        process = self._raw if work.startswith("raw_") else self._sdk
        return process.ask({**where, "work": work, **order})[0]


@contextmanager
def moving() -> Iterator[Moving]:
    """Start all of it."""
    run, name = (run_minio, "MinIO") if BINARY.exists() else (run_s3_server, "SeaweedFS")
    with scratch_folder() as folder:
        (folder / "store").mkdir()
        with (
            run(folder / "store") as store,
            serving(folder / "server", "--artifacts", store.new_url(), env=store.variables()) as server,
        ):
            # The process inherits these.
            os.environ["RUNLORE_CACHE"] = str(folder / "cache")
            processes = Processes("tests.bench.files"), Processes("tests.bench.files")
            try:
                yield Moving(server, store, name, folder, *processes)
            finally:
                for process in processes:
                    process.close()
                del os.environ["RUNLORE_CACHE"]


def random_file(path: Path, size: int) -> None:
    """Write a file of bytes that nobody has."""
    with path.open("wb") as file:
        for start in range(0, size, CHUNK):
            file.write(os.urandom(min(CHUNK, size - start)))


def renew(path: Path, *, chunks: range | None = None) -> None:
    """Change a file in place so that each of its chunks (or those named) is one that nobody has."""
    with path.open("r+b") as file:
        for number in chunks if chunks is not None else range(-(-path.stat().st_size // CHUNK)):
            file.seek(number * CHUNK)
            file.write(secrets.token_bytes(32))
