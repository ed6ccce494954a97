"""EventService: reads the log."""

from __future__ import annotations

from typing import Any

from runlore import v1
from runlore_server import calls
from runlore_server.db import Connection
from runlore_server.pages import page_size
from runlore_server.services.base import Methods
from runlore_server.store import events, models


class EventService(Methods, v1.EventServiceServicer):
    """Reads the event log. Each method: see event.proto."""

    async def ListEvents(self, request: v1.ListEventsRequest, context: Any) -> v1.ListEventsResponse:
        """Number what is committed, then page in the log's order."""
        workspace = calls.current().workspace(request.workspace)
        resume = self._pages.decode(request, request.page_token)
        size = page_size(request.page_size)
        await self._sequencer.catch_up()

        async def work(conn: Connection) -> v1.ListEventsResponse:
            log = await events.log(conn)
            after = log.number("after_position", request.after_position)
            if resume is not None:
                after = log.number("page_token", resume[0])
            resource_id = request.resource_id or None
            if request.model_name:
                resource_id = (await models.get(conn, workspace, request.model_name)).model_id
            found = await events.page(
                conn,
                log,
                workspace=workspace,
                after=after,
                resource_id=resource_id,
                kinds=request.kinds,
                limit=size + 1,
                include_canonical=request.include_canonical,
            )
            page, more = self._pages.cut(request, found, size, lambda event: [event.position])
            return v1.ListEventsResponse(events=page, next_page_token=more)

        return await self._db.read(work)
