"""Versions of registered models: registered, found, changed and deleted."""

from __future__ import annotations

import copy
from functools import partial
from typing import Any

from runlore import v1
from runlore_server import calls, errors
from runlore_server.db import Connection
from runlore_server.pages import page_size
from runlore_server.search.fields import MODEL_VERSION_ORDER, MODEL_VERSIONS
from runlore_server.search.language import parse_filter, parse_order
from runlore_server.search.tree import Kind, comparisons
from runlore_server.services.artifacts import check_folder
from runlore_server.services.base import Methods
from runlore_server.services.registry import rules, sources
from runlore_server.services.tracking.checks import change_tags, check_entries, check_etag, check_mask, check_tag_keys
from runlore_server.store import aliases, deleting, models, search_versions, versions

_UPDATABLE = ("description", "status_message", "status")
_READY, _FAILED = v1.MODEL_VERSION_STATUS_READY, v1.MODEL_VERSION_STATUS_FAILED


class VersionMethods(Methods):
    """The methods about versions."""

    async def CreateModelVersion(
        self, request: v1.CreateModelVersionRequest, context: Any
    ) -> v1.CreateModelVersionResponse:
        """Number the files as the next version, the run's record frozen beside them."""
        workspace = calls.current().workspace(request.workspace)
        check_folder("run.path", request.run.path)
        check_entries({}, request.tags)

        async def change(conn: Connection) -> v1.CreateModelVersionResponse:
            locked = await models.lock(conn, workspace, request.model_name)
            version = v1.ModelVersion(
                model_id=locked.model.model_id,
                model_name=locked.model.name,
                workspace=workspace,
                description=request.description,
                tags=request.tags,
                created_by=calls.current().actor,
            )
            await sources.fill(conn, version, request)
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
        """Find versions by the filter and order, then fetch the page's."""
        workspace = calls.current().workspace(request.workspace)
        condition = parse_filter(request.filter, MODEL_VERSIONS)
        order = parse_order(request.order_by, MODEL_VERSION_ORDER)
        after = self._pages.decode(request, request.page_token)
        size = page_size(request.page_size)
        if any(comparison.field.kind in (Kind.PARAM, Kind.METRIC) for comparison in comparisons(condition)):
            while await self._db.write(versions.fill):
                pass

        async def work(conn: Connection) -> v1.SearchModelVersionsResponse:
            model_id = (await models.get(conn, workspace, request.model_name)).model_id if request.model_name else None
            found = await search_versions.page(conn, workspace, model_id, condition, order, after, size + 1)
            listed, more = await self._pages.fitting(
                request, found, size, partial(versions.get_many, conn), lambda found: (found.model_id, found.version)
            )
            return v1.SearchModelVersionsResponse(model_versions=listed, next_page_token=more)

        return await self._db.read(work)

    async def UpdateModelVersion(
        self, request: v1.UpdateModelVersionRequest, context: Any
    ) -> v1.UpdateModelVersionResponse:
        """Change the fields that the mask names; complete a version that waits for its files."""
        workspace = calls.current().workspace(request.workspace)
        mask = check_mask(request, _UPDATABLE)
        _check_completion(request, mask)

        async def change(conn: Connection) -> v1.UpdateModelVersionResponse:
            locked = await models.lock(conn, workspace, request.model_name)
            present = await versions.get(conn, locked.model, request.version)
            check_etag(request.etag, present.etag)
            wanted = copy.deepcopy(present)
            if "description" in mask:
                wanted.description = request.description
            if "status" in mask and not _is_done(present, request):
                if present.status != v1.MODEL_VERSION_STATUS_PENDING:
                    raise errors.version_not_pending(
                        present.model_name, present.version, rules.status_name(present.status)
                    )
                if request.status == _READY:
                    await sources.complete(conn, wanted, request)
                wanted.status = request.status
            if "status_message" in mask:
                if wanted.status == _READY and request.status_message:
                    raise errors.invalid_field(
                        "status_message", "must be empty: it says why a version is PENDING or FAILED, and this is READY"
                    )
                wanted.status_message = request.status_message
            updated = await versions.update(conn, locked, present, wanted, request.request_id)
            return v1.UpdateModelVersionResponse(model_version=updated)

        return await self._once(request, v1.UpdateModelVersionResponse, change)

    async def SetModelVersionTags(
        self, request: v1.SetModelVersionTagsRequest, context: Any
    ) -> v1.SetModelVersionTagsResponse:
        """Set and delete tags, under the model's lock."""
        workspace = calls.current().workspace(request.workspace)
        check_tag_keys(request)

        async def work(conn: Connection) -> v1.ModelVersion:
            locked = await models.lock(conn, workspace, request.model_name)
            present = await versions.get(conn, locked.model, request.version)
            wanted = copy.deepcopy(present)
            change_tags(wanted.tags, request)
            check_entries({}, wanted.tags)
            return await versions.update(conn, locked, present, wanted, "")

        return v1.SetModelVersionTagsResponse(model_version=await self._change(work))

    async def DeleteModelVersion(
        self, request: v1.DeleteModelVersionRequest, context: Any
    ) -> v1.DeleteModelVersionResponse:
        """Delete, with the aliases that point at it when asked to."""
        workspace = calls.current().workspace(request.workspace)

        async def change(conn: Connection) -> v1.DeleteModelVersionResponse:
            locked = await models.lock(conn, workspace, request.model_name)
            gone = await versions.get(conn, locked.model, request.version)
            check_etag(request.etag, gone.etag)
            held = await aliases.at(conn, locked.model.model_id, gone.version)
            if held and not request.delete_aliases:
                raise errors.has_aliases(locked.model.name, gone.version, [alias.alias for alias in held])
            if held:
                rules.require_reason(locked.model, request.reason)
            await deleting.version(conn, locked, gone, held, reason=request.reason, request_id=request.request_id)
            return v1.DeleteModelVersionResponse(model_version=gone)

        return await self._once(request, v1.DeleteModelVersionResponse, change)


def _check_completion(request: v1.UpdateModelVersionRequest, mask: set[str]) -> None:
    """A version becomes READY with files, or FAILED without."""
    if "status" in mask and request.status not in (_READY, _FAILED):
        raise errors.invalid_field("status", "must be READY or FAILED, which a PENDING version can become")
    files = request.WhichOneof("files")
    becomes_ready = "status" in mask and request.status == _READY
    if files is not None and not becomes_ready:
        raise errors.invalid_field(files, "must only be given with status READY, named in update_mask")
    if files is None and becomes_ready:
        raise errors.invalid_field("files", "is required with status READY: give one of artifact_path, manifest_digest")
    check_folder("artifact_path", request.artifact_path)


def _is_done(present: v1.ModelVersion, request: v1.UpdateModelVersionRequest) -> bool:
    """Whether the version is already what the request wants to make of it."""
    if present.status != request.status:
        return False
    match request.WhichOneof("files"):
        case "artifact_path":
            return bool(present.run_id) and present.artifact_path == request.artifact_path
        case "manifest_digest":
            return present.manifest_digest == request.manifest_digest
        case _:
            return True
