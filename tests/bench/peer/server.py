"""MLflow's server as its users start it, in an environment of its own, on the Postgres that ours brings."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from runlore_server.embedded import EmbeddedPostgres
from tests.bench.harness import Measured, Served
from tests.bench.orders import Processes, shares
from tests.bench.stored import bytes_per_point
from tests.harness.postgres import scratch_folder
from tests.s3 import S3Server

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
ENVIRONMENT = Path("build/peer-venv")
PLUGIN = ("clients/python", "clients/mlflow")
INSTALL_SECONDS = 300
READY_SECONDS = 300
#: The server's own default.
WORKERS = 4
TABLES = ("metrics", "latest_metrics")


class PeerError(RuntimeError):
    """The peer cannot be had; the message says why."""


class Mlflow:
    """A server that runs, with processes of its client."""

    def __init__(self, address: str, database_url: str, processes: Processes) -> None:
        """`processes` run `tests.bench.peer.client`."""
        self._address, self.database_url, self._processes = address, database_url, processes

    def measure(self, work: str, clients: int, seconds: float, **options: Any) -> Measured:
        """Let so many clients, spread over the processes, do `work`."""
        return self._processes.measure(
            *(
                {"address": self._address, "work": work, "clients": share, "seconds": seconds, "options": options}
                for share in shares(clients, len(self._processes))
                if share
            )
        )

    def ask(self, what: str, **options: Any) -> Any:
        """Let one client do something once, and return what comes of it."""
        [answer] = self._processes.ask({"address": self._address, "once": what, "options": options})
        return answer["result"]

    def bytes_per_point(self) -> float:
        """What its points take on disk."""
        return bytes_per_point(self.database_url, TABLES, "SELECT count(*) FROM metrics")


@contextmanager
def mlflow(processes: int, workers: int = WORKERS) -> Iterator[Mlflow]:
    """Install what is needed and run the server; raises PeerError."""
    python = _environment()
    with scratch_folder() as folder:
        postgres = EmbeddedPostgres(folder / "postgres")
        database_url = postgres.start()
        try:
            with _server(python, folder, database_url, workers=workers) as address:
                clients = Processes("tests.bench.peer.client", processes, str(python))
                try:
                    yield Mlflow(address, database_url, clients)
                finally:
                    clients.close()
        finally:
            postgres.stop()


@contextmanager
def on_runlore(served: Served) -> Iterator[Mlflow]:
    """A process of MLflow's client on a Runlore server, by the plugin; raises PeerError."""
    with _client(f"runlore://{served.address}", served.database_url) as client:
        yield client


@contextmanager
def local_store() -> Iterator[Mlflow]:
    """A process of MLflow's client on its own default store, an SQLite file with a folder beside; raises PeerError."""
    with scratch_folder() as folder, _client(f"sqlite:///{folder}/mlflow.db", "") as client:
        yield client


@contextmanager
def _client(address: str, database_url: str) -> Iterator[Mlflow]:
    processes = Processes("tests.bench.peer.client", 1, str(_environment()))
    try:
        yield Mlflow(address, database_url, processes)
    finally:
        processes.close()


@contextmanager
def artifact_proxy(store: S3Server) -> Iterator[tuple[str, Path]]:
    """Run a server that serves artifacts from an S3 store; yields its address and Python. Raises PeerError."""
    python = _environment()
    settings = store.settings
    env = {
        "MLFLOW_S3_ENDPOINT_URL": settings.endpoint,
        "AWS_ACCESS_KEY_ID": settings.access_key,
        "AWS_SECRET_ACCESS_KEY": settings.secret_key,
        "AWS_DEFAULT_REGION": settings.region,
    }
    arguments = ("--serve-artifacts", "--artifacts-destination", f"s3://{store.bucket}/mlflow")
    with scratch_folder() as folder:
        postgres = EmbeddedPostgres(folder / "postgres")
        database_url = postgres.start()
        try:
            with _server(python, folder, database_url, *arguments, **env) as address:
                yield address, python
        finally:
            postgres.stop()


def _environment() -> Path:
    """The environment's Python, installed when it is not there or not of these versions."""
    python, stamp = ENVIRONMENT.absolute() / "bin" / "python", ENVIRONMENT / ".installed"
    wanted = REQUIREMENTS.read_text()
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    uv = os.environ.get("UV") or shutil.which("uv")
    if not uv:
        raise PeerError("uv, which installs it, is not there: `make bench` brings one")
    print(f"installing MLflow into {ENVIRONMENT}", file=sys.stderr, flush=True)
    _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(ENVIRONMENT))
    # Compiled once: each of the server's processes would spend many seconds on it where bytecode is not written.
    options = ("--quiet", "--compile-bytecode", "--python", str(python))
    _run(uv, "pip", "install", *options, "--requirement", str(REQUIREMENTS))
    # The plugin, for rows of MLflow's client on Runlore. What it needs beside MLflow is pinned with the rest.
    _run(uv, "pip", "install", *options, "--no-deps", *(part for folder in PLUGIN for part in ("--editable", folder)))
    stamp.write_text(wanted)
    return python


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PeerError(str(error)) from error
    if done.returncode:
        raise PeerError(f"`{' '.join(command)}` failed:\n{done.stderr.strip()[-1_000:]}")


@contextmanager
def _server(
    python: Path, folder: Path, database_url: str, *arguments: str, workers: int = WORKERS, **env: str
) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(python), "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)]
    command += [
        "--workers",
        str(workers),
        "--backend-store-uri",
        database_url.replace("://", "+psycopg2://", 1),
        *arguments,
    ]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    # Without its job runners, which take part in nothing here and cost it memory and a slower start.
    settings = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    log = folder / "mlflow.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            command, cwd=folder, stdout=out, stderr=out, env=kept | settings | env, start_new_session=True
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_ready(process, f"{address}/health", log)
        yield address
    finally:
        # Its workers too: the session is theirs alone.
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise PeerError(f"its server did not come up:\n{log.read_text()[-1_000:]}")
