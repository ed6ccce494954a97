"""A real MinIO server for tests, from its Go module: `make test-minio` builds it into build/minio."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from runlore_server.blob.s3 import S3Settings
from tests.s3 import S3Server, free_ports, running

BINARY = Path(__file__).resolve().parents[1] / "build" / "minio"


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
    server = S3Server(settings, command, folder / "minio.log", env={**own, **(env or {})})
    with running(server):
        yield server
