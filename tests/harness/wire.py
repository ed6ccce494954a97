"""Calling a server over a channel, and reading its refusals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import error_details_pb2 as details_pb2
from google.rpc.status_pb2 import Status

from runlore import v1

#: Channel options: a message may be as large as the server allows (gRPC's own default is 4 MiB).
UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


class Stubs:
    """A stub of every service on one channel, blocking or `grpc.aio`."""

    def __init__(self, channel: grpc.Channel | grpc.aio.Channel) -> None:
        """`channel` stays the caller's to close."""
        self.channel = channel
        self.tracking: Any = v1.TrackingServiceStub(channel)
        self.logged_models: Any = v1.LoggedModelServiceStub(channel)
        self.registry: Any = v1.RegistryServiceStub(channel)
        self.artifact: Any = v1.ArtifactServiceStub(channel)
        self.event: Any = v1.EventServiceStub(channel)
        self.server: Any = v1.ServerServiceStub(channel)


@dataclass(frozen=True)
class Refusal:
    """A failed call, its google.rpc details unpacked. A failure that the client library made up has no reason."""

    code: str
    message: str
    reason: str = ""
    domain: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    #: (field, description) of each violation, in order.
    violations: list[tuple[str, str]] = field(default_factory=list)
    #: (subject, description) of each failed precondition, in order.
    preconditions: list[tuple[str, str]] = field(default_factory=list)
    #: Seconds after which to try again; None when a retry does not help.
    retry_after: float | None = None

    @property
    def fields(self) -> list[str]:
        """The fields that break a rule."""
        return [name for name, _ in self.violations]


def refusal(error: grpc.RpcError | grpc.aio.AioRpcError) -> Refusal:
    """Read a failed call's status and details."""
    call: Any = error
    trailer = dict(call.trailing_metadata() or ())
    status = Status.FromString(trailer.get("grpc-status-details-bin", b""))
    return read_status(call.code().name, call.details() or "", status)


def read_status(code: str, message: str, status: Status) -> Refusal:
    """Read the details of a status, whichever protocol brought them."""
    info, bad, failed, retry = (
        _detail(status, kind)
        for kind in (
            details_pb2.ErrorInfo,
            details_pb2.BadRequest,
            details_pb2.PreconditionFailure,
            details_pb2.RetryInfo,
        )
    )
    return Refusal(
        code=code,
        message=message,
        reason=info.reason if info else "",
        domain=info.domain if info else "",
        metadata=dict(info.metadata) if info else {},
        violations=[(v.field, v.description) for v in bad.field_violations] if bad else [],
        preconditions=[(v.subject, v.description) for v in failed.violations] if failed else [],
        retry_after=retry.retry_delay.ToTimedelta().total_seconds() if retry else None,
    )


@contextmanager
def refused(reason: str, *fields: str) -> Iterator[list[Refusal]]:
    """Assert that the block's call is refused for `reason`, naming `fields` when given; yields a list with it."""
    found: list[Refusal] = []
    with pytest.raises(grpc.RpcError) as caught:
        yield found
    found.append(refusal(caught.value))
    assert found[0].reason == reason, found[0]
    if fields:
        assert found[0].fields == list(fields), found[0]


def _detail(status: Status, kind: type[Message]) -> Any:
    for packed in status.details:
        if packed.Is(kind.DESCRIPTOR):
            message = kind()
            packed.Unpack(message)
            return message
    return None
