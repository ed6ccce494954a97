"""What searches share: statements of fixed fragments, and pages by keyset.

Keys and values travel as parameters only. The keyset is spelled out per order column, because directions differ and
missing values come last either way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString

from runlore_server.db import Connection
from runlore_server.search.decimals import DECIMAL
from runlore_server.search.tree import Field, Function

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
    "NOT LIKE": "NOT LIKE",
    "NOT ILIKE": "NOT ILIKE",
}
_LISTS: dict[str, LiteralString] = {"IN": "= ANY", "NOT IN": "<> ALL"}
_PREDICATES: dict[str, LiteralString] = {
    "IS NULL": "IS NULL",
    "IS NOT NULL": "IS NOT NULL",
    "IS NAN": "= 'NaN'",
    "IS NOT NAN": "<> 'NaN'",
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
    """Return the SQL of an operator of the search language that stands between two values."""
    return _OPERATORS[name]


def entry(statement: Statement, column: LiteralString, wanted: Field) -> LiteralString:
    """Return a param or a tag out of its column, NULL when it is missing; or the number that it is."""
    value: LiteralString = f"({column} ->> {statement.bind(wanted.key)})"
    if wanted.function is not Function.NUM:
        return value
    # Not joined by AND: only CASE says what is done first, and a cast of what is no number ends the statement.
    return f"(CASE WHEN {value} ~ {statement.bind(DECIMAL)} THEN {value}::float8 END)"


def compare(statement: Statement, left: LiteralString, name: str, value: Any) -> LiteralString:
    """Return the comparison of a text, a time or a number with a value of the search language."""
    if name.startswith("IS "):
        return f"{left} {_PREDICATES[name]}"
    many = isinstance(value, tuple)
    sample = value[0] if many and value else value
    cast = NUMBER if isinstance(sample, float) else TIME if isinstance(sample, datetime) else TEXT
    if many:
        return f"{left} {_LISTS[name]} ({statement.bind(list(value))}::{cast}[])"
    bound: LiteralString = f"{statement.bind(value)}::{cast}"
    if name.endswith("LIKE"):
        # No escape character, as in MLflow: otherwise a pattern that ends in a backslash is an error of Postgres's.
        return f"{left} {_OPERATORS[name]} {bound} ESCAPE ''"
    if cast == TEXT and name not in ("=", "!="):
        return f'{left} {_OPERATORS[name]} {bound} COLLATE "C"'
    return f"{left} {_OPERATORS[name]} {bound}"


def compare_metric(statement: Statement, left: LiteralString, name: str, value: Any) -> LiteralString:
    """Return the comparison of a number that may be NaN, as IEEE 754 has it.

    NaN differs from everything and is in no order; Postgres would sort it last.
    """
    return compare(statement, f"nullif({left}, 'NaN')" if name in ("<", "<=", ">", ">=") else left, name, value)


def compare_whole(statement: Statement, left: LiteralString, name: str, value: Any) -> LiteralString:
    """Compare a whole number, such as a version's, with any number: as whole bounds, so that an index on it serves."""
    if isinstance(value, tuple):
        numbers = [int(each) for each in value if math.isfinite(each) and each.is_integer() and abs(each) < 2**63]
        return f"{left} {_LISTS[name]} ({statement.bind(numbers)}::{WHOLE}[])"
    if name.startswith("IS "):
        return f"{left} {_PREDICATES[name]}"
    match name:
        case "<" | ">=":
            bound = math.ceil(value) if math.isfinite(value) else value
        case "<=" | ">":
            bound = math.floor(value) if math.isfinite(value) else value
        case _:
            if not (math.isfinite(value) and value.is_integer()):
                return "false" if name == "=" else "true"
            bound = int(value)
    if abs(bound) >= 2**63:
        # It is beyond all of them.
        return "true" if (name in ("<", "<=", "!=") if bound > 0 else name in (">", ">=", "!=")) else "false"
    return f"{left} {_OPERATORS[name]} {statement.bind(bound)}::{WHOLE}"


def in_list(statement: Statement, left: LiteralString, name: str, numbers: Sequence[int]) -> LiteralString:
    """Return whether an enum's number is one of these (`=`, `IN`), or is not (`!=`, `NOT IN`)."""
    found: LiteralString = f"{left} = ANY ({statement.bind(list(numbers))}::smallint[])"
    return f"NOT {found}" if name in ("!=", "NOT IN") else found


