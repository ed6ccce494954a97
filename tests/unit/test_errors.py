"""The mapping of errors to statuses: what is unforeseen reaches the log, and never the caller."""

from __future__ import annotations

import logging
from typing import Any

import grpc
import pytest
from google.rpc.status_pb2 import Status

from runlore import v1
from runlore_server import calls
from runlore_server.interceptors.errors import ErrorInterceptor


class AbortedError(Exception):
    """What `context.abort` raises."""


class Context:
    """Keeps what a call was aborted with."""

    def __init__(self) -> None:
        self.code: grpc.StatusCode | None = None
        self.said = ""

    async def abort(self, code: grpc.StatusCode, details: str, trailing_metadata: Any) -> None:
        self.code = code
        status = Status.FromString(dict(trailing_metadata)["grpc-status-details-bin"])
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
