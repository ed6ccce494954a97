"""MLflow's artifact proxy, `mlflow server --serve-artifacts`, on an S3 store, and its own client."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.orders import Order, Processes, serve

if TYPE_CHECKING:
    from tests.s3 import S3Server


class PeerFiles:
    """A server that runs, with a process of its client."""

    def __init__(self, address: str, process: Processes) -> None:
        """`process` runs this module."""
        self._address, self._process = address, process

    def up(self, folder: Path) -> tuple[str, float]:
        """Log a folder to a run of its own; returns the run and the seconds."""
        (done,) = self._process.ask({"address": self._address, "folder": str(folder)})
        return done["run_id"], done["seconds"]

    def down(self, run_id: str, folder: Path) -> float:
        """Download a run's artifacts; returns the seconds."""
        (done,) = self._process.ask({"address": self._address, "folder": str(folder), "run_id": run_id})
        return float(done["seconds"])


@contextmanager
def peer_files(store: S3Server) -> Iterator[PeerFiles | None]:
    """Start the server with its files in a store; None, with a word, where it cannot be had."""
    from tests.bench.peer.server import PeerError, artifact_proxy

    try:
        started = artifact_proxy(store)
        address, python = started.__enter__()
    except PeerError as error:
        print(f"No MLflow beside: {error}\nIts columns stay empty.", file=sys.stderr)
        yield None
        return
    process = Processes("tests.bench.peer.files", 1, str(python))
    try:
        yield PeerFiles(address, process)
    finally:
        process.close()
        started.__exit__(None, None, None)


def _answer(order: Order) -> Order:
    from mlflow import MlflowClient

    client = MlflowClient(order["address"])
    if "run_id" in order:
        began = time.perf_counter()
        client.download_artifacts(order["run_id"], "", order["folder"])
        return {"seconds": time.perf_counter() - began}
    found = client.get_experiment_by_name("files")
    experiment_id = found.experiment_id if found else client.create_experiment("files")
    run_id = client.create_run(experiment_id).info.run_id
    began = time.perf_counter()
    client.log_artifacts(run_id, order["folder"])
    return {"seconds": time.perf_counter() - began, "run_id": run_id}


if __name__ == "__main__":
    serve(_answer)
