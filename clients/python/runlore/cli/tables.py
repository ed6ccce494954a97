"""Tables in files, written piece by piece: CSV by the standard library, Parquet by pyarrow, imported here only."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from runlore.cli import output


class Type(Enum):
    """What a column's values are; None is a missing value of any of them."""

    TEXT = "text"
    #: Texts of which many rows have the same.
    WORD = "word"
    WHOLE = "whole"
    #: Microseconds since the Unix epoch.
    TIME = "time"
    NUMBER = "number"


class Table(Protocol):
    """A table in a file; as a context manager, it is whole at the end."""

    def write(self, columns: Sequence[Sequence[Any]]) -> None:
        """Append rows, given as the values of each column."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


def open_table(path: Path, columns: Mapping[str, Type]) -> Table:
    """Return a table to write to, of the format that the path's ending names: .csv or .parquet."""
    return ParquetTable(path, columns) if path.suffix.lower() == ".parquet" else CsvTable(path, columns)


class CsvTable:
    """CSV of RFC 4180 with a line of names; a missing value is empty, a number has all of its digits."""

    def __init__(self, path: Path, columns: Mapping[str, Type]) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        # Lines end as the RFC says; a text with either of the two characters is quoted for it.
        self._writer = csv.writer(self._file, lineterminator="\r\n")
        self._writer.writerow(columns)
        self._words = [_CSV_WORDS.get(type_) for type_ in columns.values()]

    def write(self, columns: Sequence[Sequence[Any]]) -> None:
        """Append rows."""
        texts: list[Iterable[Any]] = [
            values if words is None else ["" if value is None else words(value) for value in values]
            for values, words in zip(columns, self._words, strict=True)
        ]
        self._writer.writerows(zip(*texts, strict=True))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()


def _number(value: float) -> str:
    """Return the shortest text that is read as the same number; NaN as pandas, R and DuckDB read it."""
    return "NaN" if math.isnan(value) else repr(value)


_CSV_WORDS = {Type.NUMBER: _number, Type.TIME: output.exact_moment}


class ParquetTable:
    """Parquet with dictionaries for words, and times in microseconds of UTC. NaN is a value, null a missing one."""

    def __init__(self, path: Path, columns: Mapping[str, Type]) -> None:
        import pyarrow
        import pyarrow.parquet

        self._arrow = pyarrow
        types = {
            Type.TEXT: pyarrow.string(),
            Type.WORD: pyarrow.dictionary(pyarrow.int32(), pyarrow.string()),
            Type.WHOLE: pyarrow.int64(),
            Type.TIME: pyarrow.timestamp("us", tz="UTC"),
            Type.NUMBER: pyarrow.float64(),
        }
        self._schema = pyarrow.schema([(name, types[type_]) for name, type_ in columns.items()])
        self._writer = pyarrow.parquet.ParquetWriter(path, self._schema, compression="zstd")

    def write(self, columns: Sequence[Sequence[Any]]) -> None:
        """Append rows, as a row group."""
        arrow = self._arrow
        arrays = [self._array(values, field.type) for values, field in zip(columns, self._schema, strict=True)]
        self._writer.write_batch(arrow.record_batch(arrays, schema=self._schema))

    def _array(self, values: Sequence[Any], type_: Any) -> Any:
        if self._arrow.types.is_dictionary(type_):
            return self._arrow.array(values, self._arrow.string()).dictionary_encode()
        return self._arrow.array(values, type_)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._writer.close()
