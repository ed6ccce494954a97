"""TrackingService: experiments, runs and what they log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from runlore import v1
from runlore_server import calls, errors, ids, limits
from runlore_server.db import Connection, Database
from runlore_server.pages import PageTokens, page_size
from runlore_server.search.language import parse_filter, parse_order
from runlore_server.sequencer import Sequencer
from runlore_server.store import experiments, metrics, requests, runs, search

_UPDATABLE = ("name", "status", "end_time")


class TrackingService(v1.TrackingServiceServicer):
    """Records training runs. Each method: see tracking.proto."""

    def __init__(self, db: Database, pages: PageTokens, sequencer: Sequencer) -> None:
        """Serve from a database; `sequencer` is told of every change."""
        self._db = db
        self._pages = pages
        self._sequencer = sequencer

    async def CreateExperiment(self, request: v1.CreateExperimentRequest, context: Any) -> v1.CreateExperimentResponse:
        """Refuse a name that is taken; else create."""
        workspace = calls.current().workspace(request.workspace)
        if request.name == experiments.DEFAULT_ID:
            raise errors.invalid_field("name", f"must not be '{experiments.DEFAULT_ID}', the default experiment's id")

        async def work(conn: Connection) -> v1.CreateExperimentResponse:
            async def change() -> v1.CreateExperimentResponse:
                there = await experiments.find_by_name(conn, workspace, request.name)
                if there is not None:
                    raise errors.experiment_exists(workspace, request.name, there.experiment_id)
                experiment = await experiments.create(
                    conn,
                    workspace,
                    request.name,
                    description=request.description,
                    tags=request.tags,
                    request_id=request.request_id,
                )
                return v1.CreateExperimentResponse(experiment=experiment)

            return await requests.once(conn, request, v1.CreateExperimentResponse, change)

        response = await self._db.write(work)
        self._sequencer.wake()
        return response

    async def GetExperiment(self, request: v1.GetExperimentRequest, context: Any) -> v1.GetExperimentResponse:
        """Find by id or by name."""
        workspace = calls.current().workspace(request.workspace)

        async def work(conn: Connection) -> v1.Experiment:
            if request.WhichOneof("experiment") == "experiment_id":
                return await experiments.get(conn, workspace, request.experiment_id)
            found = await experiments.find_by_name(conn, workspace, request.name)
            if found is None:
                raise errors.experiment_not_found(workspace, name=request.name)
            return found

        return v1.GetExperimentResponse(experiment=await self._db.read(work))

    async def ListExperiments(self, request: v1.ListExperimentsRequest, context: Any) -> v1.ListExperimentsResponse:
        """Page by name."""
        workspace = calls.current().workspace(request.workspace)
        after = self._pages.decode(request, request.page_token) or [""]
        size = page_size(request.page_size)
        found = await self._db.read(lambda conn: experiments.page(conn, workspace, after[0], size + 1))
        more = self._pages.encode(request, [found[size - 1].name]) if len(found) > size else ""
        return v1.ListExperimentsResponse(experiments=found[:size], next_page_token=more)

    async def CreateRun(self, request: v1.CreateRunRequest, context: Any) -> v1.CreateRunResponse:
        """Create a run, and its experiment when it is asked for by a new name."""
        workspace = calls.current().workspace(request.workspace)
        start_time = _datetime("start_time", request.start_time) if request.HasField("start_time") else None
        # Made once, outside the transaction, so that running it again makes the same run.
        run = v1.Run(
            run_id=request.run_id or ids.new(),
            workspace=workspace,
            parent_run_id=request.parent_run_id,
            name=request.name or ids.readable_name(),
            status=request.status or v1.RUN_STATUS_RUNNING,
            params=request.params,
            tags=request.tags,
            created_by=calls.current().actor,
        )

        async def work(conn: Connection) -> v1.CreateRunResponse:
            async def change() -> v1.CreateRunResponse:
                experiment = await _experiment_of(conn, workspace, request)
                run.experiment_id, run.experiment_name = experiment.experiment_id, experiment.name
                if request.run_id and await runs.id_is_taken(conn, request.run_id):
                    raise errors.run_exists(request.run_id)
                if request.parent_run_id:
                    await runs.require(conn, workspace, request.parent_run_id, "parent run")
                return v1.CreateRunResponse(run=await runs.create(conn, run, start_time, request.request_id))

            return await requests.once(conn, request, v1.CreateRunResponse, change)

        response = await self._db.write(work)
        self._sequencer.wake()
        return response

    async def GetRun(self, request: v1.GetRunRequest, context: Any) -> v1.GetRunResponse:
        """Return the run with its metric summaries."""
        workspace = calls.current().workspace(request.workspace)
        return v1.GetRunResponse(run=await self._db.read(lambda conn: runs.get(conn, workspace, request.run_id)))

    async def UpdateRun(self, request: v1.UpdateRunRequest, context: Any) -> v1.UpdateRunResponse:
        """Change the fields that the mask names."""
        workspace = calls.current().workspace(request.workspace)
        mask = _check_mask(request)

        async def work(conn: Connection) -> v1.Run:
            locked = await runs.lock_run(conn, workspace, request.run_id)
            if request.etag and request.etag != locked.run.etag:
                raise errors.etag_mismatch(locked.run.etag)
            wanted = _updated(locked, request, mask)
            if wanted != locked.run:
                await runs.update(conn, locked, wanted)
            return await runs.get(conn, workspace, request.run_id)

        run = await self._db.write(work)
        self._sequencer.wake()
        return v1.UpdateRunResponse(run=run)

    async def SearchRuns(self, request: v1.SearchRunsRequest, context: Any) -> v1.SearchRunsResponse:
        """Find ids by the filter and order, then fetch the page's runs."""
        workspace = calls.current().workspace(request.workspace)
        comparisons, order = parse_filter(request.filter), parse_order(request.order_by)
        after = self._pages.decode(request, request.page_token)
        size = page_size(request.page_size)

        async def work(conn: Connection) -> v1.SearchRunsResponse:
            wanted = await _experiment_ids(conn, workspace, request)
            found = await search.page(conn, workspace, wanted, comparisons, order, after, size + 1)
            page = found[:size]
            more = self._pages.encode(request, page[-1][1]) if len(found) > size else ""
            page_runs = await runs.get_many(conn, workspace, [run_id for run_id, _ in page])
            return v1.SearchRunsResponse(runs=page_runs, next_page_token=more)

        return await self._db.read(work)

    async def LogBatch(self, request: v1.LogBatchRequest, context: Any) -> v1.LogBatchResponse:
        """Record params, tags and points, each once."""
        workspace = calls.current().workspace(request.workspace)
        _check_series(request)

        async def work(conn: Connection) -> v1.LogBatchResponse:
            response = v1.LogBatchResponse()
            if request.params or request.tags:
                await _log_entries(conn, workspace, request)
            else:
                await runs.require(conn, workspace, request.run_id)
            if request.series:
                fresh, response.committed_sequence = await metrics.advance_writer(
                    conn, request.run_id, request.writer_id, request.sequence
                )
                response.replayed = not fresh
                if fresh:
                    await metrics.append(conn, request.run_id, request.series)
            return response

        response = await self._db.write(work)
        if request.params or request.tags:
            self._sequencer.wake()
        return response

    async def GetMetricHistory(
        self, request: v1.GetMetricHistoryRequest, context: Any
    ) -> AsyncIterator[v1.GetMetricHistoryResponse]:
        """Stream the points as they are stored."""
        workspace = calls.current().workspace(request.workspace)
        await self._db.read(lambda conn: runs.require(conn, workspace, request.run_id))
        async with self._db.reading() as conn, aclosing(metrics.history(conn, request.run_id, request.keys)) as found:
            async for series in found:
                yield v1.GetMetricHistoryResponse(series=series)


