"""Establishes the current call: actor, workspace and trace id from the call's metadata."""

from __future__ import annotations

import random
import re
from functools import lru_cache
from typing import Any

from runlore import v1
from runlore_server import calls
from runlore_server.interceptors.base import Interceptor

_TRACE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KINDS = {
    "user": v1.ACTOR_KIND_USER,
    "service": v1.ACTOR_KIND_SERVICE,
    "run": v1.ACTOR_KIND_RUN,
}


class CallInterceptor(Interceptor):
    """Reads the metadata that `common.proto` describes, and returns the trace id in the trailing metadata."""

    def begin(self, method: str, context: Any) -> None:
        """Make the call current while it is served."""
        trace_id = claim = workspace = ""
        for key, value in context.invocation_metadata() or ():
            if key == "runlore-trace-id":
                trace_id = value
            elif key == "runlore-actor":
                claim = value
            elif key == "runlore-workspace":
                workspace = value
        if not trace_id or not _TRACE_ID.fullmatch(trace_id):
            # It need not be hard to guess, and this takes no system call.
            trace_id = f"{random.getrandbits(64):016x}"
        calls.begin(calls.Call(method=method, actor=_actor(claim), trace_id=trace_id, metadata_workspace=workspace))
        context.set_trailing_metadata((("runlore-trace-id", trace_id),))


@lru_cache(maxsize=1_000)
def _actor(claim: str) -> v1.Actor:
    """The claimed identity, for the record: nothing is decided by it, so a malformed one is kept as it came.

    Calls share the message, which nobody changes.
    """
    if not claim:
        return v1.Actor(kind=v1.ACTOR_KIND_UNSPECIFIED, id="anonymous", method="none")
    kind, colon, name = claim[:256].partition(":")
    if colon and name and kind in _KINDS:
        return v1.Actor(kind=_KINDS[kind], id=name, method="metadata")
    return v1.Actor(kind=v1.ACTOR_KIND_UNSPECIFIED, id=claim[:256], method="metadata")
