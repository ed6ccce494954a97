"""Runs: made, changed, deleted and restored."""

from __future__ import annotations

import copy
from typing import Any

from runlore import v1
from runlore_server import calls, errors, ids
from runlore_server.db import Connection
from runlore_server.services.base import Methods
from runlore_server.services.tracking.checks import (
    check_entries,
    check_etag,
    check_experiment_name,
    check_mask,
    to_datetime,
)
from runlore_server.store import experiments, live, purging, run_lifecycle, run_trees, runs

_UPDATABLE = ("name", "status", "end_time")


class RunMethods(Methods):
    """The methods about one run."""

    async def CreateRun(self, request: v1.CreateRunRequest, context: Any) -> v1.CreateRunResponse:
        """Create a run, and its experiment when it is asked for by a new name."""
        workspace = calls.current().workspace(request.workspace)
        start_time = to_datetime("start_time", request.start_time) if request.HasField("start_time") else None
        check_experiment_name("experiment_name", request.experiment_name)
        check_entries(request.params, request.tags)
        # Made once, outside the transaction, so that running it again makes the same run.
        run = v1.Run(
            run_id=request.run_id or ids.new(),
            workspace=workspace,
            parent_run_id=request.parent_run_id,
            name=request.name or ids.readable_name(),
            status=request.status or v1.RUN_STATUS_RUNNING,
            params=request.params,
            tags=request.tags,
            artifact_location=request.artifact_location,
            created_by=calls.current().actor,
        )

        async def change(conn: Connection) -> v1.CreateRunResponse:
            experiment = await experiments.of_new(
                conn, workspace, experiment_id=request.experiment_id, name=request.experiment_name
            )
            run.experiment_id, run.experiment_name = experiment.experiment_id, experiment.name
            if request.run_id and await runs.id_is_taken(conn, request.run_id):
                raise errors.run_exists(request.run_id)
            if request.parent_run_id:
                await _check_parent(conn, workspace, request.parent_run_id)
            created = await runs.create(conn, run, start_time, request.request_id)
            if request.writer_follows:
                created.last_heartbeat_time.FromDatetime(await live.hear(conn, created.run_id))
            return v1.CreateRunResponse(run=created)

        return await self._once(request, v1.CreateRunResponse, change)

    async def GetRun(self, request: v1.GetRunRequest, context: Any) -> v1.GetRunResponse:
        """Return all of the run but its points."""
        workspace = calls.current().workspace(request.workspace)
        run = await self._db.read(lambda conn: runs.get(conn, workspace, request.run_id, bulk=True))
        return v1.GetRunResponse(run=run)

    async def UpdateRun(self, request: v1.UpdateRunRequest, context: Any) -> v1.UpdateRunResponse:
        """Change the fields that the mask names."""
        workspace = calls.current().workspace(request.workspace)
        mask = check_mask(request, _UPDATABLE)
        if "status" in mask and not request.status:
            raise errors.invalid_field("status", "must be given when update_mask names it")
        if "end_time" in mask and request.HasField("end_time"):
            to_datetime("end_time", request.end_time)

        async def work(conn: Connection) -> v1.Run:
            locked = await runs.lock_active(conn, workspace, request.run_id)
            check_etag(request.etag, locked.run.etag)
            wanted = _updated(locked, request, mask)
            if wanted != locked.run:
                await runs.update(conn, locked, wanted)
            if request.writer_follows:
                await live.hear(conn, request.run_id)
            return await runs.get(conn, workspace, request.run_id)

        return v1.UpdateRunResponse(run=await self._change(work))

    async def DeleteRunTags(self, request: v1.DeleteRunTagsRequest, context: Any) -> v1.DeleteRunTagsResponse:
        """Delete the tags that are there."""
        workspace = calls.current().workspace(request.workspace)

        async def work(conn: Connection) -> v1.Run:
            locked = await runs.lock_active(conn, workspace, request.run_id)
            await runs.delete_tags(conn, locked, request.keys)
            return await runs.get(conn, workspace, request.run_id)

        return v1.DeleteRunTagsResponse(run=await self._change(work))

    async def DeleteRun(self, request: v1.DeleteRunRequest, context: Any) -> v1.DeleteRunResponse:
        """Mark as deleted by itself, also in an experiment that is deleted."""
        workspace = calls.current().workspace(request.workspace)

        async def work(conn: Connection) -> v1.Run:
            locked = await runs.lock_run(conn, workspace, request.run_id)
            check_etag(request.etag, locked.run.etag)
            await run_lifecycle.delete(conn, locked)
            return await runs.get(conn, workspace, request.run_id)

        return v1.DeleteRunResponse(run=await self._change(work))

    async def RestoreRun(self, request: v1.RestoreRunRequest, context: Any) -> v1.RestoreRunResponse:
        """Mark as active, unless its experiment would keep it deleted."""
        workspace = calls.current().workspace(request.workspace)

        async def work(conn: Connection) -> v1.Run:
            locked = await runs.lock_run(conn, workspace, request.run_id)
            if locked.experiment_state == v1.LIFECYCLE_STATE_DELETED:
                raise errors.experiment_deleted(locked.run.experiment_id, locked.run.experiment_name)
            await run_lifecycle.restore(conn, locked)
            return await runs.get(conn, workspace, request.run_id)

        return v1.RestoreRunResponse(run=await self._change(work))

    async def PurgeRun(self, request: v1.PurgeRunRequest, context: Any) -> v1.PurgeRunResponse:
        """Remove for good; what it logged is cleaned up in the background."""
        workspace = calls.current().workspace(request.workspace)

        async def change(conn: Connection) -> v1.PurgeRunResponse:
            await purging.run(conn, workspace, request.run_id, request.request_id)
            return v1.PurgeRunResponse()

        return await self._once(request, v1.PurgeRunResponse, change)


async def _check_parent(conn: Connection, workspace: str, parent_run_id: str) -> None:
    await runs.require_active(conn, workspace, parent_run_id, "parent run")
    if await run_trees.depth_below(conn, parent_run_id) > run_trees.MAX_DEPTH:
        raise errors.invalid_field(
            "parent_run_id", f"must have fewer than {run_trees.MAX_DEPTH} runs above it: it is as deep as runs go"
        )


def _updated(locked: runs.LockedRun, request: v1.UpdateRunRequest, mask: set[str]) -> v1.Run:
    """The run with the request's fields in place; a final status ends the run, another one opens it again.

    A status of the client's own takes the place of one that the server gave, and so does the end that goes with it.
    """
    run = copy.deepcopy(locked.run)
    if "name" in mask:
        run.name = request.name
    if "status" in mask:
        run.status = request.status
        by_server = run.status_message != ""
        run.ClearField("status_message")
        if not runs.is_final(run.status):
            run.ClearField("end_time")
        elif by_server or not run.HasField("end_time"):
            run.end_time.FromDatetime(locked.place.time)
    if "end_time" in mask:
        run.ClearField("end_time")
        if request.HasField("end_time"):
            run.end_time.CopyFrom(request.end_time)
    return run
