"""Aliases of registered models."""

from __future__ import annotations

from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_DOES_NOT_EXIST
from mlflow.utils.validation import (
    _validate_model_alias_name,
    _validate_model_alias_name_reserved,
    _validate_model_name,
)

from runlore import v1
from runlore.errors import NotFoundError
from runlore_mlflow import entities
from runlore_mlflow.versions import VersionMethods, _number


class AliasMethods(VersionMethods):
    """What the registry store does with aliases. Moves are unconditional, as MLflow's are."""

    def set_registered_model_alias(self, name: str, alias: str, version: str | int) -> None:
        """Point an alias at a version."""
        _validate_model_name(name)
        _validate_model_alias_name(alias)
        _validate_model_alias_name_reserved(alias)
        number = _number(name, version)
        reason = self._reason(
            self._get_model(name), "set_registered_model_alias", "runlore.promote(…, reason=…) or `runlore promote`"
        )
        self.session.client.registry.SetAlias(
            v1.SetAliasRequest(
                model_name=name,
                alias=alias,
                version=number,
                expect=v1.AliasExpectation(any=True),
                reason=reason,
            )
        )

    def delete_registered_model_alias(self, name: str, alias: str) -> None:
        """Remove an alias, if there is one of that name."""
        _validate_model_name(name)
        _validate_model_alias_name(alias)
        model = self._get_model(name)
        if alias not in {each.alias for each in model.aliases}:
            return
        reason = self._reason(
            model, "delete_registered_model_alias", "runlore.delete_alias(…, reason=…) or `runlore alias delete`"
        )
        try:
            self.session.client.registry.DeleteAlias(
                v1.DeleteAliasRequest(model_name=name, alias=alias, expect=v1.AliasExpectation(any=True), reason=reason)
            )
        except NotFoundError as error:
            if error.reason != "ALIAS_NOT_FOUND":
                raise

    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """Return the version that an alias points at; `latest` is the newest one."""
        _validate_model_name(name)
        _validate_model_alias_name(alias)
        if alias.lower() == "latest":
            number = self._get_model(name).latest_version
            if not number:
                raise MlflowException(f"Latest version not found for model {name}.", RESOURCE_DOES_NOT_EXIST)
            return self.get_model_version(name, number)
        found = self.session.client.registry.Resolve(v1.ResolveRequest(reference=f"models:/{name}@{alias}"))
        return entities.model_version(self.session, found.model_version)
