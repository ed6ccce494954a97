"""Aliases: where each points, and its moves."""

from __future__ import annotations

from collections.abc import Sequence

from google.protobuf.struct_pb2 import Struct

from runlore import v1
from runlore_server import calls
from runlore_server.db import Connection
from runlore_server.store import events, models, queries

sql = queries.load("aliases")


async def find(conn: Connection, model_id: str, alias: str) -> v1.ModelAlias | None:
    """Return an alias, or None when no version holds it."""
    params = {"model_id": model_id, "alias": alias}
    row = await queries.one(conn, sql.get, params)
    return models.to_alias(row) if row is not None else None


async def put(
    conn: Connection,
    locked: models.LockedModel,
    holder: v1.ModelAlias | None,
    alias: str,
    version: int,
    *,
    kind: v1.EventKind.ValueType,
    reason: str,
    request_id: str,
    evidence: Struct | None = None,
    conditions: Sequence[v1.ConditionResult] = (),
) -> v1.AliasMove:
    """Point an alias at a version, with its event; `holder` is where it was under the model's lock."""
    model, place = locked.model, locked.place
    now = v1.ModelAlias(
        model_name=model.name, alias=alias, version=version, set_by=calls.current().actor, reason=reason
    )
    now.set_time.FromDatetime(place.time)
    await conn.execute(
        sql.put,
        {
            "model_id": model.model_id,
            "alias": alias,
            "version": version,
            "set_time": place.time,
            "set_by": now.set_by.SerializeToString(),
            "reason": reason,
        },
    )
    head = await models.append_event(
        conn,
        locked,
        kind=kind,
        request_id=request_id,
        reason=reason,
        before=v1.ResourceState(alias=holder) if holder is not None else None,
        after=v1.ResourceState(alias=now),
        evidence=evidence,
        conditions=conditions,
        subject=alias,
    )
    return v1.AliasMove(
        alias=now,
        previous_version=holder.version if holder is not None else None,
        conditions=conditions,
        head=head,
    )


async def previous_holder(conn: Connection, model_id: str, alias: str) -> int | None:
    """Return the version to which a rollback goes: the holder before the present one, rolled-back moves undone."""
    held: list[int] = []
    for event in reversed(await events.alias_moves(conn, model_id, alias)):
        if event.kind == v1.EVENT_KIND_ALIAS_ROLLED_BACK:
            held.pop()
        else:
            held.append(event.after.alias.version)
    return held[-2] if len(held) > 1 else None
