"""Wiring: what a serving process is made of, from its start to its end."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import grpc
from google.protobuf import descriptor_pool
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2_grpc

from runlore import v1
from runlore_server import interceptors, web
from runlore_server.background import Background
from runlore_server.blob import BlobStore, open_blob_store
from runlore_server.bodies import Bodies
from runlore_server.collector import Collecting, Collector
from runlore_server.committer import Committer
from runlore_server.db import Database
from runlore_server.describing import Descriptors
from runlore_server.housekeeping import Housekeeping
from runlore_server.indexer import Indexer
from runlore_server.limits import MAX_MESSAGE_BYTES
from runlore_server.merger import Merger
from runlore_server.pages import PageTokens
from runlore_server.sequencer import Sequencer
from runlore_server.services.artifacts import ArtifactService
from runlore_server.services.events import EventService
from runlore_server.services.logged_models import LoggedModelService
from runlore_server.services.registry import RegistryService
from runlore_server.services.server import ServerService
from runlore_server.services.tracking import TrackingService
from runlore_server.settings import Settings, WebSettings
from runlore_server.stale_runs import StaleRuns
from runlore_server.store import events
from runlore_server.store.finding.pace import Budget
from runlore_server.tailer import Tailer

log = logging.getLogger(__name__)

#: The services, in the order in which reflection lists them.
SERVICES = (
    "TrackingService",
    "LoggedModelService",
    "RegistryService",
    "ArtifactService",
    "EventService",
    "ServerService",
)


class ListenError(RuntimeError):
    """An address cannot be listened on; the message says why and what to do."""

    def __init__(self, address: str, flag: str, why: str = "is another server there?") -> None:
        """`flag` is the one that says the address."""
        super().__init__(f"cannot listen on {address}: {why} Choose another port with {flag}, or port 0 for a free one")


@dataclass(frozen=True)
class Listening:
    """Where a server is reached, and what it keeps artifacts in."""

    port: int
    artifacts: str
    #: None when there is no web port.
    web_port: int | None


@dataclass
class App:
    """A running server of one process; `stop` ends it."""

    listening: Listening
    _server: grpc.aio.Server
    _web: web.Listener | None
    _health: health.aio.HealthServicer
    _committer: Committer
    _tailer: Tailer
    _background: list[Background]
    _blobs: BlobStore
    _db: Database

    async def stop(self, grace: float) -> None:
        """Take no new RPCs, let those in flight finish for `grace` seconds, then let go of everything."""
        await self._health.enter_graceful_shutdown()
        # Streams would go on for the whole grace.
        self._tailer.drain()
        await self._committer.drain()
        await asyncio.gather(self._server.stop(grace), *([self._web.stop()] if self._web else []))
        for task in self._background:
            await task.stop()
        await self._blobs.close()
        await self._db.close()


async def start(settings: Settings, database_url: str, *, shared_ports: bool = False) -> App:
    """Start serving. `shared_ports`: other processes listen on the same ports.

    Raises ListenError, BlobStoreError, or psycopg_pool.PoolTimeout when the database does not answer.
    """
    blobs = open_blob_store(settings.artifacts_url, settings.s3)
    await blobs.check()
    db = Database(database_url, settings.pool_size, policy=settings.policy)
    await db.open()
    sequencer = Sequencer(db)
    committer = Committer(db)
    tailer = Tailer(db)
    pages = PageTokens((await db.read(events.log)).token_key)

    chain = interceptors.Chain(interceptors.ordered())
    features = ["artifacts.presigned"] if blobs.presign_get("0" * 64) else []
    budget = Budget(settings.search_budget_ms / 1000)
    chain.add(
        TrackingService(
            db, pages, sequencer, committer, settings.policy, budget, Bodies(settings.search_cache_mb << 20)
        ),
        v1.add_TrackingServiceServicer_to_server,
    )
    chain.add(LoggedModelService(db, pages, sequencer), v1.add_LoggedModelServiceServicer_to_server)
    chain.add(RegistryService(db, blobs, pages, sequencer), v1.add_RegistryServiceServicer_to_server)
    chain.add(ArtifactService(db, blobs, pages, sequencer), v1.add_ArtifactServiceServicer_to_server)
    chain.add(EventService(db, pages, sequencer, tailer), v1.add_EventServiceServicer_to_server)
    chain.add(ServerService(db, features), v1.add_ServerServiceServicer_to_server)
    health_servicer = health.aio.HealthServicer()
    chain.add(health_servicer, health_pb2_grpc.add_HealthServicer_to_server)
    names = [f"runlore.v1.{name}" for name in SERVICES]
    listed = [*names, health.SERVICE_NAME, reflection.SERVICE_NAME]
    reflecting = reflection.aio.ReflectionServicer(listed, Descriptors(descriptor_pool.Default()))
    chain.add(reflecting, reflection_pb2_grpc.add_ServerReflectionServicer_to_server)
    server = grpc.aio.server(handlers=[chain], options=_options(shared_ports))
    port = _listen(server, settings)
    web_socket = _listen_web(settings.web, shared_ports) if settings.web else None
    await server.start()
    background: list[Background] = [
        committer,
        Merger(db, committer),
        Indexer(db),
        Housekeeping(db, settings.policy, sequencer),
        StaleRuns(db, settings.policy, sequencer),
        sequencer,
        tailer,
    ]
    if settings.gc_hours:
        collector = Collector(db, blobs, timedelta(hours=settings.gc_grace_hours))
        background.append(Collecting(db, collector, timedelta(hours=settings.gc_hours)))
    for task in background:
        task.start()
    for name in ["", *names]:
        await health_servicer.set(name, health_pb2.HealthCheckResponse.SERVING)
    web_listener = await web.start(settings, web_socket, chain, health_servicer) if web_socket else None
    listening = Listening(port, blobs.name, web_listener.port if web_listener else None)
    return App(listening, server, web_listener, health_servicer, committer, tailer, background, blobs, db)


async def run(
    settings: Settings, database_url: str, ready: Callable[[Listening], None], *, shared_ports: bool = False
) -> None:
    """Serve until SIGTERM or SIGINT, then drain. `ready` is called once, when RPCs are served."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    app = await start(settings, database_url, shared_ports=shared_ports)
    _tune_collector()
    ready(app.listening)
    await stop.wait()
    log.info("draining", extra={"seconds": settings.drain_seconds})
    await app.stop(settings.drain_seconds)


