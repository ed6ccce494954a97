"""Walks: the runs of a search in its order, found along the index of the order's first key, a stretch at a time.

A stretch ends where it is known to: first its last entry is found in the index, then the runs up to it are looked at.
Runs whose entries are not up to date are left out; the planner adds them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, LiteralString

from runlore_server.db import Connection
from runlore_server.search.fields import RUN_STATUSES
from runlore_server.search.tree import Comparison, Condition, Field, Kind, OrderKey, Part
from runlore_server.store import queries
from runlore_server.store.finding import bounds, entries, lines, sets
from runlore_server.store.finding.lines import Line
from runlore_server.store.finding.pace import Pace
from runlore_server.store.finding.scope import Marks, Row, Scope, among
from runlore_server.store.finding.sets import RunSet
from runlore_server.store.keyset import Statement

#: Entries of equal value that are ordered by further keys at once; more are a search of their own.
_GROUP = 2_000


@dataclass(frozen=True)
class Stretch:
    """A part of a walk: all runs that follow the part before, up to a keyset."""

    rows: list[Row]
    #: A keyset, which no run need have; None: this is the last.
    end: list[Any] | None


class NoLine(Exception):
    """There is no index in the order of a key, or of a further key where the first has too many equals."""

    def __init__(self, part: Part) -> None:
        """`part`: the key."""
        super().__init__(part.text)
        self.part = part


def marks_of(scope: Scope) -> Marks:
    """Return which parts of the index a search's order may be walked by."""
    marks = Marks()
    for key in scope.order:
        found = entries.of_field(scope.keys, key.field)
        if found is not None:
            marks |= found.marks
    return marks


