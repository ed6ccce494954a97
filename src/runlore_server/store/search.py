"""Search for runs: a parsed filter and order to one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from runlore import v1
from runlore_server.db import Connection
from runlore_server.search.fields import RUN_STATUSES, Field, Kind
from runlore_server.search.language import Comparison, OrderKey
from runlore_server.store import keyset, lifecycle_view
from runlore_server.store.keyset import NUMBER, TEXT, TIME, UUID, OrderColumn, Statement

_ATTRIBUTE_SQL: dict[str, LiteralString] = {
    "run_id": "replace(r.run_id::text, '-', '')",
    "name": "r.name",
    "parent_run_id": "replace(coalesce(r.parent_run_id::text, ''), '-', '')",
    "status": "r.status",
    "start_time": "r.start_time",
    "end_time": "r.end_time",
    "last_heartbeat_time": "(SELECT l.heartbeat_time FROM run_live l WHERE l.run_id = r.run_id)",
    "is_stale": (
        "(r.status = 1 AND EXISTS (SELECT FROM run_live l WHERE l.run_id = r.run_id AND l.heartbeat_time < "
        "clock_timestamp() - make_interval(secs => current_setting('runlore.stale_after', true)::float8)))"
    ),
}
_DATASET_SQL: dict[str, LiteralString] = {
    "name": 'd.name COLLATE "C"',
    "digest": "d.digest",
    "context": "i.context",
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
    where: list[LiteralString] = [
        f"r.workspace = {statement.bind(workspace)}",
        *lifecycle_view.of_members(statement, "r", workspace, view),
    ]
    if experiment_ids is not None:
        where.append(f"r.experiment_id = ANY ({statement.bind(list(experiment_ids))}::uuid[])")
    of_datasets = [c for c in comparisons if c.field.kind is Kind.DATASET]
    where += [_condition(statement, c) for c in comparisons if c.field.kind is not Kind.DATASET]
    if of_datasets:
        where.append(_dataset_condition(statement, workspace, of_datasets))
    columns = [_order_column(statement, key) for key in order]
    columns += [OrderColumn("r.start_time", TIME, descending=True), OrderColumn("r.run_id", UUID)]
    return await keyset.page(conn, statement, "run r", where, columns, after, limit)


def _condition(statement: Statement, comparison: Comparison) -> LiteralString:
    kind, key, operator, value = comparison.field.kind, comparison.field.key, comparison.operator, comparison.value
    if kind is Kind.METRIC:
        # NaN compares as IEEE 754 has it: it differs from everything and is in no order; Postgres would sort it last.
        last: LiteralString = _last(statement, key) if operator == "!=" else f"nullif({_last(statement, key)}, 'NaN')"
        return f"{last} {keyset.operator(operator)} {statement.bind(value)}::float8"
    if kind is Kind.ATTRIBUTE:
        if key == "status":
            return keyset.in_list(statement, _ATTRIBUTE_SQL[key], operator, RUN_STATUSES.numbers(value))
        if isinstance(value, bool):
            return f"{_ATTRIBUTE_SQL[key]} {keyset.operator(operator)} {statement.bind(value)}::boolean"
        return keyset.compare(statement, _ATTRIBUTE_SQL[key], operator, value)
    column: LiteralString = "r.params" if kind is Kind.PARAM else "r.tags"
    return keyset.compare(statement, f"({column} ->> {statement.bind(key)})", operator, value)


def _dataset_condition(statement: Statement, workspace: str, comparisons: Sequence[Comparison]) -> LiteralString:
    """One input of the run meets all of them. From the datasets' side, where the indexes are: `IN` lets Postgres begin
    at either end.
    """
    where: list[LiteralString] = [f"d.workspace = {statement.bind(workspace)}"]
    where += [keyset.compare(statement, _DATASET_SQL[c.field.key], c.operator, c.value) for c in comparisons]
    inputs: LiteralString = "SELECT i.run_id FROM run_dataset i JOIN dataset d USING (dataset_id)"
    return f"r.run_id IN ({inputs} WHERE {' AND '.join(where)})"


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
        case Field(_, ("start_time" | "end_time" | "last_heartbeat_time") as attribute):
            return OrderColumn(_ATTRIBUTE_SQL[attribute], TIME, key.descending, nullable=True)
        case Field(_, "is_stale"):
            return OrderColumn(f"{_ATTRIBUTE_SQL['is_stale']}::int::float8", NUMBER, key.descending)
        case Field(_, "status"):
            return OrderColumn("r.status::float8", NUMBER, key.descending)
        case Field(_, attribute):
            return OrderColumn(f'{_ATTRIBUTE_SQL[attribute]} COLLATE "C"', TEXT, key.descending, nullable=True)
