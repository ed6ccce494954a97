"""LoggedModelService: models as runs produce them."""

from __future__ import annotations

import copy
from typing import Any

from runlore import v1
from runlore_server import calls, errors, ids
from runlore_server.db import Connection
from runlore_server.pages import page_size
from runlore_server.search.fields import LOGGED_MODEL_ORDER, LOGGED_MODELS
from runlore_server.search.language import parse_filter, parse_order
from runlore_server.services.artifacts import check_folder
from runlore_server.services.base import Methods
from runlore_server.services.tracking.checks import (
    change_tags,
    check_entries,
    check_etag,
    check_mask,
    check_params,
    check_tag_keys,
    to_datetime,
)
from runlore_server.store import (
    experiments,
    logged_model_metrics,
    logged_models,
    manifests,
    purging,
    runs,
    search_logged_models,
)

_ARTIFACTS = ("artifact_path", "manifest_digest", "artifact_location")
_UPDATABLE = ("name", "model_type", "status", "status_message", *_ARTIFACTS)


class LoggedModelService(Methods, v1.LoggedModelServiceServicer):
    """Records logged models. Each method: see logged_model.proto."""

    async def CreateLoggedModel(
        self, request: v1.CreateLoggedModelRequest, context: Any
    ) -> v1.CreateLoggedModelResponse:
        """Create a logged model in the experiment named, or that of its run."""
        workspace = calls.current().workspace(request.workspace)
        create_time = to_datetime("create_time", request.create_time) if request.HasField("create_time") else None
        check_folder("artifact_path", request.artifact_path)
        check_entries(request.params, request.tags)
        # Made once, outside the transaction, so that running it again makes the same model.
        model = v1.LoggedModel(
            model_id=request.model_id or ids.new(),
            workspace=workspace,
            source_run_id=request.source_run_id,
            name=request.name or ids.readable_name(),
            model_type=request.model_type,
            status=request.status or v1.LOGGED_MODEL_STATUS_PENDING,
            status_message=request.status_message,
            params=request.params,
            tags=request.tags,
            created_by=calls.current().actor,
        )

        async def change(conn: Connection) -> v1.CreateLoggedModelResponse:
            if request.model_id and await logged_models.id_is_taken(conn, request.model_id):
                raise errors.logged_model_exists(request.model_id)
            model.experiment_id = await _experiment_of(conn, workspace, request)
            await _place_artifacts(conn, model, request)
            created = await logged_models.create(conn, model, create_time, request.request_id)
            return v1.CreateLoggedModelResponse(logged_model=created)

        return await self._once(request, v1.CreateLoggedModelResponse, change)

    async def GetLoggedModel(self, request: v1.GetLoggedModelRequest, context: Any) -> v1.GetLoggedModelResponse:
        """Return the logged model."""
        workspace = calls.current().workspace(request.workspace)
        model = await self._db.read(lambda conn: logged_models.get(conn, workspace, request.model_id))
        return v1.GetLoggedModelResponse(logged_model=model)

    async def SearchLoggedModels(
        self, request: v1.SearchLoggedModelsRequest, context: Any
    ) -> v1.SearchLoggedModelsResponse:
        """Find ids by the filter and order, then fetch the page's models."""
        workspace = calls.current().workspace(request.workspace)
        condition = parse_filter(request.filter, LOGGED_MODELS)
        order = parse_order(request.order_by, LOGGED_MODEL_ORDER)
        after = self._pages.decode(request, request.page_token)
        size = page_size(request.page_size)

        async def work(conn: Connection) -> v1.SearchLoggedModelsResponse:
            query = search_logged_models.Query(
                condition=condition,
                datasets=request.datasets,
                order=order,
                order_dataset=request.order_by_dataset if request.HasField("order_by_dataset") else None,
                experiment_ids=await experiments.ids_of(
                    conn, workspace, request.experiment_ids, request.experiment_names
                ),
                view=request.lifecycle_view or v1.LIFECYCLE_VIEW_ACTIVE,
            )
            found = await search_logged_models.page(conn, workspace, query, after, size + 1)
            page, more = self._pages.cut(request, found, size, lambda entry: entry[1])
            models = await logged_models.get_many(conn, workspace, [model_id for model_id, _ in page])
            return v1.SearchLoggedModelsResponse(logged_models=models, next_page_token=more)

        return await self._db.read(work)

    async def UpdateLoggedModel(
        self, request: v1.UpdateLoggedModelRequest, context: Any
    ) -> v1.UpdateLoggedModelResponse:
        """Change the fields that the mask names."""
        workspace = calls.current().workspace(request.workspace)
        mask = check_mask(request, _UPDATABLE)
        if "status" in mask and not request.status:
            raise errors.invalid_field("status", "must be given when update_mask names it")
        _check_artifacts(request, mask)

        async def work(conn: Connection) -> v1.LoggedModel:
            locked = await logged_models.lock_active(conn, workspace, request.model_id)
            check_etag(request.etag, locked.model.etag)
            wanted = copy.deepcopy(locked.model)
            for name in mask.difference(_ARTIFACTS):
                setattr(wanted, name, getattr(request, name))
            if not mask.isdisjoint(_ARTIFACTS):
                await _place_artifacts(conn, wanted, request)
            await logged_models.update(conn, locked, wanted)
            return await logged_models.get(conn, workspace, request.model_id)

        return v1.UpdateLoggedModelResponse(logged_model=await self._change(work))

    async def LogLoggedModelParams(
        self, request: v1.LogLoggedModelParamsRequest, context: Any
    ) -> v1.LogLoggedModelParamsResponse:
        """Add params that are new; none may change."""
        workspace = calls.current().workspace(request.workspace)

        async def work(conn: Connection) -> v1.LoggedModel:
            locked = await logged_models.lock_active(conn, workspace, request.model_id)
            check_params({"model_id": request.model_id}, locked.model.params, request.params)
            wanted = copy.deepcopy(locked.model)
            wanted.params.update(request.params)
            check_entries(wanted.params, wanted.tags)
            await logged_models.update(conn, locked, wanted)
            return await logged_models.get(conn, workspace, request.model_id)

        return v1.LogLoggedModelParamsResponse(logged_model=await self._change(work))

    async def LogLoggedModelMetrics(
        self, request: v1.LogLoggedModelMetricsRequest, context: Any
    ) -> v1.LogLoggedModelMetricsResponse:
        """Add points that are new, under the model's lock; points have no events."""
        workspace = calls.current().workspace(request.workspace)
        for i, point in enumerate(request.metrics):
            if point.dataset_digest and not point.dataset_name:
                raise errors.invalid_field(
                    f"metrics[{i}].dataset_name", "must be given with dataset_digest: a dataset is named by both"
                )

        async def work(conn: Connection) -> v1.LoggedModel:
            await logged_models.lock_active(conn, workspace, request.model_id)
            for run_id in sorted({point.run_id for point in request.metrics if point.run_id}):
                await runs.require(conn, workspace, run_id)
            await logged_model_metrics.add(conn, request.model_id, request.metrics)
            return await logged_models.get(conn, workspace, request.model_id)

        return v1.LogLoggedModelMetricsResponse(logged_model=await self._db.write(work))

    async def ListLoggedModelMetrics(
        self, request: v1.ListLoggedModelMetricsRequest, context: Any
    ) -> v1.ListLoggedModelMetricsResponse:
        """Page through the points; a token holds the last one's place."""
        workspace = calls.current().workspace(request.workspace)
        after = self._pages.decode(request, request.page_token)
        size = page_size(request.page_size)

        async def work(conn: Connection) -> v1.ListLoggedModelMetricsResponse:
            await logged_models.get(conn, workspace, request.model_id)
            found = await logged_model_metrics.page(conn, request.model_id, after, size + 1)
            page, more = self._pages.cut(request, found, size, lambda entry: entry[1])
            return v1.ListLoggedModelMetricsResponse(metrics=[point for point, _ in page], next_page_token=more)

        return await self._db.read(work)

    async def SetLoggedModelTags(
        self, request: v1.SetLoggedModelTagsRequest, context: Any
    ) -> v1.SetLoggedModelTagsResponse:
        """Set and delete tags."""
        workspace = calls.current().workspace(request.workspace)
        check_tag_keys(request)

        async def work(conn: Connection) -> v1.LoggedModel:
            locked = await logged_models.lock_active(conn, workspace, request.model_id)
            wanted = copy.deepcopy(locked.model)
            change_tags(wanted.tags, request)
            check_entries(wanted.params, wanted.tags)
            await logged_models.update(conn, locked, wanted)
            return await logged_models.get(conn, workspace, request.model_id)

        return v1.SetLoggedModelTagsResponse(logged_model=await self._change(work))

    async def DeleteLoggedModel(
        self, request: v1.DeleteLoggedModelRequest, context: Any
    ) -> v1.DeleteLoggedModelResponse:
        """Mark as deleted by itself, also in an experiment that is deleted."""
        workspace = calls.current().workspace(request.workspace)

        async def work(conn: Connection) -> v1.LoggedModel:
            locked = await logged_models.lock_model(conn, workspace, request.model_id)
            check_etag(request.etag, locked.model.etag)
            await logged_models.set_lifecycle(conn, locked, v1.LIFECYCLE_STATE_DELETED)
            return await logged_models.get(conn, workspace, request.model_id)

        return v1.DeleteLoggedModelResponse(logged_model=await self._change(work))

    async def RestoreLoggedModel(
        self, request: v1.RestoreLoggedModelRequest, context: Any
    ) -> v1.RestoreLoggedModelResponse:
        """Mark as active, unless its experiment would keep it deleted."""
        workspace = calls.current().workspace(request.workspace)

        async def work(conn: Connection) -> v1.LoggedModel:
            locked = await logged_models.lock_model(conn, workspace, request.model_id)
            if locked.experiment_state == v1.LIFECYCLE_STATE_DELETED:
                raise errors.experiment_deleted(locked.model.experiment_id, locked.experiment_name)
            await logged_models.set_lifecycle(conn, locked, v1.LIFECYCLE_STATE_ACTIVE)
            return await logged_models.get(conn, workspace, request.model_id)

        return v1.RestoreLoggedModelResponse(logged_model=await self._change(work))

    async def PurgeLoggedModel(self, request: v1.PurgeLoggedModelRequest, context: Any) -> v1.PurgeLoggedModelResponse:
        """Remove for good."""
        workspace = calls.current().workspace(request.workspace)

        async def change(conn: Connection) -> v1.PurgeLoggedModelResponse:
            await purging.logged_model(conn, workspace, request.model_id, request.request_id)
            return v1.PurgeLoggedModelResponse()

        return await self._once(request, v1.PurgeLoggedModelResponse, change)


