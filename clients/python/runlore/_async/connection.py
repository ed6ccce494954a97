"""A connection to one server: its stubs, and the thread that sends points over it."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from runlore import v1
from runlore._async.offline import OfflineTransport
from runlore._async.transport import Transport
from runlore._async_tools import call_in_thread
from runlore._offline import OfflineSender
from runlore._sender import Sender
from runlore._settings import OFFLINE, Settings

if TYPE_CHECKING:
    from runlore.v1.artifact_pb2_grpc import ArtifactServiceAsyncStub
    from runlore.v1.event_pb2_grpc import EventServiceAsyncStub
    from runlore.v1.registry_pb2_grpc import RegistryServiceAsyncStub
    from runlore.v1.server_pb2_grpc import ServerServiceAsyncStub
    from runlore.v1.tracking_pb2_grpc import TrackingServiceAsyncStub


class Connection:
    """Typed stubs over one transport. Calls may come from any thread."""

    #: Stubs: `client.tracking.CreateRun(runlore.v1.CreateRunRequest(...))`, with retries, deadline and typed errors.
    tracking: TrackingServiceAsyncStub
    registry: RegistryServiceAsyncStub
    artifacts: ArtifactServiceAsyncStub
    events: EventServiceAsyncStub
    server: ServerServiceAsyncStub

    def __init__(self, settings: Settings, transport: Transport | None = None) -> None:
        """Use `connect`."""
        self.settings = settings
        offline = settings.mode == OFFLINE
        self.transport = transport or (OfflineTransport(settings) if offline else Transport(settings))
        channel = self.transport.as_channel()
        self.tracking = v1.TrackingServiceStub(channel)
        self.registry = v1.RegistryServiceStub(channel)
        self.artifacts = v1.ArtifactServiceStub(channel)
        self.events = v1.EventServiceStub(channel)
        self.server = v1.ServerServiceStub(channel)
        #: Sends the points of this client's runs; it starts its thread and connects with the first of them.
        self.sender = OfflineSender(settings) if offline else Sender(settings)

    async def close(self) -> None:
        """Store the points logged so far, and let go of the connection. Runs that are open stay so."""
        await call_in_thread(self.sender.close)
        await self.transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()
