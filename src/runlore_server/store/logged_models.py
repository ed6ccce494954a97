"""Logged models: their record, params and tags. Metric points are in `logged_model_metrics.py`."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from runlore import v1
from runlore_server import errors, ids
from runlore_server.db import Connection
from runlore_server.store import changes, events, logged_model_metrics, queries

sql = queries.load("logged_models")

#: The fields that an event tells of when they changed, params and tags aside.
_FIELDS = (
    "name",
    "model_type",
    "status",
    "status_message",
    "artifact_manifest_digest",
    "artifact_location",
    "lifecycle_state",
)


@dataclass(frozen=True)
class LockedModel:
    """A logged model under its row lock, without metrics, and the place that its next event takes."""

    model: v1.LoggedModel
    place: events.Place
    experiment_name: str
    #: What the model was itself, whatever its experiment is; `model.lifecycle_state` regards both.
    own_state: v1.LifecycleState.ValueType
    experiment_state: v1.LifecycleState.ValueType


async def get(conn: Connection, workspace: str, model_id: str) -> v1.LoggedModel:
    """Return a logged model with the last points of its series; raises LOGGED_MODEL_NOT_FOUND."""
    found = await get_many(conn, workspace, [model_id])
    if not found:
        raise errors.logged_model_not_found(model_id)
    return found[0]


async def get_many(conn: Connection, workspace: str, model_ids: Sequence[str]) -> list[v1.LoggedModel]:
    """Return the logged models that exist, in the order asked for, with the last points of their series."""
    rows = await _rows(conn, sql.get, workspace, model_ids)
    found = {row.model_id: _model(row) for row in rows}
    await logged_model_metrics.fill(conn, list(found.values()))
    return [found[model_id] for model_id in model_ids if model_id in found]


async def hold_active(conn: Connection, workspace: str, model_ids: Sequence[str]) -> None:
    """Keep logged models from being purged until the transaction ends, for something new to link to.

    Raises LOGGED_MODEL_NOT_FOUND and LOGGED_MODEL_DELETED.
    """
    if not model_ids:
        return
    found = {row.model_id: row for row in await _rows(conn, sql.hold, workspace, model_ids)}
    for model_id in model_ids:
        row = found.get(model_id)
        if row is None:
            raise errors.logged_model_not_found(model_id)
        _require_active(model_id, row.lifecycle_state, row.experiment_state, row.experiment_name)


async def id_is_taken(conn: Connection, model_id: str) -> bool:
    """Whether any record of any workspace has, or had, this id."""
    return await queries.one(conn, sql.taken, {"model_id": model_id}) is not None


async def lock_model(conn: Connection, workspace: str, model_id: str) -> LockedModel:
    """Lock a logged model, deleted or not, until the transaction ends; raises LOGGED_MODEL_NOT_FOUND."""
    row = await queries.one(conn, sql.lock, {"workspace": workspace, "model_id": model_id})
    if row is None:
        raise errors.logged_model_not_found(model_id)
    place = events.Place(row.revision + 1, row.now)
    return LockedModel(_model(row), place, row.experiment_name, row.lifecycle_state, row.experiment_state)


async def lock_active(conn: Connection, workspace: str, model_id: str) -> LockedModel:
    """Lock a logged model as `lock_model` does; raises LOGGED_MODEL_DELETED too."""
    locked = await lock_model(conn, workspace, model_id)
    _require_active(model_id, locked.own_state, locked.experiment_state, locked.experiment_name)
    return locked


async def create(
    conn: Connection, model: v1.LoggedModel, create_time: datetime | None, request_id: str
) -> v1.LoggedModel:
    """Insert a logged model with its event; `model` has everything but times and etag."""
    row = await queries.one(
        conn,
        sql.insert,
        {
            **_columns(model),
            "workspace": model.workspace,
            "experiment_id": model.experiment_id,
            "source_run_id": model.source_run_id or None,
            "active": v1.LIFECYCLE_STATE_ACTIVE,
            "created_by": model.created_by.SerializeToString(),
            "create_time": create_time,
        },
    )
    created = _model(row)
    after, omitted = changes.cut(created)
    await events.append(
        conn,
        events.Place(row.revision, row.event_time),
        kind=v1.EVENT_KIND_LOGGED_MODEL_CREATED,
        workspace=model.workspace,
        resource=_resource(created),
        request_id=request_id,
        after=v1.ResourceState(logged_model=after),
        omitted=omitted,
    )
    return created


async def update(conn: Connection, locked: LockedModel, wanted: v1.LoggedModel) -> None:
    """Store fields, params and tags of `wanted`, with an event of what changed; nothing when nothing did."""
    if wanted != locked.model:
        await _store(conn, locked, wanted, v1.EVENT_KIND_LOGGED_MODEL_UPDATED)


async def set_lifecycle(conn: Connection, locked: LockedModel, state: v1.LifecycleState.ValueType) -> None:
    """Mark a logged model as deleted by itself, or as active, with its event; nothing when it is already."""
    if locked.own_state == state:
        return
    deleted = state == v1.LIFECYCLE_STATE_DELETED
    kind = v1.EVENT_KIND_LOGGED_MODEL_DELETED if deleted else v1.EVENT_KIND_LOGGED_MODEL_RESTORED
    wanted = copy.deepcopy(locked.model)
    wanted.lifecycle_state = state
    await _store(conn, locked, wanted, kind)


async def _store(conn: Connection, locked: LockedModel, wanted: v1.LoggedModel, kind: v1.EventKind.ValueType) -> None:
    place = locked.place
    before = copy.deepcopy(locked.model)
    before.lifecycle_state = locked.own_state
    params = {**_columns(wanted), "lifecycle_state": wanted.lifecycle_state}
    await conn.execute(sql.update, {**params, "revision": place.revision, "now": place.time})
    was, now, omitted = _difference(before, wanted)
    await events.append(
        conn,
        place,
        kind=kind,
        workspace=wanted.workspace,
        resource=_resource(wanted),
        before=v1.ResourceState(logged_model=was),
        after=v1.ResourceState(logged_model=now),
        omitted=omitted,
    )


def _difference(
    before: v1.LoggedModel, after: v1.LoggedModel
) -> tuple[v1.LoggedModel, v1.LoggedModel, changes.Omitted]:
    """What changed, as it was and as it is, params or tags cut to what an event spells out: no call changes both."""
    was, now = changes.of_fields(before, after, _FIELDS)
    _, new_params, omitted = changes.of_tags(before.params, after.params)
    now.params.update(new_params)
    old_tags, new_tags, omitted_tags = changes.of_tags(before.tags, after.tags)
    was.tags.update(old_tags)
    now.tags.update(new_tags)
    return was, now, omitted if omitted[0] else omitted_tags


def _columns(model: v1.LoggedModel) -> dict[str, Any]:
    digest = model.artifact_manifest_digest
    return {
        "model_id": model.model_id,
        "name": model.name,
        "model_type": model.model_type,
        "status": model.status,
        "status_message": model.status_message,
        "params": Jsonb(dict(model.params)),
        "tags": Jsonb(dict(model.tags)),
        "manifest_digest": bytes.fromhex(digest) if digest else None,
        "artifact_location": model.artifact_location,
    }


async def _rows(conn: Connection, statement: LiteralString, workspace: str, model_ids: Sequence[str]) -> list[Any]:
    params = {"workspace": workspace, "model_ids": list(model_ids)}
    return await (await conn.execute(statement, params, binary=True)).fetchall()


def _require_active(model_id: str, own: int, of_experiment: int, experiment_name: str) -> None:
    if of_experiment != v1.LIFECYCLE_STATE_ACTIVE:
        raise errors.logged_model_deleted(model_id, with_experiment=experiment_name)
    if own != v1.LIFECYCLE_STATE_ACTIVE:
        raise errors.logged_model_deleted(model_id)


def _resource(model: v1.LoggedModel) -> v1.Resource:
    return v1.Resource(type=v1.RESOURCE_TYPE_LOGGED_MODEL, id=model.model_id, name=model.name)


def _model(row: Any) -> v1.LoggedModel:
    model = v1.LoggedModel(
        model_id=row.model_id,
        workspace=row.workspace,
        experiment_id=row.experiment_id,
        source_run_id=row.source_run_id or "",
        name=row.name,
        model_type=row.model_type,
        status=row.status,
        status_message=row.status_message,
        params=row.params,
        tags=row.tags,
        artifact_manifest_digest=row.manifest_digest.hex() if row.manifest_digest is not None else "",
        artifact_location=row.artifact_location,
        lifecycle_state=changes.effective_state(row.lifecycle_state, row.experiment_state),
        created_by=v1.Actor.FromString(row.created_by),
        etag=ids.etag(row.revision),
    )
    model.create_time.FromDatetime(row.create_time)
    model.update_time.FromDatetime(row.event_time)
    changes.tell_deletion(model, row)
    return model
