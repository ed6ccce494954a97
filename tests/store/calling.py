"""Being in a call, for tests that go below the services."""

from __future__ import annotations

from runlore import v1
from runlore_server import calls


def begin(actor: str = "alice", method: str = "runlore.v1.Test/Test") -> None:
    """Make a call current."""
    who = v1.Actor(kind=v1.ACTOR_KIND_USER, id=actor, method="metadata")
    calls.begin(calls.Call(method=method, actor=who, trace_id="trace"))
