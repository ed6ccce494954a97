"""Few points that draw the line of many: the first, last, least and greatest of each stretch (M4), and its first NaN.

GetMetricHistoryRequest.max_points in metric.proto says what comes out. It is found in one pass over the values, which
come in pieces of any length, so that a series never has to be in memory as a whole.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from runlore_server.store.summaries import Floats, Ints

Bools = NDArray[np.bool_]

#: What stands for a stretch at most: these, each with the place of its point, or -1, and its value.
_KINDS = 5
_FIRST, _LOW, _HIGH, _NAN, _LAST = range(_KINDS)


class M4:
    """Picks the points of one series."""

    def __init__(self, count: int, most: int) -> None:
        """Pick at most `most` of `count` points, which are more; both are at least 5."""
        self._count = count
        self._stretches = most // _KINDS
        self._seen = 0
        self._places = np.full((_KINDS, self._stretches), -1, np.int64)
        self._values = np.empty((_KINDS, self._stretches))

    def add(self, places: Ints, values: Floats) -> None:
        """Look at the next points; `places` are their places in the series."""
        if not len(values):
            return
        begin, end = self._seen, self._seen + len(values)
        self._seen = end
        # Stretch i begins at i * count // stretches; these are those of the first and the last of the points.
        first, last = (((at + 1) * self._stretches - 1) // self._count for at in (begin, end - 1))
        stretches = np.arange(first, last + 1)
        starts = np.maximum(stretches * self._count // self._stretches - begin, 0)
        ends = np.append(starts[1:], len(values))

        def keep(kind: int, at: Ints, better: Bools) -> None:
            better &= at >= 0
            self._places[kind, stretches[better]] = places[at[better]]
            self._values[kind, stretches[better]] = values[at[better]]

        def found(kind: int) -> tuple[Bools, Floats]:
            return self._places[kind, stretches] >= 0, self._values[kind, stretches]

        keep(_FIRST, starts, ~found(_FIRST)[0])
        keep(_LAST, ends - 1, np.full(len(starts), True))
        nan = np.isnan(values)
        low = high = values
        if nan.any():
            keep(_NAN, _firsts(starts, nan), ~found(_NAN)[0])
            low, high = np.where(nan, np.inf, values), np.where(nan, -np.inf, values)
        # NaN, which stands aside as an infinity, equals nothing.
        lengths = ends - starts
        at = _firsts(starts, values == np.repeat(np.minimum.reduceat(low, starts), lengths))
        there, least = found(_LOW)
        keep(_LOW, at, ~there | (values[at] < least))
        at = _firsts(starts, values == np.repeat(np.maximum.reduceat(high, starts), lengths))
        there, greatest = found(_HIGH)
        keep(_HIGH, at, ~there | (values[at] > greatest))

    def picked(self) -> tuple[Ints, Floats]:
        """Return the places and values of the points that stand for the series, in order."""
        places, of_places = np.unique(self._places, return_index=True)
        chosen = places >= 0
        return places[chosen], self._values.ravel()[of_places[chosen]]


def _firsts(starts: Ints, matches: Bools) -> Ints:
    """For each stretch, where its first match is; -1 where it has none."""
    at = np.flatnonzero(matches)
    found = np.full(len(starts), -1, np.int64)
    # Of several that are assigned to one place, the last one stays.
    found[(np.searchsorted(starts, at, "right") - 1)[::-1]] = at[::-1]
    return found
