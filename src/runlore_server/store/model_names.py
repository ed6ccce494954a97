"""Which registered model had a name, and when: what an answer about the past begins with.

Whatever gives a model a name or takes it away says so here, in the transaction of the event.
"""

from __future__ import annotations

from runlore_server.db import Connection
from runlore_server.store import queries

sql = queries.load("model_names")


async def take(conn: Connection, workspace: str, name: str, model_id: str, revision: int) -> None:
    """Record that a model has a name from its event `revision` on: its creation or a rename."""
    params = {"workspace": workspace, "name": name, "model_id": model_id, "revision": revision}
    await conn.execute(sql.take, params)


async def leave(conn: Connection, workspace: str, name: str, model_id: str, revision: int) -> None:
    """Record that a model has its name no more from its event `revision` on: a rename or its deletion."""
    params = {"workspace": workspace, "name": name, "model_id": model_id, "revision": revision}
    await conn.execute(sql.leave, params)
