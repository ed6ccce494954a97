"""Request ids: a mutation that was committed is answered again from its stored response, not done again.

Scoped to workspace, actor and method, and committed with the change itself (DESIGN 2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from google.protobuf.message import Message

from runlore_server import calls, errors
from runlore_server.db import Connection
from runlore_server.store import queries

sql = queries.load("requests")

#: How long a response is kept, in hours; the contract promises 24 at least.
RETENTION_HOURS = 48

Response = TypeVar("Response", bound=Message)


class Mutation(Protocol):
    """A request message that carries a request id."""

    request_id: str
    workspace: str

    def SerializeToString(self, *, deterministic: bool = ...) -> bytes:
        """As protobuf messages have it."""
        ...


async def once(
    conn: Connection,
    request: Mutation,
    response_type: type[Response],
    change: Callable[[], Awaitable[Response]],
) -> Response:
    """Make `change` in this transaction, unless its request id was served before: then return that response."""
    if not request.request_id:
        return await change()
    call = calls.current()
    scope = {
        "workspace": call.workspace(request.workspace),
        "actor": call.actor_key,
        "method": call.method,
        "request_id": request.request_id,
    }
    body_sha256 = hashlib.sha256(request.SerializeToString(deterministic=True)).digest()
    row = await queries.one(conn, sql.get, scope)
    if row is not None:
        if bytes(row.body_sha256) != body_sha256:
            raise errors.request_id_reused(request.request_id, call.method)
        return response_type.FromString(bytes(row.response))
    response = await change()
    # Two calls with one id race to this insert; the loser collides, runs again, and finds the winner's response.
    await conn.execute(sql.insert, {**scope, "body_sha256": body_sha256, "response": response.SerializeToString()})
    return response


async def delete_old(conn: Connection) -> None:
    """Forget responses that are past their retention."""
    await conn.execute(sql.delete_old, {"hours": RETENTION_HOURS})
