"""Metric points: logging them, and reading histories."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Iterator, Sequence

from mlflow.entities import Metric
from mlflow.entities.metric import MetricWithRunId
from mlflow.exceptions import MlflowException
from mlflow.store.entities.paged_list import PagedList
from mlflow.utils.search_utils import SearchUtils
from mlflow.utils.validation import _validate_batch_log_data, _validate_metric

from runlore import v1
from runlore.errors import NotFoundError
from runlore_mlflow import ids
from runlore_mlflow.logged_models import LoggedModelMethods

#: A point as MLflow orders and tells them apart: time in milliseconds, step, value (0 for NaN), whether it is NaN.
_Point = tuple[int, int, float, bool]
#: The most runs that one call asks about.
_RUNS_A_CALL = 1_000


class MetricMethods(LoggedModelMethods):
    """What the tracking store does with metric points."""

    def log_metric(self, run_id: str, metric: Metric) -> None:
        """Record a point of an active run."""
        _validate_metric(metric.key, metric.value, metric.timestamp, metric.step)
        self.session.client  # noqa: B018 - finds out whether the server is the right one
        if self.synchronous:
            self.session.points.write(v1.LogBatchRequest(run_id=ids.run_id(run_id)), (metric,))
        else:
            self.session.points.add(ids.run_id(run_id), (metric,))
        if metric.model_id is not None:
            self._log_model_metrics(run_id, (metric,))

    def get_metric_history(
        self, run_id: str, metric_key: str, max_results: int | None = None, page_token: str | None = None
    ) -> PagedList[Metric]:
        """Return the points of a metric by time, step and value."""
        # Of a run that there is not MLflow has no points.
        points = [] if not _is_run_id(run_id) else self._points([run_id], metric_key).get(run_id, [])
        start = SearchUtils.parse_start_offset_from_page_token(page_token)
        # MLflow 3.12's server asks for 0 when its client named no number, and means all.
        end = start + max_results if max_results else len(points)
        token = SearchUtils.create_page_token(end) if end < len(points) else None
        metrics = [
            Metric(metric_key, math.nan if is_nan else value, time, step)
            for time, step, value, is_nan in points[start:end]
        ]
        return PagedList(metrics, token)

    def get_metric_history_bulk(
        self, run_ids: Iterable[str], metric_key: str, max_results: int
    ) -> list[MetricWithRunId]:
        """Return the points of a metric of several runs, by run, time, step and value, and no more of them."""
        found = self._points(run_ids, metric_key)
        points = [(run_id, point) for run_id in sorted(found) for point in found[run_id]]
        return [_with_run_id(run_id, metric_key, point) for run_id, point in points[:max_results]]

    def get_max_step_for_metric(self, run_id: str, metric_key: str) -> int:
        """Return the greatest step of a metric; 0 when it has no points."""
        return max((step for _, step, _, _ in self._points([run_id], metric_key).get(run_id, ())), default=0)

    def get_metric_history_bulk_interval_from_steps(
        self, run_id: str, metric_key: str, steps: Iterable[int], max_results: int
    ) -> list[MetricWithRunId]:
        """Return the points of some steps of a metric, by step, time and value, and no more of them."""
        wanted = set(steps)
        points = sorted(p for p in map(_by_step, self._points([run_id], metric_key).get(run_id, ())) if p[0] in wanted)
        return [_with_run_id(run_id, metric_key, _by_step(point)) for point in points[:max_results]]

    def get_metric_history_bulk_interval(
        self,
        run_ids: Iterable[str],
        metric_key: str,
        max_results: int,
        start_step: int | None,
        end_step: int | None,
    ) -> list[MetricWithRunId]:
        """Return points of several runs that stand for all, at most `max_results` of each, first and last among them.

        A run's points by step are dealt out to `max_results` stretches of equal size, as SQL's NTILE does, and the
        first of each stands for it, as in MLflow's own store.
        """
        if (start_step is None) != (end_step is None):
            raise MlflowException.invalid_parameter_value(
                "Both start_step and end_step must be specified together, or neither may be specified."
            )
        run_ids = list(run_ids)
        found = self._points(run_ids, metric_key, start_step, end_step)
        return [
            _with_run_id(run_id, metric_key, _by_step(point))
            for run_id in run_ids
            for point in _sample(sorted(map(_by_step, found.get(run_id, ()))), max(1, max_results))
        ]

    def _points(
        self, run_ids: Iterable[str], key: str, start_step: int | None = None, end_step: int | None = None
    ) -> dict[str, list[_Point]]:
        """Return the points of each run in MLflow's order; points that MLflow cannot tell apart are one."""
        wanted = list(dict.fromkeys(run_id for run_id in run_ids if _is_run_id(run_id)))
        self.session.points.flush(wanted)
        found: dict[str, list[_Point]] = {}
        for start in range(0, len(wanted), _RUNS_A_CALL):
            request = v1.GetMetricHistoryRequest(
                run_ids=wanted[start : start + _RUNS_A_CALL], keys=[key], min_step=start_step, max_step=end_step
            )
            for run_id, points in self._read(request):
                found.setdefault(run_id, []).extend(points)
        return {run_id: sorted(dict.fromkeys(points)) for run_id, points in found.items()}

    def _read(self, request: v1.GetMetricHistoryRequest) -> Iterator[tuple[str, list[_Point]]]:
        try:
            for answer in self.session.client.tracking.GetMetricHistory(request):
                series = answer.series
                yield (
                    answer.run_id,
                    [
                        (time // 1000, step, 0.0, True) if math.isnan(value) else (time // 1000, step, value, False)
                        for step, time, value in zip(series.steps, series.times_unix_us, series.values, strict=True)
                    ],
                )
        except NotFoundError as error:
            # Runs that there are not have no points.
            request.run_ids.remove(error.metadata["run_id"])
            if request.run_ids:
                yield from self._read(request)


def validate_metrics(metrics: Sequence[Metric]) -> None:
    """Raise what MLflow does of metrics that it does not take.

    Its own validation takes half of the time of a call with 1,000 metrics, because it looks at each name anew. So it is
    asked only when a glance does not tell that it will find nothing.
    """
    plain = all(
        type(metric.value) is float
        and type(metric.step) is int
        and type(metric.timestamp) is int
        and metric.timestamp >= 0
        and type(metric.key) is str
        for metric in metrics
    )
    if not plain or not all(map(_is_metric_name, {metric.key for metric in metrics})):
        _validate_batch_log_data(metrics, [], [])


@functools.lru_cache(10_000)
def _is_metric_name(name: str) -> bool:
    try:
        _validate_metric(name, 0.0, 0, 0)
    except MlflowException:
        return False
    return True


def _is_run_id(text: str) -> bool:
    try:
        return bool(ids.run_id(text))
    except MlflowException:
        return False


def _by_step(point: _Point) -> _Point:
    """Exchange time and step, to sort by the other."""
    first, second, value, is_nan = point
    return second, first, value, is_nan


def _sample(points: Sequence[_Point], count: int) -> list[_Point]:
    size, larger = divmod(len(points), count)
    if not size:
        return list(points)
    found = [points[number * size + min(number, larger)] for number in range(count)]
    # The end of the series must be among them.
    found[-1] = points[-1]
    return found


def _with_run_id(run_id: str, key: str, point: _Point) -> MetricWithRunId:
    time, step, value, is_nan = point
    return MetricWithRunId(run_id=run_id, metric=Metric(key, math.nan if is_nan else value, time, step))
