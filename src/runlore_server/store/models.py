"""Registered models. Each is the head of a hash chain that covers its versions and aliases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.struct_pb2 import Struct
from psycopg.types.json import Jsonb

from runlore import v1
from runlore_server import calls, errors, ids
from runlore_server.db import Connection
from runlore_server.store import events, model_names, queries

sql = queries.load("models")


@dataclass(frozen=True)
class LockedModel:
    """A registered model under its row lock, without aliases, and the place that its next event takes."""

    model: v1.RegisteredModel
    place: events.Place


async def get(conn: Connection, workspace: str, name: str) -> v1.RegisteredModel:
    """Return a model with its aliases; raises MODEL_NOT_FOUND."""
    row = await queries.one(conn, sql.get, {"workspace": workspace, "name": name})
    if row is None:
        raise errors.model_not_found(workspace, name)
    return (await _with_aliases(conn, [row]))[0]


async def page(conn: Connection, workspace: str, after: str, limit: int) -> list[v1.RegisteredModel]:
    """Return up to `limit` models whose names follow `after`."""
    params = {"workspace": workspace, "after": after, "limit": limit}
    return await _with_aliases(conn, await (await conn.execute(sql.page, params, binary=True)).fetchall())


async def lock(conn: Connection, workspace: str, name: str) -> LockedModel:
    """Lock a model until the transaction ends; raises MODEL_NOT_FOUND."""
    row = await queries.one(conn, sql.lock, {"workspace": workspace, "name": name})
    if row is None:
        raise errors.model_not_found(workspace, name)
    return LockedModel(_model(row), events.Place(row.revision + 1, row.now, bytes(row.chain_hash)))


async def create(
    conn: Connection, workspace: str, name: str, description: str, tags: Mapping[str, str], request_id: str
) -> v1.RegisteredModel:
    """Create a model with the first event of its chain; raises MODEL_EXISTS."""
    if await queries.one(conn, sql.get, {"workspace": workspace, "name": name}) is not None:
        raise errors.model_exists(workspace, name)
    row = await queries.one(
        conn,
        sql.insert,
        {
            "model_id": ids.new(),
            "workspace": workspace,
            "name": name,
            "description": description,
            "tags": Jsonb(dict(tags)),
            "created_by": calls.current().actor.SerializeToString(),
        },
    )
    model = _model(row)
    await model_names.take(conn, workspace, name, model.model_id, row.revision)
    state = v1.RegisteredModel()
    state.CopyFrom(model)
    state.ClearField("head")
    model.head.CopyFrom(
        await append_event(
            conn,
            LockedModel(model, events.Place(row.revision, row.event_time, b"")),
            kind=v1.EVENT_KIND_MODEL_CREATED,
            request_id=request_id,
            after=v1.ResourceState(registered_model=state),
        )
    )
    return model


async def append_event(
    conn: Connection,
    locked: LockedModel,
    *,
    kind: v1.EventKind.ValueType,
    request_id: str,
    reason: str = "",
    before: v1.ResourceState | None = None,
    after: v1.ResourceState | None = None,
    evidence: Struct | None = None,
    conditions: Sequence[v1.ConditionResult] = (),
    subject: str = "",
    latest_version: int = 0,
) -> v1.ChainHead:
    """Write the model's next event and move the chain's head to it, which it returns."""
    model, place = locked.model, locked.place
    chain_hash = await events.append(
        conn,
        place,
        kind=kind,
        workspace=model.workspace,
        resource=v1.Resource(type=v1.RESOURCE_TYPE_REGISTERED_MODEL, id=model.model_id, name=model.name),
        request_id=request_id,
        reason=reason,
        before=before,
        after=after,
        evidence=evidence,
        conditions=conditions,
        subject=subject,
    )
    await conn.execute(
        sql.advance,
        {
            "model_id": model.model_id,
            "revision": place.revision,
            "now": place.time,
            "chain_hash": chain_hash,
            "latest_version": latest_version,
        },
    )
    return v1.ChainHead(revision=place.revision, hash=chain_hash.hex())


def to_alias(row: Any) -> v1.ModelAlias:
    """Return the alias of a row of `model_alias` with its model's name."""
    alias = v1.ModelAlias(
        model_name=row.model_name,
        alias=row.alias,
        version=row.version,
        set_by=v1.Actor.FromString(row.set_by),
        reason=row.reason,
    )
    alias.set_time.FromDatetime(row.set_time)
    return alias


async def _with_aliases(conn: Connection, rows: Sequence[Any]) -> list[v1.RegisteredModel]:
    models = {row.model_id: _model(row) for row in rows}
    for row in await (await conn.execute(sql.aliases, {"model_ids": list(models)}, binary=True)).fetchall():
        models[row.model_id].aliases.append(to_alias(row))
    return list(models.values())


def _model(row: Any) -> v1.RegisteredModel:
    model = v1.RegisteredModel(
        model_id=row.model_id,
        workspace=row.workspace,
        name=row.name,
        description=row.description,
        tags=row.tags,
        latest_version=row.latest_version,
        created_by=v1.Actor.FromString(row.created_by),
        head=v1.ChainHead(revision=row.revision, hash=row.chain_hash.hex()),
        etag=ids.etag(row.revision),
    )
    model.create_time.FromDatetime(row.create_time)
    model.update_time.FromDatetime(row.event_time)
    return model
