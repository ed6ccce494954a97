"""How many runs sets have, as far as it matters, and what is in several of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import LiteralString

from runlore_server.db import Connection
from runlore_server.store import queries
from runlore_server.store.finding.scope import NO_MARKS, Marks, RunIds, given
from runlore_server.store.finding.sets import RunSet
from runlore_server.store.keyset import Statement

sql = queries.load("finding")

#: So many runs are looked at without another question.
RARE = 500
#: So many runs are looked at rather than walked to, at most, and at least.
FEW, _LEAST_FEW = 1_500, 200
#: Entries that a walk passes in the time in which a run is looked at.
_ENTRIES_FOR_A_LOOK = 30
#: The most that a set may have to be put into a hash table. To build one takes as long as to look at a fortieth of it.
MOST: LiteralString = "30000"
#: The most that are sorted by start, which happens for every stretch of a walk; or looked at run by run.
MOST_AT_ONCE = 12_000
#: A set is put into a hash table before another is looked at if it has at most so many times as many runs.
_WORTH_HASHING = 25


@dataclass(frozen=True)
class Small:
    """A set of fewer runs than MOST."""

    size: int
    found: RunSet
    #: How many runs there are in all; by Postgres's own estimate, since only plans depend on it.
    of_runs: int

    @property
    def share(self) -> float:
        """Which part of all runs it is."""
        return min(self.size / self.of_runs, 1.0)

    def few(self, wanted: int) -> int:
        """How many runs are looked at rather than walked to, if so many are wanted.

        As many as take no longer than the walk would, which passes more entries the fewer they are.
        """
        return min(FEW, max(_LEAST_FEW, int((wanted * self.of_runs / _ENTRIES_FOR_A_LOOK) ** 0.5)))


async def small(conn: Connection, sets: Sequence[RunSet]) -> list[Small]:
    """Return those sets that are small, the smallest first."""
    if not sets:
        return []
    statement = Statement()
    counts: list[LiteralString] = [
        f"(SELECT count(*) FROM (SELECT x.run_id FROM ({found.query(statement)}) x LIMIT {MOST}) y)" for found in sets
    ]
    text: LiteralString = f"SELECT ARRAY[{', '.join(counts)}] AS counts, ({sql.estimate}) AS runs"
    [row] = await queries.every(conn, text, statement.params)
    of_runs = max(int(row.runs), 1)
    sized = [Small(count, found, of_runs) for count, found in zip(row.counts, sets, strict=True) if count < int(MOST)]
    return sorted(sized, key=lambda one: one.size)


async def rarest(conn: Connection, sets: Sequence[RunSet], most: int) -> Small | None:
    """Return the smallest set, if it has at most so many runs."""
    statement = Statement()
    limit = statement.bind(most + 1)
    counts: list[LiteralString] = [
        f"(SELECT count(*) FROM (SELECT x.run_id FROM ({found.query(statement)}) x LIMIT {limit}::int8) y)"
        for found in sets
    ]
    [row] = await queries.every(conn, f"SELECT ARRAY[{', '.join(counts)}] AS counts", statement.params)
    size, found = min(zip(row.counts, sets, strict=True), key=lambda sized: sized[0])
    return Small(size, found, 1) if size <= most else None


async def few_in_all(conn: Connection, sets: Sequence[Small], wanted: int) -> RunIds | None:
    """Return the query of the runs that are in all of some sets, the smallest of which is first, if they are few.

    Where that was only to be known by finding them, it is of the runs that were found.
    """
    if not sets:
        return None
    few = sets[0].few(wanted)
    if sets[0].size <= few:
        return common(sets)
    if len(sets) == 1:
        return None
    statement = Statement()
    query, most = common(sets)(statement), statement.bind(few + 1)
    rows = await queries.planned(conn, f"SELECT x.run_id FROM ({query}) x LIMIT {most}::int8", statement.params)
    return given([row.run_id for row in rows]) if len(rows) <= few else None


def common(sets: Sequence[Small]) -> RunIds:
    """Return the query of the runs that are in all of some sets, the smallest of which is first; or of a few more."""
    first = sets[0]
    sieves = [one.found for one in sets[1:] if one.size <= first.size * _WORTH_HASHING]
    return lambda statement: sieved(first.found.query(statement), sieves, statement)


def sieved(query: LiteralString, sieves: Sequence[RunSet], statement: Statement) -> LiteralString:
    """Return the query of those runs of another query that are in all of some small sets.

    IS TRUE keeps Postgres from joining, and OFFSET 0 from looking apart at the arms of a union: each set is put into a
    hash table, once. The limit is never reached; it says how large that table gets, which Postgres cannot know.
    """
    if not sieves:
        return query
    passed: list[LiteralString] = [
        f"(u.run_id IN (SELECT x.run_id FROM ({sieve.query(statement)}) x LIMIT {MOST})) IS TRUE" for sieve in sieves
    ]
    return f"SELECT u.run_id FROM ({query} OFFSET 0) u WHERE {' AND '.join(passed)}"


def marks_of(sets: Sequence[RunSet]) -> Marks:
    """Return which parts of the index sets are of."""
    return reduce(Marks.__or__, (found.marks for found in sets), NO_MARKS)
