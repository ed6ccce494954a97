"""What references meant at a moment of the past, from the events of their models.

Events are found by what they are about, never by reading a model's whole history; of a version, its own are folded.
"""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any, NamedTuple, cast

from runlore import v1
from runlore_server import errors, ids
from runlore_server.db import Connection
from runlore_server.store import events, queries
from runlore_server.store.resolving import LATEST, Reference, nothing_there

sql = queries.load("history")

#: The events that make a version what it is. Aliases are the model's.
_KINDS = [
    v1.EVENT_KIND_MODEL_VERSION_CREATED,
    v1.EVENT_KIND_MODEL_VERSION_UPDATED,
    v1.EVENT_KIND_STAGE_SET,
    v1.EVENT_KIND_MODEL_VERSION_DELETED,
]


class Moment(NamedTuple):
    """A moment of the past: every event counts up to a time, or up to a position's number. The other is None."""

    time: datetime | None = None
    position: int | None = None


class _Model(NamedTuple):
    """A model as it was: its name then, and its last event that counts."""

    model_id: str
    workspace: str
    name: str
    revision: int


async def is_future(conn: Connection, workspace: str, name: str, time: datetime) -> bool:
    """Whether a time is later than the database's clock, and than the last event of the model that has a name."""
    row = await queries.one(conn, sql.is_future, {"workspace": workspace, "name": name, "time": time})
    return bool(row.it_is)


async def resolve(conn: Connection, workspace: str, reference: Reference, moment: Moment) -> v1.ResolveResponse:
    """Return the version that a reference meant, without files; raises what was not there."""
    params = {"workspace": workspace, "name": reference.model_name, **moment._asdict()}
    row = await queries.one(conn, sql.model_at, params)
    if row is None:
        raise errors.model_not_found(workspace, reference.model_name)
    model = _Model(row.model_id, workspace, reference.model_name, row.revision)
    response = v1.ResolveResponse(
        head=v1.ChainHead(revision=row.revision, hash=row.hash.hex()),
        position=events.position(row.log_id, moment.position or row.position),
    )
    number = reference.version
    if reference.alias is not None:
        response.alias.CopyFrom(await _alias(conn, model, reference.alias))
        number = response.alias.version
    elif reference.stage is not None:
        number = await _newest(conn, model, reference.stage)
    version = await _version(conn, model, number) if number is not None else None
    if version is None:
        raise nothing_there(reference, number)
    response.model_version.CopyFrom(version)
    return response


async def _alias(conn: Connection, model: _Model, alias: str) -> v1.ModelAlias:
    """Return where an alias was; raises ALIAS_NOT_FOUND."""
    row = await queries.one(conn, sql.alias_at, {**_as_of(model), "alias": alias})
    event = events.from_canonical(row.body) if row is not None else v1.Event()
    if not event.HasField("after"):
        raise errors.alias_not_found(model.name, alias)
    found = event.after.alias
    found.model_name = model.name
    return found


async def _newest(conn: Connection, model: _Model, stage: v1.ModelStage.ValueType) -> int | None:
    params = {
        **_as_of(model),
        "stage": v1.ModelStage.Name(stage) if stage != LATEST else None,
        "created": v1.EVENT_KIND_MODEL_VERSION_CREATED,
        "updated": v1.EVENT_KIND_MODEL_VERSION_UPDATED,
        "staged": v1.EVENT_KIND_STAGE_SET,
        "deleted": v1.EVENT_KIND_MODEL_VERSION_DELETED,
    }
    row = await queries.one(conn, sql.newest_at, params)
    return int(row.version) if row is not None else None


async def _version(conn: Connection, model: _Model, number: int) -> v1.ModelVersion | None:
    """Return a version as it was; None when it was not there."""
    params = {**_as_of(model), "version": number}
    rows = await queries.every(conn, sql.version_events, {**params, "kinds": _KINDS})
    version: v1.ModelVersion | None = None
    for row in rows:
        event = events.from_canonical(row.body)
        if event.kind == v1.EVENT_KIND_MODEL_VERSION_DELETED:
            return None
        if version is None:
            version = _begin(event.after.model_version)
        else:
            change(version, event.before.model_version, event.after.model_version)
    if version is None:
        return None
    version.workspace, version.model_name = model.workspace, model.name
    version.aliases.extend(row.alias for row in await queries.every(conn, sql.aliases_at, params))
    return version


def _begin(created: v1.ModelVersion) -> v1.ModelVersion:
    """The version that an event says was created. Early ones do not say what every version began with."""
    created.stage = created.stage or v1.MODEL_STAGE_NONE
    created.etag = created.etag or ids.etag(1)
    if not created.HasField("update_time"):
        created.update_time.CopyFrom(created.create_time)
    return created


def change(version: v1.ModelVersion, before: v1.ModelVersion, after: v1.ModelVersion) -> None:
    """Do to a version what an event says was done: fields of `before` and `after` changed from one to the other."""
    for key in before.tags:
        if key not in after.tags:
            version.tags.pop(key, None)
    version.tags.update(after.tags)
    gone = {field.name for field, _ in before.ListFields()} - {field.name for field, _ in after.ListFields()}
    for name in gone - {"tags"}:
        version.ClearField(cast(Any, name))
    if after.HasField("evidence"):
        # It was frozen anew as a whole.
        version.ClearField("evidence")
    if after.HasField("stage_move"):
        version.ClearField("stage_move")
    fields = copy.deepcopy(after)
    fields.ClearField("tags")
    version.MergeFrom(fields)


def _as_of(model: _Model) -> dict[str, Any]:
    return {"model_id": model.model_id, "revision": model.revision}
