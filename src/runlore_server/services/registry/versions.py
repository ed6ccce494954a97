"""Versions of registered models."""

from __future__ import annotations

from typing import Any

from runlore import v1
from runlore_server import calls, errors
from runlore_server.db import Connection
from runlore_server.pages import page_size
from runlore_server.services.artifacts import check_folder
from runlore_server.services.base import Methods
from runlore_server.store import logged_models, manifests, models, runs, versions


class VersionMethods(Methods):
    """The methods about versions."""

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

    async def SearchModelVersions(
        self, request: v1.SearchModelVersionsRequest, context: Any
    ) -> v1.SearchModelVersionsResponse:
        """Page from the newest."""
        workspace = calls.current().workspace(request.workspace)
        before = self._pages.decode(request, request.page_token) or [None]
        size = page_size(request.page_size)

        async def work(conn: Connection) -> list[v1.ModelVersion]:
            model = await models.get(conn, workspace, request.model_name)
            return await versions.page(conn, model.model_id, before[0], size + 1)

        found = await self._db.read(work)
        page, more = self._pages.cut(request, found, size, lambda version: [version.version])
        return v1.SearchModelVersionsResponse(model_versions=page, next_page_token=more)


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
