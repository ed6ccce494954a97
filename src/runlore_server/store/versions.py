"""Model versions. Whoever changes one has its model's lock."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from psycopg.types.json import Jsonb

from runlore import v1
from runlore_server import errors, ids
from runlore_server.db import Connection
from runlore_server.store import changes, models, queries

sql = queries.load("versions")

#: The fields that an event tells of when they changed, tags and evidence aside.
_FIELDS = (
    "artifact_path",
    "manifest_digest",
    "size",
    "file_count",
    "status",
    "status_message",
    "description",
    "etag",
)
_FILLED_AT_ONCE = 200
#: Which form of `_searched` is written here; an older server writes none.
_SEARCHED = 1


async def get(conn: Connection, model: v1.RegisteredModel, version: int) -> v1.ModelVersion:
    """Return a version with its aliases; raises MODEL_VERSION_NOT_FOUND."""
    params = {"model_id": model.model_id, "version": version}
    row = await queries.one(conn, sql.get, params)
    if row is None:
        raise errors.model_version_not_found(model.name, version)
    return to_version(row)


async def get_many(conn: Connection, wanted: Sequence[tuple[str, int]]) -> list[v1.ModelVersion]:
    """Return the versions that exist of those wanted by (model id, number), in the order asked for."""
    params = {"model_ids": [model_id for model_id, _ in wanted], "versions": [number for _, number in wanted]}
    found = {(row.model_id, row.version): to_version(row) for row in await queries.every(conn, sql.get_many, params)}
    return [found[key] for key in wanted if key in found]


async def create(
    conn: Connection, locked: models.LockedModel, version: v1.ModelVersion, request_id: str
) -> v1.ModelVersion:
    """Insert a model's next version with its event; number, stage, times and etag it gets here."""
    model, place = locked.model, locked.place
    locked.last_number += 1
    version.version = locked.last_number
    version.stage = v1.MODEL_STAGE_NONE
    version.create_time.FromDatetime(place.time)
    version.update_time.FromDatetime(place.time)
    version.etag = ids.etag(1)
    await conn.execute(
        sql.insert,
        {
            **_columns(version),
            "model_id": model.model_id,
            "run_id": version.run_id or None,
            "logged_model_id": version.logged_model_id or None,
            "created_by": version.created_by.SerializeToString(),
            "create_time": place.time,
        },
    )
    await _note_metrics(conn, version)
    await models.append_event(
        conn,
        locked,
        kind=v1.EVENT_KIND_MODEL_VERSION_CREATED,
        request_id=request_id,
        after=v1.ResourceState(model_version=version),
    )
    return version


async def update(
    conn: Connection, locked: models.LockedModel, present: v1.ModelVersion, wanted: v1.ModelVersion, request_id: str
) -> v1.ModelVersion:
    """Store what may change of a version as `wanted` has it, with an event of what did; nothing when nothing did."""
    # As bytes: a frozen metric may be NaN, which differs from itself.
    if wanted.SerializeToString(deterministic=True) == present.SerializeToString(deterministic=True):
        return present
    place = locked.place
    wanted.update_time.FromDatetime(place.time)
    wanted.etag = ids.next_etag(present.etag)
    columns = {**_columns(wanted), "model_id": locked.model.model_id, "update_time": place.time}
    if wanted.status != present.status:
        await conn.execute(sql.complete, columns)
        await _note_metrics(conn, wanted)
    await conn.execute(sql.update, columns)
    was, now = _difference(present, wanted)
    await models.append_event(
        conn,
        locked,
        kind=v1.EVENT_KIND_MODEL_VERSION_UPDATED,
        request_id=request_id,
        before=v1.ResourceState(model_version=was),
        after=v1.ResourceState(model_version=now),
    )
    return wanted


async def delete(
    conn: Connection, locked: models.LockedModel, version: v1.ModelVersion, *, reason: str, request_id: str
) -> None:
    """Mark a version that no alias points at as deleted, with its event."""
    params = {"model_id": locked.model.model_id, "version": version.version, "delete_time": locked.place.time}
    await conn.execute(sql.delete, params)
    was = copy.deepcopy(version)
    # It can be large, and the event that froze it has it.
    was.ClearField("evidence")
    await models.append_event(
        conn,
        locked,
        kind=v1.EVENT_KIND_MODEL_VERSION_DELETED,
        request_id=request_id,
        reason=reason,
        before=v1.ResourceState(model_version=was),
    )


