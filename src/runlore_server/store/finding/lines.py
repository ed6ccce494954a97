"""Lines: indexes along which a search can walk, in the order of its first key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

from runlore_server.search.tree import And, Comparison, Condition, Field, Kind, Or, OrderKey, comparisons
from runlore_server.store import search
from runlore_server.store.finding import entries
from runlore_server.store.finding.keys import PREFIX
from runlore_server.store.finding.merging import EPOCH, microseconds
from runlore_server.store.finding.scope import NO_MARKS, Marks, Scope
from runlore_server.store.finding.sets import START_TIME, RunSet
from runlore_server.store.keyset import TIME, Statement

#: After all runs of a group, in a keyset: the start and the id.
AFTER_ALL = ["-infinity", "f" * 32]
#: What the indexes by start have of a run beside its start.
_WITH_STARTS = {"start_time", "status", "run_id", "experiment_id"}
_LAST_START = 2**63 - 1


@dataclass(frozen=True)
class Line:
    """Rows of one index in the order of a column, and among equals as runs are ordered."""

    #: A table and its alias.
    table: LiteralString
    column: LiteralString
    #: The SQL type of the column.
    type: LiteralString
    #: What decides among equals: a row of columns.
    tie: LiteralString
    descending: bool
    marks: Marks
    #: Whether runs may have no place on it.
    may_lack: bool

    @property
    def run_id(self) -> LiteralString:
        """The column of runs."""
        return f"{self.table[-1:]}.run_id"

    @property
    def neg_start(self) -> LiteralString:
        """What a tie has beside the id; NULL where that is the column itself."""
        return "NULL::int8"

    def source(self, statement: Statement) -> LiteralString:
        """Return the rows, as FROM wants them."""
        return self.table

    def value(self, found: Any) -> Any:
        """Return a value that was found as a keyset has it."""
        return found.isoformat() if isinstance(found, datetime) else found

    @property
    def columns(self) -> LiteralString:
        """What the index has of a row."""
        raise NotImplementedError

    @property
    def runs_in_order(self) -> bool:
        """Whether the index, read from either end, has equals as runs are ordered."""
        raise NotImplementedError

    @property
    def beyond(self) -> LiteralString:
        """The operator of what comes after a value."""
        return "<" if self.descending else ">"

    @property
    def direction(self) -> LiteralString:
        """The direction of the column."""
        return "DESC" if self.descending else "ASC"

    @property
    def tie_order(self) -> LiteralString:
        """What comes first among equals."""
        return self.tie[1:-1]

    def bound(self, statement: Statement, value: Any) -> LiteralString:
        """Return a value of the column as a parameter."""
        return f"{statement.bind(value)}::{self.type}"

    def after_all(self, scope: Scope, value: Any) -> list[Any]:
        """Return a keyset behind all runs of a value."""
        return [value, *([None] * (len(scope.order) - 1)), *AFTER_ALL]

    def keyset(self, scope: Scope, value: Any, neg_start: Any, run_id: str) -> list[Any]:
        """Return the keyset of an entry; the line has the whole order."""
        raise NotImplementedError

    def tie_of(self, statement: Statement, start: Any, run_id: str) -> LiteralString:
        """Return a keyset's start and id as what decides among equals."""
        raise NotImplementedError

    def base(self, scope: Scope, statement: Statement) -> list[LiteralString]:
        """Return the conditions of the stretch of the index that is walked."""
        raise NotImplementedError

    def filters(self, scope: Scope, statement: Statement) -> list[LiteralString]:
        """Return conditions that can be looked at in the index."""
        raise NotImplementedError


class StartLine(Line):
    """By start; of one experiment, or of the workspace."""

    @property
    def columns(self) -> LiteralString:
        """What both indexes have."""
        return "r.run_id, r.start_time, r.experiment_id, r.workspace, r.status, r.lifecycle_state"

    @property
    def runs_in_order(self) -> bool:
        """When the latest come first."""
        return self.descending

    def after_all(self, scope: Scope, value: Any) -> list[Any]:
        """Return the value with the greatest id: a run's start is its place."""
        if len(scope.order) > 1:
            return super().after_all(scope, value)
        return self.keyset(scope, value, None, AFTER_ALL[1])

    def keyset(self, scope: Scope, value: Any, neg_start: Any, run_id: str) -> list[Any]:
        """Return the start, as often as the order has it, and the id."""
        return [value] * (len(scope.order) + 1) + [run_id]

    def tie_of(self, statement: Statement, start: Any, run_id: str) -> LiteralString:
        """Return the id."""
        return f"({statement.bind(run_id)}::uuid)"

    def base(self, scope: Scope, statement: Statement) -> list[LiteralString]:
        """Return the experiment or the workspace, and the starts that the filter wants."""
        where: list[LiteralString] = []
        if scope.experiment_ids is not None and len(scope.experiment_ids) == 1:
            where.append(f"r.experiment_id = {statement.bind(scope.experiment_ids[0])}::uuid")
        else:
            where.append(f"r.workspace = {statement.bind(scope.workspace)}")
        starts = (c for c in scope.conjuncts() if isinstance(c, Comparison) and c.field == START_TIME)
        return where + [search.condition(statement, scope.workspace, c) for c in starts]

    def filters(self, scope: Scope, statement: Statement) -> list[LiteralString]:
        """Return the parts of the filter that are about the columns which the index has."""
        seen = (part for part in scope.conjuncts() if _is_with_starts(part))
        return scope.frame(statement) + [search.condition(statement, scope.workspace, part) for part in seen]


