"""A real S3 server for tests, on free loopback ports with keys of its own: SeaweedFS from its wheel, or MinIO."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3
from minio import Minio

from runlore_server.blob.s3 import S3Settings

_START_SECONDS = 60


@dataclass
class S3Server:
    """An S3 server, which can be killed and started again with what it had."""

    settings: S3Settings
    command: list[str]
    #: Where it writes what it says.
    output: Path
    env: Mapping[str, str] | None = None
    #: A bucket that exists. Tests share it, each below a prefix of its own.
    bucket: str = "runlore-test"
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Start it, and wait until it stores."""
        with self.output.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=subprocess.STDOUT, env=self.env)
        deadline = time.monotonic() + _START_SECONDS
        problem = "nothing tried"
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                return self._store_something()
            except Exception as error:
                problem = repr(error)
            time.sleep(0.1)
        self.kill()
        raise RuntimeError(
            f"the S3 server did not start ({problem}); its output ended with:\n{self.output.read_text()[-2000:]}"
        )

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self.process.kill()
        self.process.wait()

    def client(self) -> Minio:
        """Return a client that may do anything."""
        url = urlsplit(self.settings.endpoint)
        return Minio(
            url.netloc,
            access_key=self.settings.access_key,
            secret_key=self.settings.secret_key,
            region=self.settings.region,
            secure=url.scheme == "https",
            http_client=self._http(),
        )

    def new_url(self) -> str:
        """Return an `s3://bucket/prefix` below which nothing is stored yet."""
        return f"s3://{self.bucket}/{secrets.token_hex(6)}/artifacts"

    def variables(self, **more: str) -> dict[str, str]:
        """Return what leads a server here; `more` such as `public_endpoint`."""
        settings = self.settings
        found = {
            "endpoint": settings.endpoint,
            "access_key": settings.access_key,
            "secret_key": settings.secret_key,
            "region": settings.region,
            **more,
        }
        return {f"RUNLORE_S3_{name.upper()}": value for name, value in found.items()}

    def _store_something(self) -> None:
        # It may answer before it can store.
        http = self._http(retries=False, timeout=5.0)
        http.request("GET", self.settings.endpoint)
        if not self.client().bucket_exists(self.bucket):
            self.client().make_bucket(self.bucket)
        answer = http.request("PUT", self.client().presigned_put_object(self.bucket, "probe"), body=b"probe")
        if answer.status != 200:
            raise RuntimeError(f"HTTP status {answer.status}")

    def _http(self, **how: Any) -> urllib3.PoolManager:
        return urllib3.PoolManager(ca_certs=str(self.settings.ca_file) if self.settings.ca_file else None, **how)


@contextmanager
def _run_seaweedfs(folder: Path) -> Iterator[S3Server]:
    binary = Path(sysconfig.get_path("scripts")) / "weed"
    settings_file = folder / "s3.json"
    master, master_rpc, volume, volume_rpc, filer, filer_rpc, s3, s3_rpc = free_ports(8)
    settings = S3Settings(
        endpoint=f"http://127.0.0.1:{s3}", access_key=secrets.token_hex(8), secret_key=secrets.token_hex(16)
    )
    keys = {"accessKey": settings.access_key, "secretKey": settings.secret_key}
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    settings_file.write_text(json.dumps({"identities": [{"name": "t", "credentials": [keys], "actions": actions}]}))
    (folder / "data").mkdir()
    flags = {
        "dir": folder / "data",
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "master.port": master,
        "master.port.grpc": master_rpc,
        "master.volumeSizeLimitMB": 64,
        "master.telemetry": "false",
        "volume.port": volume,
        "volume.port.grpc": volume_rpc,
        "volume.max": 32,
        "filer": "true",
        "filer.port": filer,
        "filer.port.grpc": filer_rpc,
        "s3": "true",
        "s3.ip.bind": "127.0.0.1",
        "s3.port": s3,
        "s3.port.grpc": s3_rpc,
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "s3.config": settings_file,
        "s3.iam": "false",
    }
    command = [str(binary), "server", *(f"-{name}={value}" for name, value in flags.items())]
    with running(S3Server(settings, command, folder / "weed.log")) as server:
        yield server


@contextmanager
def running(server: S3Server) -> Iterator[S3Server]:
    """Run a server until the context ends."""
    server.start()
    try:
        yield server
    finally:
        # It has nothing worth saving, and may take its time to stop in good order.
        server.kill()


@contextmanager
def run_s3_server(folder: Path) -> Iterator[S3Server]:
    """Run an S3 server that keeps its data in `folder`: SeaweedFS, or (RUNLORE_TEST_S3=minio) MinIO."""
    if os.environ.get("RUNLORE_TEST_S3") == "minio":
        from tests.minio import run_minio

        server = run_minio(folder)
    else:
        server = _run_seaweedfs(folder)
    with server as made:
        yield made


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One S3 server for all tests of a session; see `S3Server.new_url`."""
    with run_s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


def free_ports(count: int) -> list[int]:
    """Return distinct loopback ports that nothing listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def main() -> None:
    """Run one for a test in another language: print what leads a server to it as JSON, and end with the input."""
    with tempfile.TemporaryDirectory(prefix="runlore-s3-") as folder, run_s3_server(Path(folder)) as server:
        print(json.dumps({"artifacts": server.new_url(), "variables": server.variables()}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
