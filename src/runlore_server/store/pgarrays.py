"""One-dimensional arrays in Postgres's binary form (`array_recv`), straight from numpy.

psycopg's own dumpers make a Python object of every element, which for columns of points costs more than everything else
together. As a parameter, an array here is dumped as it is.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from psycopg.abc import AdaptContext
from psycopg.adapt import Dumper, Loader
from psycopg.pq import Format

#: The length of a field, and of its array the dimensions, nulls, the elements' type, their number and the first index.
_HEAD = struct.Struct("!iiiiii")


class PgArray:
    """An array of one type, encoded."""

    #: The types of the array and of an element in Postgres's catalog; fixed numbers, the same everywhere.
    oid: ClassVar[int]
    element_oid: ClassVar[int]

    __slots__ = ("body",)

    def __init__(self, count: int, elements: bytes) -> None:
        self.body = struct.pack("!iiiii", 1, 0, self.element_oid, count, 1) + elements


class TextArray(PgArray):
    """text[]."""

    oid, element_oid = 1009, 25
    __slots__ = ()

    @classmethod
    def of(cls, values: Sequence[str]) -> TextArray:
        """Encode strings."""
        encoded = [value.encode() for value in values]
        return cls(len(encoded), b"".join(struct.pack("!i", len(value)) + value for value in encoded))


class UuidArray(PgArray):
    """uuid[]."""

    oid, element_oid = 2951, 2950
    __slots__ = ()

    @classmethod
    def of(cls, values: Sequence[str]) -> UuidArray:
        """Encode ids of 32 hex digits."""
        return cls(len(values), b"".join([b"\0\0\0\x10" + bytes.fromhex(value) for value in values]))


class _NumberArray(PgArray):
    #: An element as numpy has it, big-endian.
    kind: ClassVar[str]
    __slots__ = ()

    @classmethod
    def of(cls, values: NDArray[Any]) -> Self:
        """Encode numbers of this type."""
        return cls(len(values), cls._elements(values).tobytes())

    @classmethod
    def copy_fields(cls, values: NDArray[Any], counts: Sequence[int]) -> Iterator[tuple[bytes, memoryview]]:
        """Encode stretches of a column, `counts` long, as fields of a binary COPY, each in two parts."""
        cells = cls._elements(values)
        data, width = cells.view(np.uint8).data, cells.itemsize
        heads = {
            count: _HEAD.pack(_HEAD.size - 4 + count * width, 1, 0, cls.element_oid, count, 1) for count in set(counts)
        }
        start = 0
        for count in counts:
            end = start + count * width
            yield heads[count], data[start:end]
            start = end

    @classmethod
    def _elements(cls, values: NDArray[Any]) -> NDArray[Any]:
        """Each element as its length and its value."""
        cells = np.empty(len(values), dtype=[("length", ">i4"), ("value", cls.kind)])
        cells["length"] = cells.dtype["value"].itemsize
        cells["value"] = values
        return cells


class Int4Array(_NumberArray):
    """int4[]."""

    oid, element_oid, kind = 1007, 23, ">i4"
    __slots__ = ()


class Int8Array(_NumberArray):
    """int8[]."""

    oid, element_oid, kind = 1016, 20, ">i8"
    __slots__ = ()


class Float8Array(_NumberArray):
    """float8[]."""

    oid, element_oid, kind = 1022, 701, ">f8"
    __slots__ = ()


class _AsItIs(Dumper):
    format = Format.BINARY

    def dump(self, obj: PgArray) -> bytes:
        return obj.body


class _ColumnLoader(Loader):
    """Loads an array of numbers, without nulls, as a numpy array."""

    format = Format.BINARY
    kind: ClassVar[str]

    def load(self, data: Any) -> NDArray[Any]:
        # No dimension: an empty array.
        cells = np.dtype([("length", ">i4"), ("value", self.kind)])
        (dimensions,) = struct.unpack_from("!i", data)
        found = np.frombuffer(data, cells, offset=20) if dimensions else np.empty(0, cells)
        return found["value"].astype(self.kind.replace(">", "="))


def load_columns(context: AdaptContext) -> None:
    """Let a cursor's results, in binary form, have columns of numbers as numpy arrays instead of lists."""
    for of, kind in ((Int4Array, ">i4"), (Int8Array, ">i8"), (Float8Array, ">f8")):
        loader = type(f"_{of.__name__}Loader", (_ColumnLoader,), {"kind": kind})
        context.adapters.register_loader(of.oid, loader)


def register(context: AdaptContext) -> None:
    """Teach a connection to take these arrays as parameters."""
    for kind in (TextArray, UuidArray, Int4Array, Int8Array, Float8Array):
        dumper = type(f"_{kind.__name__}Dumper", (_AsItIs,), {"oid": kind.oid})
        context.adapters.register_dumper(kind, dumper)