async def _experiment_of(conn: Connection, workspace: str, request: v1.CreateRunRequest) -> v1.Experiment:
    """The experiment of a new run; made when a new name, or the default one, asks for it."""
    by_id = request.experiment_id
    if by_id and by_id != experiments.DEFAULT_ID:
        return await experiments.get(conn, workspace, by_id)
    name = request.experiment_name or experiments.DEFAULT_NAME
    if name == experiments.DEFAULT_ID:
        raise errors.invalid_field("experiment_name", "must not be '0', the default experiment's id")
    return await experiments.find_by_name(conn, workspace, name) or await experiments.create(conn, workspace, name)


async def _experiment_ids(conn: Connection, workspace: str, request: v1.SearchRunsRequest) -> list[str] | None:
    """The ids of the experiments that a search names; None when it names none."""
    if not request.experiment_ids and not request.experiment_names:
        return None
    found = []
    for experiment_id in request.experiment_ids:
        found.append((await experiments.get(conn, workspace, experiment_id)).experiment_id)
    for name in request.experiment_names:
        experiment = await experiments.find_by_name(conn, workspace, name)
        if experiment is None:
            raise errors.experiment_not_found(workspace, name=name)
        found.append(experiment.experiment_id)
    return found


def _check_mask(request: v1.UpdateRunRequest) -> set[str]:
    mask = set(request.update_mask.paths)
    unknown = sorted(mask - set(_UPDATABLE))
    if unknown or not mask:
        got = f" (got '{unknown[0]}')" if unknown else ""
        raise errors.invalid_field("update_mask", f"must name one or more of {', '.join(_UPDATABLE)}{got}")
    if "status" in mask and not request.status:
        raise errors.invalid_field("status", "must be given when update_mask names it")
    if "name" in mask and not request.name:
        raise errors.invalid_field("name", "must not be empty when update_mask names it")
    if "end_time" in mask and request.HasField("end_time"):
        _datetime("end_time", request.end_time)
    return mask


