"""Closing runs whose writers are silent."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import UTC, timedelta

from runlore import v1
from runlore_server import errors
from runlore_server.db import Connection
from runlore_server.store import queries, runs

sql = queries.load("stale_runs")

#: Before every run's id.
FIRST = "0" * 32


@dataclass(frozen=True)
class Stale:
    """A run that looks stale."""

    workspace: str
    run_id: str


async def clock(conn: Connection) -> float:
    """Return the database's time, in seconds since the Unix epoch."""
    return float((await queries.one(conn, sql.clock)).now)


async def find(conn: Connection, seconds: int, after: str, limit: int) -> list[Stale]:
    """Return up to `limit` active RUNNING runs not heard of nor changed for `seconds`, by id, beyond the id `after`."""
    params = {"seconds": seconds, "after": after, "limit": limit, "active": v1.LIFECYCLE_STATE_ACTIVE}
    rows = await (await conn.execute(sql.find, params, binary=True)).fetchall()
    return [Stale(row.workspace, row.run_id) for row in rows]


async def close(conn: Connection, stale: Stale, seconds: int, status: v1.RunStatus.ValueType) -> timedelta | None:
    """End a run as of its last heartbeat, with its event, if it is still stale; returns for how long it was silent.

    None: its writer was heard, or it was ended, deleted or purged meanwhile.
    """
    try:
        locked = await runs.lock_active(conn, stale.workspace, stale.run_id)
    except errors.RunloreError:
        return None
    heartbeat = await queries.one(conn, sql.lock_heartbeat, {"run_id": stale.run_id})
    if locked.run.status != v1.RUN_STATUS_RUNNING or heartbeat is None or heartbeat.silent_seconds <= seconds:
        return None
    silent = timedelta(seconds=int(heartbeat.silent_seconds))
    wanted = copy.deepcopy(locked.run)
    wanted.status = status
    # By the client's clock the run may have started later than that.
    wanted.end_time.FromDatetime(max(heartbeat.heartbeat_time, wanted.start_time.ToDatetime(tzinfo=UTC)))
    wanted.status_message = f"closed by the server: nothing was heard of its writers for {silent}"
    await runs.update(
        conn, locked, wanted, reason=f"silent for {silent}, and --close-stale-after is {timedelta(seconds=seconds)}"
    )
    return silent
