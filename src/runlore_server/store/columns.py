"""The columns of metric series as numpy arrays, read from protobuf's wire form and brought into it.

A repeated field's own interface makes a Python object of every number, which costs five times as much as this. On the
wire, a packed column of doubles or of fixed integers is the array already, and varints are few operations on bytes.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from runlore import v1
from runlore_server.store.summaries import Floats, Ints
from runlore_server.wire import delimited

_STEPS = v1.MetricSeries.STEPS_FIELD_NUMBER
_TIMES = v1.MetricSeries.TIMES_UNIX_US_FIELD_NUMBER
_VALUES = v1.MetricSeries.VALUES_FIELD_NUMBER


def of_series(series: Iterable[v1.MetricSeries]) -> tuple[Ints, Ints, Floats]:
    """Return the steps, times and values of series, one series after the other; at least one point."""
    joined = v1.MetricSeries()
    for one in series:
        # Merging appends repeated fields.
        joined.MergeFrom(one)
    joined.DiscardUnknownFields()
    fields = _fields(joined.SerializeToString())
    return (
        _zigzag(_varints(np.frombuffer(fields[_STEPS], np.uint8))),
        np.frombuffer(fields[_TIMES], "<i8").astype(np.int64, copy=False),
        np.frombuffer(fields[_VALUES], "<f8").astype(np.float64, copy=False),
    )


def to_series(series: v1.MetricSeries, key: str, steps: Ints, times: Ints, values: Floats) -> None:
    """Set what a series has; at least one point."""
    series.key = key
    columns = (
        (_STEPS, _to_varints(_to_zigzag(steps))),
        (_TIMES, times.astype("<i8", copy=False).tobytes()),
        (_VALUES, values.astype("<f8", copy=False).tobytes()),
    )
    series.MergeFromString(b"".join(delimited(number, column) for number, column in columns))


def _fields(data: bytes) -> dict[int, memoryview]:
    """The fields of a message that has only strings and packed columns: each is a tag, a length and its bytes."""
    view, place, found = memoryview(data), 0, {}
    while place < len(view):
        tag, place = _varint(view, place)
        size, place = _varint(view, place)
        found[tag >> 3] = view[place : place + size]
        place += size
    return found


def _varint(view: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while view[place] >= 0x80:
        value |= (view[place] & 0x7F) << shift
        shift += 7
        place += 1
    return value | view[place] << shift, place + 1


def _varints(data: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Decode a column of varints: seven bits a byte, the lowest first; the last byte of a number is below 128."""
    last = np.flatnonzero(data < 0x80)
    first = np.concatenate(([0], last[:-1] + 1))
    length = last - first
    bits = (data & 0x7F).astype(np.uint64)
    values = bits[first]
    for place in range(1, int(length.max()) + 1):
        longer = length >= place
        values[longer] |= bits[first[longer] + place] << np.uint64(7 * place)
    return values


def _zigzag(values: NDArray[np.uint64]) -> Ints:
    """The signed numbers that stand as 0, -1, 1, -2, …"""
    return (values >> np.uint64(1)).view(np.int64) ^ -(values & np.uint64(1)).view(np.int64)


def _to_varints(values: NDArray[np.uint64]) -> bytes:
    """Encode a column as `_varints` reads it."""
    bits = int(values.max()).bit_length()
    if bits <= 7:
        return values.astype(np.uint8).tobytes()
    places = -(-bits // 7)
    length = np.ones(len(values), np.uint8)
    for more in range(7, bits, 7):
        length += values >= np.uint64(1 << more)
    # A row a number, as long as the longest, of which the first `length` bytes are kept.
    data = np.empty((len(values), places), np.uint8)
    for place in range(places):
        data[:, place] = (values >> np.uint64(7 * place)) & np.uint64(0x7F)
    data |= 0x80
    data[np.arange(len(values)), length - 1] &= 0x7F
    return data[np.arange(places, dtype=np.uint8) < length[:, None]].tobytes()


def _to_zigzag(values: Ints) -> NDArray[np.uint64]:
    """The numbers that stand for 0, -1, 1, -2, …"""
    return (values << 1 ^ values >> 63).view(np.uint64)
