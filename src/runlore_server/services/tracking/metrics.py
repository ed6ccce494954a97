"""What a run logs: metric points, params and tags; and the points back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import cached_property, partial
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from runlore import v1
from runlore_server import calls, errors, limits
from runlore_server.db import Connection
from runlore_server.histories import Histories, Query
from runlore_server.services.base import Methods
from runlore_server.services.tracking.checks import check_entries, check_params, to_datetime
from runlore_server.store import metrics, runs
from runlore_server.store.blocks import Batch
from runlore_server.store.points import Range

#: Fewer points would not draw a line.
_LEAST_POINTS = 10


class MetricMethods(Methods):
    """The methods about what a run logs."""

    async def LogBatch(self, request: v1.LogBatchRequest, context: Any) -> v1.LogBatchResponse:
        """Record params, tags and points, each once."""
        workspace = calls.current().workspace(request.workspace)
        _check_series(request)
        has_entries = bool(request.params or request.tags)
        sent = _sent(workspace, request) if request.series else None
        # Nearly every batch of points is its writer's next one, and this one statement is all that it costs.
        if sent and not has_entries and await self._db.write(partial(metrics.append, sent=sent), one_statement=True):
            return v1.LogBatchResponse(committed_sequence=request.sequence)

        async def work(conn: Connection) -> v1.LogBatchResponse:
            response = v1.LogBatchResponse()
            if has_entries:
                await _log_entries(conn, workspace, request)
            else:
                await runs.require_active(conn, workspace, request.run_id)
            if sent:
                fresh, response.committed_sequence = await metrics.append_after_all(conn, sent)
                response.replayed = not fresh
            return response

        response = await self._db.write(work)
        if has_entries:
            self._sequencer.wake()
        return response

    @cached_property
    def _histories(self) -> Histories:
        return Histories(self._db)

    async def GetMetricHistory(
        self, request: v1.GetMetricHistoryRequest, context: Any
    ) -> AsyncIterator[v1.GetMetricHistoryResponse]:
        """Stream the points that are wanted, or what stands for them."""
        workspace = calls.current().workspace(request.workspace)
        if 0 < request.max_points < _LEAST_POINTS:
            raise errors.invalid_field("max_points", f"must be 0 or 10 to 100,000 (got {request.max_points})")
        query = Query(request.first_index, _range(request), request.max_points)
        async with aclosing(self._histories.stream(workspace, request.run_ids, request.keys, query)) as found:
            async for response in found:
                yield response


def _range(request: v1.GetMetricHistoryRequest) -> Range:
    low = request.min_step if request.HasField("min_step") else None
    high = request.max_step if request.HasField("max_step") else None
    if low is not None and high is not None and high < low:
        raise errors.invalid_field("max_step", f"must not be less than min_step ({low}), got {high}")
    since = _microseconds("since_time", request.since_time) if request.HasField("since_time") else None
    until = _microseconds("until_time", request.until_time) if request.HasField("until_time") else None
    if since is not None and until is not None and until <= since:
        raise errors.invalid_field("until_time", "must be later than since_time: it is the first time that is left out")
    return Range(low, high, since, until)


def _microseconds(field: str, time: Timestamp) -> int:
    """Return the first whole microsecond since the Unix epoch that is not before a time."""
    to_datetime(field, time)
    return -(-(time.seconds * 1_000_000_000 + time.nanos) // 1_000)


def _sent(workspace: str, request: v1.LogBatchRequest) -> metrics.Sent:
    return metrics.Sent(workspace, request.run_id, request.writer_id, request.sequence, Batch.of(request.series))


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
