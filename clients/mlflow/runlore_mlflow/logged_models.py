"""Logged models: MLflow's models as runs produce them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from mlflow.entities import LoggedModel, LoggedModelParameter, LoggedModelStatus, LoggedModelTag, Metric
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE, RESOURCE_DOES_NOT_EXIST
from mlflow.store.entities.paged_list import PagedList
from mlflow.store.tracking import SEARCH_LOGGED_MODEL_MAX_RESULTS_DEFAULT
from mlflow.utils.uri import append_to_uri_path
from mlflow.utils.validation import _validate_logged_model_name

from runlore import v1
from runlore.errors import NotFoundError
from runlore_mlflow import entities, filters, ids, logged_model_search
from runlore_mlflow.experiments import ExperimentMethods


class LoggedModelMethods(ExperimentMethods):
    """What the tracking store does with logged models."""

    def create_logged_model(
        self,
        experiment_id: str,
        name: str | None = None,
        source_run_id: str | None = None,
        tags: Iterable[LoggedModelTag] | None = None,
        params: Iterable[LoggedModelParameter] | None = None,
        model_type: str | None = None,
    ) -> LoggedModel:
        """Create a logged model, whose files are still to come."""
        _validate_logged_model_name(name)
        experiment = self._get_active(experiment_id)
        request = v1.CreateLoggedModelRequest(
            experiment_id=experiment.experiment_id,
            name=name or "",
            source_run_id=source_run_id or "",
            tags={tag.key: str(tag.value) for tag in tags or ()},
            params={param.key: str(param.value) for param in params or ()},
            model_type=model_type or "",
        )
        created = self.session.client.logged_models.CreateLoggedModel(request).logged_model
        if location := self._foreign_location_of(experiment):
            created = self._update(
                created.model_id,
                "artifact_location",
                append_to_uri_path(location, "models", entities.logged_model_id(created.model_id), "artifacts"),
            )
        return self._logged_model(created)

    def _update(self, model_id: str, field: str, value: Any) -> v1.LoggedModel:
        request = v1.UpdateLoggedModelRequest(model_id=model_id, update_mask=FieldMask(paths=[field]), **{field: value})
        return self.session.client.logged_models.UpdateLoggedModel(request).logged_model

    def _logged_model(self, found: v1.LoggedModel) -> LoggedModel:
        return entities.logged_model(self.session, self.artifact_root, found, self._all_metrics(found))

    def _all_metrics(self, found: v1.LoggedModel) -> Sequence[v1.LoggedModelMetric]:
        """Return all metric points of a logged model; the record has the last of each series."""
        if not found.metrics:
            return ()
        request = v1.ListLoggedModelMetricsRequest(model_id=found.model_id)

        def page(token: str, size: int) -> tuple[Sequence[v1.LoggedModelMetric], str]:
            request.page_token, request.page_size = token, size
            answer = self.session.client.logged_models.ListLoggedModelMetrics(request)
            return answer.metrics, answer.next_page_token

        return filters.collect(page, "", None)[0]

    def get_logged_model(self, model_id: str, allow_deleted: bool = False) -> LoggedModel:
        """Return a logged model; a deleted one only if asked for."""
        asked = v1.GetLoggedModelRequest(model_id=ids.model_id(model_id))
        found = self.session.client.logged_models.GetLoggedModel(asked).logged_model
        if found.lifecycle_state == v1.LIFECYCLE_STATE_DELETED and not allow_deleted:
            raise MlflowException(f"Logged model with ID '{model_id}' not found.", RESOURCE_DOES_NOT_EXIST)
        return self._logged_model(found)

    def delete_logged_model(self, model_id: str) -> None:
        """Delete a logged model."""
        self.session.client.logged_models.DeleteLoggedModel(
            v1.DeleteLoggedModelRequest(model_id=ids.model_id(model_id))
        )

    def finalize_logged_model(self, model_id: str, status: LoggedModelStatus) -> LoggedModel:
        """Set whether the files are complete."""
        number = v1.LoggedModelStatus.Value(f"LOGGED_MODEL_STATUS_{LoggedModelStatus(status).value}")
        return self._logged_model(self._update(ids.model_id(model_id), "status", number))

    def set_logged_model_tags(self, model_id: str, tags: Iterable[LoggedModelTag]) -> None:
        """Set tags."""
        values = {tag.key: str(tag.value) for tag in tags}
        self.session.client.logged_models.SetLoggedModelTags(
            v1.SetLoggedModelTagsRequest(model_id=ids.model_id(model_id), tags=values)
        )

    def delete_logged_model_tag(self, model_id: str, key: str) -> None:
        """Delete a tag that the model has."""
        if key not in self.get_logged_model(model_id).tags:
            raise MlflowException(
                f"No tag with key {key!r} found for model with ID {model_id!r}.", RESOURCE_DOES_NOT_EXIST
            )
        self.session.client.logged_models.SetLoggedModelTags(
            v1.SetLoggedModelTagsRequest(model_id=ids.model_id(model_id), delete_keys=[key])
        )

    def log_logged_model_params(self, model_id: str, params: Iterable[LoggedModelParameter]) -> None:
        """Add params, which never change."""
        values = {param.key: str(param.value) for param in params}
        self.session.client.logged_models.LogLoggedModelParams(
            v1.LogLoggedModelParamsRequest(model_id=ids.model_id(model_id), params=values)
        )

    def _log_model_metrics(self, run_id: str, metrics: Sequence[Metric]) -> None:
        """Record those points of a run that were also measured of a logged model."""
        by_model: dict[str, list[v1.LoggedModelMetric]] = {}
        for metric in metrics:
            if metric.model_id is not None:
                by_model.setdefault(ids.model_id(metric.model_id), []).append(
                    v1.LoggedModelMetric(
                        key=metric.key,
                        value=metric.value,
                        step=int(metric.step),
                        time_unix_us=int(metric.timestamp) * 1000,
                        dataset_name=metric.dataset_name or "",
                        dataset_digest=metric.dataset_digest or "",
                        run_id=run_id,
                    )
                )
        for model_id, points in by_model.items():
            self.session.client.logged_models.LogLoggedModelMetrics(
                v1.LogLoggedModelMetricsRequest(model_id=model_id, metrics=points)
            )

    def search_logged_models(
        self,
        experiment_ids: Iterable[str],
        filter_string: str | None = None,
        datasets: Iterable[Mapping[str, Any]] | None = None,
        max_results: int | None = None,
        order_by: Iterable[Mapping[str, Any]] | None = None,
        page_token: str | None = None,
    ) -> PagedList[LoggedModel]:
        """Return a page of active logged models."""
        datasets = list(datasets or ())
        if not all(each.get("dataset_name") for each in datasets):
            raise MlflowException("`dataset_name` in the `datasets` clause must be specified.", INVALID_PARAMETER_VALUE)
        order, (dataset_name, dataset_digest) = logged_model_search.translate_order(order_by)
        request = v1.SearchLoggedModelsRequest(
            experiment_ids=ids.possible_experiments(experiment_ids),
            filter=logged_model_search.translate_filter(filter_string),
            order_by=order,
            datasets=[
                v1.DatasetRef(name=each["dataset_name"], digest=each.get("dataset_digest") or "") for each in datasets
            ],
        )
        if dataset_name:
            request.order_by_dataset.CopyFrom(v1.DatasetRef(name=dataset_name, digest=dataset_digest))

        def page(token: str, size: int) -> tuple[Sequence[v1.LoggedModel], str]:
            if not request.experiment_ids:
                return (), ""
            request.page_token, request.page_size = token, size
            try:
                answer = self.session.client.logged_models.SearchLoggedModels(request)
            except NotFoundError as error:
                # MLflow passes over experiments that there are not.
                request.experiment_ids.remove(error.metadata["experiment_id"])
                return page(token, size)
            return answer.logged_models, answer.next_page_token

        wanted = max_results or SEARCH_LOGGED_MODEL_MAX_RESULTS_DEFAULT
        found, token = filters.collect(page, page_token or "", wanted)
        return PagedList([self._logged_model(each) for each in found], token or None)
