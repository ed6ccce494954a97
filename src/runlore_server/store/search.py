"""Search for runs: a parsed filter and order as SQL over `run r`, and pages by one statement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, LiteralString

from runlore_server.search.fields import RUN_STATUSES
from runlore_server.search.tree import Comparison, Condition, Field, Function, Kind, OrderKey, SameInput
from runlore_server.store import conditions, experiments, keyset
from runlore_server.store.keyset import NUMBER, TEXT, TIME, OrderColumn, Statement

#: How many characters of a text count in an order: so a keyset of five fits into a page token, and one into an index.
ORDERED_CHARACTERS: LiteralString = "250"

_ATTRIBUTE_SQL: dict[str, LiteralString] = {
    "run_id": "replace(r.run_id::text, '-', '')",
    "name": "r.name",
    # Empty without a parent, as Run has it.
    "parent_run_id": "replace(coalesce(r.parent_run_id::text, ''), '-', '')",
    "experiment_id": "replace(r.experiment_id::text, '-', '')",
    "experiment_name": "(SELECT e.name FROM experiment e WHERE e.experiment_id = r.experiment_id)",
    "artifact_location": "r.artifact_location",
    "status": "r.status",
    "start_time": "r.start_time",
    "end_time": "r.end_time",
    "last_heartbeat_time": "(SELECT l.heartbeat_time FROM run_live l WHERE l.run_id = r.run_id)",
    "is_stale": (
        "(r.status = 1 AND EXISTS (SELECT FROM run_live l WHERE l.run_id = r.run_id AND l.heartbeat_time < "
        "clock_timestamp() - make_interval(secs => current_setting('runlore.stale_after', true)::float8)))"
    ),
}
_ID_COLUMNS: dict[str, LiteralString] = {
    "run_id": "r.run_id",
    "parent_run_id": "r.parent_run_id",
    "experiment_id": "r.experiment_id",
}
_ID = re.compile(r"[0-9a-f]{32}")
_DATASET_SQL: dict[str, LiteralString] = {"name": "d.name", "digest": "d.digest", "context": "i.context"}
#: What stands for a series, by function. The extremes are NULL when all is NaN.
_STATISTICS: dict[Function | None, LiteralString] = {None: "last", Function.MIN: "min", Function.MAX: "max"}


def condition(statement: Statement, workspace: str, wanted: Condition) -> LiteralString:
    """Return whether a run `r` of the workspace meets a condition: true, false, or NULL for false."""
    return conditions.translate(wanted, lambda c: _comparison(statement, workspace, c))


def order_column(statement: Statement, key: OrderKey) -> OrderColumn:
    """Return what of a run `r` an order's key compares."""
    match key.field:
        case Field(Kind.METRIC):
            return OrderColumn(f"nullif({_metric(statement, key.field)}, 'NaN')", NUMBER, key.descending, nullable=True)
        case Field(Kind.PARAM | Kind.TAG, _, Function.NUM):
            return OrderColumn(_entry(statement, key.field), NUMBER, key.descending, nullable=True)
        case Field(Kind.PARAM | Kind.TAG):
            return _text_column(_entry(statement, key.field), key)
        case Field(_, ("start_time" | "end_time" | "last_heartbeat_time") as attribute):
            return OrderColumn(_ATTRIBUTE_SQL[attribute], TIME, key.descending, nullable=True)
        case Field(_, "is_stale"):
            return OrderColumn(f"{_ATTRIBUTE_SQL['is_stale']}::int::float8", NUMBER, key.descending)
        case Field(_, "status"):
            return OrderColumn("r.status::float8", NUMBER, key.descending)
        case Field(_, attribute):
            return _text_column(_ATTRIBUTE_SQL[attribute], key)


def _text_column(text: LiteralString, key: OrderKey) -> OrderColumn:
    return OrderColumn(f'left({text}, {ORDERED_CHARACTERS}) COLLATE "C"', TEXT, key.descending, nullable=True)


