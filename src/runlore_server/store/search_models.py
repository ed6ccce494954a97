"""Search for registered models: a parsed filter and order to one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from runlore_server.db import Connection
from runlore_server.search.fields import STAGES
from runlore_server.search.tree import Comparison, Condition, Kind, OrderKey, SameInput
from runlore_server.store import conditions, keyset
from runlore_server.store.keyset import TEXT, TIME, WHOLE, OrderColumn, Statement

#: A model, and its newest version if that has the last number given, as it mostly has: by a join, which costs half of
#: what looking for it does.
_MODELS: LiteralString = (
    "registered_model m LEFT JOIN LATERAL (SELECT v.version AS last_number, v.stage AS last_stage FROM model_version v "
    "WHERE v.model_id = m.model_id AND v.version = m.latest_version AND v.delete_time IS NULL) n ON true"
)
_NEWEST: LiteralString = (
    "FROM model_version v WHERE v.model_id = m.model_id AND v.delete_time IS NULL ORDER BY v.version DESC LIMIT 1"
)
_LATEST: LiteralString = f"coalesce(last_number, (SELECT v.version {_NEWEST}), 0)"
_STAGE: LiteralString = f"coalesce(last_stage, (SELECT v.stage {_NEWEST}))"
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
#: As many models are looked at by name for each of the page, before Postgres decides: it expects few in any stage.
_STEPS = 20
_COLUMNS: LiteralString = (
    "m.model_id, m.name, m.owner, m.team, m.description, m.tags, m.latest_version, m.create_time, m.event_time, "
    "last_number, last_stage"
)


async def page(
    conn: Connection,
    workspace: str,
    condition: Condition,
    order: Sequence[OrderKey],
    after: list[Any] | None,
    limit: int,
) -> list[tuple[str, list[Any]]]:
    """Return (model id, keyset values) of up to `limit` models after a keyset."""
    statement = Statement()
    where: list[LiteralString] = [f"m.workspace = {statement.bind(workspace)}", "m.delete_time IS NULL"]
    wanted = conditions.where(condition, lambda c: _comparison(statement, c))
    columns = [OrderColumn(*_ORDER[key.field.key], key.descending) for key in order] + [_BY_NAME]
    if wanted and columns[0].sql == _BY_NAME.sql:
        found = await keyset.walk(
            conn,
            statement,
            _MODELS,
            where,
            columns,
            after,
            limit,
            steps=_STEPS * limit,
            carried=_COLUMNS,
            wanted=wanted,
            record_id="m.model_id",
        )
        if len(found) == limit:
            return found
    return await keyset.page(conn, statement, _MODELS, [*where, *wanted], columns, after, limit, "m.model_id")


def _comparison(statement: Statement, comparison: Comparison | SameInput) -> LiteralString:
    assert isinstance(comparison, Comparison)
    kind, key, operator, value = comparison.field.kind, comparison.field.key, comparison.operator, comparison.value
    if kind is Kind.TAG:
        return keyset.compare(statement, keyset.entry(statement, "m.tags", comparison.field), operator, value)
    if key == "alias":
        held = keyset.compare(statement, "a.alias", operator, value)
        return f"EXISTS (SELECT FROM model_alias a WHERE a.model_id = m.model_id AND {held})"
    if key == "stage":
        return keyset.in_list(statement, _STAGE, operator, STAGES.numbers(value))
    if key == "latest_version":
        newest = keyset.compare_whole(statement, _LATEST, operator, value)
        if operator in ("=", ">", ">=") and isinstance(value, float):
            # No version has a greater number than was ever given: which is at hand, and leaves few to look at.
            given = keyset.compare_whole(statement, "m.latest_version", ">" if operator == ">" else ">=", value)
            return f"({given} AND {newest})"
        return newest
    return keyset.compare(statement, _FILTER_SQL[key], operator, value)
