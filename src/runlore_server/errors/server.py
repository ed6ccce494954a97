"""What the server cannot do just now, whatever was asked."""

from __future__ import annotations

from grpc import StatusCode

from runlore import v1
from runlore_server.errors.base import RunloreError


def database_unavailable() -> RunloreError:
    """Postgres does not answer."""
    return RunloreError(
        v1.ERROR_REASON_DATABASE_UNAVAILABLE,
        StatusCode.UNAVAILABLE,
        "the server cannot reach its database; try again in a moment",
        retry_after=1.0,
    )


def server_stopping() -> RunloreError:
    """The server ends its streams because it stops."""
    return RunloreError(
        v1.ERROR_REASON_SERVER_STOPPING,
        StatusCode.UNAVAILABLE,
        "the server is stopping; what it acknowledged is committed, go on with another stream in a moment",
        retry_after=1.0,
    )


def contention() -> RunloreError:
    """Concurrent changes kept colliding."""
    return RunloreError(
        v1.ERROR_REASON_CONTENTION,
        StatusCode.ABORTED,
        "concurrent changes kept colliding with this one; nothing was changed, try again",
        retry_after=0.1,
    )


def internal() -> RunloreError:
    """A defect of the server: the log has the rest."""
    return RunloreError(
        v1.ERROR_REASON_INTERNAL,
        StatusCode.INTERNAL,
        "the server failed on this call; its log says why, under the trace id of this error",
    )
