"""Experiments: made, found, changed, deleted and restored."""

from __future__ import annotations

import copy
from functools import partial
from typing import Any

from runlore import v1
from runlore_server import calls, errors
from runlore_server.db import Connection
from runlore_server.pages import page_size
from runlore_server.search.fields import EXPERIMENT_ORDER, EXPERIMENTS
from runlore_server.search.language import parse_filter, parse_order
from runlore_server.services.base import Methods
from runlore_server.services.tracking.checks import (
    change_tags,
    check_entries,
    check_etag,
    check_experiment_name,
    check_mask,
    check_tag_keys,
)
from runlore_server.store import experiments, purging, search_experiments

_UPDATABLE = ("name", "description", "artifact_location")


class ExperimentMethods(Methods):
    """The methods about experiments."""

    async def CreateExperiment(self, request: v1.CreateExperimentRequest, context: Any) -> v1.CreateExperimentResponse:
        """Refuse a name that is taken; else create."""
        workspace = calls.current().workspace(request.workspace)
        check_experiment_name("name", request.name)
        check_entries({}, request.tags)

        async def change(conn: Connection) -> v1.CreateExperimentResponse:
            await _require_free(conn, workspace, request.name)
            experiment = await experiments.create(
                conn,
                workspace,
                request.name,
                description=request.description,
                tags=request.tags,
                artifact_location=request.artifact_location,
                request_id=request.request_id,
            )
            return v1.CreateExperimentResponse(experiment=experiment)

        return await self._once(request, v1.CreateExperimentResponse, change)

    async def GetExperiment(self, request: v1.GetExperimentRequest, context: Any) -> v1.GetExperimentResponse:
        """Find by id or by name."""
        workspace = calls.current().workspace(request.workspace)

        async def work(conn: Connection) -> v1.Experiment:
            if request.WhichOneof("experiment") == "experiment_id":
                return await experiments.get(conn, workspace, request.experiment_id)
            return await experiments.get_by_name(conn, workspace, request.name)

        return v1.GetExperimentResponse(experiment=await self._db.read(work))

    async def SearchExperiments(
        self, request: v1.SearchExperimentsRequest, context: Any
    ) -> v1.SearchExperimentsResponse:
        """Find ids by the filter and order, then fetch the page's experiments."""
        workspace = calls.current().workspace(request.workspace)
        condition = parse_filter(request.filter, EXPERIMENTS)
        order = parse_order(request.order_by, EXPERIMENT_ORDER)
        after = self._pages.decode(request, request.page_token)
        size = page_size(request.page_size)
        view = request.lifecycle_view or v1.LIFECYCLE_VIEW_ACTIVE

        async def work(conn: Connection) -> v1.SearchExperimentsResponse:
            found = await search_experiments.page(conn, workspace, condition, order, after, size + 1, view)
            listed, more = await self._pages.fitting(
                request, found, size, partial(experiments.get_many, conn, workspace), lambda found: found.experiment_id
            )
            return v1.SearchExperimentsResponse(experiments=listed, next_page_token=more)

        return await self._db.read(work)

    async def UpdateExperiment(self, request: v1.UpdateExperimentRequest, context: Any) -> v1.UpdateExperimentResponse:
        """Change the fields that the mask names, under the experiment's lock."""
        workspace = calls.current().workspace(request.workspace)
        mask = check_mask(request, _UPDATABLE)
        if "name" in mask:
            check_experiment_name("name", request.name)

        async def work(conn: Connection) -> v1.Experiment:
            locked = await experiments.lock(conn, workspace, request.experiment_id)
            check_etag(request.etag, locked.experiment.etag)
            wanted = copy.deepcopy(locked.experiment)
            for name in mask:
                setattr(wanted, name, getattr(request, name))
            if wanted == locked.experiment:
                return wanted
            if wanted.name != locked.experiment.name:
                await _check_rename(conn, locked.experiment, wanted.name)
            return await experiments.update(conn, locked, wanted)

        return v1.UpdateExperimentResponse(experiment=await self._change(work))

    async def SetExperimentTags(
        self, request: v1.SetExperimentTagsRequest, context: Any
    ) -> v1.SetExperimentTagsResponse:
        """Set and delete tags, under the experiment's lock."""
        workspace = calls.current().workspace(request.workspace)
        check_tag_keys(request)

        async def work(conn: Connection) -> v1.Experiment:
            locked = await experiments.lock(conn, workspace, request.experiment_id)
            wanted = copy.deepcopy(locked.experiment)
            change_tags(wanted.tags, request)
            check_entries({}, wanted.tags)
            return wanted if wanted == locked.experiment else await experiments.update(conn, locked, wanted)

        return v1.SetExperimentTagsResponse(experiment=await self._change(work))

    async def DeleteExperiment(self, request: v1.DeleteExperimentRequest, context: Any) -> v1.DeleteExperimentResponse:
        """Mark as deleted; its runs are deleted by that, and stay what they are themselves."""
        workspace = calls.current().workspace(request.workspace)

        async def work(conn: Connection) -> v1.Experiment:
            locked = await experiments.lock(conn, workspace, request.experiment_id)
            check_etag(request.etag, locked.experiment.etag)
            if locked.experiment.is_default:
                raise errors.invalid_field(
                    "experiment_id", "must not be the workspace's default experiment: that one cannot be deleted"
                )
            if locked.experiment.lifecycle_state == v1.LIFECYCLE_STATE_DELETED:
                return locked.experiment
            return await experiments.delete(conn, locked)

        return v1.DeleteExperimentResponse(experiment=await self._change(work))

    async def RestoreExperiment(
        self, request: v1.RestoreExperimentRequest, context: Any
    ) -> v1.RestoreExperimentResponse:
        """Mark as active."""
        workspace = calls.current().workspace(request.workspace)

        async def work(conn: Connection) -> v1.Experiment:
            locked = await experiments.lock(conn, workspace, request.experiment_id)
            if locked.experiment.lifecycle_state == v1.LIFECYCLE_STATE_ACTIVE:
                return locked.experiment
            return await experiments.restore(conn, locked)

        return v1.RestoreExperimentResponse(experiment=await self._change(work))

    async def PurgeExperiment(self, request: v1.PurgeExperimentRequest, context: Any) -> v1.PurgeExperimentResponse:
        """Remove its runs and logged models for good, some in each transaction, and then itself."""
        workspace = calls.current().workspace(request.workspace)
        if request.experiment_id != experiments.DEFAULT_ID:
            wanted = purging.Experiment(workspace, request.experiment_id)
            for members in purging.MEMBERS:
                while await self._change(partial(purging.of_experiment, members=members, of=wanted)):
                    pass

        async def change(conn: Connection) -> v1.PurgeExperimentResponse:
            await purging.experiment(conn, workspace, request.experiment_id, request_id=request.request_id)
            return v1.PurgeExperimentResponse()

        return await self._once(request, v1.PurgeExperimentResponse, change)


async def _check_rename(conn: Connection, experiment: v1.Experiment, name: str) -> None:
    """Refuse a name that is taken, and to take the default experiment's name or to take it away."""
    if experiment.is_default:
        raise errors.invalid_field(
            "name", f"must stay '{experiment.name}': the workspace's default experiment keeps its name"
        )
    await _require_free(conn, experiment.workspace, name)
    if name == experiments.DEFAULT_NAME:
        raise errors.invalid_field(
            "name", f"must not be '{name}', which is kept for the workspace's default experiment"
        )


async def _require_free(conn: Connection, workspace: str, name: str) -> None:
    there = await experiments.find_by_name(conn, workspace, name)
    if there is not None:
        deleted = there.lifecycle_state == v1.LIFECYCLE_STATE_DELETED
        raise errors.experiment_exists(workspace, name, there.experiment_id, deleted=deleted)
