"""What the server writes about calls: one JSON object a line, found by the trace id that the caller was told."""

from __future__ import annotations

import json
import time
from typing import Any

import grpc
import pytest

from runlore import v1
from tests.harness.server import ServerProcess
from tests.harness.wire import Stubs, refused


def lines_of(server: ServerProcess, trace_id: str) -> list[dict[str, Any]]:
    """Return the log lines with a trace id; every line of the log must be JSON."""
    end = time.monotonic() + 10
    while True:
        lines = [json.loads(line) for line in server.stderr.splitlines()]
        found = [line for line in lines if line.get("trace_id") == trace_id]
        if found or time.monotonic() > end:
            return found
        time.sleep(0.05)


@pytest.mark.parametrize("given", ["trace-of-the-caller", ""])
def test_a_refused_call_is_logged_under_the_trace_id_of_its_error(server: ServerProcess, given: str) -> None:
    metadata = [("runlore-actor", "user:ada")] + ([("runlore-trace-id", given)] if given else [])
    with grpc.insecure_channel(server.address) as channel, refused("RUN_NOT_FOUND") as error:
        Stubs(channel).tracking.GetRun(v1.GetRunRequest(run_id="0" * 32), metadata=metadata)
    trace_id = error[0].metadata["trace_id"]
    assert trace_id == given or not given
    (line,) = lines_of(server, trace_id)
    assert line["method"] == "runlore.v1.TrackingService/GetRun"
    assert (line["code"], line["actor"], line["level"]) == ("NOT_FOUND", "ada", "info")
    assert line["ms"] >= 0
