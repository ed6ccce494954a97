"""Runs: their life, params, tags, and searches for them."""

from __future__ import annotations

import copy
import functools
import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from mlflow.entities import Metric, Param, Run, RunInfo, RunTag
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE, RESOURCE_DOES_NOT_EXIST
from mlflow.utils.mlflow_tags import MLFLOW_LOGGED_MODELS, MLFLOW_PARENT_RUN_ID, MLFLOW_RUN_NAME, MLFLOW_USER
from mlflow.utils.search_utils import SearchUtils
from mlflow.utils.uri import append_to_uri_path
from mlflow.utils.validation import (
    _validate_batch_log_data,
    _validate_batch_log_limits,
    _validate_param,
    _validate_param_keys_unique,
    _validate_run_id,
    _validate_tag,
)

from runlore import v1
from runlore.errors import NotFoundError, PreconditionError
from runlore_mlflow import entities, filters, ids, run_search
from runlore_mlflow.described import DatasetDescriptions
from runlore_mlflow.metrics import MetricMethods, validate_metrics

#: What callers pass as a user when they know none.
_NOBODY = ("", "unknown", None)
_FINAL = (v1.RUN_STATUS_FINISHED, v1.RUN_STATUS_FAILED, v1.RUN_STATUS_KILLED)


class RunMethods(MetricMethods):
    """What the tracking store does with runs."""

    descriptions: DatasetDescriptions

    def create_run(
        self,
        experiment_id: str,
        user_id: str | None,
        start_time: int | None,
        tags: Iterable[RunTag] | None,
        run_name: str | None,
    ) -> Run:
        """Create a run."""
        given = {tag.key: tag.value for tag in tags or ()}
        tagged_name = given.pop(MLFLOW_RUN_NAME, None)
        if run_name and tagged_name and run_name != tagged_name:
            raise MlflowException(
                "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values "
                f"(run_name='{run_name}', mlflow.runName='{tagged_name}').",
                INVALID_PARAMETER_VALUE,
            )
        if user_id not in _NOBODY:
            given.setdefault(MLFLOW_USER, str(user_id))
        experiment = self._get_active(experiment_id)
        request = v1.CreateRunRequest(
            experiment_id=experiment.experiment_id, name=run_name or tagged_name or "", tags=given
        )
        if start_time is not None:
            request.start_time.CopyFrom(entities.timestamp(start_time))
        if location := self._foreign_location_of(experiment):
            request.run_id = uuid.uuid4().hex
            request.artifact_location = append_to_uri_path(location, request.run_id, "artifacts")
        created = self._create(request)
        self.session.points.created(created)
        return self._run(created)

    def _create(self, request: v1.CreateRunRequest) -> v1.Run:
        parent = request.tags.get(MLFLOW_PARENT_RUN_ID, "")
        if parent:
            try:
                request.parent_run_id = ids.run_id(parent)
                del request.tags[MLFLOW_PARENT_RUN_ID]
                return self.session.client.tracking.CreateRun(request).run
            except (MlflowException, NotFoundError, PreconditionError) as error:
                # MLflow takes any text for a parent: one that is no active run of Runlore's stays a tag.
                if isinstance(error, PreconditionError) and error.reason != "RUN_DELETED":
                    raise
                request.parent_run_id = ""
                request.tags[MLFLOW_PARENT_RUN_ID] = parent
        return self.session.client.tracking.CreateRun(request).run

    def _run(self, found: v1.Run) -> Run:
        return entities.run(self.session, self.artifact_root, found)

    def _get_run(self, run_id: str) -> v1.Run:
        """Return a run with all that this process logged to it."""
        self.session.points.flush((ids.run_id(run_id),))
        return self.session.client.tracking.GetRun(v1.GetRunRequest(run_id=run_id)).run

    def _get_active_run(self, run_id: str) -> v1.Run:
        """Return a run that takes changes."""
        found = self._get_run(run_id)
        if found.lifecycle_state == v1.LIFECYCLE_STATE_DELETED:
            raise MlflowException(
                f"The run {run_id} must be in the 'active' state. Current state is deleted.", INVALID_PARAMETER_VALUE
            )
        return found

    def get_run(self, run_id: str) -> Run:
        """Return a run, deleted or not."""
        return self._run(self._get_run(run_id))

    def update_run_info(
        self, run_id: str, run_status: int | None, end_time: int | None, run_name: str | None
    ) -> RunInfo | None:
        """Change what is given of an active run; None when its end is kept for a server that is away."""
        request = v1.UpdateRunRequest(run_id=ids.run_id(run_id))
        if run_status is not None:
            request.status = entities.run_status(run_status)
            request.update_mask.paths.append("status")
        if end_time is not None:
            request.end_time.CopyFrom(entities.timestamp(end_time))
            request.update_mask.paths.append("end_time")
        if run_name:
            request.name = run_name
            request.update_mask.paths.append("name")
        if request.status in _FINAL:
            # Whatever the process logged comes before the end.
            self.session.client  # noqa: B018 - finds out whether the server is the right one
            ended = self.session.points.end(request)
            return entities.run_info(self.session, self.artifact_root, ended) if ended is not None else None
        if request.update_mask.paths:
            changed = self.session.client.tracking.UpdateRun(request).run
        else:
            changed = self._get_active_run(run_id)
        return entities.run_info(self.session, self.artifact_root, changed)

    def delete_run(self, run_id: str) -> None:
        """Delete a run."""
        self.session.points.release(ids.run_id(run_id))
        self.session.client.tracking.DeleteRun(v1.DeleteRunRequest(run_id=run_id))

    def restore_run(self, run_id: str) -> None:
        """Restore a deleted run."""
        self.session.client.tracking.RestoreRun(v1.RestoreRunRequest(run_id=ids.run_id(run_id)))

    # Params and tags.

    def log_param(self, run_id: str, param: Param) -> None:
        """Record a param, which never changes."""
        self._log(run_id, params=[_validate_param(param.key, param.value)])

    def set_tag(self, run_id: str, tag: RunTag) -> None:
        """Set a tag; that of the name renames the run."""
        self._log(run_id, tags=[_validate_tag(tag.key, tag.value)])

    def delete_tag(self, run_id: str, key: str) -> None:
        """Delete a tag that an active run has."""
        found = self._get_active_run(run_id)
        if key not in entities.run_tags(found):
            raise MlflowException(
                f"No tag with name: {key} in run with id {run_id}", error_code=RESOURCE_DOES_NOT_EXIST
            )
        if key not in found.tags:
            raise MlflowException(
                f"The tag {key} of run {run_id} cannot be deleted: Runlore keeps it as a field of the run",
                INVALID_PARAMETER_VALUE,
            )
        self.session.client.tracking.DeleteRunTags(v1.DeleteRunTagsRequest(run_id=run_id, keys=[key]))

    def log_batch(
        self, run_id: str, metrics: Sequence[Metric], params: Sequence[Param], tags: Sequence[RunTag]
    ) -> None:
        """Record metric points, params and tags."""
        _validate_run_id(run_id)
        validate_metrics(metrics)
        _, params, tags = _validate_batch_log_data([], params, tags)
        _validate_batch_log_limits(metrics, params, tags)
        _validate_param_keys_unique(params)
        self._log(run_id, metrics, params, tags)

    def _log(
        self, run_id: str, metrics: Sequence[Metric] = (), params: Sequence[Param] = (), tags: Sequence[RunTag] = ()
    ) -> None:
        request = v1.LogBatchRequest(
            run_id=ids.run_id(run_id),
            params={param.key: "" if param.value is None else str(param.value) for param in params},
            tags={tag.key: "" if tag.value is None else str(tag.value) for tag in tags},
        )
        name = request.tags.pop(MLFLOW_RUN_NAME, None)
        tracking = self.session.client.tracking
        if self.synchronous:
            self.session.points.write(request, metrics)
        elif params or request.tags or not metrics:
            tracking.LogBatch(request)
        if name:
            tracking.UpdateRun(v1.UpdateRunRequest(run_id=run_id, update_mask=FieldMask(paths=["name"]), name=name))
        if metrics and not self.synchronous:
            self.session.points.add(run_id, metrics)
        self._log_model_metrics(run_id, metrics)

    def record_logged_model(self, run_id: str, mlflow_model: Any) -> None:
        """Add a model to the tag that lists those of a run, as MLflow before version 3 did."""
        from mlflow.models import Model

        if not isinstance(mlflow_model, Model):
            raise TypeError(f"Argument 'mlflow_model' should be mlflow.models.Model, got '{type(mlflow_model)}'")
        found = self._get_active_run(run_id)
        models = json.loads(found.tags.get(MLFLOW_LOGGED_MODELS, "[]"))
        self.set_tag(run_id, RunTag(MLFLOW_LOGGED_MODELS, json.dumps([*models, mlflow_model.get_tags_dict()])))

    # Searching.

    def _search_runs(
        self,
        experiment_ids: Iterable[str],
        filter_string: str | None,
        run_view_type: int,
        max_results: int | None,
        order_by: Iterable[str] | None,
        page_token: str | None,
    ) -> tuple[list[Run], str | None]:
        filters.check_max_results(max_results, allow_null=True)
        wanted = run_search.translate(filter_string)
        parts = run_search.segments(order_by)
        start = run_search.place(page_token)
        experiments = ids.possible_experiments(experiment_ids)
        if wanted.nothing or not experiments:
            return [], None
        self.session.points.flush()
        whole = v1.SearchRunsRequest(
            experiment_ids=experiments,
            filter=filters.conjunction(wanted.conditions),
            lifecycle_view=entities.lifecycle_view(run_view_type),
        )
        if start.offset is not None or any(self._is_doubtful(whole, wanted, part) for part in parts):
            return self._sorted_here(whole, wanted, list(order_by or ()), start.offset or 0, max_results)
        requests = [_narrowed(whole, wanted, part.conditions, part.keys) for part in parts]
        found: list[Run] = []
        token = start.token
        for number in range(start.segment, len(requests)):
            left = None if max_results is None else max_results - len(found)
            if left == 0:
                # The page is full; there is another one if anything follows.
                if self._page(requests[number], wanted, "", 1)[0]:
                    return found, str(run_search.Place(number))
                continue
            some, token = filters.collect(functools.partial(self._page, requests[number], wanted), token, left)
            found.extend(some)
            if token:
                return found, str(run_search.Place(number, token))
        return found, None

    def _is_doubtful(self, whole: v1.SearchRunsRequest, wanted: run_search.Filter, part: run_search.Segment) -> bool:
        """Whether the server's order of a segment may not be MLflow's."""
        return any(
            not doubt or bool(self._page(_narrowed(whole, wanted, (*part.conditions, doubt), ()), wanted, "", 1)[0])
            for doubt in part.doubts
        )

    def _sorted_here(
        self,
        request: v1.SearchRunsRequest,
        wanted: run_search.Filter,
        order_by: list[str],
        offset: int,
        max_results: int | None,
    ) -> tuple[list[Run], str | None]:
        found, _ = filters.collect(functools.partial(self._page, request, wanted), "", None)
        end = len(found) if max_results is None else offset + max_results
        page = SearchUtils.sort(found, order_by)[offset:end]
        return page, str(run_search.Place(offset=end)) if end < len(found) else None

    def _page(
        self, request: v1.SearchRunsRequest, wanted: run_search.Filter, token: str, size: int
    ) -> tuple[list[Run], str]:
        request.page_token, request.page_size = token, size
        try:
            answer = self.session.client.tracking.SearchRuns(request)
        except NotFoundError as error:
            if error.reason != "EXPERIMENT_NOT_FOUND":
                raise
            # MLflow passes over experiments that there are not.
            request.experiment_ids.remove(error.metadata["experiment_id"])
            return self._page(request, wanted, token, size) if request.experiment_ids else ([], "")
        self.descriptions.fill_in(answer.runs)
        runs = [self._run(each) for each in answer.runs]
        return [each for each in runs if all(holds(each) for holds in wanted.predicates)], answer.next_page_token


def _narrowed(
    whole: v1.SearchRunsRequest, wanted: run_search.Filter, conditions: Sequence[str], keys: Sequence[str]
) -> v1.SearchRunsRequest:
    """Return a search for those runs that meet further conditions, by these keys."""
    request = copy.deepcopy(whole)
    request.filter = filters.conjunction([*wanted.conditions, *conditions])
    request.order_by = ", ".join(keys)
    return request
