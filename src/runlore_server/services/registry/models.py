"""Registered models."""

from __future__ import annotations

from typing import Any

from runlore import v1
from runlore_server import calls
from runlore_server.db import Connection
from runlore_server.pages import page_size
from runlore_server.services.base import Methods
from runlore_server.store import models


class ModelMethods(Methods):
    """The methods about registered models."""

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

    async def SearchRegisteredModels(
        self, request: v1.SearchRegisteredModelsRequest, context: Any
    ) -> v1.SearchRegisteredModelsResponse:
        """Page by name."""
        workspace = calls.current().workspace(request.workspace)
        after = self._pages.decode(request, request.page_token) or [""]
        size = page_size(request.page_size)
        found = await self._db.read(lambda conn: models.page(conn, workspace, after[0], size + 1))
        page, more = self._pages.cut(request, found, size, lambda model: [model.name])
        return v1.SearchRegisteredModelsResponse(registered_models=page, next_page_token=more)
