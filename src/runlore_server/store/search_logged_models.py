"""Search for logged models: a parsed filter and order to one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from runlore import v1
from runlore_server.db import Connection
from runlore_server.search.fields import LOGGED_MODEL_STATUSES
from runlore_server.search.tree import Comparison, Condition, Field, Kind, OrderKey, SameInput, comparisons
from runlore_server.store import conditions, keyset, lifecycle_view
from runlore_server.store.keyset import NUMBER, TEXT, TIME, UUID, OrderColumn, Statement

_FILTER_SQL: dict[str, LiteralString] = {
    "name": "m.name",
    "model_id": "replace(m.model_id::text, '-', '')",
    "model_type": "m.model_type",
    "source_run_id": "replace(m.source_run_id::text, '-', '')",
    "creation_timestamp": "m.create_time",
    "last_updated_timestamp": "m.event_time",
}
_ORDER: dict[str, tuple[LiteralString, LiteralString]] = {
    "name": ('m.name COLLATE "C"', TEXT),
    "model_id": ("m.model_id", UUID),
    "model_type": ('m.model_type COLLATE "C"', TEXT),
    "source_run_id": ("m.source_run_id", UUID),
    "status": ("m.status::float8", NUMBER),
    "creation_timestamp": ("m.create_time", TIME),
    "last_updated_timestamp": ("m.event_time", TIME),
}


@dataclass(frozen=True)
class Query:
    """What is searched for."""

    condition: Condition
    #: Metrics on these datasets only count in `condition`; none: all do.
    datasets: Sequence[v1.DatasetRef]
    order: Sequence[OrderKey]
    #: Metrics on this dataset only count in `order`; None: all do.
    order_dataset: v1.DatasetRef | None
    #: None: every experiment of the workspace.
    experiment_ids: Sequence[str] | None
    view: v1.LifecycleView.ValueType


async def page(
    conn: Connection, workspace: str, query: Query, after: list[Any] | None, limit: int
) -> list[tuple[str, list[Any]]]:
    """Return (model id, keyset values) of up to `limit` logged models after a keyset."""
    statement = Statement()
    where: list[LiteralString] = [f"m.workspace = {statement.bind(workspace)}"]
    where += lifecycle_view.of_members(statement, "m", workspace, query.view)
    if query.experiment_ids is not None:
        where.append(f"m.experiment_id = ANY ({statement.bind(list(query.experiment_ids))}::uuid[])")
    on_datasets = _on_datasets(statement, query.datasets)
    where += conditions.where(query.condition, lambda c: _comparison(statement, c, on_datasets))
    if query.datasets and not any(c.field.kind is Kind.METRIC for c in comparisons(query.condition)):
        where.append(f"EXISTS (SELECT FROM logged_model_series s WHERE s.model_id = m.model_id{on_datasets})")
    on_one = _on_datasets(statement, [query.order_dataset] if query.order_dataset is not None else [])
    columns = [_order_column(statement, key, on_one) for key in query.order]
    columns += [OrderColumn("m.create_time", TIME, descending=True), OrderColumn("m.model_id", UUID)]
    return await keyset.page(conn, statement, "logged_model m", where, columns, after, limit)


def _on_datasets(statement: Statement, datasets: Sequence[v1.DatasetRef]) -> LiteralString:
    """What restricts series to those on one of these datasets; nothing without any."""
    if not datasets:
        return ""
    arms: list[LiteralString] = []
    for dataset in datasets:
        arm: LiteralString = f"s.dataset_name = {statement.bind(dataset.name)}"
        if dataset.digest:
            arm = f"{arm} AND s.dataset_digest = {statement.bind(dataset.digest)}"
        arms.append(f"({arm})")
    return f" AND ({' OR '.join(arms)})"


def _comparison(statement: Statement, comparison: Comparison | SameInput, on_datasets: LiteralString) -> LiteralString:
    assert isinstance(comparison, Comparison)
    kind, key, operator, value = comparison.field.kind, comparison.field.key, comparison.operator, comparison.value
    if kind is Kind.METRIC:
        series: LiteralString = (
            f"EXISTS (SELECT FROM logged_model_series s WHERE s.model_id = m.model_id "
            f"AND s.key = {statement.bind(key)}{on_datasets}"
        )
        if operator == "IS NULL":
            return f"NOT {series})"
        return f"{series} AND {keyset.compare_metric(statement, 's.last', operator, value)})"
    if kind is Kind.ATTRIBUTE:
        if key == "status":
            return keyset.in_list(statement, "m.status", operator, LOGGED_MODEL_STATUSES.numbers(value))
        return keyset.compare(statement, _FILTER_SQL[key], operator, value)
    left = keyset.entry(statement, "m.params" if kind is Kind.PARAM else "m.tags", comparison.field)
    return keyset.compare(statement, left, operator, value)


def _order_column(statement: Statement, key: OrderKey, on_dataset: LiteralString) -> OrderColumn:
    match key.field:
        case Field(Kind.METRIC, name):
            last: LiteralString = (
                f"(SELECT nullif(s.last, 'NaN') FROM logged_model_series s WHERE s.model_id = m.model_id "
                f"AND s.key = {statement.bind(name)}{on_dataset} "
                f"ORDER BY s.last_time DESC, s.last_step DESC, s.last DESC LIMIT 1)"
            )
            return OrderColumn(last, NUMBER, key.descending, nullable=True)
        case Field(_, attribute):
            sql, type_ = _ORDER[attribute]
            return OrderColumn(sql, type_, key.descending, nullable=attribute == "source_run_id")
