"""Search: a parsed filter and order to one statement.

Built from fixed fragments; keys and values travel as parameters only. The keyset is spelled out per order key, because
directions differ and missing values come last either way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString

from runlore import v1
from runlore_server.db import Connection
from runlore_server.search.language import Comparison, Field, Kind, OrderKey, status_number

_ATTRIBUTE_SQL: dict[str, LiteralString] = {
    "run_id": "replace(r.run_id::text, '-', '')",
    "name": "r.name",
    "parent_run_id": "replace(coalesce(r.parent_run_id::text, ''), '-', '')",
    "status": "r.status",
    "start_time": "r.start_time",
    "end_time": "r.end_time",
}
_OPERATORS: dict[str, LiteralString] = {
    "=": "=",
    "!=": "<>",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
    "LIKE": "LIKE",
    "ILIKE": "ILIKE",
}
#: How keyset values travel in a page token, by the order column's SQL type.
_NUMBER, _TEXT, _TIME = "float8", "text", "timestamptz"


@dataclass
class _Statement:
    """Fragments and their parameters, in step."""

    params: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: Any) -> LiteralString:
        name = f"p{len(self.params)}"
        self.params[name] = value
        return _placeholder(len(self.params) - 1)


def _placeholder(n: int) -> LiteralString:
    # The only thing inserted is a number.
    return "%(p" + "".join("0123456789"[int(digit)] for digit in str(n)) + ")s"


@dataclass(frozen=True)
class _OrderColumn:
    sql: LiteralString
    type: str
    descending: bool
    nullable: bool


async def page(
    conn: Connection,
    workspace: str,
    experiment_ids: Sequence[str] | None,
    comparisons: Sequence[Comparison],
    order: Sequence[OrderKey],
    after: list[Any] | None,
    limit: int,
) -> list[tuple[str, list[Any]]]:
    """Return (run id, keyset values) of up to `limit` runs after a keyset; `experiment_ids` None: of all of them."""
    statement = _Statement()
    where: list[LiteralString] = [
        f"r.workspace = {statement.bind(workspace)}",
        f"r.lifecycle_state = {statement.bind(int(v1.LIFECYCLE_STATE_ACTIVE))}",
    ]
    if experiment_ids is not None:
        where.append(f"r.experiment_id = ANY ({statement.bind(list(experiment_ids))}::uuid[])")
    where += [_condition(statement, c) for c in comparisons]
    columns = [_order_column(statement, key) for key in order]
    columns += [
        _OrderColumn("r.start_time", _TIME, descending=True, nullable=False),
        _OrderColumn("r.run_id", "uuid", descending=False, nullable=False),
    ]
    names: list[LiteralString] = [_column(i) for i in range(len(columns))]
    selected = ", ".join([f"{c.sql} AS {name}" for c, name in zip(columns, names, strict=True)])
    ordered = ", ".join(
        [f"{name} {'DESC' if c.descending else 'ASC'} NULLS LAST" for c, name in zip(columns, names, strict=True)]
    )
    keyset = _after(statement, columns, names, after) if after is not None else "true"
    text: LiteralString = (
        f"SELECT * FROM (SELECT {selected} FROM run r WHERE {' AND '.join(where)}) s "
        f"WHERE {keyset} ORDER BY {ordered} LIMIT {statement.bind(limit)}"
    )
    rows = await (await conn.execute(text, statement.params, binary=True, prepare=False)).fetchall()
    return [(row[-1], [_token_value(value) for value in row]) for row in rows]


def _condition(statement: _Statement, comparison: Comparison) -> LiteralString:
    kind, key, operator, value = comparison.field.kind, comparison.field.key, comparison.operator, comparison.value
    if kind is Kind.METRIC:
        sql = _OPERATORS[operator]
        # NaN compares as IEEE 754 has it: it differs from everything and is in no order; Postgres would sort it last.
        nan: LiteralString = "" if operator == "!=" else " AND m.last <> 'NaN'"
        return (
            f"EXISTS (SELECT FROM run_metric m WHERE m.run_id = r.run_id AND m.key = {statement.bind(key)} "
            f"AND m.last {sql} {statement.bind(value)}::float8{nan})"
        )
    if kind is Kind.ATTRIBUTE:
        left: LiteralString = _ATTRIBUTE_SQL[key]
        if key == "status":
            names = value if isinstance(value, tuple) else (str(value),)
            found: LiteralString = f"{left} = ANY ({statement.bind([status_number(n) for n in names])}::smallint[])"
            return f"NOT {found}" if operator == "!=" else found
    else:
        column: LiteralString = "r.params" if kind is Kind.PARAM else "r.tags"
        left = f"({column} ->> {statement.bind(key)})"
    if operator == "IN":
        assert isinstance(value, tuple)
        return f"{left} = ANY ({statement.bind(list(value))}::text[])"
    cast: LiteralString = "timestamptz" if isinstance(value, datetime) else "text"
    # No escape character, as in MLflow: otherwise a pattern that ends in a backslash is an error of Postgres's.
    escape: LiteralString = " ESCAPE ''" if operator in ("LIKE", "ILIKE") else ""
    return f"{left} {_OPERATORS[operator]} {statement.bind(value)}::{cast}{escape}"


def _order_column(statement: _Statement, key: OrderKey) -> _OrderColumn:
    match key.field:
        case Field(Kind.METRIC, name):
            bound = statement.bind(name)
            last: LiteralString = (
                f"(SELECT nullif(m.last, 'NaN') FROM run_metric m WHERE m.run_id = r.run_id AND m.key = {bound})"
            )
            return _OrderColumn(last, _NUMBER, key.descending, nullable=True)
        case Field((Kind.PARAM | Kind.TAG) as kind, name):
            column: LiteralString = "r.params" if kind is Kind.PARAM else "r.tags"
            value: LiteralString = f'({column} ->> {statement.bind(name)}) COLLATE "C"'
            return _OrderColumn(value, _TEXT, key.descending, nullable=True)
        case Field(_, ("start_time" | "end_time") as attribute):
            return _OrderColumn(_ATTRIBUTE_SQL[attribute], _TIME, key.descending, nullable=True)
        case Field(_, "status"):
            return _OrderColumn("r.status::float8", _NUMBER, key.descending, nullable=False)
        case Field(_, attribute):
            return _OrderColumn(f'{_ATTRIBUTE_SQL[attribute]} COLLATE "C"', _TEXT, key.descending, nullable=True)


def _after(
    statement: _Statement, columns: Sequence[_OrderColumn], names: Sequence[LiteralString], after: list[Any]
) -> LiteralString:
    """What comes after a keyset: equal in the first columns and beyond it in the next, for each column."""
    arms: list[LiteralString] = []
    equal: list[LiteralString] = []
    for column, name, value in zip(columns, names, after, strict=True):
        cast: LiteralString = (
            "float8"
            if column.type == _NUMBER
            else "timestamptz"
            if column.type == _TIME
            else "uuid"
            if column.type == "uuid"
            else "text"
        )
        bound: LiteralString = f"{statement.bind(value)}::{cast}"
        if value is not None:
            beyond: LiteralString = f"{name} {'<' if column.descending else '>'} {bound}"
            if column.nullable:
                beyond = f"({beyond} OR {name} IS NULL)"
            arms.append("(" + " AND ".join([*equal, beyond]) + ")")
        equal.append(f"{name} IS NOT DISTINCT FROM {bound}")
    return "(" + " OR ".join(arms) + ")"


def _column(n: int) -> LiteralString:
    columns: tuple[LiteralString, ...] = ("o0", "o1", "o2", "o3", "o4", "o5", "o6")
    return columns[n]


def _token_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
