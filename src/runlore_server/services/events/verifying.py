"""Whether a model's history is as it was written."""

from __future__ import annotations

from typing import Any

from runlore import v1
from runlore_server import calls
from runlore_server.db import Connection
from runlore_server.services.base import Methods
from runlore_server.store import chains, events


class VerifyMethods(Methods):
    """The method that verifies a chain."""

    async def Verify(self, request: v1.VerifyRequest, context: Any) -> v1.VerifyResponse:
        """Check up to the head that is recorded now, or so many events, each page on whatever connection is free."""
        workspace = calls.current().workspace(request.workspace)

        async def begin(conn: Connection) -> tuple[events.Log, chains.Head]:
            head = await chains.head(conn, workspace, name=request.model_name, model_id=request.model_id)
            return await events.log(conn), head

        log, head = await self._db.read(begin)
        check = chains.Check(
            head,
            request.known_head if request.HasField("known_head") else None,
            after=request.after if request.HasField("after") else None,
            most=request.max_events,
        )
        while await self._db.read(check.step):
            pass
        response = v1.VerifyResponse(
            valid=check.broken is None, event_count=check.event_count, head=head.proto, checked=check.checked
        )
        if check.broken is not None:
            response.first_break.revision = check.broken.revision
            response.first_break.problem = check.broken.problem
            if check.broken.number:
                response.first_break.position = log.position(check.broken.number)
        return response
