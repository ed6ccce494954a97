"""Wiring: what a serving process is made of, from its start to its end."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import grpc
from google.protobuf import descriptor_pool
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from runlore import v1
from runlore_server import interceptors
from runlore_server.background import Background
from runlore_server.blob import BlobStore, open_blob_store
from runlore_server.collector import Collecting, Collector
from runlore_server.committer import Committer
from runlore_server.db import Database
from runlore_server.housekeeping import Housekeeping
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
from runlore_server.settings import Settings
from runlore_server.stale_runs import StaleRuns
from runlore_server.store import events
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
    """The address cannot be listened on; the message says why and what to do."""


@dataclass
class App:
    """A running server of one process; `stop` ends it."""

    port: int
    artifacts: str
    _server: grpc.aio.Server
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
        await self._server.stop(grace)
        for task in self._background:
            await task.stop()
        await self._blobs.close()
        await self._db.close()


async def start(settings: Settings, database_url: str, port: int, *, shared_port: bool = False) -> App:
    """Start serving on `settings.host`:`port`. `shared_port`: other processes listen on the same one.

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

    server = grpc.aio.server(interceptors=[interceptors.Chain(interceptors.ordered())], options=_options(shared_port))
    features = ["artifacts.presigned"] if blobs.presign_get("0" * 64) else []
    v1.add_TrackingServiceServicer_to_server(TrackingService(db, pages, sequencer, committer, settings.policy), server)
    v1.add_LoggedModelServiceServicer_to_server(LoggedModelService(db, pages, sequencer), server)
    v1.add_RegistryServiceServicer_to_server(RegistryService(db, blobs, pages, sequencer), server)
    v1.add_ArtifactServiceServicer_to_server(ArtifactService(db, blobs, pages, sequencer), server)
    v1.add_EventServiceServicer_to_server(EventService(db, pages, sequencer, tailer), server)
    v1.add_ServerServiceServicer_to_server(ServerService(db, features), server)
    health_servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(health_servicer, server)
    names = [f"runlore.v1.{name}" for name in SERVICES]
    reflection.enable_server_reflection(
        [*names, health.SERVICE_NAME, reflection.SERVICE_NAME], server, descriptor_pool.Default()
    )
    bound = _listen(server, settings, port)
    await server.start()
    background: list[Background] = [
        committer,
        Merger(db, committer),
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
    return App(bound, blobs.name, server, health_servicer, committer, tailer, background, blobs, db)


async def run(
    settings: Settings, database_url: str, port: int, ready: Callable[[App], None], *, shared_port: bool = False
) -> None:
    """Serve until SIGTERM or SIGINT, then drain. `ready` is called once, when RPCs are served."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    app = await start(settings, database_url, port, shared_port=shared_port)
    _tune_collector()
    ready(app)
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


def _listen(server: grpc.aio.Server, settings: Settings, port: int) -> int:
    address = f"{settings.host}:{port}"
    try:
        if settings.tls_cert is None or settings.tls_key is None:
            return int(server.add_insecure_port(address))
        pair = (settings.tls_key.read_bytes(), settings.tls_cert.read_bytes())
        return int(server.add_secure_port(address, grpc.ssl_server_credentials([pair])))
    except RuntimeError:
        raise ListenError(
            f"cannot listen on {address}: is another server there? Choose another port with --listen, or port 0 for "
            "a free one"
        ) from None


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
