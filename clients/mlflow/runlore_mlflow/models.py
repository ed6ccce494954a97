"""Registered models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from google.protobuf.field_mask_pb2 import FieldMask
from mlflow.entities.model_registry import ModelVersion, RegisteredModel, RegisteredModelTag
from mlflow.entities.model_registry.model_version_stages import ALL_STAGES, get_canonical_stage
from mlflow.exceptions import MlflowException
from mlflow.prompt.registry_utils import handle_resource_already_exist_error, has_prompt_tag
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE
from mlflow.store.entities.paged_list import PagedList
from mlflow.store.model_registry import (
    SEARCH_REGISTERED_MODEL_MAX_RESULTS_DEFAULT,
    SEARCH_REGISTERED_MODEL_MAX_RESULTS_THRESHOLD,
)
from mlflow.utils.validation import (
    _validate_model_name,
    _validate_model_renaming,
    _validate_registered_model_tag,
    _validate_tag_name,
)

from runlore import v1
from runlore.errors import AlreadyExistsError
from runlore_mlflow import entities, filters, registry_search
from runlore_mlflow.registry_base import RegistryMethods

#: Models whose newest versions are asked for at once.
_MODELS_A_CALL = 100


class ModelMethods(RegistryMethods):
    """What the registry store does with registered models."""

    def create_registered_model(
        self,
        name: str,
        tags: Iterable[RegisteredModelTag] | None = None,
        description: str | None = None,
        deployment_job_id: str | None = None,
    ) -> RegisteredModel:
        """Create a registered model."""
        _validate_model_name(name)
        tags = list(tags or ())
        for tag in tags:
            _validate_registered_model_tag(tag.key, tag.value)
        values = {tag.key: _text(tag.value) for tag in tags}
        try:
            created = self.session.client.registry.CreateRegisteredModel(
                v1.CreateRegisteredModelRequest(name=name, description=description or "", tags=values)
            )
        except AlreadyExistsError:
            found = self._get_model(name)
            handle_resource_already_exist_error(name, has_prompt_tag(dict(found.tags)), has_prompt_tag(tags))
            raise
        return entities.registered_model(created.registered_model, ())

    def update_registered_model(
        self, name: str, description: str | None, deployment_job_id: str | None = None
    ) -> RegisteredModel:
        """Set a model's description."""
        _validate_model_name(name)
        return self._update(
            v1.UpdateRegisteredModelRequest(
                name=name, update_mask=FieldMask(paths=["description"]), description=description or ""
            )
        )

    def rename_registered_model(self, name: str, new_name: str) -> RegisteredModel:
        """Give a model another name."""
        _validate_model_renaming(new_name)
        return self._update(
            v1.UpdateRegisteredModelRequest(name=name, update_mask=FieldMask(paths=["new_name"]), new_name=new_name)
        )

    def _update(self, request: v1.UpdateRegisteredModelRequest) -> RegisteredModel:
        changed = self.session.client.registry.UpdateRegisteredModel(request)
        return self._with_latest([changed.registered_model])[0]

    def delete_registered_model(self, name: str) -> None:
        """Delete a model with its versions and aliases."""
        _validate_model_name(name)
        model = self._get_model(name)
        reason = "MLflow: delete_registered_model"
        if model.aliases:
            reason = self._reason(
                model, "delete_registered_model", "runlore.delete_model(…, delete_aliases=True, reason=…)"
            )
        self.session.client.registry.DeleteRegisteredModel(
            v1.DeleteRegisteredModelRequest(name=name, delete_aliases=True, reason=reason)
        )

    def get_registered_model(self, name: str) -> RegisteredModel:
        """Return a model with the newest version of each stage."""
        _validate_model_name(name)
        return self._with_latest([self._get_model(name)])[0]

    def search_registered_models(
        self,
        filter_string: str | None = None,
        max_results: int = SEARCH_REGISTERED_MODEL_MAX_RESULTS_DEFAULT,
        order_by: Iterable[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[RegisteredModel]:
        """Return a page of models; prompts only if the filter asks for them."""
        if max_results > SEARCH_REGISTERED_MODEL_MAX_RESULTS_THRESHOLD:
            raise MlflowException(
                "Invalid value for request parameter max_results. It must be at most "
                f"{SEARCH_REGISTERED_MODEL_MAX_RESULTS_THRESHOLD}, but got value {max_results}",
                INVALID_PARAMETER_VALUE,
            )
        request = v1.SearchRegisteredModelsRequest(
            filter=registry_search.models_filter(filter_string), order_by=registry_search.models_order(order_by)
        )

        def page(token: str, size: int) -> tuple[Sequence[v1.RegisteredModel], str]:
            request.page_token, request.page_size = token, size
            answer = self.session.client.registry.SearchRegisteredModels(request)
            return answer.registered_models, answer.next_page_token

        found, token = filters.collect(page, registry_search.plain(page_token), max_results)
        return PagedList(self._with_latest(found), token or None)

    def get_latest_versions(self, name: str, stages: Iterable[str] | None = None) -> list[ModelVersion]:
        """Return the newest version of each of these stages, or of all."""
        _validate_model_name(name)
        wanted = {get_canonical_stage(stage) for stage in list(stages or ()) or ALL_STAGES}
        found = self._with_latest([self._get_model(name)])[0].latest_versions
        return [version for version in found if version.current_stage in wanted]

    def set_registered_model_tag(self, name: str, tag: RegisteredModelTag) -> None:
        """Set a tag."""
        _validate_model_name(name)
        _validate_registered_model_tag(tag.key, tag.value)
        self.session.client.registry.SetRegisteredModelTags(
            v1.SetRegisteredModelTagsRequest(name=name, tags={tag.key: _text(tag.value)})
        )

    def delete_registered_model_tag(self, name: str, key: str) -> None:
        """Delete a tag, if the model has it."""
        _validate_model_name(name)
        _validate_tag_name(key)
        self.session.client.registry.SetRegisteredModelTags(
            v1.SetRegisteredModelTagsRequest(name=name, delete_keys=[key])
        )

    def _with_latest(self, models: Sequence[v1.RegisteredModel]) -> list[RegisteredModel]:
        """Return models with the newest version of each stage, asked for in as few calls as there can be."""
        latest: dict[str, list[ModelVersion]] = {}
        for start in range(0, len(models), _MODELS_A_CALL):
            for version in self._latest_of(models[start : start + _MODELS_A_CALL]):
                latest.setdefault(version.name, []).append(version)
        return [entities.registered_model(model, latest.get(model.name, ())) for model in models]

    def _latest_of(self, models: Sequence[v1.RegisteredModel]) -> list[ModelVersion]:
        wanted = [
            f"(name = {filters.text(model.name)} and version IN ("
            + ", ".join(str(holder.version) for holder in model.latest_by_stage)
            + "))"
            for model in models
            if model.latest_by_stage
        ]
        if not wanted:
            return []
        request = v1.SearchModelVersionsRequest(filter=" or ".join(wanted), order_by="version")

        def page(token: str, size: int) -> tuple[Sequence[v1.ModelVersion], str]:
            request.page_token, request.page_size = token, size
            answer = self.session.client.registry.SearchModelVersions(request)
            return answer.model_versions, answer.next_page_token

        return [entities.model_version(self.session, found) for found in filters.collect(page, "", None)[0]]


def _text(value: object) -> str:
    return "" if value is None else str(value)
