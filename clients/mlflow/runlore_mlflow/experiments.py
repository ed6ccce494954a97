"""Experiments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from mlflow.entities import Experiment, ExperimentTag, ViewType
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE, INVALID_STATE, RESOURCE_DOES_NOT_EXIST
from mlflow.store.entities.paged_list import PagedList
from mlflow.store.tracking import SEARCH_MAX_RESULTS_DEFAULT
from mlflow.utils.uri import resolve_uri_if_local
from mlflow.utils.validation import (
    _validate_experiment_artifact_location_length,
    _validate_experiment_name,
    _validate_experiment_tag,
)

from runlore import v1
from runlore.errors import NotFoundError
from runlore_mlflow import entities, experiment_search, ids, uris
from runlore_mlflow.base import TrackingMethods


class ExperimentMethods(TrackingMethods):
    """What the tracking store does with experiments."""

    def create_experiment(
        self, name: str, artifact_location: str | None = None, tags: Iterable[ExperimentTag] | None = None
    ) -> str:
        """Create an experiment and return its id."""
        _validate_experiment_name(name)
        tags = list(tags or ())
        for tag in tags:
            _validate_experiment_tag(tag.key, tag.value)
        # The name `Default` is always taken, as in MLflow.
        _ = self.session.default_experiment_id
        request = v1.CreateExperimentRequest(
            name=name,
            tags={tag.key: tag.value for tag in tags},
            artifact_location=self._foreign_location(artifact_location),
        )
        created = self.session.client.tracking.CreateExperiment(request).experiment
        if self.foreign_root and not artifact_location:
            self._relocate(created.experiment_id, uris.experiment_artifacts(self.foreign_root, created.experiment_id))
        return created.experiment_id

    def _foreign_location(self, location: str | None) -> str:
        """Return where other than in Runlore an experiment's artifacts shall be; empty for Runlore."""
        if not location:
            return ""
        location = str(resolve_uri_if_local(location))
        _validate_experiment_artifact_location_length(location)
        if not location.startswith(f"{uris.SCHEME}://"):
            return location
        store, path = uris.parse(location)
        if store != self.session.uri or path:
            raise MlflowException(
                f"artifact_location '{location}' is not where this store keeps artifacts: leave it out, "
                f"and they are in {self.session.uri}",
                INVALID_PARAMETER_VALUE,
            )
        return ""

    def _foreign_location_of(self, found: v1.Experiment) -> str:
        """Return where other than in Runlore the artifacts of an experiment's runs are; empty for Runlore."""
        if found.artifact_location or not self.foreign_root:
            return found.artifact_location
        return uris.experiment_artifacts(self.foreign_root, self.session.experiment_id(found.experiment_id))

    def _relocate(self, experiment_id: str, location: str) -> None:
        self.session.client.tracking.UpdateExperiment(
            v1.UpdateExperimentRequest(
                experiment_id=experiment_id,
                update_mask=FieldMask(paths=["artifact_location"]),
                artifact_location=location,
            )
        )

    def get_experiment(self, experiment_id: str) -> Experiment:
        """Return an experiment, deleted or not."""
        return self._experiment(self._get_experiment(experiment_id))

    def get_experiment_by_name(self, experiment_name: str) -> Experiment | None:
        """Return an experiment by name, deleted or not; None when there is none."""
        # It is always there, as in MLflow.
        _ = self.session.default_experiment_id
        if not experiment_name:
            return None
        try:
            found = self.session.client.tracking.GetExperiment(v1.GetExperimentRequest(name=experiment_name))
        except NotFoundError:
            return None
        return self._experiment(found.experiment)

    def _experiment(self, found: v1.Experiment) -> Experiment:
        return entities.experiment(self.session, self.foreign_root or self.artifact_root, found)

    def _get_experiment(self, experiment_id: str) -> v1.Experiment:
        _ = self.session.default_experiment_id
        asked = v1.GetExperimentRequest(experiment_id=ids.experiment_id(experiment_id))
        return self.session.client.tracking.GetExperiment(asked).experiment

    def _get_in_state(self, experiment_id: str, state: v1.LifecycleState.ValueType) -> v1.Experiment:
        """Return an experiment that is active, or deleted; to MLflow others are not there."""
        found = self._get_experiment(experiment_id)
        if found.lifecycle_state != state:
            raise MlflowException(f"No Experiment with id={experiment_id} exists", RESOURCE_DOES_NOT_EXIST)
        return found

    def _get_active(self, experiment_id: str) -> v1.Experiment:
        """Return an experiment that takes changes."""
        found = self._get_experiment(experiment_id)
        if found.lifecycle_state == v1.LIFECYCLE_STATE_DELETED:
            raise MlflowException(
                f"The experiment {experiment_id} must be in the 'active' state. Current state is deleted.",
                INVALID_PARAMETER_VALUE,
            )
        return found

    def search_experiments(
        self,
        view_type: int = ViewType.ACTIVE_ONLY,
        max_results: int = SEARCH_MAX_RESULTS_DEFAULT,
        filter_string: str | None = None,
        order_by: Iterable[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[Experiment]:
        """Return a page of experiments."""
        _ = self.session.default_experiment_id
        found, token = experiment_search.search(
            self.session, view_type, max_results, filter_string, order_by, page_token
        )
        return PagedList([self._experiment(each) for each in found], token)

    def rename_experiment(self, experiment_id: str, new_name: str) -> None:
        """Give an active experiment another name."""
        _validate_experiment_name(new_name)
        found = self._get_experiment(experiment_id)
        if found.lifecycle_state == v1.LIFECYCLE_STATE_DELETED:
            raise MlflowException("Cannot rename a non-active experiment.", INVALID_STATE)
        self.session.client.tracking.UpdateExperiment(
            v1.UpdateExperimentRequest(
                experiment_id=found.experiment_id, update_mask=FieldMask(paths=["name"]), name=new_name
            )
        )

    def delete_experiment(self, experiment_id: str) -> None:
        """Delete an active experiment with its runs."""
        found = self._get_in_state(experiment_id, v1.LIFECYCLE_STATE_ACTIVE)
        self.session.points.release_all()
        self.session.client.tracking.DeleteExperiment(v1.DeleteExperimentRequest(experiment_id=found.experiment_id))

    def restore_experiment(self, experiment_id: str) -> None:
        """Restore a deleted experiment with its runs."""
        found = self._get_in_state(experiment_id, v1.LIFECYCLE_STATE_DELETED)
        self.session.client.tracking.RestoreExperiment(v1.RestoreExperimentRequest(experiment_id=found.experiment_id))

    def set_experiment_tag(self, experiment_id: str, tag: ExperimentTag) -> None:
        """Set a tag of an active experiment."""
        _validate_experiment_tag(tag.key, tag.value)
        self._change_tags(self._get_active(experiment_id), tags={tag.key: tag.value})

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Delete a tag that an active experiment has."""
        found = self._get_active(experiment_id)
        if key not in found.tags:
            raise MlflowException(
                f"No tag with name: {key} in experiment with id {experiment_id}", error_code=RESOURCE_DOES_NOT_EXIST
            )
        self._change_tags(found, delete_keys=[key])

    def _change_tags(self, found: v1.Experiment, **changes: Any) -> None:
        self.session.client.tracking.SetExperimentTags(
            v1.SetExperimentTagsRequest(experiment_id=found.experiment_id, **changes)
        )