def _updated(locked: runs.LockedRun, request: v1.UpdateRunRequest, mask: set[str]) -> v1.Run:
    """The run with the request's fields in place; a final status ends the run, another one opens it again."""
    run = v1.Run()
    run.CopyFrom(locked.run)
    if "name" in mask:
        run.name = request.name
    if "status" in mask:
        run.status = request.status
        if not runs.is_final(run.status):
            run.ClearField("end_time")
        elif not run.HasField("end_time"):
            run.end_time.FromDatetime(locked.place.time)
    if "end_time" in mask:
        run.ClearField("end_time")
        if request.HasField("end_time"):
            run.end_time.CopyFrom(request.end_time)
    return run


def _check_series(request: v1.LogBatchRequest) -> None:
    seen: set[str] = set()
    points = 0
    for i, series in enumerate(request.series):
        n = len(series.values)
        if len(series.steps) != n or len(series.times_unix_us) != n:
            raise errors.invalid_field(
                f"series[{i}]",
                f"steps, times_unix_us and values must be of equal length (got {len(series.steps)}, "
                f"{len(series.times_unix_us)} and {n})",
            )
        if series.key in seen:
            raise errors.invalid_field(f"series[{i}].key", f"'{series.key}' is in this batch already: join the points")
        seen.add(series.key)
        points += n
    if points > limits.MAX_POINTS_PER_BATCH:
        raise errors.batch_too_large("series", "max_points_per_batch", limits.MAX_POINTS_PER_BATCH, points)


async def _log_entries(conn: Connection, workspace: str, request: v1.LogBatchRequest) -> None:
    locked = await runs.lock_run(conn, workspace, request.run_id)
    run = locked.run
    for key in sorted(request.params):
        if key in run.params and run.params[key] != request.params[key]:
            raise errors.param_conflict(run.run_id, key, run.params[key], request.params[key])
    params = {key: value for key, value in request.params.items() if key not in run.params}
    tags = {key: value for key, value in request.tags.items() if run.tags.get(key) != value or key not in run.tags}
    await runs.log(conn, locked, params, tags)


def _datetime(field: str, value: Timestamp) -> datetime:
    """A request's time as an aware datetime, cut to microseconds (what Postgres keeps)."""
    try:
        return value.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise errors.invalid_field(field, "must be a time from year 1 to 9999") from None
