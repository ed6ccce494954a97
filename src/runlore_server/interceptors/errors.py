"""The one mapping from errors to gRPC statuses, with google.rpc details."""

from __future__ import annotations

import logging
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2 as details_pb2
from google.rpc.status_pb2 import Status

from runlore_server import calls, errors
from runlore_server.interceptors.base import Interceptor

log = logging.getLogger(__name__)

DOMAIN = "runlore"
#: Metadata values beyond this are cut: the trailer that carries them has a limit of 8 kB in common proxies.
_MAX_VALUE = 500
#: What RetryInfo says, for gRPC's own retries, which a client configures by status codes alone: the milliseconds after
#: which to try again, or not to.
_PUSHBACK = "grpc-retry-pushback-ms"
_NOT_AGAIN = "-1"


class ErrorInterceptor(Interceptor):
    """Turns domain errors into statuses; anything else is a defect: logged with its trace, told as INTERNAL."""

    async def failed(self, method: str, context: Any, error: Exception) -> None:
        """End the call with the status of what was raised."""
        if isinstance(error, errors.RunloreError):
            await _abort(context, error)
        elif not isinstance(error, grpc.aio.AbortError):
            log.error("defect", exc_info=error, extra={"method": method, "trace_id": calls.current().trace_id})
            await _abort(context, errors.internal())


async def _abort(context: Any, error: errors.RunloreError) -> None:
    trace_id = calls.current().trace_id
    status = Status(code=error.code.value[0], message=error.message[:2_000], details=_details(error, trace_id))
    await context.abort(
        error.code,
        status.message,
        trailing_metadata=(
            ("runlore-trace-id", trace_id),
            ("grpc-status-details-bin", status.SerializeToString()),
            (_PUSHBACK, _NOT_AGAIN if error.retry_after is None else str(round(error.retry_after * 1e3))),
        ),
    )


def _details(error: errors.RunloreError, trace_id: str) -> list[AnyMessage]:
    metadata = {key: value[:_MAX_VALUE] for key, value in error.metadata.items()}
    found: list[Message] = [
        details_pb2.ErrorInfo(reason=error.reason_name, domain=DOMAIN, metadata={**metadata, "trace_id": trace_id})
    ]
    if error.violations:
        found.append(
            details_pb2.BadRequest(
                field_violations=[
                    details_pb2.BadRequest.FieldViolation(field=v.field, description=v.description[:_MAX_VALUE])
                    for v in error.violations[:20]
                ]
            )
        )
    if error.preconditions:
        found.append(
            details_pb2.PreconditionFailure(
                violations=[
                    details_pb2.PreconditionFailure.Violation(type="CONDITION", subject=s, description=d[:_MAX_VALUE])
                    for s, d in error.preconditions
                ]
            )
        )
    if error.retry_after is not None:
        delay = Duration()
        delay.FromMilliseconds(round(error.retry_after * 1e3))
        found.append(details_pb2.RetryInfo(retry_delay=delay))
    packed = []
    for message in found:
        packed.append(AnyMessage())
        packed[-1].Pack(message)
    return packed
