"""Deleting and restoring runs.

A run keeps what it is itself; whether its experiment is deleted is asked of the experiment whenever it matters. So
restoring an experiment brings back exactly the runs that were not deleted by themselves.
"""

from __future__ import annotations

from runlore import v1
from runlore_server.db import Connection
from runlore_server.store import events, runs


async def delete(conn: Connection, locked: runs.LockedRun) -> None:
    """Mark a run as deleted by itself, with its event; nothing when it is already."""
    await _move(conn, locked, v1.LIFECYCLE_STATE_DELETED, v1.EVENT_KIND_RUN_DELETED)


async def restore(conn: Connection, locked: runs.LockedRun) -> None:
    """Mark a run as active, with its event; nothing when it is already."""
    await _move(conn, locked, v1.LIFECYCLE_STATE_ACTIVE, v1.EVENT_KIND_RUN_RESTORED)


async def _move(
    conn: Connection, locked: runs.LockedRun, state: v1.LifecycleState.ValueType, kind: v1.EventKind.ValueType
) -> None:
    place, run = locked.place, locked.run
    if locked.own_state == state:
        return
    await conn.execute(
        runs.sql.set_lifecycle,
        {
            "run_id": run.run_id,
            "state": state,
            "deleted": state == v1.LIFECYCLE_STATE_DELETED,
            "revision": place.revision,
            "now": place.time,
        },
    )
    await events.append(
        conn,
        place,
        kind=kind,
        workspace=run.workspace,
        resource=runs.resource(run),
        before=v1.ResourceState(run=v1.Run(lifecycle_state=locked.own_state)),
        after=v1.ResourceState(run=v1.Run(lifecycle_state=state)),
    )
