"""Search for model versions: a parsed filter and order to one statement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from runlore_server.db import Connection
from runlore_server.search.fields import STAGES, VERSION_STATUSES, Kind, Names
from runlore_server.search.language import Comparison, OrderKey
from runlore_server.store import keyset
from runlore_server.store.keyset import TEXT, TIME, WHOLE, OrderColumn, Statement

_ENUMS: dict[str, Names] = {"stage": STAGES, "status": VERSION_STATUSES}
_ENUM_SQL: dict[str, LiteralString] = {"stage": "v.stage", "status": "v.status"}
_FILTER_SQL: dict[str, LiteralString] = {
    "name": "m.name",
    "run_id": "replace(v.run_id::text, '-', '')",
    "logged_model_id": "replace(v.logged_model_id::text, '-', '')",
    "manifest_digest": "encode(v.manifest_digest, 'hex')",
    "description": "v.description",
    "version": "v.version",
    "creation_time": "v.create_time",
    "last_update_time": "coalesce(v.update_time, v.create_time)",
}
#: What has an index, as it is stored: the column, its type, and how a value must look to be one.
_INDEXED: dict[str, tuple[LiteralString, LiteralString, re.Pattern[str]]] = {
    "run_id": ("v.run_id", "uuid", re.compile(r"[0-9a-f]{32}")),
    "logged_model_id": ("v.logged_model_id", "uuid", re.compile(r"[0-9a-f]{32}")),
    "manifest_digest": ("v.manifest_digest", "bytea", re.compile(r"[0-9a-f]{64}")),
}
_ORDER: dict[str, tuple[LiteralString, LiteralString]] = {
    "name": ('m.name COLLATE "C"', TEXT),
    "version": ("v.version", WHOLE),
    "creation_time": ("v.create_time", TIME),
    "last_update_time": ("coalesce(v.update_time, v.create_time)", TIME),
}
_BY_NAME = OrderColumn(*_ORDER["name"])
_NEWEST_FIRST = OrderColumn(*_ORDER["version"], descending=True)


async def page(
    conn: Connection,
    workspace: str,
    model_id: str | None,
    comparisons: Sequence[Comparison],
    order: Sequence[OrderKey],
    after: list[Any] | None,
    limit: int,
) -> list[tuple[tuple[str, int], list[Any]]]:
    """Return ((model id, number), keyset values) of up to `limit` versions after a keyset.

    `model_id`: of one model; None: of every model of the workspace. Comparisons of params and metrics need every
    version filled in (`versions.fill`).
    """
    statement = Statement()
    where: list[LiteralString] = [
        f"m.workspace = {statement.bind(workspace)}",
        "m.delete_time IS NULL",
        "v.delete_time IS NULL",
    ]
    if model_id is not None:
        where.append(f"v.model_id = {statement.bind(model_id)}::uuid")
    where += [_condition(statement, c) for c in comparisons]
    # One model's versions all have its name: without it the primary key has the order.
    columns = [
        OrderColumn(*_ORDER[key.field.key], key.descending)
        for key in order
        if model_id is None or key.field.key != "name"
    ]
    columns += [_NEWEST_FIRST] if model_id is not None else [_BY_NAME, _NEWEST_FIRST]
    source: LiteralString = "model_version v JOIN registered_model m USING (model_id)"
    found = await keyset.page(conn, statement, source, where, columns, after, limit, "v.model_id")
    return [((of_model, values[-1]), values) for of_model, values in found]


def _condition(statement: Statement, comparison: Comparison) -> LiteralString:
    kind, key, operator, value = comparison.field.kind, comparison.field.key, comparison.operator, comparison.value
    if kind is Kind.METRIC:
        last: LiteralString = f"(v.metrics ->> {statement.bind(key)})::float8"
        # NaN compares as IEEE 754 has it: it differs from everything and is in no order; Postgres would sort it last.
        return keyset.compare(statement, last if operator == "!=" else f"nullif({last}, 'NaN')", operator, value)
    if kind is Kind.PARAM:
        return keyset.compare(statement, f"(v.params ->> {statement.bind(key)})", operator, value)
    if kind is Kind.TAG:
        if operator == "=":
            return f"v.tags @> {statement.bind(Jsonb({key: value}))}"
        return keyset.compare(statement, f"(v.tags ->> {statement.bind(key)})", operator, value)
    if key in _ENUMS:
        return keyset.in_list(statement, _ENUM_SQL[key], operator, _ENUMS[key].numbers(value))
    if key == "alias":
        held = keyset.compare(statement, "a.alias", operator, value)
        return f"EXISTS (SELECT FROM model_alias a WHERE a.model_id = v.model_id AND a.version = v.version AND {held})"
    if key in _INDEXED and operator in ("=", "IN"):
        return _is_one_of(statement, key, value if isinstance(value, tuple) else (str(value),))
    return keyset.compare(statement, _FILTER_SQL[key], operator, value)


def _is_one_of(statement: Statement, key: str, values: Sequence[str]) -> LiteralString:
    """What an index finds; a text that no value can be is none."""
    column, type_, form = _INDEXED[key]
    possible = [value for value in values if form.fullmatch(value)]
    raw = [bytes.fromhex(value) for value in possible] if type_ == "bytea" else possible
    return f"{column} = ANY ({statement.bind(raw)}::{type_}[])"
