"""Model versions."""

from __future__ import annotations

from typing import Any

from psycopg.types.json import Jsonb

from runlore import v1
from runlore_server import errors, ids
from runlore_server.db import Connection
from runlore_server.store import models, queries

sql = queries.load("versions")


async def get(conn: Connection, model: v1.RegisteredModel, version: int) -> v1.ModelVersion:
    """Return a version with its aliases; raises MODEL_VERSION_NOT_FOUND."""
    params = {"model_id": model.model_id, "version": version}
    row = await queries.one(conn, sql.get, params)
    if row is None:
        raise errors.model_version_not_found(model.name, version)
    return to_version(row)


async def page(conn: Connection, model_id: str, before: int | None, limit: int) -> list[v1.ModelVersion]:
    """Return up to `limit` versions below `before` (None: from the newest), the newest first."""
    params = {"model_id": model_id, "before": before, "limit": limit}
    rows = await (await conn.execute(sql.page, params, binary=True)).fetchall()
    return [to_version(row) for row in rows]


async def create(
    conn: Connection, locked: models.LockedModel, version: v1.ModelVersion, request_id: str
) -> v1.ModelVersion:
    """Insert a model's next version with its event; `version` lacks the number and the time, which it gets here."""
    model, place = locked.model, locked.place
    version.version = model.latest_version + 1
    version.create_time.FromDatetime(place.time)
    await conn.execute(
        sql.insert,
        {
            "model_id": model.model_id,
            "version": version.version,
            "run_id": version.run_id or None,
            "logged_model_id": version.logged_model_id or None,
            "artifact_path": version.artifact_path,
            "manifest_digest": bytes.fromhex(version.manifest_digest),
            "size": version.size,
            "file_count": version.file_count,
            "status": version.status,
            "description": version.description,
            "tags": Jsonb(dict(version.tags)),
            "evidence": version.evidence.SerializeToString(),
            "created_by": version.created_by.SerializeToString(),
            "create_time": place.time,
        },
    )
    await models.append_event(
        conn,
        locked,
        kind=v1.EVENT_KIND_MODEL_VERSION_CREATED,
        request_id=request_id,
        after=v1.ResourceState(model_version=version),
        latest_version=version.version,
    )
    return version


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
        evidence=v1.Evidence.FromString(row.evidence),
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
