"""The call being served: who calls, in which workspace, under which trace id.

Set by `interceptors/call.py` before anything else runs; read wherever an event or a log line needs it, so that
handlers need not pass it along.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass, field

from runlore import v1
from runlore_server import ids

DEFAULT_WORKSPACE = "default"


@dataclass(slots=True)
class Call:
    """One RPC. Nobody changes it; it is not frozen because that would triple what making one costs."""

    #: The RPC as events name it, such as `runlore.v1.RegistryService/SetAlias`.
    method: str
    actor: v1.Actor
    trace_id: str
    #: The workspace of the call's metadata; empty when it named none.
    metadata_workspace: str = ""
    #: When it began, by `time.perf_counter`.
    began: float = field(default_factory=time.perf_counter)

    def workspace(self, requested: str) -> str:
        """Return the workspace that a request means by its `workspace` field (DESIGN 2)."""
        return requested or self.metadata_workspace or DEFAULT_WORKSPACE

    @property
    def actor_key(self) -> str:
        """The actor as `<kind>:<id>`, by which request ids are scoped."""
        return f"{self.actor.kind}:{self.actor.id}"


@dataclass(frozen=True, slots=True)
class Encoded:
    """A response that a handler has encoded itself, in place of its message."""

    data: bytes


def actor_name(actor: v1.Actor) -> str:
    """Return an actor as `<kind>:<id>`, or as it came when its kind is not known."""
    kind = v1.ActorKind.Name(actor.kind).removeprefix("ACTOR_KIND_").lower()
    return f"{kind}:{actor.id}" if actor.kind else actor.id


_current: ContextVar[Call] = ContextVar("runlore_call")


def current() -> Call:
    """Return the call being served."""
    return _current.get()


def begin(call: Call) -> None:
    """Make `call` the current one for this task."""
    _current.set(call)


def begin_policy(method: str) -> None:
    """Make the server itself the caller for this task, in a call of its own; `method` is what events name."""
    actor = v1.Actor(kind=v1.ACTOR_KIND_SYSTEM, id="runlore-server", verified=True, method="policy")
    begin(Call(method=method, actor=actor, trace_id=ids.new()))
