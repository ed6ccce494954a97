"""What ListEvents and Watch have in common: which record, kinds and alias are asked for."""

from __future__ import annotations

from dataclasses import replace

from runlore import v1
from runlore_server import calls, errors
from runlore_server.db import Connection
from runlore_server.store import event_pages, models
from runlore_server.store.event_pages import Wanted


async def wanted(conn: Connection, request: v1.ListEventsRequest | v1.WatchRequest) -> Wanted:
    """Return what a request asks for; raises MODEL_NOT_FOUND, and INVALID_FIELD for the alias of what has none."""
    workspace = calls.current().workspace(request.workspace)
    found = Wanted(workspace)
    if request.model_name:
        model = await models.get(conn, workspace, request.model_name)
        found = Wanted(workspace, model.model_id, is_model=True)
    elif request.resource_id:
        found = await event_pages.wanted_record(conn, workspace, request.resource_id)
    if request.alias and not found.is_model:
        raise errors.invalid_field(
            "alias", f"belongs to a registered model: give model_name or its resource_id too (got '{request.alias}')"
        )
    return replace(found, kinds=frozenset(request.kinds), alias=request.alias)
