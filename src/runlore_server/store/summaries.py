"""What is known of series without reading their points (MetricSummary), many series at once.

Summaries are numpy records; one that has seen no point has `count` 0, and stands for the beginning of any series.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runlore_server.store.pgarrays import Float8Array, Int8Array

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
#: Records of RECORD.
Summaries = NDArray[Any]

#: Fields as in MetricSummary; a `min` or `max` that is not there is NaN.
RECORD = np.dtype(
    [
        ("last", np.float64),
        ("last_step", np.int64),
        ("last_time", np.int64),
        ("min", np.float64),
        ("min_step", np.int64),
        ("max", np.float64),
        ("max_step", np.int64),
        ("count", np.int64),
    ]
)
_NONE = np.array([(np.nan, 0, 0, np.nan, 0, np.nan, 0, 0)], RECORD)
_INT64 = np.iinfo(np.int64)


def none(count: int) -> Summaries:
    """Return summaries of series without points."""
    return np.repeat(_NONE, count)


def concatenated(parts: Sequence[Summaries]) -> Summaries:
    """Return summaries one after the other. As plain numbers: numpy looks long at the types of records."""
    return np.concatenate([part.view(np.int64) for part in parts]).view(RECORD)


def parameters(summaries: Summaries) -> dict[str, Any]:
    """Return the fields as the arrays that a statement unnests."""
    return {
        name: (Int8Array if summaries[name].dtype == np.int64 else Float8Array).of(summaries[name])
        for name in RECORD.names or ()
    }


def of_rows(rows: Sequence[Any]) -> Summaries:
    """Return the summaries of rows that have their fields."""
    made = none(len(rows))
    for i, row in enumerate(rows):
        found = [getattr(row, name) for name in RECORD.names or ()]
        made[i] = tuple(np.nan if value is None else value for value in found)
    return made


def of_arrays(row: Any) -> Summaries:
    """Return the summaries of a row that has each of their fields as an array."""
    made = none(len(row.count))
    for name in RECORD.names or ():
        made[name] = getattr(row, name)
    return made


def of_stretches(counts: NDArray[np.intp], steps: Ints, times: Ints, values: Floats) -> Summaries:
    """Summarize series that stand one after the other in columns, `counts` points each and none without."""
    starts = np.cumsum(counts) - counts
    last = _last(starts, counts, steps, times)
    nan = np.isnan(values)
    made = np.empty(len(counts), RECORD)
    made["last"], made["last_step"], made["last_time"] = values[last], steps[last], times[last]
    low, made["min_step"] = _extreme(starts, counts, np.minimum, np.where(nan, np.inf, values), nan, steps)
    high, made["max_step"] = _extreme(starts, counts, np.maximum, np.where(nan, -np.inf, values), nan, steps)
    made["min"], made["max"], made["count"] = low, high, counts
    return made


def joined(earlier: Summaries, later: Summaries) -> Summaries:
    """Summarize series from their earlier and their later points, as `extend` of series.sql does."""
    # By step, then time, then the order written.
    moves = later["last_step"] > earlier["last_step"]
    moves |= (later["last_step"] == earlier["last_step"]) & (later["last_time"] >= earlier["last_time"])
    moves |= earlier["count"] == 0
    falls = (later["min"] < earlier["min"]) | np.isnan(earlier["min"])
    rises = (later["max"] > earlier["max"]) | np.isnan(earlier["max"])
    made = earlier.copy()
    for decides, names in (
        (moves, ("last", "last_step", "last_time")),
        (falls, ("min", "min_step")),
        (rises, ("max", "max_step")),
    ):
        for name in names:
            made[name] = np.where(decides, later[name], earlier[name])
    made["count"] += later["count"]
    return made


def fold(summaries: Summaries, places: Ints, steps: Ints, times: Ints, values: Floats) -> None:
    """Bring summaries up to date with points in the order written; `places` says which summary each belongs to."""
    order = stable_order(places)
    sorted_places = places[order]
    starts = np.flatnonzero(np.diff(sorted_places, prepend=-1))
    counts = np.diff(starts, append=len(places))
    touched = sorted_places[starts]
    later = of_stretches(counts, steps[order], times[order], values[order])
    summaries[touched] = joined(summaries[touched], later)


def stable_order(places: Ints) -> NDArray[np.intp]:
    """Return the order that brings equal places together and keeps the order among them."""
    # numpy sorts 16 bits by radix, in a tenth of the time.
    small = places.astype(np.int16) if len(places) and places.max() < 2**15 else places
    return np.argsort(small, kind="stable")


def _last(starts: NDArray[np.intp], counts: NDArray[np.intp], steps: Ints, times: Ints) -> NDArray[np.intp]:
    """For each series, the point at the greatest step, then the latest time, then the last written."""
    found = steps == np.repeat(np.maximum.reduceat(steps, starts), counts)
    found_times = np.where(found, times, _INT64.min)
    found &= found_times == np.repeat(np.maximum.reduceat(found_times, starts), counts)
    return np.maximum.reduceat(np.where(found, np.arange(len(steps)), -1), starts)


def _extreme(
    starts: NDArray[np.intp],
    counts: NDArray[np.intp],
    pick: np.ufunc,
    values: Floats,
    nan: NDArray[np.bool_],
    steps: Ints,
) -> tuple[Floats, Ints]:
    """For each series, an extreme value and the step of its first point; NaN and 0 where all are NaN."""
    extremes = pick.reduceat(values, starts)
    # NaN stood aside as an infinity, and must not be taken for one that was logged.
    found = (values == np.repeat(extremes, counts)) & ~nan
    after_all = len(values)
    places = np.minimum.reduceat(np.where(found, np.arange(after_all), after_all), starts)
    missing = places == after_all
    extreme_steps = steps[np.where(missing, starts, places)]
    return np.where(missing, np.nan, extremes), np.where(missing, 0, extreme_steps)
