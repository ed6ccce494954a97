"""Where a version's files come from, and what is frozen with them."""

from __future__ import annotations

from runlore import v1
from runlore_server import errors
from runlore_server.db import Connection
from runlore_server.store import logged_models, manifests, runs


async def fill(conn: Connection, version: v1.ModelVersion, request: v1.CreateModelVersionRequest) -> None:
    """Give a new version its status, its files and the evidence that its source has."""
    workspace, source = version.workspace, request.WhichOneof("source")
    version.status = v1.MODEL_VERSION_STATUS_READY
    if source == "pending":
        version.status = v1.MODEL_VERSION_STATUS_PENDING
        version.status_message = request.pending.status_message
        version.run_id = request.pending.run_id
        if version.run_id:
            await runs.require_active(conn, workspace, version.run_id)
    elif source == "run":
        await runs.require_active(conn, workspace, request.run.run_id)
        await _from_run(conn, version, await runs.get(conn, workspace, request.run.run_id), request.run.path)
    elif source == "logged_model_id":
        await _from_logged_model(conn, version, request.logged_model_id)
    else:
        await _take(conn, version, await manifests.get(conn, request.manifest_digest))


async def complete(conn: Connection, version: v1.ModelVersion, request: v1.UpdateModelVersionRequest) -> None:
    """Make a PENDING version READY, with its files and what is known of its run now."""
    version.status, version.status_message = v1.MODEL_VERSION_STATUS_READY, ""
    # The run may have been purged since; then there are no files of it, and no evidence.
    found = await runs.get_many(conn, version.workspace, [version.run_id] if version.run_id else [])
    if request.WhichOneof("files") == "manifest_digest":
        for run in found:
            _freeze(version, run)
        await _take(conn, version, await manifests.get(conn, request.manifest_digest))
    elif not version.run_id:
        raise errors.invalid_field(
            "artifact_path", "needs a run, and the version was created without one: give manifest_digest"
        )
    elif not found:
        raise errors.artifact_not_found(request.artifact_path, f"run {version.run_id}")
    else:
        await _from_run(conn, version, found[0], request.artifact_path)


async def _take(conn: Connection, version: v1.ModelVersion, manifest: v1.Manifest) -> None:
    """Make a manifest's files the version's. Nothing may collect them before the version is there to refer to them."""
    await manifests.hold(conn, manifest.digest)
    version.manifest_digest, version.size, version.file_count = manifest.digest, manifest.size, manifest.file_count


async def _from_run(conn: Connection, version: v1.ModelVersion, run: v1.Run, path: str) -> None:
    root = run.artifact_manifest_digest
    manifest = await manifests.find(conn, root, path) if root else None
    if manifest is None:
        raise errors.artifact_not_found(path, f"run {run.run_id}")
    version.artifact_path = path
    _freeze(version, run)
    await _take(conn, version, manifest)


def _freeze(version: v1.ModelVersion, run: v1.Run) -> None:
    """Freeze the record of the run that made a version; of a run that recorded nothing there is no evidence."""
    version.run_id = run.run_id
    frozen = v1.Evidence(params=run.params, metrics=run.metrics, tags=run.tags, dataset_inputs=run.dataset_inputs)
    if frozen.ByteSize():
        version.evidence.CopyFrom(frozen)


async def _from_logged_model(conn: Connection, version: v1.ModelVersion, model_id: str) -> None:
    """Freeze the record of a logged model, and of its run while there is one."""
    workspace = version.workspace
    await logged_models.hold_active(conn, workspace, [model_id])
    model = await logged_models.get(conn, workspace, model_id)
    if model.status != v1.LOGGED_MODEL_STATUS_READY:
        status = v1.LoggedModelStatus.Name(model.status).removeprefix("LOGGED_MODEL_STATUS_")
        raise errors.logged_model_not_ready(model_id, status)
    digest = model.artifact_manifest_digest
    manifest = await manifests.find(conn, digest, "") if digest else None
    if manifest is None:
        raise errors.artifact_not_found("", f"logged model {model_id}")
    for run in await runs.get_many(conn, workspace, [model.source_run_id] if model.source_run_id else []):
        _freeze(version, run)
    version.logged_model_id = model_id
    version.evidence.logged_model.CopyFrom(model)
    await _take(conn, version, manifest)
