"""[search_1m_many] pages of 100 runs with bodies, among a million runs over 1,000 experiments."""

from __future__ import annotations

from tests.bench.harness import Bench
from tests.bench.searching import among


def scenario(bench: Bench) -> None:
    """Measure every search."""
    among(bench, "search_1m_many", experiments=1_000)
