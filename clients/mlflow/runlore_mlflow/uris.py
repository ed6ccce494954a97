"""URIs: of stores, `runlore://host:port[/workspace]`, and of artifacts below them.

Artifacts are laid out as MLflow lays them out below a root, so that a root may also be one that MLflow's own server
passes on (`mlflow-artifacts:/`):

    <experiment id>/<run id>/artifacts[/<path>]
    <experiment id>/models/m-<model id>/artifacts[/<path>]
    manifests/<digest>[/<path>]                              the files of a model version
"""

from __future__ import annotations

import re
import urllib.parse
from dataclasses import dataclass

from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE

SCHEME = "runlore"
#: The workspace of URIs that name none, as the server has it. Artifact URIs always name theirs.
DEFAULT_WORKSPACE = "default"

_RUN = re.compile(r"[^/]+/(?P<id>[0-9a-f]{32})/artifacts(?:/(?P<path>.*))?")
_MODEL = re.compile(r"[^/]+/models/m-(?P<id>[0-9a-f]{32})/artifacts(?:/(?P<path>.*))?")
_MANIFEST = re.compile(r"manifests/(?P<id>[0-9a-f]{64})(?:/(?P<path>.*))?")


@dataclass(frozen=True)
class StoreUri:
    """A server and a workspace."""

    address: str
    workspace: str

    def __str__(self) -> str:
        """The URI, with the workspace always said."""
        return f"{SCHEME}://{self.address}/{self.workspace}"


@dataclass(frozen=True)
class Place:
    """Whose artifacts a path below a root means; one of the three ids is set."""

    run_id: str = ""
    #: Of a logged model, without `m-`.
    model_id: str = ""
    manifest_digest: str = ""
    #: A file or folder among them; empty for all.
    path: str = ""


def parse(uri: str) -> tuple[StoreUri, str]:
    """Return the server and workspace of a `runlore://` URI, and the path behind them, without slashes around it."""
    parts = urllib.parse.urlsplit(uri)
    if parts.scheme != SCHEME or not parts.netloc or "@" in parts.netloc:
        raise MlflowException(
            f"'{uri}' is no URI of Runlore: give runlore://host:port, and /workspace behind it for another than "
            f"'{DEFAULT_WORKSPACE}'",
            INVALID_PARAMETER_VALUE,
        )
    workspace, _, path = parts.path.strip("/").partition("/")
    return StoreUri(parts.netloc, urllib.parse.unquote(workspace) or DEFAULT_WORKSPACE), path


def parse_store(uri: str) -> StoreUri:
    """Return the server and workspace of a tracking or registry URI, which has nothing behind them."""
    store, path = parse(uri)
    if path:
        raise MlflowException(
            f"'{uri}' has '{path}' behind the workspace: give runlore://host:port[/workspace]", INVALID_PARAMETER_VALUE
        )
    return store


def place(path: str) -> Place | None:
    """Return whose artifacts a path below a root means; None when it is nobody's."""
    path = path.strip("/")
    if match := _RUN.fullmatch(path):
        return Place(run_id=match["id"], path=match["path"] or "")
    if match := _MODEL.fullmatch(path):
        return Place(model_id=match["id"], path=match["path"] or "")
    if match := _MANIFEST.fullmatch(path):
        return Place(manifest_digest=match["id"], path=match["path"] or "")
    return None


def run_artifacts(root: str, experiment_id: str, run_id: str) -> str:
    """Return the URI of a run's artifacts."""
    return f"{experiment_artifacts(root, experiment_id)}/{run_id}/artifacts"


def model_artifacts(root: str, experiment_id: str, model_id: str) -> str:
    """Return the URI of a logged model's artifacts; `model_id` has its `m-`."""
    return f"{experiment_artifacts(root, experiment_id)}/models/{model_id}/artifacts"


def experiment_artifacts(root: str, experiment_id: str) -> str:
    """Return the URI below which an experiment's artifacts are."""
    return f"{root.rstrip('/')}/{experiment_id}"


def manifest(store: StoreUri, digest: str, path: str = "") -> str:
    """Return the URI of a manifest's files."""
    return f"{store}/manifests/{digest}" + (f"/{path}" if path else "")
