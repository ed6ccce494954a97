"""What a run logs: metric points, params and tags; and the points back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from runlore import v1
from runlore_server import calls, errors, limits
from runlore_server.db import Connection
from runlore_server.services.base import Methods
from runlore_server.services.tracking.checks import check_entries, check_params
from runlore_server.store import metrics, runs


class MetricMethods(Methods):
    """The methods about what a run logs."""

    async def LogBatch(self, request: v1.LogBatchRequest, context: Any) -> v1.LogBatchResponse:
        """Record params, tags and points, each once."""
        workspace = calls.current().workspace(request.workspace)
        _check_series(request)

        async def work(conn: Connection) -> v1.LogBatchResponse:
            response = v1.LogBatchResponse()
            if request.params or request.tags:
                await _log_entries(conn, workspace, request)
            else:
                await runs.require_active(conn, workspace, request.run_id)
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
    locked = await runs.lock_active(conn, workspace, request.run_id)
    run = locked.run
    check_params({"run_id": run.run_id}, run.params, request.params)
    check_entries({**run.params, **request.params}, {**run.tags, **request.tags})
    params = {key: value for key, value in request.params.items() if key not in run.params}
    tags = {key: value for key, value in request.tags.items() if run.tags.get(key) != value or key not in run.tags}
    await runs.log(conn, locked, params, tags)
