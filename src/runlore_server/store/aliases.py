"""Aliases: where each points, and its moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.struct_pb2 import Struct

from runlore import v1
from runlore_server import calls, errors
from runlore_server.db import Connection, Overtaken
from runlore_server.store import events, models, queries, requests

sql = queries.load("aliases")

_NO_ANSWER: Mapping[str, Any] = {"actor": "", "method": "", "request_id": "", "body_sha256": b"", "response": b""}


@dataclass(frozen=True)
class Standing:
    """What a move of an alias to a candidate is decided on. It holds until the model's next event."""

    #: The model and the place of the event, as under its lock.
    locked: models.LockedModel
    holder: v1.ModelAlias | None
    #: Number, status and tags; its evidence when that was asked for.
    candidate: v1.ModelVersion
    #: The number of the version that holds the alias, and its evidence when that was asked for.
    held: v1.ModelVersion | None


async def find(conn: Connection, model_id: str, alias: str) -> v1.ModelAlias | None:
    """Return an alias, or None when no version holds it."""
    row = await queries.one(conn, sql.get, {"model_id": model_id, "alias": alias})
    return models.to_alias(row) if row is not None else None


async def standing(
    conn: Connection,
    request: v1.SetAliasRequest | v1.RollbackAliasRequest,
    version: int,
    *,
    with_evidence: bool = False,
) -> Standing:
    """Return where a request's alias is, and the version that it may move to, as of one moment.

    Raises AnsweredError when the request's id was served before, MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND.
    """
    scope = requests.scope(request)
    params = {
        **scope,
        "name": request.model_name,
        "alias": request.alias,
        "version": version,
        "with_evidence": with_evidence,
    }
    row: Any = await queries.one(conn, sql.standing, params)
    if row.answered:
        raise requests.AnsweredError
    if row.model_id is None:
        raise errors.model_not_found(scope["workspace"], request.model_name)
    if row.candidate is None:
        raise errors.model_version_not_found(row.name, version)
    locked = models.to_locked(row)
    candidate = _measured(row.name, row.candidate, row.evidence)
    candidate.status = row.status
    candidate.tags.update(row.candidate_tags)
    if row.alias is None:
        return Standing(locked, None, candidate, None)
    return Standing(locked, models.to_alias(row), candidate, _measured(row.name, row.version, row.held_evidence))


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
    answer: Callable[[v1.AliasMove], Mapping[str, Any]] | None = None,
) -> v1.AliasMove:
    """Point an alias at a version, with its event; `holder` is where it was.

    One statement, which needs no lock: when the model has had an event since `locked` was read, it does nothing and
    raises Overtaken. `answer` makes of the move the row of `requests.columns` to keep with it.
    """
    model, place = locked.model, locked.place
    now = v1.ModelAlias(
        model_name=model.name, alias=alias, version=version, set_by=calls.current().actor, reason=reason
    )
    now.set_time.FromDatetime(place.time)
    event = events.columns(
        place,
        subject=alias,
        kind=kind,
        workspace=model.workspace,
        resource=models.to_resource(model),
        request_id=request_id,
        reason=reason,
        before=v1.ResourceState(alias=holder) if holder is not None else None,
        after=v1.ResourceState(alias=now),
        evidence=evidence,
        conditions=conditions,
    )
    move = v1.AliasMove(
        alias=now,
        previous_version=holder.version if holder is not None else None,
        conditions=conditions,
        head=v1.ChainHead(revision=place.revision, hash=event["hash"].hex()),
    )
    columns = {
        **_NO_ANSWER,
        **(answer(move) if answer is not None else {}),
        **event,
        "alias": alias,
        "set_by": now.set_by.SerializeToString(),
        "reason": reason,
    }
    if await queries.one(conn, sql.put, columns) is None:
        raise Overtaken
    return move


async def at(conn: Connection, model_id: str, version: int | None = None) -> list[v1.ModelAlias]:
    """Return the aliases that point at a version, or all of the model's, by name."""
    rows = await queries.every(conn, sql.at_version, {"model_id": model_id, "version": version})
    return [models.to_alias(row) for row in rows]


async def delete(
    conn: Connection, locked: models.LockedModel, holder: v1.ModelAlias, *, reason: str, request_id: str
) -> v1.ChainHead:
    """Delete an alias, with its event; `holder` is where it was under the model's lock."""
    await conn.execute(sql.delete, {"model_id": locked.model.model_id, "alias": holder.alias})
    return await models.append_event(
        conn,
        locked,
        kind=v1.EVENT_KIND_ALIAS_DELETED,
        request_id=request_id,
        reason=reason,
        before=v1.ResourceState(alias=holder),
        subject=holder.alias,
    )


async def previous_holder(conn: Connection, model_id: str, alias: str) -> int | None:
    """Return the version to which a rollback goes: the last holder that differs from the present one, or None.

    Moves that were rolled back are undone; whether the alias was deleted in between makes no difference.
    """
    present = None
    #: Holders from which the rollbacks seen so far went back: what they undid is passed over, the innermost first.
    undone: list[int] = []
    rolled_back = False
    async for kind, version in events.alias_moves(conn, model_id, alias):
        if rolled_back:
            # The move before a rollback made the holder that it went back from.
            undone.append(version)
        rolled_back = kind == v1.EVENT_KIND_ALIAS_ROLLED_BACK
        if rolled_back:
            continue
        while undone and undone[-1] != version:
            undone.pop()
        if undone:
            continue
        present = present or version
        if version != present:
            return version
    return None


def _measured(model_name: str, version: int, evidence: bytes | None) -> v1.ModelVersion:
    return v1.ModelVersion(
        model_name=model_name,
        version=version,
        evidence=v1.Evidence.FromString(evidence) if evidence is not None else None,
    )
