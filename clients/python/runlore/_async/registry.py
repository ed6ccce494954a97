"""Registered models: registering, promoting, resolving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runlore import _words, v1
from runlore._async.connection import Connection
from runlore._async.paging import records
from runlore._async.run import Run
from runlore._words import Expectation, strings
from runlore.errors import AlreadyExistsError, NotFoundError, PreconditionError, invalid_field


class RegistryMethods(Connection):
    """What a client does with registered models."""

    async def register(
        self,
        model_name: str,
        run: Run | v1.Run | v1.LoggedModel | str,
        path: str = "",
        *,
        description: str = "",
        tags: Mapping[str, object] | None = None,
    ) -> v1.ModelVersion:
        """Register a folder or file of a run's artifacts, or a logged model, as the model's next version.

        Nothing is copied, and the model is created when it is not there. What the run has recorded, the data it read
        and the logged model are frozen as the version's evidence: the points of a Run handle are flushed first. Raises
        NotFoundError when the run or the path is not there, PreconditionError when the logged model is not READY.
        """
        if isinstance(run, Run):
            await run.flush()
        request = v1.CreateModelVersionRequest(model_name=model_name, description=description, tags=strings(tags))
        if isinstance(run, v1.LoggedModel):
            if path:
                raise invalid_field("path", "is of a run's artifacts: leave it out for a logged model")
            request.logged_model_id = run.model_id
        else:
            request.run.run_id, request.run.path = run if isinstance(run, str) else run.run_id, path.strip("/")
        return await self.create_version(request)

    async def create_version(self, request: v1.CreateModelVersionRequest) -> v1.ModelVersion:
        """Register a version by the contract's own request, and the model with it when it is not there."""
        try:
            response = await self.registry.CreateModelVersion(request)
        except NotFoundError as error:
            if error.reason != "MODEL_NOT_FOUND":
                raise
            name = request.model_name
            try:
                await self.registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(name=name))
            except AlreadyExistsError as race:
                if race.reason != "MODEL_EXISTS":
                    raise
            response = await self.registry.CreateModelVersion(request)
        return response.model_version

    async def promote(
        self,
        model_name: str,
        version: int | str,
        alias: str,
        *,
        reason: str = "",
        expect: Expectation | None = None,
        if_better: str | Sequence[str] | None = None,
        evidence: Mapping[str, Any] | None = None,
    ) -> v1.AliasMove:
        """Point an alias at a version, if it is where the caller believes and every condition holds.

        `expect` is that belief: a version's number, "absent" (no version holds the alias) or "any" (move it whatever
        it points at). None: the holder at the time of this call, so that a mover in between is noticed.
        `if_better` names metrics of the versions' frozen evidence by which this one must strictly beat the holder,
        with the direction: "max:val_auc" or "min:loss". The server decides, in the transaction that moves the alias.
        `evidence` is whatever else supports the move, kept in the history.

        Raises AliasMovedError, ConditionNotMetError (its `conditions` have both numbers), NotFoundError,
        InvalidArgumentError; the alias is then where it was.
        """
        request = v1.SetAliasRequest(
            model_name=model_name,
            alias=alias,
            version=_words.version_number("version", version),
            reason=reason,
            evidence=_words.evidence_struct(evidence),
            conditions=_words.conditions(if_better),
        )
        if expect is None:
            response = await self.registry.GetRegisteredModel(v1.GetRegisteredModelRequest(name=model_name))
            holders = {a.alias: a.version for a in response.registered_model.aliases}
            request.expect.CopyFrom(_words.expectation(holders.get(alias, "absent")))
        else:
            request.expect.CopyFrom(_words.expectation(expect))
        return _applied(await self.registry.SetAlias(request))

    async def rollback(self, model_name: str, alias: str, *, reason: str, expect: int | None = None) -> v1.AliasMove:
        """Point an alias back at the version that held it before; calling it again goes further back.

        `expect` is the version believed to hold it now; None: the holder at the time of this call. A rollback always
        has a reason. Raises AliasMovedError, NotFoundError, PreconditionError (no earlier holder).
        """
        if expect is None:
            expect = (await self.resolve(f"models:/{model_name}@{alias}")).alias.version
        request = v1.RollbackAliasRequest(
            model_name=model_name,
            alias=alias,
            expected_version=_words.version_number("expect", expect),
            reason=reason,
        )
        return _applied(await self.registry.RollbackAlias(request))

    async def resolve(self, ref: str, *, include_files: bool = False) -> v1.ResolveResponse:
        """Return the version behind `models:/<name>@<alias>` or `models:/<name>/<version>`, with its files if asked.

        Raises NotFoundError, InvalidArgumentError.
        """
        return await self.registry.Resolve(v1.ResolveRequest(reference=ref, include_files=include_files))

    async def history(self, model_name: str, *, limit: int | None = None) -> list[v1.Event]:
        """Return the model's events, oldest first: who registered and moved what, when, why, from what to what.

        At most the first `limit` events; None for all. Raises NotFoundError, InvalidArgumentError (a limit below 1).
        """
        request = v1.ListEventsRequest(model_name=model_name)
        return await records(self.events.ListEvents, request, lambda page: page.events, limit)


def _applied(response: v1.SetAliasResponse | v1.RollbackAliasResponse) -> v1.AliasMove:
    if response.WhichOneof("outcome") == "pending":
        raise PreconditionError(
            f"the move waits for approval {response.pending.approval_id}: nothing has moved yet",
            reason="APPROVAL_PENDING",
            metadata={"approval_id": response.pending.approval_id},
        )
    return response.applied
