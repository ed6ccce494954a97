"""RegistryService: models, versions, aliases, and what a reference resolves to."""

from __future__ import annotations

import re
from typing import Any

from runlore import v1
from runlore_server import calls, errors, limits
from runlore_server.blob import BlobStore
from runlore_server.db import Connection, Database
from runlore_server.pages import PageTokens, page_size
from runlore_server.sequencer import Sequencer
from runlore_server.services import conditions, downloads
from runlore_server.services.artifacts import check_folder
from runlore_server.services.base import Methods
from runlore_server.store import aliases, logged_models, manifests, models, runs, versions

# MLflow reserves the same names: they read as a version.
_RESERVED_ALIAS = re.compile(r"latest|v\d+", re.IGNORECASE)
_REFERENCE = re.compile(r"models:/(?P<name>[^/:@]+)(?:@(?P<alias>[A-Za-z0-9_-]+)|/(?P<version>[1-9]\d{0,17}))")


class RegistryService(Methods, v1.RegistryServiceServicer):
    """Says which version is real right now. Each method: see registry.proto."""

    def __init__(self, db: Database, blobs: BlobStore, pages: PageTokens, sequencer: Sequencer) -> None:
        """Serve from a database; `blobs` signs download URLs, `sequencer` is told of every change."""
        super().__init__(db, pages, sequencer)
        self._blobs = blobs

    async def CreateRegisteredModel(
        self, request: v1.CreateRegisteredModelRequest, context: Any
    ) -> v1.CreateRegisteredModelResponse:
        """Refuse a name that is taken; else create."""
        workspace = calls.current().workspace(request.workspace)

        async def change(conn: Connection) -> v1.CreateRegisteredModelResponse:
            model = await models.create(
                conn, workspace, request.name, request.description, request.tags, request.request_id
            )
            return v1.CreateRegisteredModelResponse(registered_model=model)

        return await self._once(request, v1.CreateRegisteredModelResponse, change)

    async def GetRegisteredModel(
        self, request: v1.GetRegisteredModelRequest, context: Any
    ) -> v1.GetRegisteredModelResponse:
        """Return the model with its aliases."""
        workspace = calls.current().workspace(request.workspace)
        model = await self._db.read(lambda conn: models.get(conn, workspace, request.name))
        return v1.GetRegisteredModelResponse(registered_model=model)

    async def ListRegisteredModels(
        self, request: v1.ListRegisteredModelsRequest, context: Any
    ) -> v1.ListRegisteredModelsResponse:
        """Page by name."""
        workspace = calls.current().workspace(request.workspace)
        after = self._pages.decode(request, request.page_token) or [""]
        size = page_size(request.page_size)
        found = await self._db.read(lambda conn: models.page(conn, workspace, after[0], size + 1))
        page, more = self._pages.cut(request, found, size, lambda model: [model.name])
        return v1.ListRegisteredModelsResponse(registered_models=page, next_page_token=more)

    async def CreateModelVersion(
        self, request: v1.CreateModelVersionRequest, context: Any
    ) -> v1.CreateModelVersionResponse:
        """Number the files as the next version, the run's record frozen beside them."""
        workspace = calls.current().workspace(request.workspace)
        check_folder("run.path", request.run.path)

        async def change(conn: Connection) -> v1.CreateModelVersionResponse:
            locked = await models.lock(conn, workspace, request.model_name)
            version = await _version_of(conn, workspace, request)
            version.model_id, version.model_name = locked.model.model_id, locked.model.name
            created = await versions.create(conn, locked, version, request.request_id)
            return v1.CreateModelVersionResponse(model_version=created)

        return await self._once(request, v1.CreateModelVersionResponse, change)

    async def GetModelVersion(self, request: v1.GetModelVersionRequest, context: Any) -> v1.GetModelVersionResponse:
        """Return the version."""
        workspace = calls.current().workspace(request.workspace)

        async def work(conn: Connection) -> v1.ModelVersion:
            model = await models.get(conn, workspace, request.model_name)
            return await versions.get(conn, model, request.version)

        return v1.GetModelVersionResponse(model_version=await self._db.read(work))

    async def ListModelVersions(
        self, request: v1.ListModelVersionsRequest, context: Any
    ) -> v1.ListModelVersionsResponse:
        """Page from the newest."""
        workspace = calls.current().workspace(request.workspace)
        before = self._pages.decode(request, request.page_token) or [None]
        size = page_size(request.page_size)

        async def work(conn: Connection) -> list[v1.ModelVersion]:
            model = await models.get(conn, workspace, request.model_name)
            return await versions.page(conn, model.model_id, before[0], size + 1)

        found = await self._db.read(work)
        page, more = self._pages.cut(request, found, size, lambda version: [version.version])
        return v1.ListModelVersionsResponse(model_versions=page, next_page_token=more)

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

    async def Resolve(self, request: v1.ResolveRequest, context: Any) -> v1.ResolveResponse:
        """Answer from one snapshot of the database, so never older than what was acknowledged before."""
        workspace = calls.current().workspace(request.workspace)
        reference = parse_reference(request.reference)

        async def work(conn: Connection) -> v1.ResolveResponse:
            response = await aliases.resolve(conn, workspace, reference)
            if request.include_files:
                manifest = await manifests.get(conn, response.model_version.manifest_digest)
                response.files.extend(await downloads.page(conn, manifest, 0, 0, request.include_urls))
                if len(response.files) < manifest.file_count:
                    rest = v1.GetManifestRequest(
                        workspace=request.workspace,
                        manifest_digest=manifest.digest,
                        include_urls=request.include_urls,
                    )
                    response.files_page_token = self._pages.encode(rest, [manifest.digest, len(response.files)])
            return response

        response = await self._db.read(work)
        if request.include_urls:
            await downloads.sign_urls(self._blobs, response.files)
        return response


