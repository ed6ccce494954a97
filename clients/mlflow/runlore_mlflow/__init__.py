"""MLflow on Runlore: with `MLFLOW_TRACKING_URI=runlore://host:port[/workspace]`, scripts run as they are.

MLflow finds these builders by their entry points. It loads them while it is half imported itself, so that nothing of
MLflow or of this package may be imported before one of them is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runlore_mlflow.artifacts import RunloreArtifactRepository
    from runlore_mlflow.registry import RunloreRegistryStore
    from runlore_mlflow.tracking import RunloreTrackingStore

__all__ = ["artifact_repository", "model_registry_store", "tracking_store"]


def tracking_store(store_uri: str, artifact_uri: str | None = None) -> RunloreTrackingStore:
    """Return the tracking store of a `runlore://` URI; `artifact_uri` is the artifact root that a server was given."""
    from runlore_mlflow.tracking import RunloreTrackingStore

    return RunloreTrackingStore(store_uri, artifact_uri)


def model_registry_store(store_uri: str, tracking_uri: str | None = None) -> RunloreRegistryStore:
    """Return the model registry store of a `runlore://` URI."""
    from runlore_mlflow.registry import RunloreRegistryStore

    return RunloreRegistryStore(store_uri, tracking_uri)


def artifact_repository(
    artifact_uri: str, tracking_uri: str | None = None, registry_uri: str | None = None
) -> RunloreArtifactRepository:
    """Return the artifact repository of a `runlore://` URI."""
    from runlore_mlflow.artifacts import RunloreArtifactRepository

    return RunloreArtifactRepository(artifact_uri, tracking_uri, registry_uri)
