"""Runs: starting and finding them."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence

from google.protobuf.field_mask_pb2 import FieldMask

from runlore import _context, _settings, _words, v1
from runlore._async.metrics import MetricMethods
from runlore._async.paging import collect
from runlore._async.run import Run
from runlore._async_tools import call_in_thread
from runlore._context.recorder import ContextRecorder
from runlore._system_metrics import SystemMonitor
from runlore._words import strings


class TrackingMethods(MetricMethods):
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
        capture: bool | str | Iterable[str] | None = None,
        system_metrics: bool | float | None = None,
    ) -> Run:
        """Start a run in the experiment of that name, which is made when there is none.

        Without `experiment`: in the workspace's default experiment. `run_id` is the caller's own id, 32 lower-case
        hex digits; else the server makes one. Params and tags are stored as the `str` of their values.

        `capture` says what of the context is recorded: True, False, or some of "command", "diff", "env", "git",
        "host", "packages" and "python"; None takes it from `RUNLORE_CAPTURE`, else all. `system_metrics` logs the
        load of the machine every 10 s, or every so many seconds; None takes it from `RUNLORE_SYSTEM_METRICS`, else
        none is logged. The README says what is captured, and what never is.

        Raises InvalidArgumentError, NotFoundError (the parent), AlreadyExistsError (the run id).
        """
        parts = _settings.capture_parts(capture)
        interval = _settings.system_metrics_interval(system_metrics)
        context = await call_in_thread(_context.capture, parts)
        run = await self.create_run(
            v1.CreateRunRequest(
                experiment_name=experiment or None,  # type: ignore[arg-type]  # None: the field is not set
                run_id=run_id,
                parent_run_id=parent_run_id,
                name=name,
                params=strings(params),
                tags=context.merged(strings(tags)),
            )
        )
        if context.later:
            run._companions.append(ContextRecorder(self.settings, run._created, context))
        if interval is not None:
            run._companions.append(SystemMonitor(run.log, interval))
        return run

    async def resume_run(self, run_id: str) -> Run:
        """Go on with a run that was started before, in this process or another: it is RUNNING again.

        This process is another writer of it. Steps that are counted go on behind each metric's last. Nothing is
        captured. Raises NotFoundError, and PreconditionError when the run was deleted.
        """
        response = await self.tracking.UpdateRun(
            v1.UpdateRunRequest(
                run_id=run_id,
                update_mask=FieldMask(paths=["status"]),
                status=v1.RUN_STATUS_RUNNING,
                # So that the run becomes stale should this process vanish before it sends anything.
                writer_follows=True,
            )
        )
        return Run(self, response.run)

    async def create_run(self, request: v1.CreateRunRequest) -> Run:
        """Start a run by the contract's own request; nothing is captured, and `writer_follows` is set."""
        request = copy.deepcopy(request)
        request.writer_follows = True
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
        names = [experiment] if isinstance(experiment, str) else list(experiment or ())
        request = v1.SearchRunsRequest(experiment_names=names, filter=filter, order_by=order_by)
        return await collect(self.tracking.SearchRuns, request, "runs", limit)

    async def sweep(self, run: Run | v1.Run | str, *, best: str = "") -> v1.SummarizeSweepResponse:
        """Summarize the children of a run: how many have which status, which params vary, and the best of them.

        `run` is a handle, a run or an id. `best` names a metric with the direction, "max:val_auc" or "min:loss": the
        trial with the best last value is `best` of what is returned, which is absent when no trial has the metric.
        Left out, it is what the run's tag `runlore.sweep.best` says, if anything. Raises InvalidArgumentError and
        NotFoundError.
        """
        request = v1.SummarizeSweepRequest(run_id=_id(run))
        best = best or (await self.get_run(request.run_id)).tags.get(_words.SWEEP_BEST, "")
        if best:
            request.metric, request.direction = _words.metric_of("best", best)
        return await self.tracking.SummarizeSweep(request)

    async def delete_run(self, run: Run | v1.Run | str) -> v1.Run:
        """Delete a run: searches leave it out and it takes nothing new, until it is restored; NotFoundError.

        Its children, and versions registered from it, stay as they are.
        """
        return (await self.tracking.DeleteRun(v1.DeleteRunRequest(run_id=_id(run)))).run

    async def restore_run(self, run: Run | v1.Run | str) -> v1.Run:
        """Restore a deleted run; raises NotFoundError, and PreconditionError while its experiment is deleted."""
        return (await self.tracking.RestoreRun(v1.RestoreRunRequest(run_id=_id(run)))).run

    async def purge_run(self, run: Run | v1.Run | str) -> None:
        """Remove a deleted run for good, with all that it logged; NotFoundError, and PreconditionError when active."""
        await self.tracking.PurgeRun(v1.PurgeRunRequest(run_id=_id(run)))


def _id(run: Run | v1.Run | str) -> str:
    return run if isinstance(run, str) else run.run_id
