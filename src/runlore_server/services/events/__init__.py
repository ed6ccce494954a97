"""EventService: reads, follows and verifies the log. Each module has the methods about one thing."""

from __future__ import annotations

from runlore import v1
from runlore_server.services.events.listing import ListMethods
from runlore_server.services.events.verifying import VerifyMethods
from runlore_server.services.events.watching import WatchMethods

__all__ = ["EventService"]


# grpc's types do not know handlers that answer by their context, as Watch does.
class EventService(ListMethods, VerifyMethods, WatchMethods, v1.EventServiceServicer):  # type: ignore[misc]
    """Reads the event log. Each method: see event.proto."""
