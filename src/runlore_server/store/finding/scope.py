"""What one search is about, and the exact answer to it among any candidates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, LiteralString

from runlore import v1
from runlore_server.db import Connection
from runlore_server.search.tree import And, Condition, OrderKey
from runlore_server.store import keyset, lifecycle_view, search
from runlore_server.store.finding.keys import KeyKind, Keys
from runlore_server.store.keyset import TIME, UUID, OrderColumn, Statement

#: A run's id and where it stands in the order: the values of the order's columns, its start and its id.
Row = tuple[str, list[Any]]
#: A query of run ids, as a column `run_id`; its parameters go to the statement.
RunIds = Callable[[Statement], LiteralString]

# A run looked up by its id, and by nothing else: OFFSET 0 keeps Postgres from joining in another way, which by its
# estimates of conditions that it cannot know would often be to read the whole table.
LOOKED_UP: LiteralString = (
    "LATERAL (SELECT r.run_id, r.workspace, r.experiment_id, r.parent_run_id, r.name, r.status, r.start_time, "
    "r.end_time, r.params, r.tags, r.artifact_location, r.lifecycle_state, r.unindexed FROM run r "
    "WHERE r.run_id = c.run_id OFFSET 0) r"
)


@dataclass(frozen=True)
class Scope:
    """Which runs are wanted, and in which order; the latest start and then the id decide among equals."""

    workspace: str
    #: None: of all of them.
    experiment_ids: tuple[str, ...] | None
    view: v1.LifecycleView.ValueType
    wanted: Condition
    order: tuple[OrderKey, ...]
    keys: Keys

    def narrowed(self, condition: Condition) -> Scope:
        """Return the search for those that meet a condition too, without the first key of the order."""
        return replace(self, wanted=And((*self.conjuncts(), condition)), order=self.order[1:])

    def conjuncts(self) -> tuple[Condition, ...]:
        """Return the conditions that must all hold."""
        return self.wanted.parts if isinstance(self.wanted, And) else (self.wanted,)

    def experiment_numbers(self) -> list[int] | None:
        """Return the experiments' numbers in the index; None: of all of them."""
        if self.experiment_ids is None:
            return None
        found = (self.keys.number(KeyKind.EXPERIMENT, id_) for id_ in self.experiment_ids)
        return [number for number in found if number is not None]

    def columns(self, statement: Statement) -> list[OrderColumn]:
        """Return what decides a run's place."""
        return [
            *(search.order_column(statement, key) for key in self.order),
            OrderColumn("r.start_time", TIME, descending=True),
            OrderColumn("r.run_id", UUID),
        ]

    def where(self, statement: Statement) -> list[LiteralString]:
        """Return the conditions on a run `r`."""
        return [*self.frame(statement), search.condition(statement, self.workspace, self.wanted)]

    def frame(self, statement: Statement) -> list[LiteralString]:
        """Return the conditions on a run `r` that are not the filter's."""
        where: list[LiteralString] = [
            f"r.workspace = {statement.bind(self.workspace)}",
            *lifecycle_view.of_members(statement, "r", self.workspace, self.view),
        ]
        if self.experiment_ids is not None:
            where.append(f"r.experiment_id = ANY ({statement.bind(list(self.experiment_ids))}::uuid[])")
        return where


@dataclass(frozen=True)
class Marks:
    """Which of the index's parts a plan reads, and so which runs it must read themselves."""

    texts: bool = False
    metrics: bool = False

    def __or__(self, other: Marks) -> Marks:
        return Marks(self.texts or other.texts, self.metrics or other.metrics)

    def __bool__(self) -> bool:
        return self.texts or self.metrics

    def unmarked(self) -> list[LiteralString]:
        """Return the conditions on a run `r` whose entries are up to date."""
        where: list[LiteralString] = ["NOT r.unindexed"] if self.texts else []
        if self.metrics:
            where.append("NOT EXISTS (SELECT FROM run_live l WHERE l.run_id = r.run_id AND l.unindexed)")
        return where

    def marked(self, statement: Statement) -> LiteralString:
        """Return the query of the others."""
        arms: list[LiteralString] = []
        if self.texts:
            arms.append("SELECT m.run_id FROM run m WHERE m.unindexed")
        if self.metrics:
            arms.append("SELECT l.run_id FROM run_live l WHERE l.unindexed")
        return " UNION ".join(arms)


#: Of a plan that reads no entries.
NO_MARKS = Marks()


async def among(
    conn: Connection,
    scope: Scope,
    candidates: RunIds,
    after: list[Any] | None,
    limit: int,
    marks: Marks | None = None,
) -> list[Row]:
    """Return the first runs after a keyset that are among the candidates, each of which is looked at.

    `marks`: leave out those whose entries are not up to date.
    """
    statement = Statement()
    source: LiteralString = f"({candidates(statement)} OFFSET 0) c CROSS JOIN {LOOKED_UP}"
    where = [*(marks.unmarked() if marks else ()), *scope.where(statement)]
    columns = scope.columns(statement)
    return await keyset.page(conn, statement, source, where, columns, after, limit, prepare=None)


def given(run_ids: Sequence[str]) -> RunIds:
    """Return the query of these runs."""
    return lambda statement: f"SELECT unnest({statement.bind(list(run_ids))}::uuid[]) AS run_id"
