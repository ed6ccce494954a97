"""A real S3 server for tests: SeaweedFS, from its wheel, on free loopback ports with keys of its own."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import urllib3
from minio import Minio

from runlore_server.blob.s3 import S3Settings

_START_SECONDS = 60


@dataclass(frozen=True)
class S3Server:
    """A running S3 server."""

    settings: S3Settings
    #: A bucket that exists. Tests share it, each below a prefix of its own.
    bucket: str
    process: subprocess.Popen[bytes]

    def client(self) -> Minio:
        """Return a client that may do anything."""
        url = urlsplit(self.settings.endpoint)
        ca = str(self.settings.ca_file) if self.settings.ca_file else None
        return Minio(
            url.netloc,
            access_key=self.settings.access_key,
            secret_key=self.settings.secret_key,
            region=self.settings.region,
            secure=url.scheme == "https",
            http_client=urllib3.PoolManager(ca_certs=ca),
        )

    def new_url(self) -> str:
        """Return an `s3://bucket/prefix` below which nothing is stored yet."""
        return f"s3://{self.bucket}/{secrets.token_hex(6)}/artifacts"


@contextmanager
def run_s3_server(folder: Path) -> Iterator[S3Server]:
    """Run an S3 server that keeps its data in `folder` until the context ends."""
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
    output = folder / "weed.log"
    with output.open("wb") as log:
        command = [str(binary), "server", *(f"-{name}={value}" for name, value in flags.items())]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        server = S3Server(settings, "runlore-test", process)
        _wait_until_it_stores(server, output)
        yield server
    finally:
        # It has nothing worth saving, and takes its time to stop in good order.
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One S3 server for all tests of a session, SeaweedFS or (RUNLORE_TEST_S3=minio) MinIO; see `new_url`."""
    if os.environ.get("RUNLORE_TEST_S3") == "minio":
        from tests.minio import run_minio as run
    else:
        run = run_s3_server
    with run(tmp_path_factory.mktemp("s3")) as server:
        yield server


def free_ports(count: int) -> list[int]:
    """Return distinct loopback ports that nothing listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _wait_until_it_stores(server: S3Server, output: Path) -> None:
    # It answers before it can store: an upload needs the volume server to have joined.
    deadline = time.monotonic() + _START_SECONDS
    client = urllib3.PoolManager(retries=False, timeout=5.0)
    problem = "nothing tried"
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            client.request("GET", server.settings.endpoint)
            if not server.client().bucket_exists(server.bucket):
                server.client().make_bucket(server.bucket)
            url = server.client().presigned_put_object(server.bucket, "probe")
            answer = client.request("PUT", url, body=b"probe")
            if answer.status == 200:
                return
            problem = f"HTTP status {answer.status}"
        except Exception as error:
            problem = repr(error)
        time.sleep(0.1)
    raise RuntimeError(f"the S3 server did not start ({problem}); its output ended with:\n{output.read_text()[-2000:]}")
