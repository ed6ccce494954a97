"""Deleting registered models and versions: softly, so that history stays readable and files stay for the retention.

`purging.py` removes for good what was deleted long ago.
"""

from __future__ import annotations

from collections.abc import Sequence

from runlore import v1
from runlore_server.db import Connection
from runlore_server.store import aliases, models, versions


async def version(
    conn: Connection,
    locked: models.LockedModel,
    gone: v1.ModelVersion,
    held: Sequence[v1.ModelAlias],
    *,
    reason: str,
    request_id: str,
) -> None:
    """Delete a version, and before it the aliases `held`, which are all that point at it."""
    async with models.several_events(conn, locked):
        for alias in held:
            await aliases.delete(conn, locked, alias, reason=reason, request_id=request_id)
        await versions.delete(conn, locked, gone, reason=reason, request_id=request_id)


async def model(
    conn: Connection, locked: models.LockedModel, gone: v1.RegisteredModel, *, reason: str, request_id: str
) -> None:
    """Delete a model, and before it its aliases; `gone` has them. Its versions are deleted by its being so."""
    async with models.several_events(conn, locked):
        for alias in gone.aliases:
            await aliases.delete(conn, locked, alias, reason=reason, request_id=request_id)
        await models.bury(conn, locked)
        await models.append_event(
            conn,
            locked,
            kind=v1.EVENT_KIND_MODEL_DELETED,
            request_id=request_id,
            reason=reason,
            before=v1.ResourceState(registered_model=gone),
        )
