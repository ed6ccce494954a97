"""Moving aliases."""

from __future__ import annotations

import re
from typing import Any

from runlore import v1
from runlore_server import calls, errors, limits
from runlore_server.db import Connection
from runlore_server.services.base import Methods
from runlore_server.services.registry import conditions
from runlore_server.store import aliases, models, versions

# MLflow reserves the same names: they read as a version.
_RESERVED_ALIAS = re.compile(r"latest|v\d+", re.IGNORECASE)


class AliasMethods(Methods):
    """The methods about aliases."""

    async def SetAlias(self, request: v1.SetAliasRequest, context: Any) -> v1.SetAliasResponse:
        """Compare the holder with what the caller expects, decide the conditions, and move, under the model's lock."""
        workspace = calls.current().workspace(request.workspace)
        _check_alias(request.alias)
        if request.evidence.ByteSize() > limits.MAX_EVIDENCE_BYTES:
            raise errors.invalid_field("evidence", f"must be at most {limits.MAX_EVIDENCE_BYTES:,} bytes serialized")

        async def change(conn: Connection) -> v1.SetAliasResponse:
            locked = await models.lock(conn, workspace, request.model_name)
            holder = await aliases.find(conn, locked.model.model_id, request.alias)
            candidate = await versions.get(conn, locked.model, request.version)
            _expect(request.expect, locked.model.name, request.alias, holder)
            _require_ready(candidate)
            results = await _decide(conn, locked.model, request, candidate, holder)
            if holder is not None and holder.version == candidate.version:
                # It is there already: no move, so no event.
                return v1.SetAliasResponse(
                    applied=v1.AliasMove(
                        alias=holder,
                        previous_version=holder.version,
                        conditions=results,
                        head=locked.model.head,
                    )
                )
            move = await aliases.put(
                conn,
                locked,
                holder,
                request.alias,
                request.version,
                kind=v1.EVENT_KIND_ALIAS_SET,
                reason=request.reason,
                request_id=request.request_id,
                evidence=request.evidence if request.HasField("evidence") else None,
                conditions=results,
            )
            return v1.SetAliasResponse(applied=move)

        return await self._once(request, v1.SetAliasResponse, change)

    async def RollbackAlias(self, request: v1.RollbackAliasRequest, context: Any) -> v1.RollbackAliasResponse:
        """Move back to the holder before the present one, under the model's lock."""
        workspace = calls.current().workspace(request.workspace)

        async def change(conn: Connection) -> v1.RollbackAliasResponse:
            locked = await models.lock(conn, workspace, request.model_name)
            model = locked.model
            holder = await aliases.find(conn, model.model_id, request.alias)
            if holder is None:
                raise errors.alias_not_found(model.name, request.alias)
            if holder.version != request.expected_version:
                raise errors.alias_moved(model.name, request.alias, request.expected_version, holder)
            target = await aliases.previous_holder(conn, model.model_id, request.alias)
            if target is None:
                raise errors.no_previous_holder(model.name, request.alias)
            _require_ready(await versions.get(conn, model, target))
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


def _check_alias(alias: str) -> None:
    if _RESERVED_ALIAS.fullmatch(alias):
        raise errors.invalid_field(
            "alias", f"must not be 'latest' or 'v' and digits, which read as a version (got '{alias}')"
        )


def _expect(expect: v1.AliasExpectation, model_name: str, alias: str, holder: v1.ModelAlias | None) -> None:
    if expect.WhichOneof("holder") == "any":
        return
    expected = expect.version or None
    if expected != (holder.version if holder is not None else None):
        raise errors.alias_moved(model_name, alias, expected, holder)


def _require_ready(version: v1.ModelVersion) -> None:
    if version.status != v1.MODEL_VERSION_STATUS_READY:
        status = v1.ModelVersionStatus.Name(version.status).removeprefix("MODEL_VERSION_STATUS_")
        raise errors.version_not_ready(version.model_name, version.version, status)


async def _decide(
    conn: Connection,
    model: v1.RegisteredModel,
    request: v1.SetAliasRequest,
    candidate: v1.ModelVersion,
    holder: v1.ModelAlias | None,
) -> list[v1.ConditionResult]:
    """How each condition comes out; raises CONDITION_NOT_MET when one fails."""
    if not request.conditions:
        return []
    held = await versions.get(conn, model, holder.version) if holder is not None else None
    results = [conditions.evaluate(c, candidate, held) for c in request.conditions]
    if not all(r.holds for r in results):
        raise errors.condition_not_met(model.name, request.alias, results)
    return results
