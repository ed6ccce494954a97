"""Registered models: made, found, changed and deleted."""

from __future__ import annotations

import copy
from functools import partial
from typing import Any

from runlore import v1
from runlore_server import calls, errors
from runlore_server.db import Connection
from runlore_server.pages import page_size
from runlore_server.search.fields import MODEL_ORDER, MODELS
from runlore_server.search.language import parse_filter, parse_order
from runlore_server.services.base import Methods
from runlore_server.services.registry import rules
from runlore_server.services.tracking.checks import change_tags, check_entries, check_etag, check_mask, check_tag_keys
from runlore_server.store import deleting, models, search_models

_UPDATABLE = ("new_name", "description", "owner", "team", "reason_required")


class ModelMethods(Methods):
    """The methods about registered models."""

    async def CreateRegisteredModel(
        self, request: v1.CreateRegisteredModelRequest, context: Any
    ) -> v1.CreateRegisteredModelResponse:
        """Refuse a name that is taken; else create."""
        workspace = calls.current().workspace(request.workspace)
        rules.check_name("name", request.name)
        check_entries({}, request.tags)

        async def change(conn: Connection) -> v1.CreateRegisteredModelResponse:
            model = await models.create(
                conn,
                workspace,
                request.name,
                request.description,
                request.tags,
                request.request_id,
                owner=request.owner,
                team=request.team,
                reason_required=request.reason_required,
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

    async def SearchRegisteredModels(
        self, request: v1.SearchRegisteredModelsRequest, context: Any
    ) -> v1.SearchRegisteredModelsResponse:
        """Find ids by the filter and order, then fetch the page's models."""
        workspace = calls.current().workspace(request.workspace)
        condition, order = parse_filter(request.filter, MODELS), parse_order(request.order_by, MODEL_ORDER)
        after = self._pages.decode(request, request.page_token)
        size = page_size(request.page_size)

        async def work(conn: Connection) -> v1.SearchRegisteredModelsResponse:
            found = await search_models.page(conn, workspace, condition, order, after, size + 1)
            listed, more = await self._pages.fitting(
                request, found, size, partial(models.get_many, conn, workspace), lambda model: model.model_id
            )
            return v1.SearchRegisteredModelsResponse(registered_models=listed, next_page_token=more)

        return await self._db.read(work)

    async def UpdateRegisteredModel(
        self, request: v1.UpdateRegisteredModelRequest, context: Any
    ) -> v1.UpdateRegisteredModelResponse:
        """Change the fields that the mask names, under the model's lock."""
        workspace = calls.current().workspace(request.workspace)
        mask = check_mask(request, _UPDATABLE, name="new_name")
        if "new_name" in mask:
            rules.check_name("new_name", request.new_name)

        async def change(conn: Connection) -> v1.UpdateRegisteredModelResponse:
            locked = await models.lock(conn, workspace, request.name)
            check_etag(request.etag, locked.model.etag)
            wanted = copy.deepcopy(locked.model)
            for name in mask:
                setattr(wanted, name.removeprefix("new_"), getattr(request, name))
            await models.update(conn, locked, wanted, request.request_id)
            model = await models.get(conn, workspace, wanted.name)
            return v1.UpdateRegisteredModelResponse(registered_model=model)

        return await self._once(request, v1.UpdateRegisteredModelResponse, change)

    async def SetRegisteredModelTags(
        self, request: v1.SetRegisteredModelTagsRequest, context: Any
    ) -> v1.SetRegisteredModelTagsResponse:
        """Set and delete tags, under the model's lock."""
        workspace = calls.current().workspace(request.workspace)
        check_tag_keys(request)

        async def work(conn: Connection) -> v1.RegisteredModel:
            locked = await models.lock(conn, workspace, request.name)
            wanted = copy.deepcopy(locked.model)
            change_tags(wanted.tags, request)
            check_entries({}, wanted.tags)
            await models.update(conn, locked, wanted, "")
            return await models.get(conn, workspace, request.name)

        return v1.SetRegisteredModelTagsResponse(registered_model=await self._change(work))

    async def DeleteRegisteredModel(
        self, request: v1.DeleteRegisteredModelRequest, context: Any
    ) -> v1.DeleteRegisteredModelResponse:
        """Delete with all its versions; its name is free when this is committed."""
        workspace = calls.current().workspace(request.workspace)

        async def change(conn: Connection) -> v1.DeleteRegisteredModelResponse:
            locked = await models.lock(conn, workspace, request.name)
            check_etag(request.etag, locked.model.etag)
            gone = await models.get(conn, workspace, request.name)
            if gone.aliases and not request.delete_aliases:
                raise errors.has_aliases(gone.name, None, [alias.alias for alias in gone.aliases])
            if gone.aliases:
                rules.require_reason(gone, request.reason)
            await deleting.model(conn, locked, gone, reason=request.reason, request_id=request.request_id)
            return v1.DeleteRegisteredModelResponse(registered_model=gone)

        return await self._once(request, v1.DeleteRegisteredModelResponse, change)
