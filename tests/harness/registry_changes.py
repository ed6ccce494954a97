"""Changes of a registered model below the services, each one transaction with its event."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from psycopg.types.json import Jsonb

from runlore import v1
from runlore_server import calls
from runlore_server.db import Connection, Database
from runlore_server.store import aliases, model_names, models, versions

READY, PENDING = v1.MODEL_VERSION_STATUS_READY, v1.MODEL_VERSION_STATUS_PENDING

Change = Callable[[Connection, models.LockedModel], Awaitable[object]]


async def change(db: Database, workspace: str, name: str, work: Change) -> None:
    """Make one change under the model's lock."""

    async def under_lock(conn: Connection) -> None:
        await work(conn, await models.lock(conn, workspace, name))

    await db.write(under_lock)


def add_version(status: v1.ModelVersionStatus.ValueType = READY, tags: dict[str, str] | None = None) -> Change:
    """Register a version; of a run with a param, so that it has evidence."""

    async def work(conn: Connection, locked: models.LockedModel) -> None:
        model = locked.model
        version = v1.ModelVersion(
            model_id=model.model_id,
            model_name=model.name,
            workspace=model.workspace,
            manifest_digest="00" * 32,
            status=status,
            description="new",
            tags=tags or {},
            created_by=calls.current().actor,
            evidence=v1.Evidence(params={"C": "0.1"}),
        )
        await versions.create(conn, locked, version, "")

    return work


def set_alias(alias: str, version: int) -> Change:
    """Point an alias at a version."""

    async def work(conn: Connection, locked: models.LockedModel) -> None:
        holder = await aliases.find(conn, locked.model.model_id, alias)
        kind = v1.EVENT_KIND_ALIAS_SET
        await aliases.put(conn, locked, holder, alias, version, kind=kind, reason="better", request_id="")

    return work


def delete_alias(alias: str) -> Change:
    """Delete an alias that is there."""

    async def work(conn: Connection, locked: models.LockedModel) -> None:
        holder = await aliases.find(conn, locked.model.model_id, alias)
        assert holder is not None
        await conn.execute(
            "DELETE FROM model_alias WHERE model_id = %s::uuid AND alias = %s", (locked.model.model_id, alias)
        )
        before = v1.ResourceState(alias=holder)
        kind = v1.EVENT_KIND_ALIAS_DELETED
        await models.append_event(conn, locked, kind=kind, request_id="", before=before, subject=alias)

    return work


def update_version(
    number: int,
    *,
    description: str | None = None,
    tags: dict[str, str] | None = None,
    status: v1.ModelVersionStatus.ValueType | None = None,
) -> Change:
    """Change fields and all tags of a version."""

    async def work(conn: Connection, locked: models.LockedModel) -> None:
        present = await versions.get(conn, locked.model, number)
        was, now = v1.ModelVersion(version=number), v1.ModelVersion(version=number)
        new_description = present.description if description is None else description
        new_tags = dict(present.tags) if tags is None else tags
        new_status = status or present.status
        if new_description != present.description:
            was.description, now.description = present.description, new_description
        if new_status != present.status:
            was.status, now.status = present.status, new_status
        for key in present.tags.keys() | new_tags.keys():
            if present.tags.get(key) != new_tags.get(key):
                was.tags.update({key: present.tags[key]} if key in present.tags else {})
                now.tags.update({key: new_tags[key]} if key in new_tags else {})
        _moved_on(present, was, now, locked)
        await conn.execute(
            "UPDATE model_version SET description = %s, tags = %s, status = %s, update_time = %s, "
            "revision = revision + 1 WHERE model_id = %s::uuid AND version = %s",
            (
                new_description,
                Jsonb(new_tags),
                new_status,
                locked.place.time,
                locked.model.model_id,
                number,
            ),
        )
        await _tell(conn, locked, v1.EVENT_KIND_MODEL_VERSION_UPDATED, was, now)

    return work


