"""Parts of a filter as queries of indexes: runs among which all are that meet the part, and maybe some others.

What a query finds is looked at in the run itself afterwards, so it may say less than its part does: the beginning of a
long text for the whole. A part for which there is no query (`not`, num(), IS NULL, ILIKE, ...) is only looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, LiteralString

from runlore import v1
from runlore_server.search.fields import RUN_STATUSES
from runlore_server.search.tree import And, Comparison, Condition, Field, Kind, Or, SameInput
from runlore_server.store import queries, search
from runlore_server.store.finding import entries
from runlore_server.store.finding.scope import NO_MARKS, Marks, RunIds, Scope
from runlore_server.store.keyset import Statement

sql = queries.load("finding")

#: The field by which runs are ordered when nothing else decides.
START_TIME = Field(Kind.ATTRIBUTE, "start_time")

_ID = re.compile(r"[0-9a-f]{32}")
# As entries have it.
_NEG_START: LiteralString = "(extract(epoch FROM r.start_time) * -1000000)::int8 AS neg_start"
# RUNNING and FINISHED, spelled out as the indexes have them.
_RUNNING: LiteralString = f"SELECT r.run_id, {_NEG_START} FROM run r WHERE r.status = 1"
_UNFINISHED: LiteralString = f"SELECT r.run_id, {_NEG_START} FROM run r WHERE r.status <> 1 AND r.status <> 3"


@dataclass(frozen=True)
class RunSet:
    """Runs among which all are that meet a part of the filter."""

    #: Has a column `neg_start` too when `has_starts`.
    query: RunIds
    marks: Marks = NO_MARKS
    #: None: it is not the filter that asks.
    part: Condition | None = None
    has_starts: bool = False


def of_scope(scope: Scope) -> RunSet:
    """Return the runs of the experiments, or of the workspace, that start when the filter wants them to."""
    starts = [c for c in scope.conjuncts() if isinstance(c, Comparison) and c.field == START_TIME]

    def query(statement: Statement) -> LiteralString:
        where: list[LiteralString] = [f"r.workspace = {statement.bind(scope.workspace)}"]
        if scope.experiment_ids is not None:
            where = [f"r.experiment_id = ANY ({statement.bind(list(scope.experiment_ids))}::uuid[])"]
        where += [search.condition(statement, scope.workspace, c) for c in starts]
        return f"SELECT r.run_id, {_NEG_START} FROM run r WHERE {' AND '.join(where)}"

    return RunSet(query, has_starts=True)


def of_deleted(scope: Scope) -> RunSet:
    """Return the runs that are deleted, by themselves or with their experiment."""
    return RunSet(lambda s: sql.deleted.replace("%(workspace)s", s.bind(scope.workspace)))


def of_condition(scope: Scope, condition: Condition) -> RunSet | None:
    """Return the set of a part of the filter; None when there is no query for it."""
    match condition:
        case Or(parts):
            found = [of_condition(scope, part) for part in parts]
            arms = [arm for arm in found if arm is not None]
            if not arms or len(arms) < len(found):
                return None
            has_starts = all(arm.has_starts for arm in arms)
            columns: LiteralString = "x.run_id, x.neg_start" if has_starts else "x.run_id"
            return RunSet(
                lambda s: " UNION ALL ".join([f"SELECT {columns} FROM ({arm.query(s)}) x" for arm in arms]),
                reduce(Marks.__or__, (arm.marks for arm in arms)),
                condition,
                has_starts,
            )
        case And(parts):
            # Any of them would do.
            return next(filter(None, (of_condition(scope, part) for part in parts)), None)
        case SameInput(parts):
            return _of_input(scope, parts, condition)
        case Comparison():
            return _of_comparison(scope, condition)
    return None


def _of_comparison(scope: Scope, c: Comparison) -> RunSet | None:
    if c.operator == "IS NULL":
        return None
    indexed = entries.of_field(scope.keys, c.field)
    if indexed is not None:
        return _of_entries(scope, c, indexed)
    values: Sequence[Any] = c.value if isinstance(c.value, tuple) else (c.value,)
    match c.field:
        case Field(Kind.ATTRIBUTE, "run_id") if c.operator in ("=", "IN"):
            return RunSet(lambda s: f"SELECT unnest({s.bind(_ids(values))}::uuid[]) AS run_id", part=c)
        case Field(Kind.ATTRIBUTE, "parent_run_id") if c.operator in ("=", "IN") and "" not in values:
            children: LiteralString = f"SELECT r.run_id, {_NEG_START} FROM run r WHERE r.parent_run_id = ANY "
            return RunSet(lambda s: f"{children}({s.bind(_ids(values))}::uuid[])", part=c, has_starts=True)
        case Field(Kind.ATTRIBUTE, "ancestor_run_id"):
            return RunSet(lambda s: sql.below.replace("%(run_ids)s", s.bind(_ids(values))), part=c)
        case Field(Kind.ATTRIBUTE, "status"):
            return _of_statuses(c)
        case Field(Kind.ATTRIBUTE, "is_stale") if c.operator == "=" and c.value is True:
            return RunSet(lambda s: _RUNNING, part=c, has_starts=True)
    return None


def _of_entries(scope: Scope, c: Comparison, found: entries.Entries) -> RunSet:
    def query(statement: Statement) -> LiteralString:
        arms: list[LiteralString] = []
        for arm in entries.ranges(c):
            where = [*found.where(scope, statement), *found.arm(statement, arm)]
            arms.append(f"SELECT w.run_id, w.neg_start FROM {found.table} w WHERE {' AND '.join(where)}")
        return " UNION ALL ".join(arms)

    return RunSet(query, found.marks, c, has_starts=True)


def _of_statuses(c: Comparison) -> RunSet | None:
    """There are indexes of all statuses but FINISHED, which most runs have."""
    named = set(RUN_STATUSES.numbers(c.value)) if c.value is not None else set()
    numbers = named if c.operator in ("=", "IN") else set(RUN_STATUSES.values()) - named
    if v1.RUN_STATUS_FINISHED in numbers:
        return None
    others = sorted(numbers - {v1.RUN_STATUS_RUNNING})

    def query(statement: Statement) -> LiteralString:
        found: LiteralString = f"{_UNFINISHED} AND r.status = ANY ({statement.bind(others)}::smallint[])"
        return found if len(others) == len(numbers) else f"{found} UNION ALL {_RUNNING}"

    return RunSet(query, part=c, has_starts=True)


def _of_input(scope: Scope, comparisons: Sequence[Comparison], condition: Condition) -> RunSet | None:
    """From the datasets' side, by what there is an index of."""
    known = [c for c in comparisons if c.operator in ("=", "IN") and c.field.key in ("name", "digest")]
    if not known:
        return None

    def query(statement: Statement) -> LiteralString:
        where: list[LiteralString] = [f"d.workspace = {statement.bind(scope.workspace)}"]
        for c in known:
            column: LiteralString = 'd.name COLLATE "C"' if c.field.key == "name" else "d.digest"
            values = list(c.value) if isinstance(c.value, tuple) else [c.value]
            where.append(f"{column} = ANY ({statement.bind(values)}::text[])")
        return f"SELECT i.run_id FROM dataset d JOIN run_dataset i USING (dataset_id) WHERE {' AND '.join(where)}"

    return RunSet(query, part=condition)


def _ids(values: Sequence[Any]) -> list[str]:
    """Return those that can be ids."""
    return [value for value in values if _ID.fullmatch(value)]
