"""Search for model versions: a parsed filter and order to statements whose plans are known.

Postgres is wrong by hundreds of times about how many versions have a tag, and so may walk a million of them for one. It
is therefore told what to do. First the order's index is walked a few steps, which fill a page in most searches, or tell
how far to go on. Then it is counted, up to a bound, how many versions each comparison leaves that an index serves: if
few, they are fetched and sorted. Else the walk goes on for a while. What it does not find lies far back in the order,
and such a search is slow.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from runlore_server.db import Connection
from runlore_server.search.fields import STAGES, VERSION_STATUSES, Names
from runlore_server.search.tree import And, Comparison, Condition, Field, Kind, OrderKey, SameInput
from runlore_server.store import conditions, keyset
from runlore_server.store.keyset import TEXT, TIME, WHOLE, OrderColumn, Statement

#: As many steps are walked for each version of the page: at first, when most searches end; and when there are many.
_SHORT, _LONG = 20, 200
#: So many for each are walked without counting, when the short walk says that they will do.
_LIKELY = 120
#: As many versions cost what the long walk does to fetch and sort; less by name, where those of a model are walked
#: together; and as many are better than a walk without an end.
_FEW, _FEW_BY_NAME, _MANY = 12_000, 4_000, 30_000
#: Of so few, it is not counted elsewhere whether there are fewer still, where that means to fetch them.
_VERY_FEW = 500
#: Of few versions in order, so many for each of the page are looked at first: others' workspaces may have some.
_SPARE = 4
#: The versions of so many models can be few.
_COUNTED_MODELS = 1_000
#: As many tokens are looked up in an index for one list.
_MOST_LISTED = 20

_ENUMS: dict[str, Names] = {"stage": STAGES, "status": VERSION_STATUSES}
#: The column, and the value that its index leaves out, because most versions have it: stage None, status READY.
_ENUM_SQL: dict[str, tuple[LiteralString, int]] = {"stage": ("v.stage", 1), "status": ("v.status", 2)}
_UPDATED: LiteralString = "coalesce(v.update_time, v.create_time)"
_FILTER_SQL: dict[str, LiteralString] = {
    "name": "name",
    "run_id": "replace(v.run_id::text, '-', '')",
    "logged_model_id": "replace(v.logged_model_id::text, '-', '')",
    "manifest_digest": "encode(v.manifest_digest, 'hex')",
    "description": "v.description",
    "version": "v.version",
    "creation_time": "v.create_time",
    "last_update_time": _UPDATED,
}
#: Ids as they are stored: the column, its type, and how a value must look to be one.
_IDS: dict[str, tuple[LiteralString, LiteralString, re.Pattern[str]]] = {
    "run_id": ("v.run_id", "uuid", re.compile(r"[0-9a-f]{32}")),
    "logged_model_id": ("v.logged_model_id", "uuid", re.compile(r"[0-9a-f]{32}")),
    "manifest_digest": ("v.manifest_digest", "bytea", re.compile(r"[0-9a-f]{64}")),
}
_ORDER: dict[str, tuple[LiteralString, LiteralString]] = {
    "name": ('m.name COLLATE "C"', TEXT),
    "version": ("v.version", WHOLE),
    "creation_time": ("v.create_time", TIME),
    "last_update_time": (_UPDATED, TIME),
}
_TIMES = ("creation_time", "last_update_time")
_BY_NAME = OrderColumn(*_ORDER["name"])
_NEWEST_FIRST = OrderColumn(*_ORDER["version"], descending=True)

#: What comparisons and orders are about, beside the model's `name`.
_COLUMNS: LiteralString = (
    "v.model_id, v.version, v.run_id, v.logged_model_id, v.manifest_digest, v.status, v.description, v.tags, v.params, "
    "v.metrics, v.stage, v.create_time, v.update_time, v.delete_time"
)
#: What orders are about, beside the name.
_KEYS: LiteralString = "v.model_id, v.version, v.create_time, v.update_time"
_VERSIONS: LiteralString = "model_version v JOIN registered_model m USING (model_id)"


@dataclass(frozen=True)
class _Place:
    """Where an index finds versions, perhaps more than are wanted."""

    #: A table, or several joined.
    table: LiteralString
    #: What holds of its rows.
    holds: LiteralString
    #: How its rows are joined to versions `v`, unless they are some.
    joined: LiteralString = ""
    #: Whether its rows can be counted in the index alone.
    by_index: bool = True
    #: Whether a version may be found more than once.
    repeats: bool = False


@dataclass(frozen=True)
class _Condition:
    """What is wanted of a version `v` and the `name` of its model."""

    sql: LiteralString
    #: The attribute that it is about; empty for others.
    attribute: str = ""
    #: None: no index finds such versions.
    place: _Place | None = None
    #: Whether it is, or may be, about the model too.
    of_model: bool = False


async def page(
    conn: Connection,
    workspace: str,
    model_id: str | None,
    condition: Condition,
    order: Sequence[OrderKey],
    after: list[Any] | None,
    limit: int,
) -> list[tuple[tuple[str, int], list[Any]]]:
    """Return ((model id, number), keyset values) of up to `limit` versions after a keyset.

    `model_id`: of one model; None: of every model of the workspace. Comparisons of params and metrics need every
    version filled in (`versions.fill`).
    """
    statement = Statement()
    of_model: LiteralString = f"v.model_id = {statement.bind(model_id)}::uuid" if model_id is not None else "true"
    models: LiteralString = f"m.workspace = {statement.bind(workspace)} AND m.delete_time IS NULL"
    scope: LiteralString = f"{models} AND {of_model}"
    if model_id is not None:
        models = f"{models} AND m.model_id = {statement.bind(model_id)}::uuid"
    # One model's versions all have its name: without it the primary key has the order.
    order = [key for key in order if model_id is None or key.field.key != "name"]
    columns = [OrderColumn(*_ORDER[key.field.key], key.descending) for key in order]
    columns += [_NEWEST_FIRST] if model_id is not None else [_BY_NAME, _NEWEST_FIRST]
    first = order[0].field.key if order else "version" if model_id is not None else "name"
    wanted = _wanted(statement, scope, condition)
    search = _Search(conn, statement, of_model, models, scope, wanted, columns, after, limit)
    return [((of_model, values[-1]), values) for of_model, values in await search.run(first)]


@dataclass(frozen=True)
class _Search:
    """The search for one page."""

    conn: Connection
    statement: Statement
    #: What holds of each version `v` that is searched; of its model `m`; and both.
    of_model: LiteralString
    models: LiteralString
    scope: LiteralString
    conditions: Sequence[_Condition]
    columns: Sequence[OrderColumn]
    after: list[Any] | None
    limit: int

    async def run(self, first: str) -> list[tuple[str, list[Any]]]:
        """Find the page; `first` is the attribute that the order begins with."""
        if not self.conditions:
            return await self._among(_VERSIONS, "v.delete_time IS NULL")
        # Many versions have one number: there are no few first steps by it.
        found = await self._along(first, _SHORT * self.limit) if first != "version" else []
        if 0 < len(found) < self.limit:
            # As many more steps as it takes if what comes is like what came.
            likely = _SHORT * self.limit * (self.limit - len(found)) // len(found)
            if likely <= _LIKELY * self.limit:
                rest = replace(self, after=found[-1][1], limit=self.limit - len(found))
                found += await rest._along(first, likely * 3 // 2)
        if len(found) == self.limit:
            return found
        for few, steps in ((_FEW_BY_NAME if first == "name" else _FEW, _LONG), (_MANY, 0)):
            among = await self._among_few(first, few)
            if among is not None:
                return among
            found = await self._along(first, steps * self.limit) if steps else []
            if len(found) == self.limit:
                return found
        return await self._among(_VERSIONS, "v.delete_time IS NULL", *(c.sql for c in self.conditions))

    async def _among(self, source: LiteralString, *also: LiteralString) -> list[tuple[str, list[Any]]]:
        """Find the page among the versions of a source; `also` are conditions that do not hold of all of them."""
        return await keyset.page(
            self.conn, self.statement, source, [self.scope, *also], self.columns, self.after, self.limit, "v.model_id"
        )

    async def _among_few(self, first: str, few: int) -> list[tuple[str, list[Any]]] | None:
        """Find the page among the versions of the place that has the fewest; None when all have more than `few`."""
        places = [condition.place for condition in self.conditions if condition.place is not None]
        counts = await self._counts([place for place in places if place.by_index], few)
        fewest = min(counts, key=lambda place: counts[place])
        others = [place for place in places if not place.by_index]
        if counts[fewest] > _VERY_FEW and others:
            most = min(counts[fewest], few)
            if len(others) == 1:
                # To count them takes as long as to fetch them: both at once.
                found = await self._among_rows(first, self._rows(others[0], most))
                if found:
                    return found
            counts |= await self._counts(others, most, scoped=False)
            fewest = min(counts, key=lambda place: counts[place])
            if len(others) == 1 and counts[others[0]] <= most:
                return []
        return await self._among_rows(first, self._rows(fewest)) if counts[fewest] <= few else None

    async def _counts(self, places: Sequence[_Place], most: int, *, scoped: bool = True) -> dict[_Place, int]:
        """Count the versions of places, up to one more than `most`; `scoped`: and those of all models searched."""
        bound = self.statement.bind(most + 1)
        counts = [f"(SELECT count(*) FROM (SELECT FROM {p.table} WHERE {p.holds} LIMIT {bound}) s)" for p in places]
        if scoped:
            # Their last numbers tell; of more models than that, versions are too many anyway.
            models = self.statement.bind(_COUNTED_MODELS + 1)
            last = f"SELECT m.latest_version AS n FROM registered_model m WHERE {self.models} LIMIT {models}"
            total = f"CASE WHEN count(*) = {models} THEN {bound} ELSE coalesce(sum(n), 0) END"
            places = [*places, _Place(_VERSIONS, self.scope)]
            counts.append(f"(SELECT {total} FROM ({last}) s)")
        text: LiteralString = f"SELECT ARRAY[{', '.join(counts)}]::int8[] AS counts"
        cursor = await self.conn.execute(text, self.statement.params, binary=True, prepare=False)
        row: Any = await cursor.fetchone()
        return dict(zip(places, row.counts, strict=True))

    def _rows(self, place: _Place, most: int | None = None) -> LiteralString:
        """Return a query for the versions of a place for which holds what is about them alone.

        There are none of them if more than `most` are in the place.
        """
        more = [c.sql for c in self.conditions if not c.of_model and (c.place is not place or place.by_index)]
        holds = " AND ".join(["true", *more])
        # What is about the model too may be about any column.
        columns = _COLUMNS if any(c.of_model and not c.attribute for c in self.conditions) else _KEYS
        rows: LiteralString = f"FROM {place.table}{place.joined} WHERE {place.holds} AND v.delete_time IS NULL"
        if most is None:
            once: LiteralString = "DISTINCT ON (v.model_id, v.version) " if place.repeats else ""
            # OFFSET 0: nothing else is begun with, whatever the planner believes.
            return f"SELECT {once}{columns} {rows} AND {holds} OFFSET 0"
        bound = self.statement.bind(most + 1)
        return (
            f"SELECT * FROM (SELECT *, count(*) OVER () AS n FROM (SELECT {columns}, {holds} AS is_wanted {rows} "
            f"LIMIT {bound}) v) v WHERE is_wanted AND n < {bound}"
        )

    async def _among_rows(self, first: str, rows: LiteralString) -> list[tuple[str, list[Any]]]:
        """Find the page among the versions that a query of `_rows` returns."""
        also = [condition.sql for condition in self.conditions if condition.of_model]
        if first in _TIMES:
            found = await self._among(self._next(f"SELECT * FROM ({rows}) v WHERE true", _SPARE * self.limit), *also)
            if len(found) == self.limit:
                return found
        return await self._among(f"({rows}) v JOIN registered_model m USING (model_id)", *also)

    async def _along(self, first: str, steps: int) -> list[tuple[str, list[Any]]]:
        """Find the page within some steps along the order, if it is there."""
        # What the order's index has as well is asked before a step is counted.
        within = {"name": ("name", "stage", "version", "alias")}.get(first, (first, "stage"))
        inner = ["v.delete_time IS NULL", *(c.sql for c in self.conditions if c.attribute in within)]
        wanted = [c.sql for c in self.conditions if c.attribute not in within]
        if first in _TIMES:
            rows: LiteralString = (
                f"SELECT {_COLUMNS} FROM model_version v WHERE {' AND '.join([self.of_model, *inner])}"
            )
            return await self._among(self._next(rows, steps), *wanted)
        carried: LiteralString = f"{_COLUMNS}, m.name"
        if first == "version":
            # Each number is that of a version of every model, to be sorted by name: without fetching them all.
            keyed: LiteralString = "FROM model_version v WHERE v.model_id = id AND v.version = number"
            wanted = [f"(SELECT {' AND '.join(['true', *wanted])} {keyed})"]
            carried = "v.version AS number, m.name"
        return await keyset.walk(
            self.conn,
            self.statement,
            _VERSIONS,
            [self.scope, *inner],
            self.columns,
            self.after,
            self.limit,
            steps=steps,
            carried=carried,
            wanted=["true", *wanted],
            record_id="v.model_id",
        )

    def _next(self, rows: LiteralString, steps: int) -> LiteralString:
        """The first versions in the order of a time, and all that have the last one's: the models order those.

        So a model is looked up for those alone that are wanted, and not with each step. `rows` is a query that ends in
        conditions.
        """
        column = self.columns[0]
        if self.after is not None:
            beyond: LiteralString = "<=" if column.descending else ">="
            rows = f"{rows} AND {column.sql} {beyond} {self.statement.bind(self.after[0])}::{column.type}"
        in_order: LiteralString = f"{column.sql} {'DESC' if column.descending else 'ASC'}"
        return (
            f"({rows} ORDER BY {in_order} FETCH FIRST {self.statement.bind(steps)} ROWS WITH TIES) v "
            "JOIN registered_model m USING (model_id)"
        )


def _wanted(statement: Statement, scope: LiteralString, condition: Condition) -> list[_Condition]:
    """What must hold all together. All tags that equal something are one: one look into an index answers it."""

    def leaf(comparison: Comparison | SameInput) -> LiteralString:
        assert isinstance(comparison, Comparison)
        return _of(statement, scope, comparison).sql

    found: list[_Condition] = []
    parts = condition.parts if isinstance(condition, And) else (condition,)
    for kind, column in ((Kind.TAG, "v.tags"), (Kind.PARAM, "v.params")):
        equal = [part for part in parts if isinstance(part, Comparison) and _equals(part, kind)]
        if equal:
            holds = " AND ".join([_holds(statement, column, part.field, part.value) for part in equal])
            found.append(_Condition(holds, place=_of_version(holds, by_index=False)))
            parts = tuple(part for part in parts if part not in equal)
    for part in parts:
        if isinstance(part, Comparison):
            found.append(_of(statement, scope, part))
        else:
            found.append(_Condition(conditions.translate(part, leaf), of_model=True))
    return found


def _equals(comparison: Comparison, kind: Kind) -> bool:
    return comparison.operator == "=" and comparison.field == Field(kind, comparison.field.key)


def _holds(statement: Statement, column: LiteralString, field: Field, value: Any) -> LiteralString:
    """Whether a tag or a param equals a text, as an index on all of them can tell."""
    return f"{column} @> {statement.bind(Jsonb({field.key: value}))}"


def _of(statement: Statement, scope: LiteralString, comparison: Comparison) -> _Condition:
    match comparison.field.kind:
        case Kind.METRIC:
            return _of_metric(statement, comparison)
        case Kind.ATTRIBUTE:
            return _of_attribute(statement, scope, comparison)
        case kind:
            return _of_key(statement, "v.tags" if kind is Kind.TAG else "v.params", comparison)


def _of_version(holds: LiteralString, *, by_index: bool = True) -> _Place:
    return _Place("model_version v", f"{holds} AND v.delete_time IS NULL", by_index=by_index)


def _of_key(statement: Statement, column: LiteralString, comparison: Comparison) -> _Condition:
    """A tag or a param."""
    field, value = comparison.field, comparison.value
    if _equals(comparison, field.kind):
        return _Condition(_holds(statement, column, field, value))
    sql = keyset.compare(statement, keyset.entry(statement, column, field), comparison.operator, value)
    if comparison.operator != "IN" or field.function or not isinstance(value, tuple) or len(value) > _MOST_LISTED:
        return _Condition(sql)
    listed = " OR ".join([_holds(statement, column, field, each) for each in value])
    return _Condition(sql, place=_of_version(f"({listed})", by_index=False))


def _of_metric(statement: Statement, comparison: Comparison) -> _Condition:
    key, operator, value = statement.bind(comparison.field.key), comparison.operator, comparison.value
    sql = keyset.compare_metric(statement, f"(v.metrics ->> {key})::float8", operator, value)
    if operator not in ("=", "<", "<=", ">", ">="):
        return _Condition(sql)
    holds = f"x.key = {key} AND x.last < 'NaN' AND {keyset.compare(statement, 'x.last', operator, value)}"
    return _Condition(
        sql, place=_Place("model_version_metric x", holds, " JOIN model_version v USING (model_id, version)")
    )


def _of_attribute(statement: Statement, scope: LiteralString, comparison: Comparison) -> _Condition:
    key, operator, value = comparison.field.key, comparison.operator, comparison.value
    match key:
        case "name":
            sql = keyset.compare(statement, "name", operator, value)
            return _Condition(sql, key, _Place(_VERSIONS, f"{scope} AND {sql}"), of_model=True)
        case "alias":
            held = keyset.compare(statement, "a.alias", operator, value)
            aliased: LiteralString = "SELECT FROM model_alias a WHERE a.model_id = v.model_id AND a.version = v.version"
            sql = f"EXISTS ({aliased} AND {held})"
            place = _Place(
                "model_alias a", held, " JOIN model_version v USING (model_id, version)", repeats=operator == "IN"
            )
            return _Condition(sql, key, place)
        case "stage" | "status":
            return _of_enum(statement, key, operator, value)
        case "version":
            sql = keyset.compare_whole(statement, "v.version", operator, value)
        case "run_id" | "logged_model_id" | "manifest_digest" if operator in ("=", "IN"):
            sql = _is_one_of(statement, key, [str(each) for each in (value if isinstance(value, tuple) else (value,))])
        case _:
            sql = keyset.compare(statement, _FILTER_SQL[key], operator, value)
            if key not in ("creation_time", "last_update_time"):
                return _Condition(sql, key)
    few = operator in ("=", "IN", "<", "<=", ">", ">=")
    return _Condition(sql, key, _of_version(sql) if few else None)


def _of_enum(statement: Statement, key: str, operator: str, value: Any) -> _Condition:
    names, (column, usual) = _ENUMS[key], _ENUM_SQL[key]
    numbers = names.numbers(value)
    if operator in ("!=", "NOT IN"):
        numbers = [number for number in names.values() if number not in numbers]
    # Not a list where it is one: then an index has the order of what comes after it, too.
    one = len(numbers) == 1
    bound: LiteralString = f"{statement.bind(numbers[0])}" if one else f"ANY ({statement.bind(numbers)}::smallint[])"
    sql: LiteralString = f"{column} = {bound}::smallint" if one else f"{column} = {bound}"
    # The planner does not see that a list leaves out the usual value, which the index does.
    unusual: LiteralString = "" if usual in numbers else f" AND {column} <> {'1' if usual == 1 else '2'}"
    return _Condition(sql, key, _of_version(sql + unusual) if unusual else None)


def _is_one_of(statement: Statement, key: str, values: Sequence[str]) -> LiteralString:
    """What an index finds; a text that no value can be is none."""
    column, type_, form = _IDS[key]
    possible = [value for value in values if form.fullmatch(value)]
    raw = [bytes.fromhex(value) for value in possible] if type_ == "bytea" else possible
    return f"{column} = ANY ({statement.bind(raw)}::{type_}[])"
