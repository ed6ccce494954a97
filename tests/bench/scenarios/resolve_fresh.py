"""[resolve_fresh] by alias, never older than a change that was acknowledged before, against an empty RPC."""

from __future__ import annotations

from runlore import v1
from tests.bench.harness import Bench
from tests.bench.registered import compare


def scenario(bench: Bench) -> None:
    """Measure at 1 and at 8 connections."""
    compare(bench, "resolve_fresh", v1.ResolveRequest(), shares=(0.4, 0.6), times=20)