@dataclass(frozen=True)
class SetLine(StartLine):
    """By start, of the runs of a small set."""

    found: RunSet

    @property
    def columns(self) -> LiteralString:
        """What the set has."""
        return "w.run_id, w.neg_start"

    @property
    def runs_in_order(self) -> bool:
        """It is sorted."""
        return True

    def source(self, statement: Statement) -> LiteralString:
        """Return the set's runs, each once. OFFSET 0: the set is read as such, whatever is asked of its starts."""
        once: LiteralString = "DISTINCT" if isinstance(self.found.part, Or) else ""
        return f"(SELECT {once} x.run_id, x.neg_start FROM ({self.found.query(statement)}) x OFFSET 0) w"

    def value(self, found: Any) -> Any:
        """Return the start."""
        return _start(found)

    def bound(self, statement: Statement, value: Any) -> LiteralString:
        """Return the negated start."""
        return f"{statement.bind(-int(microseconds(value)))}::int8"

    def base(self, scope: Scope, statement: Statement) -> list[LiteralString]:
        """Return nothing: the set is small."""
        return ["true"]

    def filters(self, scope: Scope, statement: Statement) -> list[LiteralString]:
        """Return nothing: the runs are looked at."""
        return ["true"]


@dataclass(frozen=True)
class EntryLine(Line):
    """By the entries of a field."""

    entries: entries.Entries
    field: Field

    @property
    def columns(self) -> LiteralString:
        """An entry, with the one value that this index is by."""
        return f"w.run_id, w.neg_start, {self.column}, w.key_no, w.experiment_no"

    @property
    def runs_in_order(self) -> bool:
        """When the least value comes first."""
        return not self.descending

    @property
    def neg_start(self) -> LiteralString:
        """The entry's."""
        return "w.neg_start"

    def keyset(self, scope: Scope, value: Any, neg_start: Any, run_id: str) -> list[Any]:
        """Return the value, the start and the id."""
        return [value, _start(neg_start), run_id]

    def tie_of(self, statement: Statement, start: Any, run_id: str) -> LiteralString:
        """Return the negated start and the id."""
        neg_start = _LAST_START if start == AFTER_ALL[0] else -int(microseconds(start))
        return f"({statement.bind(neg_start)}::int8, {statement.bind(run_id)}::uuid)"

    def base(self, scope: Scope, statement: Statement) -> list[LiteralString]:
        """Return the key, and the values that the filter wants."""
        where: list[LiteralString] = [
            f"w.key_no = {statement.bind(self.entries.key_no)}::int4",
            f"{self.column} IS NOT NULL",
        ]
        for found in entries.narrowing(scope, self.field) or ():
            where += self.entries.arm(statement, found)
        return where

    def filters(self, scope: Scope, statement: Statement) -> list[LiteralString]:
        """Return the experiments."""
        return self.entries.where(scope, statement)


def of_order(scope: Scope, small: RunSet | None = None) -> Line | None:
    """Return the line of a search's first key; None when there is none. `small`: a set in which all of its runs are."""
    key = scope.order[0] if scope.order else OrderKey(START_TIME, descending=True)
    if key.field == START_TIME and small is not None and small.has_starts:
        tie: LiteralString = "(w.run_id)"
        # The starts are negated.
        return SetLine("w", "w.neg_start", "int8", tie, not key.descending, small.marks, may_lack=False, found=small)
    if key.field == START_TIME:
        return StartLine("run r", "r.start_time", TIME, "(r.run_id)", key.descending, NO_MARKS, may_lack=False)
    found = entries.of_field(scope.keys, key.field)
    if found is None:
        return None
    return EntryLine(
        table=f"{found.table} w",
        column=found.column,
        type=found.type,
        tie="(w.neg_start, w.run_id)",
        descending=key.descending,
        marks=found.marks,
        may_lack=entries.narrowing(scope, key.field) is None,
        entries=found,
        field=key.field,
    )


def equal(field: Field, value: Any) -> Condition:
    """Return the condition that a field has a value, as an order regards it."""
    if field == START_TIME:
        start = datetime.fromisoformat(value)
        end = start + timedelta(microseconds=1)
        return And((Comparison(field, ">=", start.astimezone(UTC)), Comparison(field, "<", end.astimezone(UTC))))
    if isinstance(value, str) and len(value) >= PREFIX:
        # What is longer has the same place as far as an order looks.
        return And(tuple(Comparison(field, operator, text) for operator, text in entries.beginning(value)))
    return Comparison(field, "=", value)


def lacking(field: Field) -> Condition:
    """Return the condition that a field has no place in an order."""
    missing = Comparison(field, "IS NULL", None)
    return Or((missing, Comparison(field, "IS NAN", None))) if field.kind is Kind.METRIC else missing


def _start(neg_start: int) -> str:
    return (EPOCH - timedelta(microseconds=neg_start)).isoformat()


def _is_with_starts(part: Condition) -> bool:
    return all(c.field.kind is Kind.ATTRIBUTE and c.field.key in _WITH_STARTS for c in comparisons(part))
