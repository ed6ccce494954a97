"""The model registry store of `runlore://` URIs."""

from __future__ import annotations

from typing import Any

from mlflow.store.model_registry.abstract_store import AbstractStore

from runlore_mlflow import unsupported, uris
from runlore_mlflow.aliases import AliasMethods
from runlore_mlflow.errors import translating
from runlore_mlflow.session import session_of


@translating
class RunloreRegistryStore(AliasMethods, AbstractStore):
    """Registered models in a workspace of Runlore; prompts too, as MLflow keeps them in registered models."""

    def __init__(self, store_uri: str, tracking_uri: str | None = None) -> None:
        """Connects with the first call."""
        self.session = session_of(uris.parse_store(store_uri))
        super().__init__(store_uri=store_uri, tracking_uri=tracking_uri)

    def _await_model_version_creation(self, mv: Any, await_creation_for: Any) -> None:
        """Nothing to wait for: a version has its files when it is made."""


unsupported.add_unsupported(RunloreRegistryStore, AbstractStore, lambda name: "webhook" not in name)
