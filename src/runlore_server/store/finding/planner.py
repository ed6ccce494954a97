"""Decides how a page of runs is found, and finds it. README.md of the server has the reasons.

* What one statement is likely to find is asked at once (`single.py`), without a transaction.
* Else, a part of the filter that few runs meet is looked up in the index, and each of them is looked at: *drive*.
* Else the search walks in its order (`walks.py`), sieved by the parts of the filter that can be put into a hash table.

In any case every run that is returned has been looked at itself, by the one exact condition (`store/search.py`), and
runs whose entries are not up to date are read beside the index. All of it sees one moment of the database.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, LiteralString

from runlore import v1
from runlore_server import errors
from runlore_server.db import Connection
from runlore_server.search.tree import Comparison, Condition, OrderKey, Part, comparisons
from runlore_server.store.finding import bounds, entries, lines, sets, single, walks
from runlore_server.store.finding.bounds import Small
from runlore_server.store.finding.keys import KeyKind
from runlore_server.store.finding.known import Known
from runlore_server.store.finding.lines import Line, SetLine
from runlore_server.store.finding.merging import Places
from runlore_server.store.finding.pace import Budget, Pace
from runlore_server.store.finding.scope import Row, RunIds, Scope, among
from runlore_server.store.finding.sets import START_TIME, RunSet
from runlore_server.store.finding.single import Found
from runlore_server.store.finding.walks import Walker
from runlore_server.store.keyset import Statement

#: Parts of a filter whose size is asked for.
_PARTS = 8
_BUDGET = Budget()
#: A set of so many runs is looked at at once, although it could be walked.
_AT_ONCE = 300
#: How many entries a walk may pass for each run of a small set, and beside, before those are looked at instead.
_TRIAL, _TRIAL_BESIDE = 5, 40_000
#: What part of the runs is taken to pass conditions that no set stands for.
_PASSING = 0.5


@dataclass(frozen=True)
class Page:
    """Runs in their order, and how to go on."""

    rows: Sequence[Row]
    #: The keyset after which the next page begins; None: there is none.
    after: list[Any] | None
    #: For which part of the search the page is short; None: it is not.
    spent_on: Part | None = None


async def at_once(
    conn: Connection,
    workspace: str,
    experiment_ids: Sequence[str] | None,
    wanted: Condition,
    order: Sequence[OrderKey],
    after: list[Any] | None,
    size: int,
    view: v1.LifecycleView.ValueType = v1.LIFECYCLE_VIEW_ACTIVE,
    known: Known | None = None,
) -> Found | None:
    """As `page`, if one statement finds it: it needs no transaction. None: it may not."""
    known = known or Known()
    scope = await _scope(conn, workspace, experiment_ids, wanted, order, view, known)
    if line := _whole_line(scope, after):
        return await single.walk(conn, scope, line, after, size)
    asked = [found for found in _sets(scope) if not known.is_large(_name(scope, found))]
    if not asked:
        return None
    # One that has its runs' starts can be walked in their order.
    line = lines.of_order(scope, asked[0]) if len(_sets(scope)) == 1 and _is_by_start(scope) else None
    can_walk = isinstance(line, SetLine)
    rarest = await bounds.rarest(conn, asked, bounds.MOST_AT_ONCE if can_walk else bounds.RARE)
    if rarest is not None and rarest.size <= bounds.RARE:
        return await single.drive(conn, scope, rarest.found, after, size)
    return await single.walk(conn, scope, line, after, size) if rarest is not None and line is not None else None


async def page(
    conn: Connection,
    workspace: str,
    experiment_ids: Sequence[str] | None,
    wanted: Condition,
    order: Sequence[OrderKey],
    after: list[Any] | None,
    size: int,
    view: v1.LifecycleView.ValueType = v1.LIFECYCLE_VIEW_ACTIVE,
    budget: Budget = _BUDGET,
    known: Known | None = None,
) -> Page:
    """Return up to `size` runs after a keyset; `experiment_ids` None: of all of them.

    In a transaction that sees one moment. Raises SEARCH_TOO_EXPENSIVE.
    """
    known = known or Known()
    scope = await _scope(conn, workspace, experiment_ids, wanted, order, view, known)
    return await _Search(conn, scope, after, size, budget, known).page()


async def _scope(
    conn: Connection,
    workspace: str,
    experiment_ids: Sequence[str] | None,
    wanted: Condition,
    order: Sequence[OrderKey],
    view: v1.LifecycleView.ValueType,
    known: Known,
) -> Scope:
    named = [(KeyKind.EXPERIMENT, id_) for id_ in experiment_ids or ()]
    numbers = await known.numbers(conn, workspace, [*named, *entries.keys_of(wanted, [key.field for key in order])])
    ids = tuple(experiment_ids) if experiment_ids is not None else None
    return Scope(workspace, ids, view, wanted, tuple(order), numbers)


def _sets(scope: Scope) -> list[RunSet]:
    """The sets in all of which a run must be, but for that of the experiments."""
    asked = [sets.of_deleted(scope)] if scope.view == v1.LIFECYCLE_VIEW_DELETED else []
    asked += [found for part in scope.conjuncts() if (found := sets.of_condition(scope, part)) is not None]
    return asked[:_PARTS]


def _name(scope: Scope, found: RunSet) -> Hashable:
    """What tells a set from others."""
    part = found.part if found.part is not None else (None, scope.wanted)
    return scope.workspace, scope.experiment_ids, scope.view, part, found.has_starts


def _can_be_driven(small: Sequence[Small]) -> bool:
    """Whether all runs of the smallest set, if there is one, can be looked at."""
    return bool(small) and small[0].size <= bounds.MOST_AT_ONCE


def _is_by_start(scope: Scope) -> bool:
    return not scope.order or (len(scope.order) == 1 and scope.order[0].field == START_TIME)


def _whole_line(scope: Scope, after: list[Any] | None) -> Line | None:
    """The line that has all that a search asks for: one order, and at most stretches of it."""
    if len(scope.order) > 1 or (after is not None and after[0] is None) or scope.view == v1.LIFECYCLE_VIEW_DELETED:
        return None
    field = scope.order[0].field if scope.order else START_TIME
    if not all(isinstance(part, Comparison) and part.field == field for part in scope.conjuncts()):
        return None
    return lines.of_order(scope)


def _cut(rows: Sequence[Row], size: int) -> Page:
    page = rows[:size]
    return Page(page, page[-1][1] if len(rows) > size else None)


class _Search:
    def __init__(
        self, conn: Connection, scope: Scope, after: list[Any] | None, size: int, budget: Budget, known: Known
    ) -> None:
        self._conn = conn
        self._known = known
        self._scope = scope
        self._after = after
        self._size = size
        self._budget = budget

    async def page(self) -> Page:
        scope = self._scope
        small = await self._small(_sets(scope))
        if scope.experiment_ids is not None and (not small or small[0].size > bounds.FEW):
            small = sorted([*small, *await self._small([sets.of_scope(scope)])], key=lambda one: one.size)
        # A set that has its runs' starts can be walked in their order, rather than looked at as a whole.
        by_start = not scope.order or scope.order[0].field == START_TIME
        sorted_ = (one for one in small if one.found.has_starts and one.size <= bounds.MOST_AT_ONCE)
        driver = next(sorted_, None) if by_start else None
        is_one = driver is not None and len(small) == 1 and driver.size > _AT_ONCE
        if not is_one:
            wanted = int((self._size + 1) / self._passing([one.found for one in small]))
            if (few := await bounds.few_in_all(self._conn, small, wanted)) is not None:
                return await self._drive(small, few)
        try:
            walked = await self._walk(small, driver)
        except walks.NoLine as error:
            # Whether it is refused is not left to memory.
            small = small or await bounds.small(self._conn, [*_sets(scope), sets.of_scope(scope)])
            if not _can_be_driven(small):
                raise errors.search_too_expensive("order_by", error.part.column, error.part.text) from None
        else:
            if walked.spent_on is None or driver is not None or not _can_be_driven(small):
                return walked
        return await self._drive(small, bounds.common(small))

    async def _small(self, asked: Sequence[RunSet]) -> list[Small]:
        """Those sets that are small. One that was large shortly ago is not asked for."""
        unknown = [found for found in asked if not self._known.is_large(_name(self._scope, found))]
        small = await bounds.small(self._conn, unknown)
        there = [one.found for one in small]
        for found in unknown:
            if found not in there:
                self._known.add_large(_name(self._scope, found))
        return small

    async def _drive(self, small: Sequence[Small], common: RunIds) -> Page:
        """Look at each run that is in all of the sets, and at those that the index does not know."""
        marks = bounds.marks_of([one.found for one in small])

        def candidates(statement: Statement) -> LiteralString:
            others: LiteralString = f" UNION {marks.marked(statement)}" if marks else ""
            return f"SELECT DISTINCT x.run_id FROM ({common(statement)}) x{others}"

        rows = await among(self._conn, self._scope, candidates, self._after, self._size + 1)
        return _cut(rows, self._size)

    async def _walk(self, small: Sequence[Small], driver: Small | None) -> Page:
        scope, wanted = self._scope, self._size + 1
        # The runs of the experiments are no sieve: a walk looks at experiments in the index.
        sieves = [one.found for one in small if one.found.part is not None and one is not driver]
        read = [*sieves, driver.found] if driver is not None else sieves
        marks = bounds.marks_of(read) | walks.marks_of(scope)
        missed: list[Row] = []
        if marks:
            missed = await among(self._conn, scope, marks.marked, self._after, wanted)
        budget = self._budget
        share = small[0].share if small and driver is None else None
        if driver is None and _can_be_driven(small):
            # To look at each run of the smallest set is the other way.
            budget = replace(budget, steps=min(budget.steps, small[0].size * _TRIAL + _TRIAL_BESIDE))
        pace = Pace(budget, wanted, share, self._passing(read))
        places = Places(scope)
        found: list[Row] = []
        walker = Walker(self._conn, driver.found if driver is not None else None, sieves, marks, pace, wanted)
        async for stretch in walker.walk(scope, self._after):
            found += stretch.rows
            rows = places.merged(found, missed, stretch.end)
            if len(rows) >= wanted:
                return _cut(rows, self._size)
            if stretch.end is not None and pace.spent:
                return Page(rows, stretch.end, self._blamed(read))
        return _cut(places.merged(found, missed, None), self._size)

    def _passing(self, read: Sequence[RunSet]) -> float:
        sieved = [found.part for found in read]
        field = self._scope.order[0].field if self._scope.order else START_TIME
        others = (part for part in self._scope.conjuncts() if part not in sieved)
        is_walked = all(isinstance(part, Comparison) and part.field == field for part in others)
        return 1.0 if is_walked else _PASSING

    def _blamed(self, sieves: Sequence[RunSet]) -> Part:
        """The part of the search for which a walk took long: one that is only looked at, or the most selective."""
        sieved = [found.part for found in sieves]
        looked_at = [part for part in self._scope.conjuncts() if part not in sieved]
        blamed = looked_at or sieved
        for condition in blamed:
            if condition is not None:
                for comparison in comparisons(condition):
                    return comparison.part
        return self._scope.order[0].part if self._scope.order else Part()
