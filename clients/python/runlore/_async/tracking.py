"""Runs: starting and finding them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from runlore import v1
from runlore._async.connection import Connection
from runlore._async.run import Run, strings
from runlore.errors import invalid_field

_PAGE = 1_000


class TrackingMethods(Connection):
    """What a client does with runs."""

    async def start_run(
        self,
        experiment: str = "",
        *,
        name: str = "",
        params: Mapping[str, object] | None = None,
        tags: Mapping[str, object] | None = None,
        run_id: str = "",
        parent_run_id: str = "",
    ) -> Run:
        """Start a run in the experiment of that name, which is made when there is none.

        Without `experiment`: in the workspace's default experiment. `run_id` is the caller's own id, 32 lower-case
        hex digits; else the server makes one. Params and tags are stored as the `str` of their values. Raises
        InvalidArgumentError, NotFoundError (the parent), AlreadyExistsError (the run id).
        """
        return await self.create_run(
            v1.CreateRunRequest(
                experiment_name=experiment or None,  # type: ignore[arg-type]  # None: the field is not set
                run_id=run_id,
                parent_run_id=parent_run_id,
                name=name,
                params=strings(params),
                tags=strings(tags),
            )
        )

    async def create_run(self, request: v1.CreateRunRequest) -> Run:
        """Start a run by the contract's own request."""
        response = await self.tracking.CreateRun(request)
        return Run(self, response.run)

    async def get_run(self, run_id: str) -> v1.Run:
        """Return a run with its params, tags and metric summaries; raises NotFoundError."""
        return (await self.tracking.GetRun(v1.GetRunRequest(run_id=run_id))).run

    async def search_runs(
        self,
        experiment: str | Sequence[str] | None = None,
        filter: str = "",
        *,
        order_by: str = "",
        limit: int | None = 1_000,
    ) -> list[v1.Run]:
        """Return the runs that match, such as `metrics.val_auc > 0.9 and params.C = '0.1'`, best first by `order_by`.

        `experiment` is a name or several; None searches the whole workspace. The language of `filter` and `order_by`
        (such as `metrics.val_auc desc`) is that of `runlore.v1.SearchRunsRequest`. At most `limit` runs are returned,
        None for all. Raises InvalidArgumentError saying where the filter does not parse, and NotFoundError.
        """
        if limit is not None and limit < 1:
            raise invalid_field("limit", f"is {limit}: give 1 or more, or None for every run")
        names = [experiment] if isinstance(experiment, str) else list(experiment or ())
        request = v1.SearchRunsRequest(experiment_names=names, filter=filter, order_by=order_by)
        found: list[v1.Run] = []
        while limit is None or len(found) < limit:
            request.page_size = _PAGE if limit is None else min(limit - len(found), _PAGE)
            response = await self.tracking.SearchRuns(request)
            found += response.runs
            if not response.next_page_token:
                break
            request.page_token = response.next_page_token
        return found