async def _experiment_of(conn: Connection, workspace: str, request: v1.CreateLoggedModelRequest) -> str:
    """The id of a new model's experiment: the one named, else its run's, else the default one."""
    run = await runs.get(conn, workspace, request.source_run_id) if request.source_run_id else v1.Run()
    experiment_id = request.experiment_id or run.experiment_id
    return (await experiments.of_new(conn, workspace, experiment_id=experiment_id)).experiment_id


def _check_artifacts(request: v1.UpdateLoggedModelRequest, mask: set[str]) -> None:
    """What the mask says of the files must be what the request has of them."""
    given = request.WhichOneof("artifacts")
    named = mask.intersection(_ARTIFACTS)
    if named and named != {given}:
        raise errors.invalid_field(
            "update_mask", f"may name one of {', '.join(_ARTIFACTS)}, and then that one must be given"
        )
    if "artifact_path" in named:
        check_folder("artifact_path", request.artifact_path)


async def _place_artifacts(
    conn: Connection, model: v1.LoggedModel, request: v1.CreateLoggedModelRequest | v1.UpdateLoggedModelRequest
) -> None:
    """Set where a model's files are, from what a request says of them."""
    given = request.WhichOneof("artifacts")
    if given is None:
        return
    model.artifact_manifest_digest, model.artifact_location = "", ""
    if given == "artifact_location":
        model.artifact_location = request.artifact_location
    elif given == "manifest_digest":
        model.artifact_manifest_digest = request.manifest_digest
    else:
        if not model.source_run_id:
            raise errors.invalid_field(
                "artifact_path", "needs source_run_id, the run whose artifacts it is in; or give manifest_digest"
            )
        # The run may have been purged since the model was created; then there are no files of it.
        found = await runs.get_many(conn, model.workspace, [model.source_run_id])
        root = found[0].artifact_manifest_digest if found else ""
        manifest = await manifests.find(conn, root, request.artifact_path) if root else None
        if manifest is None:
            raise errors.artifact_not_found(request.artifact_path, f"run {model.source_run_id}")
        model.artifact_manifest_digest = manifest.digest
    if model.artifact_manifest_digest:
        # Nothing may collect it before the model is there to refer to it.
        await manifests.hold(conn, model.artifact_manifest_digest)