class Walker:
    """Walks in the order of a search and of the searches that it falls into."""

    def __init__(
        self,
        conn: Connection,
        driver: RunSet | None,
        sieves: Sequence[RunSet],
        marks: Marks,
        pace: Pace,
        wanted: int,
    ) -> None:
        """`driver`, `sieves`: small sets in all of which a run must be; the driver is walked where starts decide.

        `marks`: of all that is read.
        """
        self._conn = conn
        self._driver = driver
        self._sieves = sieves
        self._marks = marks
        self._pace = pace
        self._wanted = wanted

    async def walk(self, scope: Scope, after: list[Any] | None) -> AsyncIterator[Stretch]:
        """Yield the search's runs after a keyset, until the last stretch or the caller has enough."""
        groups = _groups(scope.order[0]) if scope.order else None
        if groups is not None:
            parts = [
                self._within(scope, condition, value, after[1:] if after is not None and value == after[0] else None)
                for value, condition in groups
                if after is None or value == after[0] or (value < after[0]) == scope.order[0].descending
            ]
        else:
            line = lines.of_order(scope, self._driver)
            if line is None:
                raise NoLine(scope.order[0].part)
            parts = []
            has_none = after is not None and len(scope.order) > 0 and after[0] is None
            if not has_none:
                parts.append((self._in_groups if len(scope.order) > 1 else self._along)(scope, line, after))
            if line.may_lack:
                inside = after[1:] if has_none and after is not None else None
                parts.append(self._within(scope, lines.lacking(scope.order[0].field), None, inside))
        rows: list[Row] = []
        for part in parts:
            async for stretch in part:
                rows += stretch.rows
                if stretch.end is not None:
                    yield Stretch(rows, stretch.end)
                    rows = []
            # What a part ends with goes with the next one's beginning: a page that ended between the two would have
            # to begin with the same part again.
        yield Stretch(rows, None)

    async def _within(
        self, scope: Scope, condition: Condition, value: Any, after: list[Any] | None
    ) -> AsyncIterator[Stretch]:
        """Walk through the runs that have one value of the order's first key."""
        inner = scope.narrowed(condition)
        group = sets.of_condition(scope, condition)
        small = await bounds.small(self._conn, [group] if group is not None else [])
        if small and small[0].size <= small[0].few(self._wanted):
            rows = await among(self._conn, inner, small[0].found.query, after, self._wanted, self._marks)
            self._pace.walked(small[0].size, len(rows))
            stretches = _once(Stretch(rows, None))
        else:
            sieves = [*self._sieves, *(one.found for one in small)]
            walker = Walker(self._conn, self._driver, sieves, self._marks, self._pace, self._wanted)
            stretches = walker.walk(inner, after)
        async for stretch in stretches:
            end = None if stretch.end is None else [value, *stretch.end]
            yield Stretch([(run_id, [value, *keyset]) for run_id, keyset in stretch.rows], end)

    async def _along(self, scope: Scope, line: Line, after: list[Any] | None) -> AsyncIterator[Stretch]:
        """Walk along a line that has the whole order."""
        at = after
        while True:
            stride = self._pace.stride()
            found = await self._row(partial(_bounds, scope, line, at, stride, stride))
            end: list[Any] | None = None
            if found.rest_id is not None and at is not None:
                end = line.keyset(scope, at[0], found.rest_start, found.rest_id)
            elif found.tie_id is not None:
                end = line.keyset(scope, line.value(found.low), found.tie_start, found.tie_id)
            elif found.low is not None:
                end = line.after_all(scope, line.value(found.low))
            rows = await self._look(scope, line, partial(_up_to, scope, line, at, end), None)
            self._pace.walked(stride, len(rows))
            yield Stretch(rows, end)
            if end is None:
                return
            at = end

    async def _in_groups(self, scope: Scope, line: Line, after: list[Any] | None) -> AsyncIterator[Stretch]:
        """Walk along a line of the first key of several: whole groups of equal values, which the others order."""
        at = after[0] if after is not None else None
        if after is not None and after != line.after_all(scope, at):
            async for stretch in self._group(scope, line, at, after):
                yield stretch
        while True:
            stride = self._pace.stride()
            last = line.after_all(scope, at) if at is not None else None
            found = await self._row(partial(_bounds, scope, line, last, stride, _GROUP))
            end: list[Any] | None = None
            if found.tie_id is not None:
                # A large group: what comes before it first.
                before = await self._row(partial(_last_before, scope, line, at, line.value(found.low)))
                if before is None:
                    at = line.value(found.low)
                    async for stretch in self._group(scope, line, at, None):
                        yield stretch
                    continue
                end = line.after_all(scope, line.value(before.value))
            elif found.low is not None:
                end = line.after_all(scope, line.value(found.low))
            rows = await self._look(scope, line, partial(_up_to, scope, line, last, end), None)
            self._pace.walked(stride, len(rows))
            yield Stretch(rows, end)
            if end is None:
                return
            at = end[0]

    async def _group(self, scope: Scope, line: Line, value: Any, after: list[Any] | None) -> AsyncIterator[Stretch]:
        """Walk through the runs of one value, after a keyset."""
        if await self._row(partial(_beyond_group, scope, line, value)) is not None:
            field = scope.order[0].field
            inside = after[1:] if after is not None else None
            async for stretch in self._within(scope, lines.equal(field, value), value, inside):
                yield Stretch(stretch.rows, stretch.end or line.after_all(scope, value))
            return
        rows = await self._look(scope, line, partial(_in_group, scope, line, value), after)
        self._pace.walked(_GROUP, len(rows))
        yield Stretch(rows, line.after_all(scope, value))

    async def _look(
        self, scope: Scope, line: Line, candidates: Callable[[Statement], LiteralString], after: list[Any] | None
    ) -> list[Row]:
        def sieved(statement: Statement) -> LiteralString:
            is_driven = self._driver is None or isinstance(line, lines.SetLine)
            sieves = self._sieves if is_driven or self._driver is None else [self._driver, *self._sieves]
            return bounds.sieved(candidates(statement), sieves, statement)

        return await among(self._conn, scope, sieved, after, self._wanted, self._marks)

    async def _row(self, query: Callable[[Statement], LiteralString]) -> Any:
        statement = Statement()
        text = query(statement)
        return await queries.one(self._conn, text, statement.params)


async def _once(stretch: Stretch) -> AsyncIterator[Stretch]:
    yield stretch


def _groups(key: OrderKey) -> list[tuple[float, Condition]] | None:
    """Return the values of a field that has few, in their order, each with its condition; None for other fields."""
    found: list[tuple[float, Condition]]
    match key.field:
        case Field(Kind.ATTRIBUTE, "status"):
            found = [(float(number), Comparison(key.field, "=", name)) for name, number in RUN_STATUSES.items()]
        case Field(Kind.ATTRIBUTE, "is_stale"):
            found = [(float(value), Comparison(key.field, "=", value)) for value in (False, True)]
        case _:
            return None
    return sorted(found, key=lambda group: group[0], reverse=key.descending)


