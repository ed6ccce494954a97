"""Moving aliases."""

from __future__ import annotations

import asyncio
import re
from itertools import count
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from psycopg.errors import UniqueViolation

from runlore import v1
from runlore_server import calls, errors, limits
from runlore_server.db import Connection, Overtaken
from runlore_server.services.base import Methods
from runlore_server.services.registry import conditions, contradictions
from runlore_server.services.registry.rules import require_reason, status_name
from runlore_server.store import aliases, evaluations, models, requests

# MLflow reserves the same names: they read as a version.
_RESERVED_ALIAS = re.compile(r"latest|v\d+", re.IGNORECASE)


#: Movers decide on what they read and write if that is still so. Whoever was overtaken so often waits for the model's
#: lock, so that each gets its turn.
_TRIES_WITHOUT_LOCK = 3


class AliasMethods(Methods):
    """The methods about aliases."""

    async def SetAlias(self, request: v1.SetAliasRequest, context: Any) -> v1.SetAliasResponse:
        """Compare the holder with what the caller expects, decide the conditions, and move if that is still so."""
        workspace = calls.current().workspace(request.workspace)
        _check_alias(request.alias)
        _check_evidence(request.evidence)
        contradictions.refuse(request.conditions)

        tries, turn = count(1), self._turn(workspace, request.model_name)

        async def change(conn: Connection) -> v1.SetAliasResponse:
            tried = next(tries)
            try:
                if tried <= _TRIES_WITHOUT_LOCK:
                    return await _move(conn, request, turn)
                async with conn.transaction():
                    await models.lock(conn, workspace, request.model_name)
                    return await _move(conn, request, asyncio.Lock())
            except (requests.AnsweredError, UniqueViolation):
                answered = await requests.find(conn, request, v1.SetAliasResponse)
                if answered is None:
                    raise
                return answered

        async with turn:
            # What is read while a move is being written is soon no more so.
            pass
        response = await self._db.write(change, one_statement=True)
        self._sequencer.wake()
        return response

    async def RollbackAlias(self, request: v1.RollbackAliasRequest, context: Any) -> v1.RollbackAliasResponse:
        """Move back to the holder before the present one, under the model's lock."""
        workspace = calls.current().workspace(request.workspace)

        async def change(conn: Connection) -> v1.RollbackAliasResponse:
            locked = await models.lock(conn, workspace, request.model_name)
            model = locked.model
            require_reason(model, request.reason)
            holder = await _holder(conn, model, request.alias)
            if holder.version != request.expected_version:
                raise errors.alias_moved(model.name, request.alias, request.expected_version, holder)
            target = await aliases.previous_holder(conn, model.model_id, request.alias)
            if target is None:
                raise errors.no_previous_holder(model.name, request.alias)
            # A version that held an alias is READY for good, but it may be deleted since.
            await aliases.standing(conn, request, target)
            move = await aliases.put(
                conn,
                locked,
                holder,
                request.alias,
                target,
                kind=v1.EVENT_KIND_ALIAS_ROLLED_BACK,
                reason=request.reason,
                request_id=request.request_id,
            )
            return v1.RollbackAliasResponse(applied=move)

        return await self._once(request, v1.RollbackAliasResponse, change)

    async def DeleteAlias(self, request: v1.DeleteAliasRequest, context: Any) -> v1.DeleteAliasResponse:
        """Remove the alias if it is where the caller expects, under the model's lock."""
        workspace = calls.current().workspace(request.workspace)
        if request.expect.HasField("absent"):
            raise errors.invalid_field(
                "expect.absent", "leaves nothing to delete: name the version that holds the alias, or any"
            )

        async def change(conn: Connection) -> v1.DeleteAliasResponse:
            locked = await models.lock(conn, workspace, request.model_name)
            require_reason(locked.model, request.reason)
            holder = await _holder(conn, locked.model, request.alias)
            _expect(request.expect, locked.model.name, request.alias, holder)
            head = await aliases.delete(conn, locked, holder, reason=request.reason, request_id=request.request_id)
            return v1.DeleteAliasResponse(alias=holder, head=head)

        return await self._once(request, v1.DeleteAliasResponse, change)


async def _move(conn: Connection, request: v1.SetAliasRequest, turn: asyncio.Lock) -> v1.SetAliasResponse:
    """Decide on one moment's state, and write in turn if that is still so; raises Overtaken otherwise."""
    standing = await aliases.standing(conn, request, request.version, with_evidence=bool(request.conditions))
    model, holder = standing.locked.model, standing.holder
    require_reason(model, request.reason)
    _expect(request.expect, model.name, request.alias, holder)
    _require_ready(standing.candidate)
    results = await _decide(conn, request, standing)
    if holder is not None and holder.version == request.version:
        # It is there already: no move, so no event.
        unmoved = v1.AliasMove(alias=holder, previous_version=holder.version, conditions=results, head=model.head)
        response = v1.SetAliasResponse(applied=unmoved)
        await requests.keep(conn, request, response)
        return response
    if turn.locked():
        raise Overtaken
    async with turn:
        move = await aliases.put(
            conn,
            standing.locked,
            holder,
            request.alias,
            request.version,
            kind=v1.EVENT_KIND_ALIAS_SET,
            reason=request.reason,
            request_id=request.request_id,
            evidence=request.evidence if request.HasField("evidence") else None,
            conditions=results,
            answer=lambda move: requests.columns(request, v1.SetAliasResponse(applied=move)),
        )
    return v1.SetAliasResponse(applied=move)


def _check_alias(alias: str) -> None:
    if _RESERVED_ALIAS.fullmatch(alias):
        raise errors.invalid_field(
            "alias", f"must not be 'latest' or 'v' and digits, which read as a version (got '{alias}')"
        )


def _check_evidence(evidence: Struct) -> None:
    """Raise INVALID_FIELD for what the event cannot keep."""
    if evidence.ByteSize() > limits.MAX_EVIDENCE_BYTES:
        raise errors.invalid_field("evidence", f"must be at most {limits.MAX_EVIDENCE_BYTES:,} bytes serialized")
    try:
        MessageToDict(evidence)
    except ValueError:
        raise errors.invalid_field("evidence", "must not have NaN or infinite numbers, which JSON has not") from None


def _expect(expect: v1.AliasExpectation, model_name: str, alias: str, holder: v1.ModelAlias | None) -> None:
    if expect.WhichOneof("holder") == "any":
        return
    expected = expect.version or None
    if expected != (holder.version if holder is not None else None):
        raise errors.alias_moved(model_name, alias, expected, holder)


def _require_ready(version: v1.ModelVersion) -> None:
    if version.status != v1.MODEL_VERSION_STATUS_READY:
        raise errors.version_not_ready(version.model_name, version.version, status_name(version.status))


async def _holder(conn: Connection, model: v1.RegisteredModel, alias: str) -> v1.ModelAlias:
    holder = await aliases.find(conn, model.model_id, alias)
    if holder is None:
        raise errors.alias_not_found(model.name, alias)
    return holder


async def _decide(
    conn: Connection, request: v1.SetAliasRequest, standing: aliases.Standing
) -> list[v1.ConditionResult]:
    """How each condition comes out; raises CONDITION_NOT_MET when one fails."""
    model, candidate, held = standing.locked.model, standing.candidate, standing.held
    versions = {v.version for v in (candidate, held) if v is not None}
    latest = await evaluations.latest(conn, model, versions, conditions.wanted(request.conditions))
    results = [conditions.evaluate(c, candidate, held, latest) for c in request.conditions]
    if not all(r.holds for r in results):
        raise errors.condition_not_met(model.name, request.alias, results)
    return results
