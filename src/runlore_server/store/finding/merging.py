"""Runs of two origins in one order: what the index has found, and what it does not have yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from heapq import merge
from typing import Any

from runlore_server.store.finding.scope import Row, Scope
from runlore_server.store.keyset import TEXT, TIME, OrderColumn, Statement

#: Where times are counted from.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ENDLESS = {"infinity": float("inf"), "-infinity": float("-inf")}


class _Descending:
    """Sorts against its value's order."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: _Descending) -> bool:
        return bool(other.value < self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Descending) and bool(self.value == other.value)

    __hash__ = None  # type: ignore[assignment]


class Places:
    """Compares keysets of one order as the database does."""

    def __init__(self, scope: Scope) -> None:
        """`scope`: whose order it is."""
        self._columns = scope.columns(Statement())

    def key(self, keyset: Sequence[Any]) -> list[Any]:
        """Return what sorts as the keyset does."""
        return [_key(column, value) for column, value in zip(self._columns, keyset, strict=True)]

    def merged(self, some: Sequence[Row], others: Sequence[Row], end: list[Any] | None) -> list[Row]:
        """Return runs of two sorted lists, without those of `others` after a keyset. None is in both."""
        if end is not None:
            last = self.key(end)
            others = [row for row in others if not last < self.key(row[1])]
        return list(merge(some, others, key=lambda row: self.key(row[1]))) if others else list(some)


def microseconds(time: Any) -> float:
    """Return a keyset's time in microseconds since the Unix epoch."""
    if time in _ENDLESS:
        return _ENDLESS[time]
    return (datetime.fromisoformat(time) - EPOCH) // timedelta(microseconds=1)


def _key(column: OrderColumn, value: Any) -> tuple[bool, Any]:
    if value is None:
        return True, 0
    if column.type == TIME:
        value = microseconds(value)
    elif column.type == TEXT:
        value = value.encode()
    return False, _Descending(value) if column.descending else value
