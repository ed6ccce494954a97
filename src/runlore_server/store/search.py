"""Search for runs: a parsed filter and order to one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from runlore import v1
from runlore_server.db import Connection
from runlore_server.search.fields import Field, Kind, status_number
from runlore_server.search.language import Comparison, OrderKey
from runlore_server.store import keyset
from runlore_server.store.keyset import NUMBER, TEXT, TIME, UUID, OrderColumn, Statement

_ATTRIBUTE_SQL: dict[str, LiteralString] = {
    "run_id": "replace(r.run_id::text, '-', '')",
    "name": "r.name",
    "parent_run_id": "replace(coalesce(r.parent_run_id::text, ''), '-', '')",
    "status": "r.status",
    "start_time": "r.start_time",
    "end_time": "r.end_time",
}


async def page(
    conn: Connection,
    workspace: str,
    experiment_ids: Sequence[str] | None,
    comparisons: Sequence[Comparison],
    order: Sequence[OrderKey],
    after: list[Any] | None,
    limit: int,
    view: v1.LifecycleView.ValueType = v1.LIFECYCLE_VIEW_ACTIVE,
) -> list[tuple[str, list[Any]]]:
    """Return (run id, keyset values) of up to `limit` runs after a keyset; `experiment_ids` None: of all of them."""
    statement = Statement()
    where: list[LiteralString] = [f"r.workspace = {statement.bind(workspace)}", *_lifecycle(statement, workspace, view)]
    if experiment_ids is not None:
        where.append(f"r.experiment_id = ANY ({statement.bind(list(experiment_ids))}::uuid[])")
    where += [_condition(statement, c) for c in comparisons]
    columns = [_order_column(statement, key) for key in order]
    columns += [OrderColumn("r.start_time", TIME, descending=True), OrderColumn("r.run_id", UUID)]
    return await keyset.page(conn, statement, "run r", where, columns, after, limit)


def _lifecycle(statement: Statement, workspace: str, view: v1.LifecycleView.ValueType) -> list[LiteralString]:
    """A run is active when it and its experiment are; the workspace's deleted experiments are few, and read once."""
    if view == v1.LIFECYCLE_VIEW_ALL:
        return []
    active: LiteralString = statement.bind(int(v1.LIFECYCLE_STATE_ACTIVE))
    own: LiteralString = f"r.lifecycle_state = {active}"
    gone: LiteralString = (
        f"SELECT e.experiment_id FROM experiment e WHERE e.workspace = {statement.bind(workspace)} "
        f"AND e.lifecycle_state <> {active}"
    )
    if view == v1.LIFECYCLE_VIEW_DELETED:
        return [f"(NOT {own} OR r.experiment_id IN ({gone}))"]
    return [own, f"r.experiment_id NOT IN ({gone})"]


def _condition(statement: Statement, comparison: Comparison) -> LiteralString:
    kind, key, operator, value = comparison.field.kind, comparison.field.key, comparison.operator, comparison.value
    if kind is Kind.METRIC:
        # NaN compares as IEEE 754 has it: it differs from everything and is in no order; Postgres would sort it last.
        last: LiteralString = _last(statement, key) if operator == "!=" else f"nullif({_last(statement, key)}, 'NaN')"
        return f"{last} {keyset.operator(operator)} {statement.bind(value)}::float8"
    if kind is Kind.ATTRIBUTE:
        if key == "status":
            names = value if isinstance(value, tuple) else (str(value),)
            numbers = statement.bind([status_number(n) for n in names])
            found: LiteralString = f"{_ATTRIBUTE_SQL[key]} = ANY ({numbers}::smallint[])"
            return f"NOT {found}" if operator == "!=" else found
        return keyset.compare(statement, _ATTRIBUTE_SQL[key], operator, value)
    column: LiteralString = "r.params" if kind is Kind.PARAM else "r.tags"
    return keyset.compare(statement, f"({column} ->> {statement.bind(key)})", operator, value)


def _last(statement: Statement, key: str) -> LiteralString:
    """A run's last value of a metric. A subquery for each run: Postgres joins the view as a whole only."""
    return f"(SELECT m.last FROM metric_summary m WHERE m.run_id = r.run_id AND m.key = {statement.bind(key)})"


def _order_column(statement: Statement, key: OrderKey) -> OrderColumn:
    match key.field:
        case Field(Kind.METRIC, name):
            last: LiteralString = f"nullif({_last(statement, name)}, 'NaN')"
            return OrderColumn(last, NUMBER, key.descending, nullable=True)
        case Field((Kind.PARAM | Kind.TAG) as kind, name):
            column: LiteralString = "r.params" if kind is Kind.PARAM else "r.tags"
            value: LiteralString = f'({column} ->> {statement.bind(name)}) COLLATE "C"'
            return OrderColumn(value, TEXT, key.descending, nullable=True)
        case Field(_, ("start_time" | "end_time") as attribute):
            return OrderColumn(_ATTRIBUTE_SQL[attribute], TIME, key.descending, nullable=True)
        case Field(_, "status"):
            return OrderColumn("r.status::float8", NUMBER, key.descending)
        case Field(_, attribute):
            return OrderColumn(f'{_ATTRIBUTE_SQL[attribute]} COLLATE "C"', TEXT, key.descending, nullable=True)