async def page(
    conn: Connection,
    statement: Statement,
    source: LiteralString,
    where: Sequence[LiteralString],
    columns: Sequence[OrderColumn],
    after: list[Any] | None,
    limit: int,
    record_id: LiteralString = "",
    *,
    prepare: bool | None = False,
) -> list[tuple[str, list[Any]]]:
    """Return (id, keyset values) of up to `limit` rows of `source` after a keyset.

    The columns together are unique to a row. The id is the expression `record_id`, or else the last column. `prepare`:
    None for a statement whose plan may be kept, whatever its parameters are.
    """
    text = page_query(statement, source, where, columns, after, limit, record_id)
    rows = await (await conn.execute(text, statement.params, binary=True, prepare=prepare)).fetchall()
    return [(row.id, values(row[:-1])) for row in rows]


def page_query(
    statement: Statement,
    source: LiteralString,
    where: Sequence[LiteralString],
    columns: Sequence[OrderColumn],
    after: list[Any] | None,
    limit: int,
    record_id: LiteralString = "",
    carried: LiteralString = "",
) -> LiteralString:
    """Return the query that `page` asks: the columns as `o0`, `o1`, ..., `id`, and what is `carried` along."""
    keyset = _after(statement, columns, after)
    also: LiteralString = f", {carried}" if carried else ""
    rows_sql: LiteralString = f"SELECT {_selected(columns)}, {record_id or columns[-1].sql} AS id{also} FROM {source}"
    return (
        f"SELECT * FROM ({rows_sql} WHERE {' AND '.join(where)}) s "
        f"WHERE {keyset} ORDER BY {ordered(columns)} LIMIT {statement.bind(limit)}"
    )


def ordered(columns: Sequence[OrderColumn]) -> LiteralString:
    """Return the order of the rows of `page_query`."""
    return ", ".join([f"{_column(i)} {_direction(column)}" for i, column in enumerate(columns)])


def names(columns: Sequence[OrderColumn]) -> LiteralString:
    """Return the columns of `page_query` by their names."""
    return ", ".join([_column(i) for i in range(len(columns))])


def values(found: Sequence[Any]) -> list[Any]:
    """Return what a page's columns have of a row as a keyset has it."""
    return [_token_value(value) for value in found]


async def walk(
    conn: Connection,
    statement: Statement,
    source: LiteralString,
    where: Sequence[LiteralString],
    columns: Sequence[OrderColumn],
    after: list[Any] | None,
    limit: int,
    *,
    steps: int,
    carried: LiteralString,
    wanted: Sequence[LiteralString],
    record_id: LiteralString,
) -> list[tuple[str, list[Any]]]:
    """As `page`, of the rows for which `wanted` holds among the first `steps` in order; no more is looked at.

    The order is fixed before `wanted` is asked, whatever the planner believes of it: it is often wrong by a hundred
    times. `wanted` is about the `carried` columns, as if all were of the source's first table. Fewer than `limit` rows
    may mean that there are no more, or that they come later.
    """
    keyset = _after(statement, columns, after)
    alias = source.split(" ")[1]
    text: LiteralString = (
        f"SELECT {names(columns)}, id FROM (SELECT * FROM "
        f"(SELECT {_selected(columns)}, {record_id} AS id, {carried} FROM {source} WHERE {' AND '.join(where)}) r "
        f"WHERE {keyset} ORDER BY {ordered(columns)} LIMIT {statement.bind(steps)}) {alias} "
        f"WHERE {' AND '.join(wanted)} ORDER BY {ordered(columns)} LIMIT {statement.bind(limit)}"
    )
    rows = await (await conn.execute(text, statement.params, binary=True, prepare=False)).fetchall()
    return [(row.id, values(row[:-1])) for row in rows]


def _direction(column: OrderColumn) -> LiteralString:
    """Missing values last. Where there are none that is not said, so that an index can be read from its end."""
    direction: LiteralString = "DESC" if column.descending else "ASC"
    return f"{direction} NULLS LAST" if column.nullable else direction


def _selected(columns: Sequence[OrderColumn]) -> LiteralString:
    return ", ".join([f"{column.sql} AS {_column(i)}" for i, column in enumerate(columns)])


def _after(statement: Statement, columns: Sequence[OrderColumn], after: list[Any] | None) -> LiteralString:
    """What comes after a keyset: equal in the first columns and beyond it in the next, for each column.

    What holds of the first column in each case is said apart, for an index to begin there. Without a keyset, all.
    """
    if after is None:
        return "true"
    arms: list[LiteralString] = []
    equal: list[LiteralString] = []
    for i, (column, value) in enumerate(zip(columns, after, strict=True)):
        name = _column(i)
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
    start: LiteralString = f"{_column(0)} {'<=' if first.descending else '>='} {statement.bind(after[0])}::{first.type}"
    return f"{start} AND ({' OR '.join(arms)})"


def _column(n: int) -> LiteralString:
    columns: tuple[LiteralString, ...] = ("o0", "o1", "o2", "o3", "o4", "o5", "o6")
    return columns[n]


def _token_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
