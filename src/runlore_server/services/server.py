"""ServerService."""

from __future__ import annotations

from typing import Any

from runlore import v1
from runlore.manifest import CHUNK_BYTES
from runlore_server import VERSION
from runlore_server.db import Database
from runlore_server.limits import (
    MAX_FILES_PER_RESPONSE,
    MAX_MESSAGE_BYTES,
    MAX_PAGE_SIZE,
    MAX_POINTS_PER_BATCH,
    MAX_POINTS_PER_FRAME,
)
from runlore_server.store import events

CONTRACT_REVISION = 1


class ServerService(v1.ServerServiceServicer):
    """Says what this server is."""

    def __init__(self, db: Database, features: list[str]) -> None:
        """`features`: the optional behaviour that this server's wiring brings."""
        self._db = db
        self._features = features

    async def GetServerInfo(self, request: v1.GetServerInfoRequest, context: Any) -> v1.GetServerInfoResponse:
        """See server.proto."""
        log = await self._db.read(events.log)
        return v1.GetServerInfoResponse(
            version=VERSION,
            contract_revision=CONTRACT_REVISION,
            features=self._features,
            limits=v1.ServerLimits(
                max_message_bytes=MAX_MESSAGE_BYTES,
                max_points_per_batch=MAX_POINTS_PER_BATCH,
                chunk_bytes=CHUNK_BYTES,
                max_page_size=MAX_PAGE_SIZE,
                max_files_per_response=MAX_FILES_PER_RESPONSE,
                max_points_per_frame=MAX_POINTS_PER_FRAME,
            ),
            log_id=log.log_id,
        )
