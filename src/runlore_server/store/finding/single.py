"""Pages that one statement finds, and so as of one moment without a transaction: most of those that people look at.

Each comes with the stamps of its runs (`store/runs.py`), so that whoever remembers the runs need not ask for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from runlore_server.db import Connection
from runlore_server.store import keyset, runs
from runlore_server.store.finding.lines import Line
from runlore_server.store.finding.merging import Places
from runlore_server.store.finding.scope import LOOKED_UP, NO_MARKS, Marks, Scope
from runlore_server.store.finding.sets import RunSet
from runlore_server.store.keyset import Statement
from runlore_server.store.runs import Stamp

#: Entries that are walked for each run that is wanted.
_STEPS = 1.25
# Ids as text, and a keyset of one row alone is read: to make Python's own of each would cost more than all the rest.
_STAMPED: LiteralString = f"encode(uuid_send(s.run_id), 'hex') AS run_id, ({runs.sql.stamp}) AS stamp"


@dataclass(frozen=True)
class Found:
    """Runs in their order with their stamps: as many as were wanted, or all there are."""

    stamps: dict[str, Stamp]
    #: The keyset of the last one, if there are more.
    after: list[Any] | None


async def drive(conn: Connection, scope: Scope, found: RunSet, after: list[Any] | None, size: int) -> Found:
    """Look at each run of a set, and at those that its index does not know."""
    statement = Statement()
    query = found.query(statement)
    others: LiteralString = f" UNION {found.marks.marked(statement)}" if found.marks else ""
    candidates: LiteralString = (
        f"SELECT DISTINCT x.run_id, false AS is_marked FROM (SELECT y.run_id FROM ({query}) y{others}) x"
    )
    page = _page(scope, candidates, NO_MARKS, after, size, statement)
    return _found(
        scope, await _rows(conn, f"SELECT {_columns(scope)}, {_STAMPED} FROM ({page}) s", scope, statement), size
    )


async def walk(conn: Connection, scope: Scope, line: Line, after: list[Any] | None, size: int) -> Found | None:
    """Walk the first stretch of a line that has the whole order; None when the page is not in it."""
    statement = Statement()
    steps = int(_STEPS * (size + 1))
    alias = line.table[-1:]
    back: LiteralString = "ASC" if line.descending else "DESC"
    walked = _stretch(scope, line, after, steps, statement)
    filters = " AND ".join(line.filters(scope, statement))
    candidates: LiteralString = f"SELECT {line.run_id}, false AS is_marked FROM walked {alias} WHERE {filters}"
    if line.marks:
        candidates += f" UNION ALL SELECT m.run_id, true FROM ({line.marks.marked(statement)}) m"
    page = _page(scope, candidates, line.marks, after, size, statement)
    # Where it ended, on each row.
    last: LiteralString = (
        f"SELECT (SELECT count(*) FROM walked) AS steps, {line.column} AS last, {line.neg_start} AS last_start, "
        f"encode(uuid_send({line.run_id}), 'hex') AS last_id "
        f"FROM walked {alias} ORDER BY {line.column} {back}, {line.tie} DESC LIMIT 1"
    )
    text: LiteralString = (
        f"WITH {walked} SELECT {_columns(scope)}, {_STAMPED}, s.is_marked, e.* FROM ({page}) s CROSS JOIN ({last}) e"
    )
    rows = await _rows(conn, text, scope, statement)
    if not rows:
        return None
    first = rows[0]
    if first.steps < steps:
        # That was all of the line. What has no place on it comes next, and of that only marked runs are here.
        rows = [row for row in rows if row[0] is not None or not line.may_lack]
        return _found(scope, rows, size) if len(rows) > size or not line.may_lack else None
    if any(row.is_marked for row in rows):
        # They may have their places beyond the stretch.
        places = Places(scope)
        end = places.key(line.keyset(scope, line.value(first.last), first.last_start, first.last_id))
        rows = [row for row in rows if not end < places.key(_keyset(scope, row))]
    return _found(scope, rows, size) if len(rows) > size else None


def _stretch(scope: Scope, line: Line, after: list[Any] | None, steps: int, s: Statement) -> LiteralString:
    """The first entries after a keyset as a table `walked`.

    Each arm is read in the order of the index and ends after as many entries as are wanted at most; together they have
    the first of all.
    """
    source, column = line.source(s), line.column
    base = " AND ".join(line.base(scope, s))
    limit: LiteralString = f"LIMIT {s.bind(steps)}::int8"
    in_order: LiteralString = f"ORDER BY {column} {line.direction}, {line.tie_order}"
    arms: list[LiteralString] = []
    beyond: LiteralString = "true"
    if after is not None:
        value = line.bound(s, after[0])
        same: LiteralString = f"{column} = {value} AND {line.tie} > {line.tie_of(s, after[-2], after[-1])}"
        arms.append(f"{same} ORDER BY {line.tie_order} {limit}")
        beyond = f"{column} {line.beyond} {value}"
    before: LiteralString = ""
    if line.runs_in_order:
        arms.append(f"{beyond} {in_order} {limit}")
    else:
        # Equals come in another order than the index has them, so the last value is looked for first.
        found: LiteralString = "(SELECT low.value FROM low)"
        before = (
            f"low AS MATERIALIZED (SELECT {column} AS value FROM {source} WHERE {base} AND {beyond} "
            f"ORDER BY {column} {line.direction} OFFSET {s.bind(steps - 1)}::int8 LIMIT 1), "
        )
        arms.append(f"{beyond} AND {found} {line.beyond} {column}")
        arms.append(f"{beyond} AND {column} = {found} ORDER BY {line.tie_order} {limit}")
        arms.append(f"{beyond} AND {found} IS NULL {limit}")
    of_arms: list[LiteralString] = [f"(SELECT {line.columns} FROM {source} WHERE {base} AND {arm})" for arm in arms]
    return (
        f"{before}walked AS MATERIALIZED (SELECT * FROM ({' UNION ALL '.join(of_arms)}) {line.table[-1:]} "
        f"{in_order} {limit})"
    )


def _page(
    scope: Scope, candidates: LiteralString, marks: Marks, after: list[Any] | None, size: int, s: Statement
) -> LiteralString:
    """The first runs after a keyset among candidates, those without a mark only if the index is up to date."""
    source: LiteralString = f"({candidates} OFFSET 0) c CROSS JOIN {LOOKED_UP}"
    unmarked = " AND ".join(marks.unmarked())
    where: list[LiteralString] = [f"(c.is_marked OR {unmarked})"] if unmarked else []
    where += scope.where(s)
    return keyset.page_query(s, source, where, scope.columns(s), after, size + 1, carried="r.run_id, c.is_marked")


def _columns(scope: Scope) -> LiteralString:
    """What a keyset has beside the id."""
    return keyset.names(scope.columns(Statement())[:-1])


async def _rows(conn: Connection, text: LiteralString, scope: Scope, statement: Statement) -> list[Any]:
    order = keyset.ordered(scope.columns(Statement())[:-1])
    ordered: LiteralString = f"{text} ORDER BY {order}, s.run_id"
    return await (await conn.execute(ordered, statement.params, binary=True)).fetchall()


def _keyset(scope: Scope, row: Any) -> list[Any]:
    return [*keyset.values(row[: len(scope.order) + 1]), row.run_id]


def _found(scope: Scope, rows: Sequence[Any], size: int) -> Found:
    after = _keyset(scope, rows[size - 1]) if len(rows) > size else None
    return Found({row.run_id: row.stamp for row in rows[:size]}, after)
