"""[resolve_cached] by alias where the caller allows an answer of a minute ago, against an empty RPC."""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration

from runlore import v1
from tests.bench.harness import Bench
from tests.bench.registered import compare


def scenario(bench: Bench) -> None:
    """Measure at 1 and at 8 connections."""
    request = v1.ResolveRequest(max_staleness=Duration(seconds=60))
    compare(bench, "resolve_cached", request, shares=(0.75, 0.75), times=25)
