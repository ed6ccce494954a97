"""The points of runs, and the table of a sweep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from runlore import _words, v1
from runlore._async.connection import Connection
from runlore._async.run import Run
from runlore._tables import MetricHistory, SweepTable
from runlore.errors import RunloreError

_TRIALS = 10_000


class MetricMethods(Connection):
    """What a client reads of metrics. A run is a handle, a run or an id."""

    async def metric_history(
        self,
        runs: Run | v1.Run | str | Iterable[Run | v1.Run | str],
        keys: str | Iterable[str] = (),
        *,
        min_step: int | None = None,
        max_step: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        first_index: int = 0,
        max_points: int = 0,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> MetricHistory:
        """Return points of runs as columns: `to_pandas()` of what is returned makes one frame of them.

        Of some metrics or all of them; from `min_step` to `max_step`, at `since` or later and before `until`, from
        place `first_index` of each series on (counted from 0). Series of more than `max_points` points (10 to 100,000)
        come as so many that draw the same line, extremes, NaN, first and last among them (v1.GetMetricHistoryRequest
        says how); 0: all points. All are as of one moment; points that a handle has logged are stored first.
        `timeout` is for the whole call, in seconds (None: the client's). Raises NotFoundError, InvalidArgumentError.
        """
        wanted = [runs] if isinstance(runs, (Run, v1.Run, str)) else list(runs)
        for run in wanted:
            if isinstance(run, Run):
                await run.flush()
        request = v1.GetMetricHistoryRequest(
            run_ids=[_id(run) for run in wanted],
            keys=[keys] if isinstance(keys, str) else keys,
            min_step=min_step,
            max_step=max_step,
            since_time=_words.timestamp("since", since) if since is not None else None,
            until_time=_words.timestamp("until", until) if until is not None else None,
            first_index=first_index,
            max_points=max_points,
        )
        attempts = self.transport.attempts(safe=True, timeout=timeout)
        while True:
            # From the beginning again: a history is of one moment.
            history = MetricHistory()
            try:
                async for message in self.tracking.GetMetricHistory(request, timeout=attempts.remaining()):
                    history.add(message)
                return history
            except RunloreError as error:
                failure = error
            await self.transport.after(failure, attempts)

    async def sweep_table(self, run: Run | v1.Run | str, metrics: str | Sequence[str] = ()) -> SweepTable:
        """Return the active children of a run as columns: the params that vary, and some metrics.

        A metric is named as "val_auc" (its last value), "max:val_auc" or "min:loss". `to_pandas()` of what is returned
        makes a frame of it. Raises NotFoundError, InvalidArgumentError.
        """
        names = [metrics] if isinstance(metrics, str) else list(metrics)
        request = v1.GetSweepTableRequest(run_id=_id(run), page_size=_TRIALS)
        for name in names:
            key, statistic = _words.statistic_of(name)
            request.metrics.add(key=key, statistic=statistic)
        table: SweepTable | None = None
        while True:
            page = await self.tracking.GetSweepTable(request)
            if table is None:
                table = SweepTable(params={column.key: [] for column in page.params}, metrics={n: [] for n in names})
            if list(table.params) != [column.key for column in page.params]:
                # A trial that came in between makes another param vary, whose values on earlier pages are not known.
                table, request.page_token = None, ""
                continue
            table.run_ids += page.run_ids
            table.names += page.names
            table.statuses += [v1.RunStatus.Name(s).removeprefix("RUN_STATUS_") for s in page.statuses]
            for param in page.params:
                missing = set(param.missing_rows)
                table.params[param.key] += [None if i in missing else value for i, value in enumerate(param.values)]
            for name, metric in zip(names, page.metrics, strict=True):
                missing = set(metric.missing_rows)
                table.metrics[name] += [None if i in missing else value for i, value in enumerate(metric.values)]
            if not page.next_page_token:
                return table
            request.page_token = page.next_page_token


def _id(run: Run | v1.Run | str) -> str:
    return run if isinstance(run, str) else run.run_id
