"""One structured line for an RPC; its fields hold no request contents, so no secrets."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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

    @asynccontextmanager
    async def around(self, method: str, context: Any) -> AsyncIterator[None]:
        """Time the call and log how it ended."""
        began = time.perf_counter()
        failed = True
        try:
            yield
            failed = False
        finally:
            seconds = time.perf_counter() - began
            level = logging.INFO if failed or (seconds > _SLOW and method not in _LASTING) else logging.DEBUG
            if log.isEnabledFor(level):
                call = calls.current()
                code = context.code()
                name = code.name if isinstance(code, grpc.StatusCode) else "CANCELLED" if failed else "OK"
                fields = {"method": method, "code": name, "ms": round(seconds * 1e3, 3)}
                log.log(level, "rpc", extra={**fields, "actor": call.actor.id, "trace_id": call.trace_id})