def parse_reference(text: str) -> aliases.Reference:
    """Take a model reference apart; raises INVALID_FIELD."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        raise errors.invalid_field(
            "reference", f"must be models:/<name>@<alias> or models:/<name>/<version> (got '{text}')"
        )
    version = match["version"]
    return aliases.Reference(match["name"], match["alias"], int(version) if version else None)


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


async def _version_of(conn: Connection, workspace: str, request: v1.CreateModelVersionRequest) -> v1.ModelVersion:
    """The version that a request describes, still without model and number."""
    version = v1.ModelVersion(
        workspace=workspace,
        status=v1.MODEL_VERSION_STATUS_READY,
        description=request.description,
        tags=request.tags,
        created_by=calls.current().actor,
    )
    source = request.WhichOneof("source")
    if source == "run":
        await runs.require_active(conn, workspace, request.run.run_id)
        run = await runs.get(conn, workspace, request.run.run_id)
        root = run.artifact_manifest_digest
        manifest = await manifests.find(conn, root, request.run.path) if root else None
        if manifest is None:
            raise errors.artifact_not_found(request.run.path, f"run {run.run_id}")
        version.artifact_path = request.run.path
        _come_from(version, run)
    elif source == "logged_model_id":
        manifest = await _come_from_logged_model(conn, workspace, version, request.logged_model_id)
    else:
        manifest = await manifests.find(conn, request.manifest_digest, "")
        if manifest is None:
            raise errors.manifest_not_found(request.manifest_digest)
    # Nothing may collect it before the version is there to refer to it.
    await manifests.hold(conn, manifest.digest)
    version.manifest_digest, version.size, version.file_count = manifest.digest, manifest.size, manifest.file_count
    return version


def _come_from(version: v1.ModelVersion, run: v1.Run) -> None:
    """Freeze the record of the run that made a version."""
    version.run_id = run.run_id
    version.evidence.MergeFrom(
        v1.Evidence(params=run.params, metrics=run.metrics, tags=run.tags, dataset_inputs=run.dataset_inputs)
    )


async def _come_from_logged_model(
    conn: Connection, workspace: str, version: v1.ModelVersion, model_id: str
) -> v1.Manifest:
    """Freeze the record of a logged model, and of its run while there is one; returns its files."""
    await logged_models.require_active(conn, workspace, [model_id])
    model = await logged_models.get(conn, workspace, model_id)
    if model.status != v1.LOGGED_MODEL_STATUS_READY:
        status = v1.LoggedModelStatus.Name(model.status).removeprefix("LOGGED_MODEL_STATUS_")
        raise errors.logged_model_not_ready(model_id, status)
    digest = model.artifact_manifest_digest
    manifest = await manifests.find(conn, digest, "") if digest else None
    if manifest is None:
        raise errors.artifact_not_found("", f"logged model {model_id}")
    for run in await runs.get_many(conn, workspace, [model.source_run_id] if model.source_run_id else []):
        _come_from(version, run)
    version.logged_model_id = model_id
    version.evidence.logged_model.CopyFrom(model)
    return manifest
