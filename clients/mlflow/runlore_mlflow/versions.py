"""Versions of registered models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from google.protobuf.field_mask_pb2 import FieldMask
from mlflow.entities.model_registry import ModelVersion, ModelVersionTag
from mlflow.entities.model_registry.model_version_stages import (
    DEFAULT_STAGES_FOR_GET_LATEST_VERSIONS,
    get_canonical_stage,
)
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE
from mlflow.store.entities.paged_list import PagedList
from mlflow.store.model_registry import (
    SEARCH_MODEL_VERSION_MAX_RESULTS_DEFAULT,
    SEARCH_MODEL_VERSION_MAX_RESULTS_THRESHOLD,
)
from mlflow.utils.validation import (
    _validate_model_name,
    _validate_model_version,
    _validate_model_version_tag,
    _validate_tag_name,
)

from runlore import v1
from runlore_mlflow import entities, filters, registry_search, sources, version_tags
from runlore_mlflow.models import ModelMethods


class VersionMethods(ModelMethods):
    """What the registry store does with versions."""

    def create_model_version(
        self,
        name: str,
        source: str,
        run_id: str | None = None,
        tags: Iterable[ModelVersionTag] | None = None,
        run_link: str | None = None,
        description: str | None = None,
        local_model_path: str | None = None,
        model_id: str | None = None,
    ) -> ModelVersion:
        """Register files as the next version of a model; those that are not in Runlore are brought in."""
        _validate_model_name(name)
        tags = list(tags or ())
        for tag in tags:
            _validate_model_version_tag(tag.key, tag.value)
        values = {tag.key: str(tag.value) for tag in tags}
        # Before any file is looked for.
        self._get_model(name)
        origin = sources.resolve(self.session, source, run_id or "", model_id or "", values)
        request = origin.request
        request.model_name, request.description = name, description or ""
        request.tags.update({**values, **origin.tags})
        if origin.run_id:
            request.tags[version_tags.RUN_ID] = origin.run_id
        if run_link:
            request.tags[version_tags.RUN_LINK] = run_link
        created = self.session.client.registry.CreateModelVersion(request).model_version
        return entities.model_version(self.session, created)

    def _get_version(self, name: str, version: str | int) -> v1.ModelVersion:
        asked = v1.GetModelVersionRequest(model_name=name, version=_number(name, version))
        return self.session.client.registry.GetModelVersion(asked).model_version

    def get_model_version(self, name: str, version: str | int) -> ModelVersion:
        """Return a version."""
        return entities.model_version(self.session, self._get_version(name, version))

    def get_model_version_download_uri(self, name: str, version: str | int) -> str:
        """Return from where a version's files are downloaded: they are its own, wherever they came from."""
        return version_tags.location(self.session, self._get_version(name, version))

    def update_model_version(self, name: str, version: str | int, description: str | None = None) -> ModelVersion:
        """Set a version's description."""
        request = v1.UpdateModelVersionRequest(
            model_name=name,
            version=_number(name, version),
            update_mask=FieldMask(paths=["description"]),
            description=description or "",
        )
        changed = self.session.client.registry.UpdateModelVersion(request).model_version
        return entities.model_version(self.session, changed)

    def transition_model_version_stage(
        self, name: str, version: str | int, stage: str, archive_existing_versions: bool
    ) -> ModelVersion:
        """Move a version to another stage."""
        canonical = get_canonical_stage(stage)
        if archive_existing_versions and canonical not in DEFAULT_STAGES_FOR_GET_LATEST_VERSIONS:
            raise MlflowException(
                "Model version transition cannot archive existing model versions because "
                f"'{stage}' is not an Active stage. Valid stages are {DEFAULT_STAGES_FOR_GET_LATEST_VERSIONS}"
            )
        number = _number(name, version)
        reason = self._reason(self._get_model(name), "transition_model_version_stage", "runlore.set_stage(…, reason=…)")
        moved = self.session.client.registry.SetStage(
            v1.SetStageRequest(
                model_name=name,
                version=number,
                stage=entities.stage(canonical),
                archive_existing=bool(archive_existing_versions),
                reason=reason,
            )
        )
        return entities.model_version(self.session, moved.model_version)

    def delete_model_version(self, name: str, version: str | int) -> None:
        """Delete a version, with the aliases that point at it."""
        found = self._get_version(name, version)
        reason = "MLflow: delete_model_version"
        if found.aliases:
            reason = self._reason(
                self._get_model(name),
                "delete_model_version",
                "runlore.delete_version(…, delete_aliases=True, reason=…)",
            )
        self.session.client.registry.DeleteModelVersion(
            v1.DeleteModelVersionRequest(model_name=name, version=found.version, delete_aliases=True, reason=reason)
        )

    def search_model_versions(
        self,
        filter_string: str | None = None,
        max_results: int = SEARCH_MODEL_VERSION_MAX_RESULTS_DEFAULT,
        order_by: Iterable[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[ModelVersion]:
        """Return a page of versions; those of prompts only if the filter asks for them."""
        if not isinstance(max_results, int) or max_results < 1:
            raise MlflowException(
                f"Invalid value for max_results. It must be a positive integer, but got {max_results}",
                INVALID_PARAMETER_VALUE,
            )
        if max_results > SEARCH_MODEL_VERSION_MAX_RESULTS_THRESHOLD:
            raise MlflowException(
                "Invalid value for request parameter max_results. It must be at most "
                f"{SEARCH_MODEL_VERSION_MAX_RESULTS_THRESHOLD}, but got value {max_results}",
                INVALID_PARAMETER_VALUE,
            )
        condition, predicates = registry_search.versions_filter(filter_string)
        request = v1.SearchModelVersionsRequest(filter=condition, order_by=registry_search.versions_order(order_by))

        def page(token: str, size: int) -> tuple[Sequence[ModelVersion], str]:
            request.page_token, request.page_size = token, size
            answer = self.session.client.registry.SearchModelVersions(request)
            found = [entities.model_version(self.session, each) for each in answer.model_versions]
            return [each for each in found if all(holds(each) for holds in predicates)], answer.next_page_token

        found, token = filters.collect(page, registry_search.plain(page_token), max_results)
        return PagedList(found, token or None)

    def set_model_version_tag(self, name: str, version: str | int, tag: ModelVersionTag) -> None:
        """Set a tag of a version."""
        number = _number(name, version)
        _validate_model_version_tag(tag.key, tag.value)
        self.session.client.registry.SetModelVersionTags(
            v1.SetModelVersionTagsRequest(model_name=name, version=number, tags={tag.key: str(tag.value)})
        )

    def delete_model_version_tag(self, name: str, version: str | int, key: str) -> None:
        """Delete a tag of a version, if it has it."""
        number = _number(name, version)
        _validate_tag_name(key)
        self.session.client.registry.SetModelVersionTags(
            v1.SetModelVersionTagsRequest(model_name=name, version=number, delete_keys=[key])
        )


def _number(name: str, version: str | int) -> int:
    """Return a version's number; raises what MLflow's store raises on a name or number that cannot be."""
    _validate_model_name(name)
    _validate_model_version(version)
    return int(version)
