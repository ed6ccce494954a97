"""The web port: the same services over Connect, gRPC-Web and plain JSON, for whoever cannot speak gRPC.

`listener.py` is the HTTP server, `site.py` what it serves: pages of its own, and the RPCs. `endpoints.py` puts the
handlers of the one chain of interceptors behind `connectrpc`, each call with a `context.py` in place of gRPC's.
`codecs.py` and `json_requests.py` are the two encodings.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from grpc_health.v1 import health, health_pb2

from runlore_server.interceptors import Chain
from runlore_server.settings import Settings
from runlore_server.web import listener
from runlore_server.web.endpoints import Rpcs
from runlore_server.web.listener import Listener, bind
from runlore_server.web.site import Site, without_port

__all__ = ["Listener", "bind", "start"]

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


async def start(
    settings: Settings, listening: socket.socket, chain: Chain, health_servicer: health.aio.HealthServicer
) -> Listener:
    """Serve the chain's methods on a socket that listens."""

    async def serving() -> bool:
        nobody: Any = None
        answer = await health_servicer.Check(health_pb2.HealthCheckRequest(), nobody)
        return answer is not None and answer.status == health_pb2.HealthCheckResponse.SERVING

    origins = settings.web.allow_origins if settings.web else ()
    return await listener.start(settings, listening, Site(Rpcs(chain), serving, origins, _hosts(settings)))


def _hosts(settings: Settings) -> Sequence[str] | None:
    """The names by which a server that only this machine reaches may be called, None when others may reach it."""
    if settings.web is None or settings.insecure:
        return None
    origins = (urlsplit(origin).netloc for origin in settings.web.allow_origins)
    return [*_LOOPBACK, settings.web.host, *map(without_port, origins)]
