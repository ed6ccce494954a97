"""What is read of many points and many trials: light columns, which become pandas frames when asked."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runlore import v1
from runlore.errors import RunloreError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(slots=True)
class Series:
    """Points of one metric of one run, as columns: point i is (steps[i], times_unix_us[i], values[i])."""

    run_id: str
    key: str
    #: How many points there are in the range that was asked for: more than here when only some stand for them.
    point_count: int
    steps: array[int] = field(default_factory=lambda: array("q"))
    #: Microseconds since the Unix epoch.
    times_unix_us: array[int] = field(default_factory=lambda: array("q"))
    values: array[float] = field(default_factory=lambda: array("d"))

    def __len__(self) -> int:
        return len(self.values)


class MetricHistory(list[Series]):
    """Series, run by run in the order asked for and by key."""

    def add(self, message: v1.GetMetricHistoryResponse) -> None:
        """Take the next message of a stream."""
        series = message.series
        if not self or (self[-1].run_id, self[-1].key) != (message.run_id, series.key):
            self.append(Series(message.run_id, series.key, message.point_count))
        last = self[-1]
        last.steps.extend(series.steps)
        last.times_unix_us.extend(series.times_unix_us)
        last.values.extend(series.values)

    def to_pandas(self) -> pd.DataFrame:
        """Return a frame with a row for each point: run_id, key, step, time (UTC), value. Needs pandas."""
        pandas = _pandas()
        import numpy as np

        lengths = [len(series) for series in self]

        def column(name: str, kind: str) -> Any:
            return np.concatenate([np.empty(0, kind), *(np.frombuffer(getattr(s, name), kind) for s in self)])

        return pandas.DataFrame(
            {
                "run_id": np.repeat(np.array([series.run_id for series in self], object), lengths),
                "key": np.repeat(np.array([series.key for series in self], object), lengths),
                "step": column("steps", "int64"),
                "time": pandas.DatetimeIndex(column("times_unix_us", "int64").view("datetime64[us]"), tz="UTC"),
                "value": column("values", "float64"),
            }
        )


@dataclass(slots=True)
class SweepTable:
    """The trials of a sweep as columns of equal length, a row for each trial, by start."""

    run_ids: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    #: Such as FINISHED.
    statuses: list[str] = field(default_factory=list)
    #: The params that vary, by key; None where a trial lacks one.
    params: dict[str, list[str | None]] = field(default_factory=dict)
    #: The metrics, by what was asked for (such as `max:val_auc`); None where a trial lacks one.
    metrics: dict[str, list[float | None]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.run_ids)

    def to_pandas(self) -> pd.DataFrame:
        """Return a frame: run_id, name, status, `params.<key>` for each param, each metric as asked. Needs pandas."""
        pandas = _pandas()
        return pandas.DataFrame(
            {
                "run_id": pandas.Series(self.run_ids, dtype=object),
                "name": pandas.Series(self.names, dtype=object),
                "status": pandas.Series(self.statuses, dtype=object),
                **{f"params.{key}": pandas.Series(column, dtype=object) for key, column in self.params.items()},
                **{name: pandas.Series(column, dtype="float64") for name, column in self.metrics.items()},
            }
        )


def _pandas() -> Any:
    try:
        import pandas as pd
    except ImportError:
        raise RunloreError("this needs pandas, which is not installed: pip install 'runlore[pandas]'") from None
    return pd
