"""Stages of model versions, and the moves between them."""

from __future__ import annotations

from collections.abc import Sequence

from runlore import v1
from runlore_server import calls, ids
from runlore_server.db import Connection
from runlore_server.store import models, queries, versions

sql = queries.load("versions")


async def others(
    conn: Connection, model_id: str, stage: v1.ModelStage.ValueType, version: int
) -> list[v1.ModelVersion]:
    """Return the other versions that are in a stage, by number, with only what a move is about."""
    params = {"model_id": model_id, "stage": stage, "version": version}
    found = []
    for row in await queries.every(conn, sql.in_stage, params):
        other = v1.ModelVersion(
            version=row.version,
            stage=row.stage,
            stage_move=versions.to_stage_move(row),
            etag=ids.etag(row.revision),
        )
        other.update_time.FromDatetime(row.update_time)
        found.append(other)
    return found


async def move(
    conn: Connection,
    locked: models.LockedModel,
    moves: Sequence[tuple[v1.ModelVersion, v1.ModelStage.ValueType]],
    *,
    reason: str,
    request_id: str,
) -> None:
    """Move versions to stages, each with its event, in this order."""
    async with models.several_events(conn, locked):
        for present, stage in moves:
            await _move(conn, locked, present, stage, reason, request_id)


async def _move(
    conn: Connection,
    locked: models.LockedModel,
    present: v1.ModelVersion,
    stage: v1.ModelStage.ValueType,
    reason: str,
    request_id: str,
) -> None:
    place = locked.place
    now = v1.ModelVersion(
        version=present.version,
        stage=stage,
        stage_move=v1.StageMove(actor=calls.current().actor, reason=reason),
        etag=ids.next_etag(present.etag),
    )
    now.stage_move.time.FromDatetime(place.time)
    now.update_time.FromDatetime(place.time)
    await conn.execute(
        sql.set_stage,
        {
            "model_id": locked.model.model_id,
            "version": present.version,
            "stage": stage,
            "time": place.time,
            "actor": now.stage_move.actor.SerializeToString(),
            "reason": reason,
        },
    )
    was = v1.ModelVersion(
        version=present.version,
        stage=present.stage,
        stage_move=present.stage_move if present.HasField("stage_move") else None,
        update_time=present.update_time,
        etag=present.etag,
    )
    await models.append_event(
        conn,
        locked,
        kind=v1.EVENT_KIND_STAGE_SET,
        request_id=request_id,
        reason=reason,
        before=v1.ResourceState(model_version=was),
        after=v1.ResourceState(model_version=now),
    )