def _bounds(scope: Scope, line: Line, at: list[Any] | None, stride: int, group: int, s: Statement) -> LiteralString:
    """A statement that finds where a stretch after a keyset ends.

    `rest`: among the keyset's equals, the one at the stride, if there are so many left. `low`: the value at the stride
    beyond them; `tie`: the entry of that value at which its group is as large as `group`.
    """
    start, most = line.neg_start, _count(s, group - 1)
    rest: LiteralString = "SELECT NULL::int8 AS start, NULL::uuid AS run_id"
    beyond: LiteralString = ""
    if at is not None:
        value = line.bound(s, at[0])
        beyond = f" AND {line.column} {line.beyond} {value}"
        rest = (
            f"SELECT {start} AS start, {line.run_id} FROM {line.source(s)} WHERE {_base(scope, line, s)} AND "
            f"{line.column} = {value} AND {line.tie} > {line.tie_of(s, at[-2], at[-1])} "
            f"ORDER BY {line.tie_order} OFFSET {_count(s, stride - 1)} LIMIT 1"
        )
    source, where = line.source(s), _base(scope, line, s)
    low: LiteralString = (
        f"SELECT {line.column} AS value FROM {source} WHERE {where}{beyond} "
        f"ORDER BY {line.column} {line.direction} OFFSET {_count(s, stride - 1)} LIMIT 1"
    )
    tie: LiteralString = (
        f"SELECT {start} AS start, {line.run_id} FROM {source} WHERE {where} AND {line.column} = low.value "
        f"ORDER BY {line.tie_order} OFFSET {most} LIMIT 1"
    )
    return (
        "SELECT rest.start AS rest_start, rest.run_id AS rest_id, low.value AS low, tie.start AS tie_start, "
        f"tie.run_id AS tie_id FROM (SELECT) one LEFT JOIN LATERAL ({rest}) rest ON true "
        f"LEFT JOIN LATERAL ({low}) low ON true LEFT JOIN LATERAL ({tie}) tie ON true"
    )


def _up_to(scope: Scope, line: Line, at: list[Any] | None, end: list[Any] | None, s: Statement) -> LiteralString:
    """The entries after a keyset up to another, or to the last."""
    tie_end: LiteralString = f"{line.tie} <= {line.tie_of(s, end[-2], end[-1])}" if end is not None else "true"
    arms: list[list[LiteralString]] = []
    if at is not None:
        same: list[LiteralString] = [
            f"{line.column} = {line.bound(s, at[0])}",
            f"{line.tie} > {line.tie_of(s, at[-2], at[-1])}",
        ]
        if end is not None and end[0] == at[0]:
            return _arms(scope, line, s, [[*same, tie_end]])
        arms.append(same)
    between: list[LiteralString] = []
    if at is not None:
        between.append(f"{line.column} {line.beyond} {line.bound(s, at[0])}")
    if end is not None:
        value = line.bound(s, end[0])
        between.append(f"{value} {line.beyond} {line.column}")
        arms.append([f"{line.column} = {value}", tie_end])
    arms.append(between)
    return _arms(scope, line, s, arms)


def _in_group(scope: Scope, line: Line, value: Any, s: Statement) -> LiteralString:
    """The entries of a value."""
    return _arms(scope, line, s, [[f"{line.column} = {line.bound(s, value)}"]])


def _beyond_group(scope: Scope, line: Line, value: Any, s: Statement) -> LiteralString:
    """A row when a value has more entries than are ordered at once."""
    return (
        f"SELECT 1 FROM {line.source(s)} WHERE {_base(scope, line, s)} AND {line.column} = {line.bound(s, value)} "
        f"OFFSET {_count(s, _GROUP)} LIMIT 1"
    )


def _last_before(scope: Scope, line: Line, at: Any, end: Any, s: Statement) -> LiteralString:
    """The last value between two, or of all."""
    where = _base(scope, line, s)
    if at is not None:
        where += f" AND {line.column} {line.beyond} {line.bound(s, at)}"
    if end is not None:
        where += f" AND {line.bound(s, end)} {line.beyond} {line.column}"
    back: LiteralString = "ASC" if line.descending else "DESC"
    return f"SELECT {line.column} AS value FROM {line.source(s)} WHERE {where} ORDER BY {line.column} {back} LIMIT 1"


def _arms(scope: Scope, line: Line, s: Statement, arms: Sequence[Sequence[LiteralString]]) -> LiteralString:
    """Arms apart: an OR of ranges would be no range."""
    base, filters = _base(scope, line, s), " AND ".join(line.filters(scope, s))
    where: list[LiteralString] = [" AND ".join([base, filters, *arm]) for arm in arms]
    return " UNION ALL ".join([f"SELECT {line.run_id} FROM {line.source(s)} WHERE {w}" for w in where])


def _base(scope: Scope, line: Line, s: Statement) -> LiteralString:
    return " AND ".join(line.base(scope, s))


def _count(s: Statement, number: int) -> LiteralString:
    return f"{s.bind(number)}::int8"
