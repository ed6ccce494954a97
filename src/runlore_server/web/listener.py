"""The HTTP server of the web port, inside the process's event loop."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from runlore_server.settings import Settings

#: Bytes of a request's line and headers, or of what trails its body.
_MAX_HEAD = 64 * 1024
#: Seconds that a connection may be idle; more than proxies keep theirs, so that none is closed as it is used again.
_IDLE_SECONDS = 75
_BACKLOG = 1024


def bind(host: str, port: int, *, shared: bool) -> socket.socket:
    """Listen on a port; raises OSError. `shared`: other processes of this server listen on it too."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host.strip("[]"), port), family=family, backlog=_BACKLOG, reuse_port=shared)
    # A watcher whose machine is gone is noticed, though it is never written to.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return listening


@dataclass
class Listener:
    """A web port that is being served; `stop` ends it."""

    port: int
    _server: uvicorn.Server
    _ticking: asyncio.Task[None]

    async def stop(self) -> None:
        """Take no new requests, let those in flight finish while the server drains, then cut them."""
        self._server.should_exit = True
        await self._ticking
        await self._server.shutdown()
        # Who does not read what it asked for would hold its call for ever.
        for connection in list(self._server.server_state.connections):
            connection.transport.abort()
        if tasks := self._server.server_state.tasks:
            await asyncio.wait(tasks, timeout=1)


async def start(settings: Settings, listening: socket.socket, application: object) -> Listener:
    """Serve an ASGI application on a socket that listens."""
    config = uvicorn.Config(
        application,  # type: ignore[arg-type]
        http=_Protocol,
        ws="none",
        lifespan="off",
        interface="asgi3",
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=int(settings.drain_seconds),
    )
    config.load()
    # What `serve` does, but for the signals, which it would take from this process.
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup([listening])
    return Listener(listening.getsockname()[1], server, asyncio.create_task(server.main_loop()))


class _Protocol(HttpToolsProtocol):
    """A connection whose requests' heads have an end: the parser would keep headers for as long as they come."""

    _head = 0

    def data_received(self, data: bytes) -> None:
        """Count what is neither a body nor a finished request."""
        self._head += len(data)
        super().data_received(data)
        if self._head > _MAX_HEAD and not self.transport.is_closing():
            self.send_400_response(f"The request's headers are longer than {_MAX_HEAD} bytes.")

    def on_body(self, body: bytes) -> None:
        """Begin to count anew."""
        self._head = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Begin to count anew."""
        self._head = 0
        super().on_message_complete()
