"""What searches share: statements of fixed fragments, and pages by keyset.

Keys and values travel as parameters only. The keyset is spelled out per order column, because directions differ and
missing values come last either way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString

from runlore_server.db import Connection

#: Keyset values by the SQL type of their column: how they are cast when they come back from a page token.
NUMBER: LiteralString = "float8"
TEXT: LiteralString = "text"
TIME: LiteralString = "timestamptz"
UUID: LiteralString = "uuid"
WHOLE: LiteralString = "int8"

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


@dataclass
class Statement:
    """The parameters of a statement's fragments, in step with them."""

    params: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: Any) -> LiteralString:
        """Add a parameter and return its placeholder."""
        n = len(self.params)
        self.params[f"p{n}"] = value
        # The only thing inserted is a number.
        return "%(p" + "".join("0123456789"[int(digit)] for digit in str(n)) + ")s"


@dataclass(frozen=True)
class OrderColumn:
    """An expression by which rows are ordered."""

    sql: LiteralString
    type: LiteralString
    descending: bool = False
    nullable: bool = False


def operator(name: str) -> LiteralString:
    """Return the SQL of an operator of the search language."""
    return _OPERATORS[name]


def compare(statement: Statement, left: LiteralString, name: str, value: Any) -> LiteralString:
    """Return the comparison of a text, a time or a number with a value of the search language."""
    if name == "IN":
        return f"{left} = ANY ({statement.bind(list(value))}::text[])"
    if isinstance(value, datetime):
        return _compare_time(statement, left, name, value)
    cast = NUMBER if isinstance(value, float) else TEXT
    # No escape character, as in MLflow: otherwise a pattern that ends in a backslash is an error of Postgres's.
    escape: LiteralString = " ESCAPE ''" if name in ("LIKE", "ILIKE") else ""
    return f"{left} {_OPERATORS[name]} {statement.bind(value)}::{cast}{escape}"


def _compare_time(statement: Statement, left: LiteralString, name: str, value: datetime) -> LiteralString:
    """Compare a time cut to whole milliseconds, the unit in which a filter says it: `=` would never hold otherwise.

    As bounds of the time itself, so that an index on it serves.
    """
    start = value.replace(microsecond=value.microsecond // 1000 * 1000)
    end: LiteralString = f"{statement.bind(start)}::{TIME} + interval '1 millisecond'"
    # The first moment that, cut, is not below the value; a value between two milliseconds equals none.
    bound: LiteralString = f"{statement.bind(start)}::{TIME}" if start == value else end
    match name:
        case "<" | ">=":
            return f"{left} {_OPERATORS[name]} {bound}"
        case "<=":
            return f"{left} < {end}"
        case ">":
            return f"{left} >= {end}"
    within: LiteralString = f"({left} >= {bound} AND {left} < {end})"
    return f"NOT {within}" if name == "!=" else within


def in_list(statement: Statement, left: LiteralString, name: str, numbers: Sequence[int]) -> LiteralString:
    """Return whether an enum's number is one of these (`=`, `IN`), or is not (`!=`)."""
    found: LiteralString = f"{left} = ANY ({statement.bind(list(numbers))}::smallint[])"
    return f"NOT {found}" if name == "!=" else found


async def page(
    conn: Connection,
    statement: Statement,
    source: LiteralString,
    where: Sequence[LiteralString],
    columns: Sequence[OrderColumn],
    after: list[Any] | None,
    limit: int,
    record_id: LiteralString = "",
) -> list[tuple[str, list[Any]]]:
    """Return (id, keyset values) of up to `limit` rows of `source` after a keyset.

    The columns together are unique to a row. The id is the expression `record_id`, or else the last column.
    """
    names: list[LiteralString] = [_column(i) for i in range(len(columns))]
    selected = ", ".join([f"{c.sql} AS {name}" for c, name in zip(columns, names, strict=True)])
    ordered = ", ".join([f"{name} {_direction(c)}" for c, name in zip(columns, names, strict=True)])
    keyset = _after(statement, columns, names, after) if after is not None else "true"
    rows_sql: LiteralString = f"SELECT {selected}, {record_id or columns[-1].sql} AS id FROM {source}"
    text: LiteralString = (
        f"SELECT * FROM ({rows_sql} WHERE {' AND '.join(where)}) s "
        f"WHERE {keyset} ORDER BY {ordered} LIMIT {statement.bind(limit)}"
    )
    rows = await (await conn.execute(text, statement.params, binary=True, prepare=False)).fetchall()
    return [(row.id, [_token_value(value) for value in row[:-1]]) for row in rows]


def _direction(column: OrderColumn) -> LiteralString:
    """Missing values last. Where there are none that is not said, so that an index can be read from its end."""
    direction: LiteralString = "DESC" if column.descending else "ASC"
    return f"{direction} NULLS LAST" if column.nullable else direction


def _after(
    statement: Statement, columns: Sequence[OrderColumn], names: Sequence[LiteralString], after: list[Any]
) -> LiteralString:
    """What comes after a keyset: equal in the first columns and beyond it in the next, for each column.

    What holds of the first column in each case is said apart, for an index to begin there.
    """
    arms: list[LiteralString] = []
    equal: list[LiteralString] = []
    for column, name, value in zip(columns, names, after, strict=True):
        bound: LiteralString = f"{statement.bind(value)}::{column.type}"
        if value is not None:
            beyond: LiteralString = f"{name} {'<' if column.descending else '>'} {bound}"
            if column.nullable:
                beyond = f"({beyond} OR {name} IS NULL)"
            arms.append("(" + " AND ".join([*equal, beyond]) + ")")
        equal.append(f"{name} IS NOT DISTINCT FROM {bound}")
    first = columns[0]
    if first.nullable:
        return "(" + " OR ".join(arms) + ")"
    start: LiteralString = f"{names[0]} {'<=' if first.descending else '>='} {statement.bind(after[0])}::{first.type}"
    return f"{start} AND ({' OR '.join(arms)})"


def _column(n: int) -> LiteralString:
    columns: tuple[LiteralString, ...] = ("o0", "o1", "o2", "o3", "o4", "o5", "o6")
    return columns[n]


def _token_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