def _tune_collector() -> None:
    """Let the garbage collector look less often, and never again at what a server is made of.

    Messages and rows are freed by their count; with thousands of open streams, looking for cycles at Python's own
    pace takes a sixth of the server's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _listen(server: grpc.aio.Server, settings: Settings) -> int:
    address = f"{settings.host}:{settings.port}"
    try:
        if settings.tls_cert is None or settings.tls_key is None:
            return int(server.add_insecure_port(address))
        pair = (settings.tls_key.read_bytes(), settings.tls_cert.read_bytes())
        return int(server.add_secure_port(address, grpc.ssl_server_credentials([pair])))
    except RuntimeError:
        raise ListenError(address, "--listen") from None


def _listen_web(settings: WebSettings, shared_port: bool) -> socket.socket:
    try:
        return web.bind(settings.host, settings.port, shared=shared_port)
    except OSError as error:
        # Its own text names the address once more.
        why = os.strerror(error.errno) if error.errno else str(error)
        raise ListenError(f"{settings.host}:{settings.port}", "--web-listen", f"{why}.") from None


def _options(shared_port: bool) -> list[tuple[str, Any]]:
    options: list[tuple[str, Any]] = [
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        # Two servers on one port would each answer half of the calls: only processes of one server may share it.
        ("grpc.so_reuseport", int(shared_port)),
        # Clients may ping when idle, so that a dead connection is noticed; not more often than this.
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
        # The default cancels streams when thousands open at once.
        ("grpc.server.max_pending_requests", 20_000),
        ("grpc.server.max_pending_requests_hard_limit", 40_000),
    ]
    if shared_port:
        # The kernel balances connections, not calls: old ones are renewed so that load spreads.
        options += [("grpc.max_connection_age_ms", 300_000), ("grpc.max_connection_age_grace_ms", 600_000)]
    return options
