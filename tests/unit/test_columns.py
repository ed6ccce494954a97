"""Columns read from the wire are those that protobuf's own interface has."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from runlore import v1
from runlore_server.store import columns

INT64 = st.integers(-(2**63), 2**63 - 1)
#: Steps of every length on the wire.
STEPS = st.one_of(st.integers(-3, 3), st.integers(-(2**20), 2**20), INT64)
POINT = st.tuples(STEPS, INT64, st.floats(allow_nan=True))


@given(st.lists(st.lists(POINT, min_size=1, max_size=20), min_size=1, max_size=4))
@example([[(-(2**63), -(2**63), -0.0)], [(2**63 - 1, 2**63 - 1, float("inf"))]])
def test_columns_of_any_series(batches: list[list[tuple[int, int, float]]]) -> None:
    series = []
    for i, batch in enumerate(batches):
        steps, times, values = zip(*batch, strict=True)
        series.append(v1.MetricSeries(key=f"k{i}", steps=steps, times_unix_us=times, values=values))
    found = columns.of_series(series)
    assert [column.dtype for column in found] == [np.int64, np.int64, np.float64]
    for column, name in zip(found, ("steps", "times_unix_us", "values"), strict=True):
        wanted = [number for one in series for number in getattr(one, name)]
        # Bytes, because NaN differs from itself and 0.0 does not from -0.0.
        assert column.tobytes() == np.array(wanted, column.dtype).tobytes()


def test_fields_of_a_newer_contract_are_passed_over() -> None:
    plain = v1.MetricSeries(key="k", steps=[1, -1], times_unix_us=[5, 6], values=[0.5, 1.5])
    # Field 100 as a varint, field 101 as a string.
    newer = v1.MetricSeries.FromString(plain.SerializeToString() + b"\xa0\x06\x07" + b"\xaa\x06\x02hi")
    for ours, theirs in zip(columns.of_series([plain, plain]), columns.of_series([plain, newer]), strict=True):
        assert ours.tolist() == theirs.tolist()
