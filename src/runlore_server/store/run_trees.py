"""Trees of runs, and the trials of a sweep: a parent's children. Never the points of a metric."""

from __future__ import annotations

from dataclasses import dataclass

from runlore import v1
from runlore_server.db import Connection
from runlore_server.store import queries, runs

sql = queries.load("run_trees")

#: How many runs may be above a run.
MAX_DEPTH = 100
#: What a summary spells out of a param's values.
_MAX_VALUES = 100
_MAX_VALUE_BYTES = 65_536


@dataclass(frozen=True)
class Trials:
    """What a sweep's trials are together."""

    statuses: list[v1.StatusCount]
    varying_params: list[v1.VaryingParam]


async def depth_below(conn: Connection, run_id: str) -> int:
    """Return how many runs a child of this run has above it; counting ends beyond MAX_DEPTH."""
    return int((await queries.one(conn, sql.level, {"run_id": run_id, "limit": MAX_DEPTH})).level)


async def page(
    conn: Connection, workspace: str, run_id: str, max_depth: int, after: str | None, limit: int
) -> list[v1.RunNode]:
    """Return up to `limit` runs of a tree, depth first, after the run `after`; the one at the top must exist."""
    params = {
        "workspace": workspace,
        "run_id": run_id,
        "max_depth": max_depth,
        "after": after,
        "limit": limit,
        "active": v1.LIFECYCLE_STATE_ACTIVE,
    }
    rows = await (await conn.execute(sql.tree, params, binary=True)).fetchall()
    found = {run.run_id: run for run in await runs.get_many(conn, workspace, [row.run_id for row in rows])}
    return [
        v1.RunNode(run=found[row.run_id], depth=row.depth, child_count=row.child_count)
        for row in rows
        if row.run_id in found
    ]


async def trials(conn: Connection, workspace: str, run_id: str) -> Trials:
    """Return how many trials have which status, and which params vary among them."""
    params = {"workspace": workspace, "run_id": run_id, "active": v1.LIFECYCLE_STATE_ACTIVE}
    statuses = await (await conn.execute(sql.sweep_statuses, params, binary=True)).fetchall()
    limits = {"values": _MAX_VALUES, "bytes": _MAX_VALUE_BYTES}
    varying = await (await conn.execute(sql.sweep_params, {**params, **limits}, binary=True)).fetchall()
    return Trials(
        [v1.StatusCount(status=row.status, count=row.count) for row in statuses],
        [
            v1.VaryingParam(
                key=row.key, value_count=row.value_count, missing_count=row.missing_count, values=row.values
            )
            for row in varying
        ],
    )


async def best(
    conn: Connection, workspace: str, run_id: str, metric: str, direction: v1.Direction.ValueType
) -> v1.Run | None:
    """Return the trial with the best last value of a metric, the earliest among equals; None when none has it."""
    sign = -1.0 if direction == v1.DIRECTION_MAXIMIZE else 1.0
    params = {"workspace": workspace, "run_id": run_id, "active": v1.LIFECYCLE_STATE_ACTIVE}
    row = await queries.one(conn, sql.sweep_best, {**params, "metric": metric, "sign": sign})
    return await runs.get(conn, workspace, row.run_id) if row is not None else None