async def fill(conn: Connection) -> bool:
    """Note what is searched for of versions that an earlier server wrote; False when there are none left."""
    rows = await queries.every(conn, sql.unfilled, {"limit": _FILLED_AT_ONCE})
    for row in rows:
        version = v1.ModelVersion(
            model_id=row.model_id, version=row.version, evidence=v1.Evidence.FromString(row.evidence)
        )
        await conn.execute(sql.fill, {"model_id": row.model_id, "version": row.version, **_searched(version)})
        await _note_metrics(conn, version)
    return bool(rows)


def to_version(row: Any) -> v1.ModelVersion:
    """Return the version of a row of `model_version` with its model's name and workspace and its aliases."""
    version = v1.ModelVersion(
        model_id=row.model_id,
        workspace=row.workspace,
        model_name=row.model_name,
        version=row.version,
        run_id=row.run_id or "",
        logged_model_id=row.logged_model_id or "",
        artifact_path=row.artifact_path,
        manifest_digest=row.manifest_digest.hex() if row.manifest_digest is not None else "",
        size=row.size,
        file_count=row.file_count,
        status=row.status,
        status_message=row.status_message,
        description=row.description,
        tags=row.tags,
        evidence=v1.Evidence.FromString(row.evidence) if row.evidence else None,
        aliases=row.aliases or (),
        created_by=v1.Actor.FromString(row.created_by),
        stage=row.stage,
        stage_move=to_stage_move(row),
        etag=ids.etag(row.version_revision),
    )
    version.create_time.FromDatetime(row.create_time)
    version.update_time.FromDatetime(row.update_time or row.create_time)
    return version


def to_stage_move(row: Any) -> v1.StageMove | None:
    """Return the move that put a row's version into its stage; None in the one that it began in."""
    if row.stage_time is None:
        return None
    move = v1.StageMove(actor=v1.Actor.FromString(row.stage_by), reason=row.stage_reason)
    move.time.FromDatetime(row.stage_time)
    return move


def _columns(version: v1.ModelVersion) -> dict[str, Any]:
    digest = version.manifest_digest
    return {
        "version": version.version,
        "artifact_path": version.artifact_path,
        "manifest_digest": bytes.fromhex(digest) if digest else None,
        "size": version.size,
        "file_count": version.file_count,
        "status": version.status,
        "status_message": version.status_message,
        "description": version.description,
        "tags": Jsonb(dict(version.tags)),
        "evidence": version.evidence.SerializeToString(),
        **_searched(version),
    }


def _searched(version: v1.ModelVersion) -> dict[str, Any]:
    """What of the evidence is searched for. Metrics as texts: JSON has no NaN and no infinity."""
    evidence = version.evidence
    return {
        "params": Jsonb(dict(evidence.params)),
        "metrics": Jsonb({summary.key: repr(summary.last) for summary in evidence.metrics}),
        # Of a version that waits for its files, which an older server may complete, there is nothing yet.
        "searched": None if version.status == v1.MODEL_VERSION_STATUS_PENDING else _SEARCHED,
    }


async def _note_metrics(conn: Connection, version: v1.ModelVersion) -> None:
    """Note a version's frozen metrics for searches by their size."""
    last = {summary.key: summary.last for summary in version.evidence.metrics}
    if last:
        params = {"keys": list(last), "lasts": list(last.values())}
        await conn.execute(sql.note_metrics, {"model_id": version.model_id, "version": version.version, **params})


def _difference(before: v1.ModelVersion, after: v1.ModelVersion) -> tuple[v1.ModelVersion, v1.ModelVersion]:
    """What changed, as it was and as it is, with the version's number."""
    was, now = changes.of_registry(before, after, _FIELDS)
    for state, version in ((was, before), (now, after)):
        state.version = version.version
        state.update_time.CopyFrom(version.update_time)
    if after.status == v1.MODEL_VERSION_STATUS_READY != before.status:
        now.evidence.CopyFrom(after.evidence)
    return was, now
