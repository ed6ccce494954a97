"""Moving aliases, and versions between stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runlore import _words, v1
from runlore._async.connection import Connection
from runlore._words import Expectation
from runlore.errors import PreconditionError


class AliasMethods(Connection):
    """What a client does to say which version is real."""

    async def promote(
        self,
        model_name: str,
        version: int | str,
        alias: str,
        *,
        reason: str = "",
        expect: Expectation | None = None,
        if_better: str | v1.Condition | Sequence[str | v1.Condition] | None = None,
        if_tags: Mapping[str, object] | None = None,
        evidence: Mapping[str, Any] | None = None,
    ) -> v1.AliasMove:
        """Point an alias at a version, if it is where the caller believes and every condition holds.

        `expect` is that belief: a version's number, "absent" (no version holds the alias) or "any" (move it whatever
        it points at). None: the holder at the time of this call, so that a mover in between is noticed.
        `if_better` names metrics of the versions' frozen evidence by which this one must strictly beat the holder,
        with the direction: "max:val_auc" or "min:loss". `runlore.better` says more: by how much, than which number, by
        the latest evaluations, on which data. `if_tags` are tags that the version must have with these values. The
        server decides, in the transaction that moves the alias. `evidence` is whatever else supports the move, kept in
        the history.

        Raises AliasMovedError, ConditionNotMetError (its `conditions` have both numbers), NotFoundError,
        InvalidArgumentError; the alias is then where it was.
        """
        request = v1.SetAliasRequest(
            model_name=model_name,
            alias=alias,
            version=_words.version_number("version", version),
            reason=reason,
            evidence=_words.evidence_struct(evidence),
            conditions=_words.conditions(if_better, if_tags),
        )
        if expect is None:
            response = await self.registry.GetRegisteredModel(v1.GetRegisteredModelRequest(name=model_name))
            holders = {a.alias: a.version for a in response.registered_model.aliases}
            expect = holders.get(alias, "absent")
        request.expect.CopyFrom(_words.expectation(expect))
        return _applied(await self.registry.SetAlias(request))

    async def rollback(self, model_name: str, alias: str, *, reason: str, expect: int | None = None) -> v1.AliasMove:
        """Point an alias back at the version that held it before; calling it again goes further back.

        `expect` is the version believed to hold it now; None: the holder at the time of this call. A rollback always
        has a reason. Raises AliasMovedError, NotFoundError, PreconditionError (no earlier holder).
        """
        if expect is None:
            expect = await self._holder(model_name, alias)
        request = v1.RollbackAliasRequest(
            model_name=model_name,
            alias=alias,
            expected_version=_words.version_number("expect", expect),
            reason=reason,
        )
        return _applied(await self.registry.RollbackAlias(request))

    async def delete_alias(
        self, model_name: str, alias: str, *, reason: str = "", expect: Expectation | None = None
    ) -> v1.ModelAlias:
        """Delete an alias, and return it as it was; its history stays.

        `expect` is the version believed to hold it, or "any"; None: the holder at the time of this call. Raises
        AliasMovedError, NotFoundError.
        """
        if expect is None:
            expect = await self._holder(model_name, alias)
        request = v1.DeleteAliasRequest(
            model_name=model_name, alias=alias, reason=reason, expect=_words.expectation(expect)
        )
        return (await self.registry.DeleteAlias(request)).alias

    async def set_stage(
        self,
        model_name: str,
        version: int | str,
        stage: str,
        *,
        reason: str = "",
        expect: str | None = None,
        archive_existing: bool = False,
    ) -> v1.SetStageResponse:
        """Move a version to the stage "None", "Staging", "Production" or "Archived".

        `expect` is the stage that it is believed to be in; None: whatever. With `archive_existing` the other versions
        of the stage go to Archived in the same step. Raises NotFoundError, ConflictError (it is in another stage),
        PreconditionError (its files are not complete), InvalidArgumentError.
        """
        request = v1.SetStageRequest(
            model_name=model_name,
            version=_words.version_number("version", version),
            stage=_words.stage("stage", stage),
            reason=reason,
            archive_existing=archive_existing,
        )
        if expect is not None:
            request.expected_stage = _words.stage("expect", expect)
        return await self.registry.SetStage(request)

    async def _holder(self, model_name: str, alias: str) -> int:
        """Return which version holds an alias now; raises NotFoundError."""
        reference = f"models:/{model_name}@{alias}"
        return (await self.registry.Resolve(v1.ResolveRequest(reference=reference))).alias.version


def _applied(response: v1.SetAliasResponse | v1.RollbackAliasResponse) -> v1.AliasMove:
    if response.WhichOneof("outcome") == "pending":
        raise PreconditionError(
            f"the move waits for approval {response.pending.approval_id}: nothing has moved yet",
            reason="APPROVAL_PENDING",
            metadata={"approval_id": response.pending.approval_id},
        )
    return response.applied
