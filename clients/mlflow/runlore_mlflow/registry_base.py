"""What the parts of the model registry store share."""

from __future__ import annotations

from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_STATE

from runlore import v1
from runlore_mlflow.session import Session


class RegistryMethods:
    """A part of the registry store. The store is put together of such parts, one for each kind of record."""

    session: Session

    def _get_model(self, name: str) -> v1.RegisteredModel:
        asked = v1.GetRegisteredModelRequest(name=name)
        return self.session.client.registry.GetRegisteredModel(asked).registered_model

    def _reason(self, model: v1.RegisteredModel, call: str, instead: str) -> str:
        """Return why something moves: MLflow's call. Raises MlflowException where a model requires a reason of its own.

        `instead` is the call of Runlore's that takes one.
        """
        if model.reason_required:
            raise MlflowException(
                f"Registered Model with name={model.name} requires a reason for this, and MLflow's {call} has none: "
                f"call {instead}, and say why",
                error_code=INVALID_STATE,
            )
        return f"MLflow: {call}"
