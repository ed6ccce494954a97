"""Registered models. Each is the head of a hash chain that covers its versions and aliases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from google.protobuf.struct_pb2 import Struct
from psycopg.types.json import Jsonb

from runlore import v1
from runlore_server import calls, errors, ids
from runlore_server.db import Connection
from runlore_server.store import changes, events, model_names, queries

sql = queries.load("models")

#: The fields that an event tells of when they changed, tags aside.
_FIELDS = ("name", "description", "owner", "team", "reason_required")
#: In the order of their numbers, as the statements list them.
_STAGES = (v1.MODEL_STAGE_NONE, v1.MODEL_STAGE_STAGING, v1.MODEL_STAGE_PRODUCTION, v1.MODEL_STAGE_ARCHIVED)


@dataclass
class LockedModel:
    """A registered model under its row lock, and the place that its next event takes, which moves on with each."""

    #: Without its aliases and without what follows from its versions: `latest_version`, `latest_by_stage`.
    model: v1.RegisteredModel
    place: events.Place
    #: The greatest number that a version of it was given, deleted or not.
    last_number: int
    #: Whether several events are being appended, so that the head is moved once, after the last.
    together: bool = field(default=False, repr=False)


async def get(conn: Connection, workspace: str, name: str) -> v1.RegisteredModel:
    """Return a model with its aliases; raises MODEL_NOT_FOUND."""
    row = await queries.one(conn, sql.get, {"workspace": workspace, "name": name})
    if row is None:
        raise errors.model_not_found(workspace, name)
    return (await _with_aliases(conn, [row]))[0]


async def get_many(conn: Connection, workspace: str, model_ids: Sequence[str]) -> list[v1.RegisteredModel]:
    """Return the models that exist, in the order asked for, with their aliases."""
    rows = await queries.every(conn, sql.get_many, {"workspace": workspace, "model_ids": list(model_ids)})
    found = {model.model_id: model for model in await _with_aliases(conn, rows)}
    return [found[model_id] for model_id in model_ids if model_id in found]


async def lock(conn: Connection, workspace: str, name: str) -> LockedModel:
    """Lock a model until the transaction ends; raises MODEL_NOT_FOUND."""
    row = await queries.one(conn, sql.lock, {"workspace": workspace, "name": name})
    if row is None:
        raise errors.model_not_found(workspace, name)
    return to_locked(row)


async def require_free(conn: Connection, workspace: str, name: str) -> None:
    """Raise MODEL_EXISTS when a model has the name."""
    if await queries.one(conn, sql.get, {"workspace": workspace, "name": name}) is not None:
        raise errors.model_exists(workspace, name)


async def create(
    conn: Connection,
    workspace: str,
    name: str,
    description: str,
    tags: Mapping[str, str],
    request_id: str,
    *,
    owner: str = "",
    team: str = "",
    reason_required: bool = False,
) -> v1.RegisteredModel:
    """Create a model with the first event of its chain; raises MODEL_EXISTS."""
    await require_free(conn, workspace, name)
    model = v1.RegisteredModel(
        model_id=ids.new(),
        workspace=workspace,
        name=name,
        description=description,
        tags=tags,
        owner=owner,
        team=team,
        reason_required=reason_required,
        created_by=calls.current().actor,
    )
    row = await queries.one(
        conn,
        sql.insert,
        {**_columns(model), "workspace": workspace, "created_by": model.created_by.SerializeToString()},
    )
    model.create_time.FromDatetime(row.event_time)
    model.update_time.FromDatetime(row.event_time)
    model.etag = ids.etag(1)
    await model_names.take(conn, workspace, name, model.model_id, 1)
    await append_event(
        conn,
        LockedModel(model, events.Place(1, row.event_time, b""), last_number=0),
        kind=v1.EVENT_KIND_MODEL_CREATED,
        request_id=request_id,
        after=v1.ResourceState(registered_model=model),
    )
    return model


async def update(conn: Connection, locked: LockedModel, wanted: v1.RegisteredModel, request_id: str) -> None:
    """Store name, fields and tags of `wanted`, with an event of what changed; nothing when nothing did.

    Raises MODEL_EXISTS when another model has the name.
    """
    before = locked.model
    if wanted == before:
        return
    if wanted.name != before.name:
        await require_free(conn, before.workspace, wanted.name)
        revision = locked.place.revision
        await model_names.leave(conn, before.workspace, before.name, before.model_id, revision)
        await model_names.take(conn, before.workspace, wanted.name, before.model_id, revision)
    was, now = changes.of_registry(before, wanted, _FIELDS)
    await conn.execute(sql.update, _columns(wanted))
    locked.model = wanted
    await append_event(
        conn,
        locked,
        kind=v1.EVENT_KIND_MODEL_UPDATED,
        request_id=request_id,
        before=v1.ResourceState(registered_model=was),
        after=v1.ResourceState(registered_model=now),
    )


async def bury(conn: Connection, locked: LockedModel) -> None:
    """Mark a model as deleted and free its name; its event, which says what it was, is the caller's to append."""
    model, place = locked.model, locked.place
    await model_names.leave(conn, model.workspace, model.name, model.model_id, place.revision)
    await conn.execute(sql.bury, {"model_id": model.model_id, "delete_time": place.time})


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
) -> v1.ChainHead:
    """Write the model's next event and move the chain's head to it, which it returns.

    `locked` moves along: its place is then that of the event after it, and its model has the new head.
    """
    model, place = locked.model, locked.place
    chain_hash = await events.append(
        conn,
        place,
        kind=kind,
        workspace=model.workspace,
        resource=to_resource(model),
        request_id=request_id,
        reason=reason,
        before=before,
        after=after,
        evidence=evidence,
        conditions=conditions,
        subject=subject,
    )
    head = v1.ChainHead(revision=place.revision, hash=chain_hash.hex())
    model.head.CopyFrom(head)
    model.update_time.FromDatetime(place.time)
    model.etag = ids.etag(place.revision)
    locked.place = events.Place(place.revision + 1, place.time + timedelta(microseconds=1), chain_hash)
    if not locked.together:
        await _advance(conn, locked)
    return head


