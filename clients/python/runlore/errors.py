"""The exceptions that calls raise.

All derive from `RunloreError`; the subclass says what kind of refusal or failure it is, `reason` says exactly which
(the names are those of `runlore.v1.ErrorReason`), and `fields` names each field of the request that broke a rule.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2

_DETAILS_KEY = "grpc-status-details-bin"
_DOMAIN = "runlore"


class RunloreError(Exception):
    """A call was refused or failed.

    `message` is for people; `reason` and `metadata` are for programs. `reason` is empty when the failure has none,
    as when no server answered.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: str = "",
        code: grpc.StatusCode | None = None,
        metadata: Mapping[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
        conditions: Sequence[str] = (),
        subjects: Sequence[str] = (),
        trace_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        #: Such as "ALIAS_MOVED".
        self.reason = reason
        #: The gRPC status; None for an error that this client found by itself.
        self.code = code
        #: What `runlore.v1.ErrorReason` documents for the reason.
        self.metadata = dict(metadata or {})
        #: Each field that broke a rule, and the rule.
        self.fields = dict(fields or {})
        #: Each condition that does not hold, in words; of an alias move with both numbers.
        self.conditions = list(conditions)
        #: What each of `conditions` is about: a metric, a tag, a run.
        self.subjects = list(subjects)
        #: Names this call in the server's log.
        self.trace_id = trace_id
        #: Seconds after which another try may succeed; None when the server did not say so.
        self.retry_after = retry_after

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions cross process borders pickled, and keyword-only arguments are not in `args`.
        details = {key: value for key, value in vars(self).items() if key != "message"}
        return functools.partial(type(self), **details), (self.message,)


class InvalidArgumentError(RunloreError, ValueError):
    """Something in the request breaks a rule; nothing was changed."""


class NotFoundError(RunloreError, LookupError):
    """What the request names is not there."""


class AlreadyExistsError(RunloreError):
    """The name or id is taken."""


class PreconditionError(RunloreError):
    """The request is well-formed, but the present state forbids it; nothing was changed."""


class ConditionNotMetError(PreconditionError):
    """A condition of an alias move does not hold: see `conditions`. The alias did not move."""


class ConflictError(RunloreError):
    """Someone else changed the record first; nothing was changed by this call."""


class AliasMovedError(ConflictError):
    """The alias is not where the caller believed it to be; it was not moved."""


class LimitExceededError(RunloreError):
    """The request or its answer holds more than one call may."""


class UnavailableError(RunloreError, ConnectionError):
    """No server was reached, or a part of it is down."""


class OfflineError(RunloreError):
    """The call needs a server, and the client is offline; nothing was kept."""


class DeadlineError(RunloreError, TimeoutError):
    """The time for the call ran out; whether a change was made is not known."""


class InternalError(RunloreError):
    """The server failed by a defect; its log has the details under `trace_id`."""

    def __str__(self) -> str:
        return f"{self.message} (trace id {self.trace_id})" if self.trace_id else self.message


class IntegrityError(RunloreError):
    """Bytes are not those that their digest announces, or a history is not the one that was; nothing was kept."""


class FileChangedError(RunloreError):
    """A file changed while it was being read for an upload; nothing was logged."""


_BY_REASON: dict[str, type[RunloreError]] = {
    "ALIAS_MOVED": AliasMovedError,
    "CONDITION_NOT_MET": ConditionNotMetError,
}
_BY_CODE: dict[grpc.StatusCode, type[RunloreError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidArgumentError,
    grpc.StatusCode.OUT_OF_RANGE: InvalidArgumentError,
    grpc.StatusCode.NOT_FOUND: NotFoundError,
    grpc.StatusCode.ALREADY_EXISTS: AlreadyExistsError,
    grpc.StatusCode.FAILED_PRECONDITION: PreconditionError,
    grpc.StatusCode.ABORTED: ConflictError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: LimitExceededError,
    grpc.StatusCode.UNAVAILABLE: UnavailableError,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineError,
    grpc.StatusCode.INTERNAL: InternalError,
    grpc.StatusCode.DATA_LOSS: InternalError,
    grpc.StatusCode.UNKNOWN: InternalError,
}


def invalid_field(field: str, rule: str) -> InvalidArgumentError:
    """Return the error for an argument that this client refuses by itself."""
    return InvalidArgumentError(f"{field}: {rule}", reason="INVALID_FIELD", fields={field: rule})


def from_rpc(error: grpc.RpcError, address: str, seconds: float) -> RunloreError:
    """Translate gRPC's error of a call to `address` that was given `seconds`."""
    # Both grpc's and grpc.aio's errors are calls too; the stubs' base class does not say so.
    call: Any = error
    code: grpc.StatusCode = call.code() or grpc.StatusCode.UNKNOWN
    kind = _BY_CODE.get(code, RunloreError)
    details = _details(call.trailing_metadata())
    info = details.get(error_details_pb2.ErrorInfo.DESCRIPTOR.full_name)
    if not isinstance(info, error_details_pb2.ErrorInfo) or info.domain != _DOMAIN:
        return kind(_transport_message(code, call.details() or "", address, seconds), code=code)
    metadata = dict(info.metadata)
    trace_id = metadata.pop("trace_id", "")
    request = details.get(error_details_pb2.BadRequest.DESCRIPTOR.full_name)
    failed = details.get(error_details_pb2.PreconditionFailure.DESCRIPTOR.full_name)
    violations = failed.violations if isinstance(failed, error_details_pb2.PreconditionFailure) else ()
    retry = details.get(error_details_pb2.RetryInfo.DESCRIPTOR.full_name)
    return _BY_REASON.get(info.reason, kind)(
        call.details() or info.reason,
        reason=info.reason,
        code=code,
        metadata=metadata,
        fields={v.field: v.description for v in request.field_violations}
        if isinstance(request, error_details_pb2.BadRequest)
        else None,
        conditions=[v.description for v in violations],
        subjects=[v.subject for v in violations],
        trace_id=trace_id,
        retry_after=retry.retry_delay.ToMilliseconds() / 1e3
        if isinstance(retry, error_details_pb2.RetryInfo)
        else None,
    )


def _details(trailers: Any) -> dict[str, Message]:
    """Return the details of the google.rpc.Status in a call's trailers, by type; none when there is no status."""
    found: dict[str, Message] = {}
    kinds: tuple[type[Message], ...] = (
        error_details_pb2.ErrorInfo,
        error_details_pb2.BadRequest,
        error_details_pb2.PreconditionFailure,
        error_details_pb2.RetryInfo,
    )
    for key, value in trailers or ():
        if key != _DETAILS_KEY:
            continue
        try:
            status = status_pb2.Status.FromString(value)
            for packed in status.details:
                for kind in kinds:
                    if packed.Is(kind.DESCRIPTOR):
                        found[kind.DESCRIPTOR.full_name] = kind.FromString(packed.value)
        except DecodeError:
            # Something between us and the server garbled the trailer; the status code still stands.
            continue
    return found


def _transport_message(code: grpc.StatusCode, details: str, address: str, seconds: float) -> str:
    """Word an error that did not come from Runlore itself."""
    if code is grpc.StatusCode.UNAVAILABLE:
        if "handshake" in details.lower() or "ssl" in details.lower():
            return (
                f"cannot reach Runlore at {address}: the TLS handshake failed (a server without TLS needs tls=False "
                f"or RUNLORE_TLS=0, a private authority ca= or RUNLORE_CA): {details}"
            )
        return (
            f"cannot reach Runlore at {address}: is a server running there? "
            "(start one with `runlore-server serve`, or set RUNLORE_ADDRESS)"
        )
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return f"Runlore at {address} did not answer within {seconds:g} s"
    if code is grpc.StatusCode.UNIMPLEMENTED:
        return f"the server at {address} does not have this call: is it Runlore, and as new as this client? ({details})"
    return f"{details or 'the call failed'} ({code.name}, from {address})"
