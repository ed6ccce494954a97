"""What tests of artifacts share: folders to log, and servers on the S3 store."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import runlore
from tests.harness.server import ServerProcess, serving
from tests.s3 import S3Server

MLMODEL = """\
artifact_path: model
flavors:
  python_function:
    env: {conda: conda.yaml, virtualenv: python_env.yaml}
    loader_module: mlflow.sklearn
    model_path: model.pkl
  sklearn: {code: null, pickled_model: model.pkl, serialization_format: cloudpickle, sklearn_version: 1.7.2}
mlflow_version: 3.17.0
model_uuid: 6f0e3f3ad1d84b7a8d4d1c4a6d1a6d1f
"""


def tree(folder: Path) -> dict[str, tuple[bytes, bool]]:
    """Every file's bytes, and whether it is executable."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {p.relative_to(folder).as_posix(): (p.read_bytes(), os.access(p, os.X_OK)) for p in files}


def mlflow_model(folder: Path) -> Path:
    """A folder as MLflow writes one, with what a packed example and code of one's own add."""
    (folder / "code" / "features").mkdir(parents=True)
    (folder / "metadata").mkdir()
    (folder / "MLmodel").write_text(MLMODEL)
    (folder / "model.pkl").write_bytes(os.urandom(3000))
    (folder / "conda.yaml").write_bytes(b"channels:\r\n- conda-forge\r\n")
    (folder / "python_env.yaml").write_text("python: 3.11.7\n")
    (folder / "requirements.txt").write_bytes(b"scikit-learn==1.7.2\nnumpy==2.3.0")
    (folder / "serving_input_example.json").write_text('{"dataframe_split": {"columns": ["é"]}}')
    (folder / "code" / "features" / "__init__.py").write_text("")
    (folder / "code" / "features" / "run.sh").write_text("#!/bin/sh\n")
    (folder / "code" / "features" / "run.sh").chmod(0o755)
    (folder / "metadata" / "MLmodel").write_text(MLMODEL)
    return folder


@contextmanager
def on_s3(s3_server: S3Server, data: Path, database_url: str) -> Iterator[ServerProcess]:
    """A server whose artifacts are in the S3 store."""
    arguments = ("--database", database_url, "--artifacts", s3_server.new_url())
    with serving(data, *arguments, env=s3_server.variables()) as server:
        yield server


def digest_of(client: runlore.Client, reference: str) -> str:
    """The manifest behind a model's reference."""
    return client.resolve(reference).model_version.manifest_digest


def killed(process: subprocess.Popen[str]) -> None:
    """End a process as `kill -9` does."""
    process.kill()
    process.wait(30)
