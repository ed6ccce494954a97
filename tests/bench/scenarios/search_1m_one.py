"""[search_1m_one] pages of 100 runs with bodies, among a million runs in one experiment."""

from __future__ import annotations

from tests.bench.harness import Bench
from tests.bench.searching import among


def scenario(bench: Bench) -> None:
    """Measure every search."""
    among(bench, "search_1m_one", experiments=1)
