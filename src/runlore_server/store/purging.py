"""Purging: removing for good what was deleted, in transactions of bounded size.

A run is gone in one transaction, with its event. What it logged, which may be much, is cleaned up afterwards
(`clean_up`), by whichever server comes to it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta

from runlore import v1
from runlore_server import errors
from runlore_server.db import Connection
from runlore_server.store import events, experiments, queries, runs

sql = queries.load("purging")

#: Runs in one transaction.
_RUNS = 100
#: Rows of points in one transaction.
_ROWS = 5_000
_EXPERIMENTS = 100


@dataclass(frozen=True)
class Experiment:
    """An experiment to be purged."""

    workspace: str
    experiment_id: str


async def run(conn: Connection, workspace: str, run_id: str, request_id: str = "") -> None:
    """Remove a deleted run, with its event; raises RUN_NOT_FOUND and RUN_NOT_DELETED."""
    locked = await runs.lock_run(conn, workspace, run_id)
    if locked.run.lifecycle_state != v1.LIFECYCLE_STATE_DELETED:
        raise errors.run_not_deleted(run_id)
    await _remove(conn, [run_id], request_id=request_id)


async def experiment(
    conn: Connection, workspace: str, experiment_id: str, days: int = 0, *, reason: str = "", request_id: str = ""
) -> None:
    """Remove an experiment without runs that was deleted for `days`, with its event.

    Raises EXPERIMENT_NOT_FOUND and EXPERIMENT_NOT_DELETED.
    """
    locked = await experiments.lock(conn, workspace, experiment_id)
    gone = locked.experiment
    if gone.lifecycle_state != v1.LIFECYCLE_STATE_DELETED or _age(locked).days < days:
        raise errors.experiment_not_deleted(gone.experiment_id, gone.name)
    await conn.execute(sql.remove_experiment, {"experiment_id": gone.experiment_id})
    await events.append(
        conn,
        locked.place,
        kind=v1.EVENT_KIND_EXPERIMENT_PURGED,
        workspace=workspace,
        resource=experiments.resource(gone),
        request_id=request_id,
        reason=reason,
        before=v1.ResourceState(experiment=v1.Experiment(lifecycle_state=v1.LIFECYCLE_STATE_DELETED)),
    )


async def past_runs(conn: Connection, days: int, reason: str) -> bool:
    """Remove runs that were deleted by themselves more than `days` ago; returns whether there may be more."""
    found = await (await conn.execute(sql.past_runs, {"days": days, "limit": _RUNS})).fetchall()
    await _remove(conn, [row.run_id for row in found], reason)
    return len(found) == _RUNS


async def past_experiments(conn: Connection, days: int) -> list[Experiment]:
    """Return experiments that were deleted more than `days` ago."""
    found = await (await conn.execute(sql.past_experiments, {"days": days, "limit": _EXPERIMENTS})).fetchall()
    return [Experiment(row.workspace, row.experiment_id) for row in found]


async def past_experiment(conn: Connection, past: Experiment, days: int, reason: str) -> None:
    """Remove an experiment as `experiment` does; nothing when it was restored, or another server was quicker."""
    with contextlib.suppress(errors.RunloreError):
        await experiment(conn, past.workspace, past.experiment_id, days, reason=reason)


async def runs_of(conn: Connection, of: Experiment, days: int = 0, reason: str = "") -> bool:
    """Remove runs of an experiment that was deleted for `days`; returns whether there may be more.

    Of an experiment that is not there or was restored, none are removed.
    """
    params = {"workspace": of.workspace, "experiment_id": of.experiment_id, "days": days, "limit": _RUNS}
    found = await (await conn.execute(sql.runs_of, params)).fetchall()
    await _remove(conn, [row.run_id for row in found], reason)
    return len(found) == _RUNS


async def date_deletions(conn: Connection) -> None:
    """Say when a record was deleted where an older server's deletion did not."""
    await conn.execute(sql.date_deletions)


async def clean_up(conn: Connection) -> bool:
    """Remove some of what purged runs logged; returns whether there may be more."""
    left_over = await (await conn.execute(sql.left_over, {"limit": _RUNS})).fetchall()
    if not left_over:
        return False
    params = {"run_ids": [row.run_id for row in left_over], "limit": _ROWS}
    for statement in (sql.remove_frames, sql.remove_blocks):
        if (await conn.execute(statement, params)).rowcount == _ROWS:
            return True
    await conn.execute(sql.remove_rest, params)
    return True


def _age(locked: experiments.LockedExperiment) -> timedelta:
    return locked.place.time - locked.experiment.delete_time.ToDatetime(tzinfo=UTC)


async def _remove(conn: Connection, run_ids: Sequence[str], reason: str = "", request_id: str = "") -> None:
    if not run_ids:
        return
    removed = await (await conn.execute(sql.remove_runs, {"run_ids": list(run_ids)}, binary=True)).fetchall()
    for row in removed:
        await events.append(
            conn,
            events.Place(row.revision + 1, row.now),
            kind=v1.EVENT_KIND_RUN_PURGED,
            workspace=row.workspace,
            resource=v1.Resource(type=v1.RESOURCE_TYPE_RUN, id=row.run_id, name=row.name),
            request_id=request_id,
            reason=reason,
            before=v1.ResourceState(run=v1.Run(lifecycle_state=v1.LIFECYCLE_STATE_DELETED)),
        )
