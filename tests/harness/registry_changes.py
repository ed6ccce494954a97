"""Changes of a registered model below the services, each one transaction with its event."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from runlore import v1
from runlore_server import calls
from runlore_server.db import Connection, Database
from runlore_server.store import aliases, deleting, models, stages, versions

READY, PENDING = v1.MODEL_VERSION_STATUS_READY, v1.MODEL_VERSION_STATUS_PENDING
#: That of a run with a param.
EVIDENCE = v1.Evidence(params={"C": "0.1"})

Change = Callable[[Connection, models.LockedModel], Awaitable[object]]


async def change(db: Database, workspace: str, name: str, work: Change) -> None:
    """Make one change under the model's lock."""

    async def under_lock(conn: Connection) -> None:
        await work(conn, await models.lock(conn, workspace, name))

    await db.write(under_lock)


def add_version(**fields: Any) -> Change:
    """Register a version: READY, with a manifest that is not stored, and evidence, unless `fields` say otherwise."""

    async def work(conn: Connection, locked: models.LockedModel) -> v1.ModelVersion:
        model = locked.model
        version = v1.ModelVersion(
            model_id=model.model_id,
            model_name=model.name,
            workspace=model.workspace,
            created_by=calls.current().actor,
            **{"manifest_digest": "ab" * 32, "status": READY, "evidence": EVIDENCE, **fields},
        )
        return await versions.create(conn, locked, version, "")

    return work


def set_alias(alias: str, version: int, reason: str = "better") -> Change:
    """Point an alias at a version."""

    async def work(conn: Connection, locked: models.LockedModel) -> None:
        holder = await aliases.find(conn, locked.model.model_id, alias)
        kind = v1.EVENT_KIND_ALIAS_SET
        await aliases.put(conn, locked, holder, alias, version, kind=kind, reason=reason, request_id="")

    return work


def delete_alias(alias: str) -> Change:
    """Delete an alias that is there."""

    async def work(conn: Connection, locked: models.LockedModel) -> None:
        holder = await aliases.find(conn, locked.model.model_id, alias)
        assert holder is not None
        await aliases.delete(conn, locked, holder, reason="", request_id="")

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
        wanted = v1.ModelVersion.FromString(present.SerializeToString())
        wanted.status = status or present.status
        if description is not None:
            wanted.description = description
        if tags is not None:
            wanted.tags.clear()
            wanted.tags.update(tags)
        await versions.update(conn, locked, present, wanted, "")

    return work


def set_stage(number: int, stage: v1.ModelStage.ValueType, reason: str = "") -> Change:
    """Move a version to a stage."""

    async def work(conn: Connection, locked: models.LockedModel) -> None:
        present = await versions.get(conn, locked.model, number)
        await stages.move(conn, locked, [(present, stage)], reason=reason, request_id="")

    return work


def delete_version(number: int) -> Change:
    """Delete a version that no alias points at."""

    async def work(conn: Connection, locked: models.LockedModel) -> None:
        present = await versions.get(conn, locked.model, number)
        await deleting.version(conn, locked, present, [], reason="", request_id="")

    return work


def rename(name: str) -> Change:
    """Give a model another name that is free."""

    async def work(conn: Connection, locked: models.LockedModel) -> None:
        wanted = v1.RegisteredModel.FromString(locked.model.SerializeToString())
        wanted.name = name
        await models.update(conn, locked, wanted, "")

    return work


def delete_model() -> Change:
    """Delete a model with its aliases."""

    async def work(conn: Connection, locked: models.LockedModel) -> None:
        gone = await models.get(conn, locked.model.workspace, locked.model.name)
        await deleting.model(conn, locked, gone, reason="", request_id="")

    return work