@asynccontextmanager
async def several_events(conn: Connection, locked: LockedModel) -> AsyncIterator[None]:
    """Append any number of events within, and other statements, in few round trips.

    The chain's head is moved at the end: moving it with each of 10,000 events would cost the square of that.
    """
    revision = locked.place.revision
    locked.together = True
    async with conn.pipeline():
        yield
        locked.together = False
        if locked.place.revision != revision:
            await _advance(conn, locked)


def to_resource(model: v1.RegisteredModel) -> v1.Resource:
    """Return what a model's events are about."""
    return v1.Resource(type=v1.RESOURCE_TYPE_REGISTERED_MODEL, id=model.model_id, name=model.name)


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


def to_locked(row: Any) -> LockedModel:
    """Return the model of a row that was locked, which says `now` and `last_number`."""
    return LockedModel(_model(row), events.Place(row.revision + 1, row.now, bytes(row.chain_hash)), row.last_number)


async def _advance(conn: Connection, locked: LockedModel) -> None:
    """Store the head: the event before the next one's place."""
    model = locked.model
    await conn.execute(
        sql.advance,
        {
            "model_id": model.model_id,
            "revision": model.head.revision,
            "event_time": locked.place.time - timedelta(microseconds=1),
            "chain_hash": locked.place.prev_hash,
            "last_number": locked.last_number,
        },
    )


def _columns(model: v1.RegisteredModel) -> dict[str, Any]:
    return {
        "model_id": model.model_id,
        "name": model.name,
        "description": model.description,
        "tags": Jsonb(dict(model.tags)),
        "owner": model.owner,
        "team": model.team,
        "reason_required": model.reason_required,
    }


async def _with_aliases(conn: Connection, rows: Sequence[Any]) -> list[v1.RegisteredModel]:
    models = {row.model_id: _model(row) for row in rows}
    for row in rows:
        model = models[row.model_id]
        for stage, number in zip(_STAGES, row.latest_by_stage, strict=True):
            if number is not None:
                model.latest_by_stage.add(stage=stage, version=number)
                model.latest_version = max(model.latest_version, number)
    for row in await queries.every(conn, sql.aliases, {"model_ids": list(models)}):
        models[row.model_id].aliases.append(to_alias(row))
    return list(models.values())


def _model(row: Any) -> v1.RegisteredModel:
    model = v1.RegisteredModel(
        model_id=row.model_id,
        workspace=row.workspace,
        # A deleted model's is a slash and its id: it has no name.
        name="" if row.name.startswith("/") else row.name,
        description=row.description,
        tags=row.tags,
        owner=row.owner,
        team=row.team,
        reason_required=row.reason_required,
        created_by=v1.Actor.FromString(row.created_by),
        head=v1.ChainHead(revision=row.revision, hash=row.chain_hash.hex()),
        etag=ids.etag(row.revision),
    )
    model.create_time.FromDatetime(row.create_time)
    model.update_time.FromDatetime(row.event_time)
    return model