def _comparison(statement: Statement, workspace: str, comparison: Comparison | SameInput) -> LiteralString:
    if isinstance(comparison, SameInput):
        return _same_input(statement, workspace, comparison)
    field, operator, value = comparison.field, comparison.operator, comparison.value
    match field.kind:
        case Kind.METRIC:
            return keyset.compare_metric(statement, _metric(statement, field), operator, value)
        case Kind.PARAM | Kind.TAG:
            return keyset.compare(statement, _entry(statement, field), operator, value)
    match field.key:
        case "status":
            return keyset.in_list(statement, "r.status", operator, RUN_STATUSES.numbers(value))
        case "is_stale":
            return f"{_ATTRIBUTE_SQL['is_stale']} {keyset.operator(operator)} {statement.bind(value)}::boolean"
        case "ancestor_run_id":
            return _below(statement, _texts(value))
        case "experiment_name":
            named = keyset.compare(statement, "e.name", operator, value)
            return (
                f"r.experiment_id IN (SELECT e.experiment_id FROM experiment e "
                f"WHERE e.workspace = {statement.bind(workspace)} AND {named})"
            )
        case "run_id" | "parent_run_id" | "experiment_id" if operator in ("=", "IN"):
            return _is_one_of(statement, workspace, field.key, _texts(value))
        case "run_id" | "parent_run_id" | "experiment_id" if operator in ("!=", "NOT IN"):
            return f"NOT coalesce({_is_one_of(statement, workspace, field.key, _texts(value))}, false)"
    return keyset.compare(statement, _ATTRIBUTE_SQL[field.key], operator, value)


def _texts(value: Any) -> Sequence[str]:
    return value if isinstance(value, tuple) else (value,)


def _is_one_of(statement: Statement, workspace: str, key: str, values: Sequence[str]) -> LiteralString:
    """As ids, which have indexes; a text that no id can be is none. Two attributes have a text of another meaning."""
    column = _ID_COLUMNS[key]
    arms: list[LiteralString] = [f"{column} = ANY ({statement.bind([v for v in values if _ID.fullmatch(v)])}::uuid[])"]
    if key == "parent_run_id" and "" in values:
        arms.append("r.parent_run_id IS NULL")
    if key == "experiment_id" and experiments.DEFAULT_ID in values:
        default: LiteralString = (
            f"SELECT e.experiment_id FROM experiment e WHERE e.workspace = {statement.bind(workspace)} AND e.is_default"
        )
        arms.append(f"r.experiment_id = ({default})")
    return arms[0] if len(arms) == 1 else f"({' OR '.join(arms)})"


def _below(statement: Statement, ancestors: Sequence[str]) -> LiteralString:
    """Whether one of the runs is above `r`: looked for upwards, where there are at most as many as a tree is deep."""
    wanted = statement.bind([ancestor for ancestor in ancestors if _ID.fullmatch(ancestor)])
    return (
        "EXISTS (WITH RECURSIVE up AS (SELECT r.parent_run_id AS run_id UNION ALL "
        "SELECT p.parent_run_id FROM up JOIN run p ON p.run_id = up.run_id) "
        f"SELECT FROM up WHERE up.run_id = ANY ({wanted}::uuid[]))"
    )


def _same_input(statement: Statement, workspace: str, same: SameInput) -> LiteralString:
    """From the datasets' side, where the indexes are: `IN` lets Postgres begin at either end."""
    where: list[LiteralString] = [f"d.workspace = {statement.bind(workspace)}"]
    where += [keyset.compare(statement, _dataset(c), c.operator, c.value) for c in same.comparisons]
    inputs: LiteralString = "SELECT i.run_id FROM run_dataset i JOIN dataset d USING (dataset_id)"
    return f"r.run_id IN ({inputs} WHERE {' AND '.join(where)})"


def _dataset(comparison: Comparison) -> LiteralString:
    """With the collation of its index, unless case is folded: "C" would fold ASCII alone."""
    column = _DATASET_SQL[comparison.field.key]
    return f'{column} COLLATE "C"' if comparison.field.key == "name" and "ILIKE" not in comparison.operator else column


def _entry(statement: Statement, field: Field) -> LiteralString:
    return keyset.entry(statement, "r.params" if field.kind is Kind.PARAM else "r.tags", field)


def _metric(statement: Statement, field: Field) -> LiteralString:
    """A value of a run's series, as the view `metric_summary` has it; the view itself would unfold all of a live run's
    series for each of them. A live run's extreme that is NaN there, for none, is none in `run_metric` too.
    """
    statistic, key = _STATISTICS[field.function], statement.bind(field.key)
    place: LiteralString = f"array_position(l.keys, {key}::text)"
    live: LiteralString = f"l.last[{place}]" if field.function is None else f"nullif(l.{statistic}[{place}], 'NaN')"
    return (
        f"coalesce((SELECT {live} FROM run_live l WHERE l.run_id = r.run_id AND l.is_live AND l.count[{place}] > 0), "
        f"(SELECT m.{statistic} FROM run_metric m WHERE m.run_id = r.run_id AND m.key = {key}))"
    )
