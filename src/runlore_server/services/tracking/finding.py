"""Reading many runs: searches, trees and sweeps."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from runlore import v1
from runlore_server import calls, errors
from runlore_server.bodies import Bodies
from runlore_server.calls import Encoded
from runlore_server.db import Connection
from runlore_server.errors.base import short
from runlore_server.pages import page_size
from runlore_server.search.language import parse_filter, parse_order
from runlore_server.search.tree import Part
from runlore_server.services.base import Methods
from runlore_server.store import experiments, run_trees, runs, sweep_table
from runlore_server.store.finding import planner, single
from runlore_server.store.finding.known import Known
from runlore_server.store.finding.pace import Budget

#: Trials in a page of a sweep's table when a request does not say.
_TABLE_ROWS = 1_000


class FindingMethods(Methods):
    """The methods that read many runs."""

    #: What one search may cost.
    _search_budget: Budget
    #: The runs of pages as they were sent.
    _bodies: Bodies

    @cached_property
    def _known(self) -> Known:
        return Known()

    async def SearchRuns(self, request: v1.SearchRunsRequest, context: Any) -> Encoded:
        """Find ids by the filter and order, and the page's runs, as of the same moment.

        One statement has a moment of its own: if it finds the page, and all of its runs are remembered as of then, that
        is the answer. Else it is found again in a transaction, which reads the runs too.
        """
        workspace = calls.current().workspace(request.workspace)
        condition, order = parse_filter(request.filter), parse_order(request.order_by)
        after = self._pages.decode(request, request.page_token)
        size = page_size(request.page_size)
        view = request.lifecycle_view or v1.LIFECYCLE_VIEW_ACTIVE
        selection = _selection(request)

        async def at_once(conn: Connection) -> tuple[list[str] | None, single.Found | None]:
            ids = await experiments.ids_of(conn, workspace, request.experiment_ids, request.experiment_names)
            return ids, await planner.at_once(conn, workspace, ids, condition, order, after, size, view, self._known)

        ids, found = await self._db.read(at_once)
        if found is not None:
            known = self._bodies.known(found.stamps, selection)
            if len(known) == len(found.stamps):
                return self._page(request, known.values(), found.after)

        async def work(conn: Connection) -> Encoded:
            search = (workspace, ids, condition, order, after, size, view)
            again = await planner.at_once(conn, *search, self._known) if found is not None else None
            if again is not None:
                of_page = await self._bodies.read(conn, workspace, list(again.stamps), selection)
                return self._page(request, of_page, again.after)
            page = await planner.page(conn, *search, self._search_budget, self._known)
            of_page = await self._bodies.read(conn, workspace, [run_id for run_id, _ in page.rows], selection)
            return self._page(request, of_page, page.after, page.spent_on)

        return await self._db.snapshot(work)

    def _page(
        self,
        request: v1.SearchRunsRequest,
        runs: Iterable[bytes],
        after: list[Any] | None,
        spent_on: Part | None = None,
    ) -> Encoded:
        rest = v1.SearchRunsResponse(
            next_page_token=self._pages.encode(request, after) if after is not None else "",
            spent_on=spent_on.text if spent_on is not None else "",
        )
        return Encoded(b"".join([*runs, rest.SerializeToString()]))

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

    async def GetSweepTable(self, request: v1.GetSweepTableRequest, context: Any) -> v1.GetSweepTableResponse:
        """Read a page of trials, then their columns; a token holds the start and the id of its page's last trial."""
        workspace = calls.current().workspace(request.workspace)
        after = self._pages.decode(request, request.page_token)
        size = request.page_size or _TABLE_ROWS

        async def work(conn: Connection) -> v1.GetSweepTableResponse:
            await runs.require(conn, workspace, request.run_id)
            table, last = await sweep_table.page(conn, workspace, request.run_id, request.metrics, after, size)
            if last is not None:
                table.next_page_token = self._pages.encode(request, last)
            return table

        return await self._db.read(work)


def _selection(request: v1.SearchRunsRequest) -> runs.Selection:
    """What of each run the request wants; raises INVALID_FIELD."""
    paths = frozenset(request.read_mask.paths)
    for i, path in enumerate(request.read_mask.paths):
        if path not in v1.Run.DESCRIPTOR.fields_by_name:
            field, dot, _ = path.partition(".")
            keys = f"{field.removesuffix('s')}_keys"
            known = dot and keys in request.DESCRIPTOR.fields_by_name
            hint = f"; `{keys}` says which {field} to return" if known else ""
            raise errors.invalid_field(
                f"read_mask.paths[{i}]", f"must be a field of Run, such as name or metrics (got '{short(path)}'){hint}"
            )
    for field in ("params", "tags", "metrics"):
        keys = f"{field.removesuffix('s')}_keys"
        if paths and field not in paths and getattr(request, keys):
            raise errors.invalid_field(keys, f"must be empty when read_mask leaves out {field}")
    return runs.Selection(paths or None, tuple(request.param_keys), tuple(request.tag_keys), tuple(request.metric_keys))
