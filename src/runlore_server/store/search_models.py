"""Search for registered models: a parsed filter and order to one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from runlore_server.db import Connection
from runlore_server.search.fields import STAGES, Kind
from runlore_server.search.language import Comparison, OrderKey
from runlore_server.store import keyset
from runlore_server.store.keyset import TEXT, TIME, WHOLE, OrderColumn, Statement

_LATEST: LiteralString = (
    "(SELECT coalesce(max(v.version), 0) FROM model_version v WHERE v.model_id = m.model_id AND v.delete_time IS NULL)"
)
_FILTER_SQL: dict[str, LiteralString] = {
    "name": "m.name",
    "owner": "m.owner",
    "team": "m.team",
    "description": "m.description",
    "latest_version": _LATEST,
    "creation_time": "m.create_time",
    "last_update_time": "m.event_time",
}
_ORDER: dict[str, tuple[LiteralString, LiteralString]] = {
    "name": ('m.name COLLATE "C"', TEXT),
    "latest_version": (_LATEST, WHOLE),
    "creation_time": ("m.create_time", TIME),
    "last_update_time": ("m.event_time", TIME),
}
_BY_NAME = OrderColumn(*_ORDER["name"])


async def page(
    conn: Connection,
    workspace: str,
    comparisons: Sequence[Comparison],
    order: Sequence[OrderKey],
    after: list[Any] | None,
    limit: int,
) -> list[tuple[str, list[Any]]]:
    """Return (model id, keyset values) of up to `limit` models after a keyset."""
    statement = Statement()
    where: list[LiteralString] = [f"m.workspace = {statement.bind(workspace)}", "m.delete_time IS NULL"]
    where += [_condition(statement, c) for c in comparisons]
    columns = [OrderColumn(*_ORDER[key.field.key], key.descending) for key in order] + [_BY_NAME]
    return await keyset.page(conn, statement, "registered_model m", where, columns, after, limit, "m.model_id")


def _condition(statement: Statement, comparison: Comparison) -> LiteralString:
    kind, key, operator, value = comparison.field.kind, comparison.field.key, comparison.operator, comparison.value
    if kind is Kind.TAG:
        return keyset.compare(statement, f"(m.tags ->> {statement.bind(key)})", operator, value)
    if key == "alias":
        held = keyset.compare(statement, "a.alias", operator, value)
        return f"EXISTS (SELECT FROM model_alias a WHERE a.model_id = m.model_id AND {held})"
    if key == "stage":
        newest: LiteralString = (
            "(SELECT v.stage FROM model_version v WHERE v.model_id = m.model_id AND v.delete_time IS NULL "
            "ORDER BY v.version DESC LIMIT 1)"
        )
        return keyset.in_list(statement, newest, operator, STAGES.numbers(value))
    return keyset.compare(statement, _FILTER_SQL[key], operator, value)
