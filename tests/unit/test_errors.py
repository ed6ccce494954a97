"""The mapping of errors to statuses: what is unforeseen reaches the log, and never the caller."""

from __future__ import annotations

import logging
from typing import Any

import grpc
import pytest
from google.rpc.status_pb2 import Status

from runlore import v1
from runlore_server import calls, errors
from runlore_server.interceptors.errors import ErrorInterceptor


class AbortedError(Exception):
    """What `context.abort` raises."""


class Context:
    """Keeps what a call was aborted with."""

    def __init__(self) -> None:
        self.code: grpc.StatusCode | None = None
        self.said = ""
        self.pushback = ""

    async def abort(self, code: grpc.StatusCode, details: str, trailing_metadata: Any) -> None:
        self.code = code
        trailers = dict(trailing_metadata)
        self.pushback = trailers["grpc-retry-pushback-ms"]
        status = Status.FromString(trailers["grpc-status-details-bin"])
        self.said = f"{details} {status}"
        raise AbortedError


async def test_a_defect_is_told_without_its_details(caplog: pytest.LogCaptureFixture) -> None:
    calls.begin(calls.Call(method="m", actor=v1.Actor(), trace_id="trace-7"))
    context = Context()
    with caplog.at_level(logging.ERROR), pytest.raises(AbortedError):
        await ErrorInterceptor().failed("m", context, RuntimeError("password=hunter2, SQLSTATE 42P01"))
    assert context.code is grpc.StatusCode.INTERNAL
    assert "INTERNAL" in context.said
    assert "trace-7" in context.said
    for secret in ("hunter2", "SQLSTATE", "RuntimeError", "Traceback"):
        assert secret not in context.said
    assert "hunter2" in caplog.text, "the log has the rest"


@pytest.mark.parametrize(
    ("error", "pushback"),
    [(errors.batch_too_large("series", "max_points_per_batch", 1, 2), "-1"), (errors.database_unavailable(), "1000")],
)
async def test_grpc_s_own_retries_are_told_whether_to_try_again(error: errors.RunloreError, pushback: str) -> None:
    calls.begin(calls.Call(method="m", actor=v1.Actor(), trace_id="trace-7"))
    context = Context()
    with pytest.raises(AbortedError):
        await ErrorInterceptor().failed("m", context, error)
    assert context.pushback == pushback
