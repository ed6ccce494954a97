"""An object store that refuses, on a real MinIO: what people are told, and that a second try completes.

Not part of `make test`: `make test-minio` runs it.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from minio.credentials import AssumeRoleProvider

import runlore
from tests.clients.artifacts import tree
from tests.harness.postgres import Databases, scratch_folder
from tests.harness.server import serving
from tests.s3 import S3Server


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to push, and a cache of the test's own."""
    monkeypatch.setenv("RUNLORE_CACHE", str(tmp_path / "cache"))
    made = tmp_path / "folder"
    made.mkdir()
    (made / "weights").write_bytes(os.urandom(100_000))
    return made


@contextmanager
def connected(postgres: Databases, url: str, env: dict[str, str]) -> Iterator[runlore.Client]:
    """A client of a server whose artifacts are at `url`."""
    with (
        postgres.fresh() as database,
        scratch_folder() as data,
        serving(data, "--database", database, "--artifacts", url, env=env) as server,
        runlore.connect(server.address, timeout=20) as client,
    ):
        yield client


def test_a_bucket_that_goes_away_and_comes_back(postgres: Databases, s3_server: S3Server, folder: Path) -> None:
    store = s3_server.client()
    bucket = f"short-lived-{secrets.token_hex(4)}"
    store.make_bucket(bucket)
    with connected(postgres, f"s3://{bucket}/p", s3_server.variables()) as client:
        store.remove_bucket(bucket)
        with pytest.raises(runlore.PreconditionError, match=r"NoSuchBucket.*create the bucket") as said:
            client.push(folder, "m")
        assert said.value.reason == "BLOB_STORE_MISCONFIGURED"
        with pytest.raises(runlore.NotFoundError):
            client.resolve("models:/m/1")
        store.make_bucket(bucket)
        client.push(folder, "m")
        assert tree(client.pull("models:/m/1")) == tree(folder)


def test_a_bucket_that_may_only_be_read(postgres: Databases, s3_server: S3Server, folder: Path) -> None:
    url = s3_server.new_url()
    with connected(postgres, url, reading(s3_server)) as client:
        with pytest.raises(runlore.PreconditionError, match=r"AccessDenied.*let these keys") as said:
            client.push(folder, "m")
        assert said.value.reason == "BLOB_STORE_MISCONFIGURED"
        with pytest.raises(runlore.NotFoundError):
            client.resolve("models:/m/1")
    with connected(postgres, url, s3_server.variables()) as client:
        client.push(folder, "m")
        assert tree(client.pull("models:/m/1")) == tree(folder)


def reading(server: S3Server) -> dict[str, str]:
    """Return what leads a server to the store with keys that may only read."""
    actions = ["s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation"]
    statement: dict[str, Any] = {"Effect": "Allow", "Action": actions, "Resource": ["arn:aws:s3:::*"]}
    settings = server.settings
    keys = AssumeRoleProvider(
        sts_endpoint=settings.endpoint,
        access_key=settings.access_key,
        secret_key=settings.secret_key,
        policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    ).retrieve()
    return server.variables(
        access_key=keys.access_key, secret_key=keys.secret_key, session_token=keys.session_token or ""
    )
