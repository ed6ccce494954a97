"""Search for experiments: a parsed filter and order to one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from runlore import v1
from runlore_server.db import Connection
from runlore_server.search.tree import Comparison, Condition, Field, Kind, OrderKey, SameInput
from runlore_server.store import conditions, keyset, lifecycle_view
from runlore_server.store.keyset import TEXT, TIME, UUID, OrderColumn, Statement

_FILTER_SQL: dict[str, LiteralString] = {
    "name": "e.name",
    "creation_time": "e.create_time",
    "last_update_time": "e.event_time",
}
_ORDER: dict[str, tuple[LiteralString, LiteralString]] = {
    "name": ('e.name COLLATE "C"', TEXT),
    "experiment_id": ("e.experiment_id", UUID),
    "creation_time": ("e.create_time", TIME),
    "last_update_time": ("e.event_time", TIME),
}
_BY_NAME = OrderKey(Field(Kind.ATTRIBUTE, "name"), descending=False)


async def page(
    conn: Connection,
    workspace: str,
    condition: Condition,
    order: Sequence[OrderKey],
    after: list[Any] | None,
    limit: int,
    view: v1.LifecycleView.ValueType = v1.LIFECYCLE_VIEW_ACTIVE,
) -> list[tuple[str, list[Any]]]:
    """Return (experiment id, keyset values) of up to `limit` experiments after a keyset."""
    statement = Statement()
    where: list[LiteralString] = [
        f"e.workspace = {statement.bind(workspace)}",
        *lifecycle_view.of_experiments(statement, view),
    ]
    where += conditions.where(condition, lambda c: _comparison(statement, c))
    columns = [_order_column(key) for key in order or [_BY_NAME]]
    columns.append(OrderColumn("e.experiment_id", UUID))
    return await keyset.page(conn, statement, "experiment e", where, columns, after, limit)


def _comparison(statement: Statement, comparison: Comparison | SameInput) -> LiteralString:
    assert isinstance(comparison, Comparison)
    field = comparison.field
    attribute = field.kind is Kind.ATTRIBUTE
    left = _FILTER_SQL[field.key] if attribute else keyset.entry(statement, "e.tags", field)
    return keyset.compare(statement, left, comparison.operator, comparison.value)


def _order_column(key: OrderKey) -> OrderColumn:
    sql, type_ = _ORDER[key.field.key]
    return OrderColumn(sql, type_, key.descending)
