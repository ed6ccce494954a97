"""Which calls get a line at the level of production."""

from __future__ import annotations

import logging

import pytest

from runlore import v1
from runlore_server import calls
from runlore_server.interceptors import access_log

UNARY, LASTING = "runlore.v1.TrackingService/GetRun", "runlore.v1.TrackingService/LogStream"


class Context:
    def code(self) -> None:
        """As grpc.aio has it of a call that succeeded."""


@pytest.mark.parametrize(
    ("method", "slow", "fails", "lines"),
    [
        (UNARY, 0.0, False, 1),
        (UNARY, 60.0, False, 0),
        (UNARY, 60.0, True, 1),
        (LASTING, 0.0, False, 0),
        (LASTING, 0.0, True, 1),
    ],
)
def test_a_call_is_logged_when_it_failed_or_was_slow_for_no_good_reason(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    method: str,
    slow: float,
    fails: bool,
    lines: int,
) -> None:
    calls.begin(calls.Call(method=method, actor=v1.Actor(id="ada"), trace_id="t"))
    monkeypatch.setattr(access_log, "_SLOW", slow)

    with caplog.at_level(logging.INFO, logger="runlore_server.access"):
        access_log.AccessLogInterceptor().end(method, Context(), failed=fails)
    assert len(caplog.records) == lines
