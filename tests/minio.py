"""A real MinIO server for tests, from its Go module: `make test-minio` builds it into build/minio."""

from __future__ import annotations

import secrets
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import urllib3

from runlore_server.blob.s3 import S3Settings
from tests.s3 import S3Server, free_ports

BINARY = Path(__file__).resolve().parents[1] / "build" / "minio"
_START_SECONDS = 60


@contextmanager
def run_minio(
    folder: Path, env: Mapping[str, str] | None = None, *, certificates: Path | None = None
) -> Iterator[S3Server]:
    """Run a MinIO that keeps its data in `folder`, with a bucket, until the context ends.

    `certificates`: a folder with `public.crt` and `private.key`, to serve TLS.
    """
    (port,) = free_ports(1)
    settings = S3Settings(
        endpoint=f"{'https' if certificates else 'http'}://127.0.0.1:{port}",
        access_key=secrets.token_hex(8),
        secret_key=secrets.token_hex(16),
        ca_file=certificates / "public.crt" if certificates else None,
    )
    command = [str(BINARY), "server", str(folder / "data"), "--address", f"127.0.0.1:{port}", "--quiet"]
    command += ["--certs-dir", str(certificates or folder / "none")]
    own = {
        "MINIO_ROOT_USER": settings.access_key,
        "MINIO_ROOT_PASSWORD": settings.secret_key,
        "MINIO_BROWSER": "off",
        "MINIO_UPDATE": "off",
        "MINIO_CALLHOME_ENABLE": "off",
        "HOME": str(folder),
        "PATH": "/usr/bin:/bin",
    }
    output = folder / "minio.log"
    with output.open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env={**own, **(env or {})})
    server = S3Server(settings, "runlore-test", process)
    try:
        _wait(server, output)
        server.client().make_bucket(server.bucket)
        yield server
    finally:
        process.kill()
        process.wait()


def _wait(server: S3Server, output: Path) -> None:
    ca = str(server.settings.ca_file) if server.settings.ca_file else None
    client = urllib3.PoolManager(retries=False, timeout=5.0, ca_certs=ca)
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            if client.request("GET", f"{server.settings.endpoint}/minio/health/ready").status == 200:
                return
        except urllib3.exceptions.HTTPError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"MinIO did not start; its output ended with:\n{output.read_text()[-2000:]}")
