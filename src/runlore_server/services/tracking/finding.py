"""Reading many runs: searches, trees and sweeps."""

from __future__ import annotations

from typing import Any

from runlore import v1
from runlore_server import calls, errors
from runlore_server.db import Connection
from runlore_server.pages import page_size
from runlore_server.search.fields import RUN_ORDER
from runlore_server.search.language import parse_filter, parse_order
from runlore_server.services.base import Methods
from runlore_server.store import experiments, run_trees, runs, search


class FindingMethods(Methods):
    """The methods that read many runs."""

    async def SearchRuns(self, request: v1.SearchRunsRequest, context: Any) -> v1.SearchRunsResponse:
        """Find ids by the filter and order, then fetch the page's runs."""
        workspace = calls.current().workspace(request.workspace)
        comparisons, order = parse_filter(request.filter), parse_order(request.order_by, RUN_ORDER)
        after = self._pages.decode(request, request.page_token)
        size = page_size(request.page_size)
        view = request.lifecycle_view or v1.LIFECYCLE_VIEW_ACTIVE

        async def work(conn: Connection) -> v1.SearchRunsResponse:
            wanted = await experiments.ids_of(conn, workspace, request.experiment_ids, request.experiment_names)
            found = await search.page(conn, workspace, wanted, comparisons, order, after, size + 1, view)
            page, more = self._pages.cut(request, found, size, lambda entry: entry[1])
            page_runs = await runs.get_many(conn, workspace, [run_id for run_id, _ in page])
            return v1.SearchRunsResponse(runs=page_runs, next_page_token=more)

        return await self._db.read(work)

    async def ListRunTree(self, request: v1.ListRunTreeRequest, context: Any) -> v1.ListRunTreeResponse:
        """Walk down from the run, depth first; a token holds the last run of its page."""
        workspace = calls.current().workspace(request.workspace)
        after = self._pages.decode(request, request.page_token) or [None]
        size = page_size(request.page_size)
        max_depth = request.max_depth or run_trees.MAX_DEPTH

        async def work(conn: Connection) -> v1.ListRunTreeResponse:
            await runs.require(conn, workspace, request.run_id)
            found = await run_trees.page(conn, workspace, request.run_id, max_depth, after[0], size + 1)
            page, more = self._pages.cut(request, found, size, lambda node: [node.run.run_id])
            return v1.ListRunTreeResponse(nodes=page, next_page_token=more)

        return await self._db.read(work)

    async def SummarizeSweep(self, request: v1.SummarizeSweepRequest, context: Any) -> v1.SummarizeSweepResponse:
        """Count the trials, compare their params, and pick the best by a metric's summary."""
        workspace = calls.current().workspace(request.workspace)
        if request.metric and not request.direction:
            raise errors.invalid_field(
                "direction", "must be given with metric: DIRECTION_MAXIMIZE when greater is better, else MINIMIZE"
            )
        if request.direction and not request.metric:
            raise errors.invalid_field("metric", "must be given with direction: the metric that it is about")

        async def work(conn: Connection) -> v1.SummarizeSweepResponse:
            await runs.require(conn, workspace, request.run_id)
            trials = await run_trees.trials(conn, workspace, request.run_id)
            best = None
            if request.metric:
                best = await run_trees.best(conn, workspace, request.run_id, request.metric, request.direction)
            return v1.SummarizeSweepResponse(
                trial_count=sum(s.count for s in trials.statuses),
                statuses=trials.statuses,
                best=best,
                varying_params=trials.varying_params,
            )

        return await self._db.read(work)
