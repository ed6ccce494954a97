"""The tracking store of `runlore://` URIs."""

from __future__ import annotations

import os

from mlflow.environment_variables import MLFLOW_ENABLE_ASYNC_LOGGING
from mlflow.store.tracking.abstract_store import AbstractStore

from runlore_mlflow import unsupported, uris
from runlore_mlflow.described import DatasetDescriptions
from runlore_mlflow.errors import translating
from runlore_mlflow.purging import PurgingMethods
from runlore_mlflow.session import session_of

#: Set to 1, points are stored when the call that logs them returns.
SYNC_VARIABLE = "RUNLORE_MLFLOW_SYNC"
#: Where `mlflow server` says to its workers where it passes artifacts on to.
_DESTINATION_VARIABLE = "_MLFLOW_SERVER_ARTIFACT_DESTINATION"
_DEFAULT_DESTINATION = "./mlartifacts"
_PROXY_SCHEME = "mlflow-artifacts"


@translating
class RunloreTrackingStore(PurgingMethods, AbstractStore):
    """Experiments, runs and logged models in a workspace of Runlore. Nothing is kept for MLflow alone."""

    def __init__(self, store_uri: str, artifact_uri: str | None = None) -> None:
        """`artifact_uri` is given by MLflow's server, and by nobody else; connects with the first call."""
        uri = uris.parse_store(store_uri)
        self.session = session_of(uri)
        self.descriptions = DatasetDescriptions(self.session)
        self._is_server = artifact_uri is not None
        self.artifact_root, self.foreign_root = _roots(uri, artifact_uri)
        super().__init__()

    @property
    def synchronous(self) -> bool:
        """Whether points are stored when the call that logs them returns.

        So they are in a server, whose other workers must read them, and where the user asks for it.
        """
        if self._is_server or os.environ.get(SYNC_VARIABLE, "0") not in ("", "0"):
            return True
        # `mlflow.config.enable_async_logging(False)` sets it too; by default it is not set.
        asked = os.environ.get(MLFLOW_ENABLE_ASYNC_LOGGING.name)
        return asked is not None and not MLFLOW_ENABLE_ASYNC_LOGGING.get()


def _roots(uri: uris.StoreUri, artifact_uri: str | None) -> tuple[str, str]:
    """Return below which root Runlore's artifacts are, and another root that was asked for.

    `mlflow server` gives every store `mlflow-artifacts:/` unless told otherwise, and passes artifacts on to a folder of
    its own, unless told otherwise: nobody asked for that. Where it passes them on to Runlore, that root leads there.
    """
    own = str(uri)
    if not artifact_uri or _is_here(artifact_uri, uri):
        return own, ""
    if artifact_uri.partition(":")[0] != _PROXY_SCHEME:
        return own, artifact_uri
    destination = os.environ.get(_DESTINATION_VARIABLE, _DEFAULT_DESTINATION)
    if _is_here(destination, uri):
        return artifact_uri, ""
    return (own, "") if destination == _DEFAULT_DESTINATION else (own, artifact_uri)


def _is_here(artifact_uri: str, uri: uris.StoreUri) -> bool:
    """Whether a root of artifacts is this workspace."""
    return artifact_uri.startswith(f"{uris.SCHEME}://") and uris.parse(artifact_uri) == (uri, "")


unsupported.add_unsupported(RunloreTrackingStore, AbstractStore, unsupported.TRACKING_KEPT.__contains__)
