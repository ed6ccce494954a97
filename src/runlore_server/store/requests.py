"""Request ids: a mutation that was committed is answered again from its stored response, not done again.

Scoped to workspace, actor and method, and committed with the change itself (DESIGN 2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

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


class AnsweredError(Exception):
    """A request of this id was served before: `find` has the answer."""


async def once(
    conn: Connection,
    request: Mutation,
    response_type: type[Response],
    change: Callable[[], Awaitable[Response]],
) -> Response:
    """Make `change` in this transaction, unless its request id was served before: then return that response."""
    answered = await find(conn, request, response_type)
    if answered is not None:
        return answered
    response = await change()
    await keep(conn, request, response)
    return response


async def find(conn: Connection, request: Mutation, response_type: type[Response]) -> Response | None:
    """Return the response of a request whose id was served before; None for any other. Raises REQUEST_ID_REUSED."""
    if not request.request_id:
        return None
    row = await queries.one(conn, sql.get, scope(request))
    if row is None:
        return None
    if bytes(row.body_sha256) != _digest(request):
        raise errors.request_id_reused(request.request_id, calls.current().method)
    return response_type.FromString(bytes(row.response))


async def keep(conn: Connection, request: Mutation, response: Message) -> None:
    """Keep the response of a request that has an id, in the transaction of its change.

    Two calls with one id race to this insert; the loser collides, runs again, and finds the winner's response.
    """
    if request.request_id:
        await conn.execute(sql.insert, columns(request, response))


def columns(request: Mutation, response: Message) -> dict[str, Any]:
    """Return the row of a response, for a statement that keeps it with the change itself; without an id it must not."""
    return {**scope(request), "body_sha256": _digest(request), "response": response.SerializeToString()}


def scope(request: Mutation) -> dict[str, str]:
    """Return what a request id is kept under."""
    call = calls.current()
    return {
        "workspace": call.workspace(request.workspace),
        "actor": call.actor_key,
        "method": call.method,
        "request_id": request.request_id,
    }


def _digest(request: Mutation) -> bytes:
    return hashlib.sha256(request.SerializeToString(deterministic=True)).digest()


async def delete_old(conn: Connection) -> None:
    """Forget responses that are past their retention."""
    await conn.execute(sql.delete_old, {"hours": RETENTION_HOURS})
