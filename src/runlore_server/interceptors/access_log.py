"""One structured line for an RPC; its fields hold no request contents, so no secrets."""

from __future__ import annotations

import logging
import time
from typing import Any

import grpc

from runlore_server import calls
from runlore_server.interceptors.base import Interceptor

log = logging.getLogger("runlore_server.access")


#: A call this long is worth a line though it succeeded, in seconds.
_SLOW = 1.0
#: Methods that last as long as their client likes, so that a long call says nothing.
_LASTING = {"runlore.v1.TrackingService/LogStream", "runlore.v1.EventService/Watch"}


class AccessLogInterceptor(Interceptor):
    """Logs method, code, duration, actor and trace id: of calls that failed or were slow, and of all at debug level."""

    def end(self, method: str, context: Any, *, failed: bool) -> None:
        """Log how the call ended, and how long it took."""
        call = calls.current()
        seconds = time.perf_counter() - call.began
        level = logging.INFO if failed or (seconds > _SLOW and method not in _LASTING) else logging.DEBUG
        if log.isEnabledFor(level):
            code = context.code()
            name = code.name if isinstance(code, grpc.StatusCode) else "CANCELLED" if failed else "OK"
            fields = {"method": method, "code": name, "ms": round(seconds * 1e3, 3)}
            log.log(level, "rpc", extra={**fields, "actor": call.actor.id, "trace_id": call.trace_id})
