"""[web_unary] Resolve on the web port, over Connect with protobuf and as JSON, beside the same call over gRPC."""

from __future__ import annotations

from google.protobuf import json_format

from runlore import v1
from tests.bench.harness import Bench, Measured
from tests.bench.load import Load
from tests.bench.registered import RESOLVE, champion
from tests.bench.web_load import WebLoad


def scenario(bench: Bench) -> None:
    """Measure at 1 and at 8 connections."""
    with bench.server("--web-listen", "127.0.0.1:0") as served:
        request = v1.ResolveRequest(reference=champion(served.address))
        message, text = request.SerializeToString(), json_format.MessageToJson(request, indent=None).encode()
        address = served.web_address.removeprefix("http://")
        load, web_load = Load(), WebLoad()
        for connections in (1, 8):

            def over_grpc(seconds: float, n: int = connections) -> Measured:
                return load.call(served.address, RESOLVE, message, n, seconds)

            def connect(seconds: float, n: int = connections) -> Measured:
                return web_load.post(address, RESOLVE, "application/proto", message, n, seconds)

            def plain(seconds: float, n: int = connections) -> Measured:
                return web_load.post(address, RESOLVE, "application/json", text, n, seconds)

            for name, ours in (("Connect, protobuf", connect), ("JSON", plain)):
                size = f"{name}, {connections} connection{'s' if connections > 1 else ''}"
                bench.compare("web_unary", size, "calls/s", ours, ceiling=("gRPC", over_grpc))
        load.close()
        web_load.close()
