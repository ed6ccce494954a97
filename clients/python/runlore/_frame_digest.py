"""The digest and the columns of a DataFrame, of pandas or polars; neither is imported here.

The digest covers the columns' names, types and values in their order, and nothing of how they lie in memory. Missing
values are one value, but for NaN, which is a float; 0.0 and -0.0 are one value. A pandas index is left out.
"""

from __future__ import annotations

import hashlib
import math
import struct
import sys
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from runlore.errors import invalid_field

_FORMAT = b"runlore.frame.v1\n"
#: Rows that are Python objects at once.
_CHUNK_ROWS = 100_000
#: What needs no look at each value to be plain.
_PLAIN = {bool, int, float, str, type(None)}
_MISSING = {"NAType", "NaTType"}


@dataclass(frozen=True)
class Column:
    """A column of any kind of frame."""

    name: Any
    #: The library's own word for the type.
    dtype: str
    #: What else the type is made of, such as the categories of a categorical.
    details: list[Any]
    #: Returns the values of rows `start` to `stop`.
    values: Callable[[int, int], list[Any]]


@dataclass(frozen=True)
class Frame:
    """A frame of either library."""

    library: str
    rows: int
    columns: list[Column]


def read(frame: Any) -> Frame:
    """Look at a frame; raises InvalidArgumentError for anything else."""
    # By their names: whoever has a frame has imported its library.
    kinds = {(kind.__module__.partition(".")[0], kind.__name__) for kind in type(frame).__mro__}
    if ("pandas", "DataFrame") in kinds:
        names = list(frame.columns)
        return Frame("pandas", len(frame), [_pandas(name, frame.iloc[:, i]) for i, name in enumerate(names)])
    if ("polars", "DataFrame") in kinds:
        return Frame("polars", frame.height, [_polars(series) for series in frame.get_columns()])
    raise invalid_field("df", f"is a {type(frame).__name__}: give a DataFrame of pandas or polars")


def digest(frame: Frame) -> str:
    """Return the sha256 of the frame's columns, 64 lower-case hex digits; raises InvalidArgumentError."""
    hashed = hashlib.sha256(_FORMAT)
    hashed.update(_value([frame.library, frame.rows, len(frame.columns)]))
    for column in frame.columns:
        try:
            hashed.update(_value([column.name, column.dtype, column.details]))
            for start in range(0, frame.rows, _CHUNK_ROWS):
                hashed.update(_chunk(column.values(start, start + _CHUNK_ROWS)))
        except _NoDigestError as problem:
            raise invalid_field(
                "df", f"column '{column.name}' holds a {problem}, which has no digest: convert it, or give digest="
            ) from None
    return hashed.hexdigest()


class _NoDigestError(Exception):
    """A value of a type without a canonical form."""


def _pandas(name: Any, series: Any) -> Column:
    dtype = series.dtype
    categories = getattr(dtype, "categories", None)
    details = [] if categories is None else [categories.tolist(), bool(dtype.ordered)]
    return Column(name, str(dtype), details, lambda start, stop: list(series.iloc[start:stop].tolist()))


def _polars(series: Any) -> Column:
    return Column(series.name, str(series.dtype), [], lambda start, stop: list(series[start:stop].to_list()))


def _chunk(values: list[Any]) -> bytes:
    """Encode values: a tag, how many there are, and they themselves; packed when they are of one type."""
    kinds = set(map(type, values))
    if not kinds <= _PLAIN:
        values = [_plain(value) for value in values]
        kinds = set(map(type, values))
    count = struct.pack("<q", len(values))
    if kinds == {float}:
        return b"D" + count + _little(array("d", (_one(value) for value in values)))
    if kinds == {bool}:
        return b"B" + count + bytes(values)
    if kinds == {str}:
        texts = [_text(value) for value in values]
        return b"S" + count + _little(array("q", map(len, texts))) + b"".join(texts)
    if kinds == {int}:
        try:
            return b"I" + count + _little(array("q", values))
        except OverflowError:
            pass
    return b"V" + count + b"".join(map(_value, values))


def _little(packed: array[Any]) -> bytes:
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def _one(value: float) -> float:
    """Return one NaN for all of them, and 0.0 for -0.0."""
    return math.nan if value != value else value + 0.0


def _text(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


def _plain(value: Any) -> Any:
    """Return a scalar or an array of numpy as Python's own."""
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        return value.tolist()
    return None if type(value).__name__ in _MISSING else value


def _value(value: Any) -> bytes:
    """Encode one value so that no two values, or sequences of them, have the same bytes."""
    return b"".join(_parts(_plain(value)))


def _parts(value: Any) -> Iterator[bytes]:
    if value is None:
        yield b"n"
    elif isinstance(value, bool):
        yield b"t" if value else b"f"
    elif isinstance(value, float):
        yield b"d" + struct.pack("<d", _one(value))
    elif isinstance(value, list | tuple):
        yield b"l" + struct.pack("<q", len(value))
        yield from map(_value, value)
    elif isinstance(value, dict):
        yield b"m" + struct.pack("<q", len(value))
        yield from sorted(_value(key) + _value(item) for key, item in value.items())
    else:
        tag, body = _tagged(value)
        yield tag + struct.pack("<q", len(body)) + body


def _tagged(value: Any) -> tuple[bytes, bytes]:
    if isinstance(value, int):
        return b"i", str(value).encode()
    if isinstance(value, str):
        return b"s", _text(value)
    if isinstance(value, bytes | bytearray):
        return b"y", bytes(value)
    if isinstance(value, date | time):
        return b"a", value.isoformat().encode()
    if isinstance(value, timedelta):
        nanoseconds = getattr(value, "nanoseconds", 0)
        return b"e", f"{value.days},{value.seconds},{value.microseconds},{nanoseconds}".encode()
    if isinstance(value, Decimal | UUID) or type(value).__module__.partition(".")[0] == "pandas":
        # pandas' own scalars, such as Period and Interval, say in text what they are.
        return b"o", f"{type(value).__name__} {value}".encode()
    raise _NoDigestError(type(value).__name__)