def set_stage(number: int, stage: v1.ModelStage.ValueType, reason: str = "") -> Change:
    """Move a version to a stage."""

    async def work(conn: Connection, locked: models.LockedModel) -> None:
        present = await versions.get(conn, locked.model, number)
        was, now = (v1.ModelVersion(version=number, stage=s) for s in (present.stage, stage))
        if present.HasField("stage_move"):
            was.stage_move.CopyFrom(present.stage_move)
        actor, time = calls.current().actor, locked.place.time
        now.stage_move.CopyFrom(v1.StageMove(actor=actor, reason=reason))
        now.stage_move.time.FromDatetime(time)
        _moved_on(present, was, now, locked)
        await conn.execute(
            "UPDATE model_version SET stage = %s, stage_time = %s, stage_by = %s, stage_reason = %s, update_time = %s, "
            "revision = revision + 1 WHERE model_id = %s::uuid AND version = %s",
            (stage, time, actor.SerializeToString(), reason, time, locked.model.model_id, number),
        )
        await _tell(conn, locked, v1.EVENT_KIND_STAGE_SET, was, now)

    return work


def delete_version(number: int) -> Change:
    """Delete a version that no alias points at."""

    async def work(conn: Connection, locked: models.LockedModel) -> None:
        present = await versions.get(conn, locked.model, number)
        await conn.execute(
            "UPDATE model_version SET delete_time = %s WHERE model_id = %s::uuid AND version = %s",
            (locked.place.time, locked.model.model_id, number),
        )
        present.ClearField("evidence")
        await _tell(conn, locked, v1.EVENT_KIND_MODEL_VERSION_DELETED, present, None)

    return work


def rename(name: str) -> Change:
    """Give a model another name that is free."""

    async def work(conn: Connection, locked: models.LockedModel) -> None:
        model, revision = locked.model, locked.place.revision
        was, now = v1.RegisteredModel(name=model.name), v1.RegisteredModel(name=name)
        await conn.execute("UPDATE registered_model SET name = %s WHERE model_id = %s::uuid", (name, model.model_id))
        await model_names.leave(conn, model.workspace, model.name, model.model_id, revision)
        await model_names.take(conn, model.workspace, name, model.model_id, revision)
        model.name = name
        await models.append_event(
            conn,
            locked,
            kind=v1.EVENT_KIND_MODEL_UPDATED,
            request_id="",
            before=v1.ResourceState(registered_model=was),
            after=v1.ResourceState(registered_model=now),
        )

    return work


def delete_model() -> Change:
    """Delete a model without aliases."""

    async def work(conn: Connection, locked: models.LockedModel) -> None:
        model = locked.model
        await model_names.leave(conn, model.workspace, model.name, model.model_id, locked.place.revision)
        await conn.execute(
            "UPDATE registered_model SET name = '/' || replace(model_id::text, '-', ''), delete_time = %s "
            "WHERE model_id = %s::uuid",
            (locked.place.time, model.model_id),
        )
        before = v1.ResourceState(registered_model=model)
        kind = v1.EVENT_KIND_MODEL_DELETED
        await models.append_event(conn, locked, kind=kind, request_id="", before=before)

    return work


def _moved_on(present: v1.ModelVersion, was: v1.ModelVersion, now: v1.ModelVersion, locked: models.LockedModel) -> None:
    was.etag, now.etag = present.etag, f"r{int(present.etag[1:]) + 1}"
    was.update_time.CopyFrom(present.update_time)
    now.update_time.FromDatetime(locked.place.time)


async def _tell(
    conn: Connection,
    locked: models.LockedModel,
    kind: v1.EventKind.ValueType,
    was: v1.ModelVersion,
    now: v1.ModelVersion | None,
) -> None:
    await models.append_event(
        conn,
        locked,
        kind=kind,
        request_id="",
        before=v1.ResourceState(model_version=was),
        after=v1.ResourceState(model_version=now) if now is not None else None,
    )
