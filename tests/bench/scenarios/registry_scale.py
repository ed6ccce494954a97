"""[registry_scale] 10,000 models and 1 M versions: Resolve beside a registry with next to nothing; searches."""

from __future__ import annotations

import statistics

from google.protobuf.message import Message

from runlore import v1
from tests.bench import bulk_registry
from tests.bench.harness import Bench, Measured
from tests.bench.load import Load
from tests.bench.registered import RESOLVE

#: References that are asked for in turn, and models of the small registry.
ASKED = 50
SEARCHES: dict[str, tuple[str, Message]] = {
    "models by name": (
        "SearchRegisteredModels",
        v1.SearchRegisteredModelsRequest(filter="name LIKE 'model-77%'"),
    ),
    "models by a tag": (
        "SearchRegisteredModels",
        v1.SearchRegisteredModelsRequest(filter="tags.team = 'team-7'"),
    ),
    "versions of a model": (
        "SearchModelVersions",
        v1.SearchModelVersionsRequest(model_name="model-7"),
    ),
    "versions of all by stage": (
        "SearchModelVersions",
        v1.SearchModelVersionsRequest(filter="stage = 'Production'"),
    ),
    "versions of all by a tag": (
        "SearchModelVersions",
        v1.SearchModelVersionsRequest(filter="tags.build = '7'"),
    ),
}


def scenario(bench: Bench) -> None:
    """Measure Resolve by alias in both registries, round about, and the first page of searches in the large one."""
    models, versions = (100, 10) if bench.tiny else (10_000, 100)
    size = f"{models:,} models of {versions} versions"
    with bench.server() as large, bench.server() as small:
        every = bulk_registry.load(large.database_url, models, versions)
        few = bulk_registry.load(small.database_url, ASKED, 1)
        in_large = [_request(reference) for reference in every[:: models // ASKED]]
        in_small = [_request(reference) for reference in few]
        load = Load()

        def ours(seconds: float) -> Measured:
            return load.call(large.address, RESOLVE, in_large, 1, seconds)

        def nearly_empty(seconds: float) -> Measured:
            return load.call(small.address, RESOLVE, in_small, 1, seconds)

        bench.compare("registry_scale", f"Resolve, {size}", "calls/s", ours, ceiling=(f"{ASKED} models", nearly_empty))
        for what, (method, request) in SEARCHES.items():
            path = f"/runlore.v1.RegistryService/{method}"
            rounds = [
                load.call(large.address, path, request.SerializeToString(), 1, bench.seconds)
                for _ in range(bench.rounds)
            ]
            seconds = [second for measured in rounds for second in measured.seconds]
            p50, p99 = statistics.median(seconds) * 1e3, Measured(0, seconds).p99_ms
            bench.record("registry_scale", f"first page of {what}, {size}", "ms", p50, p99, len(rounds))
        load.close()


def _request(reference: str) -> bytes:
    return v1.ResolveRequest(reference=reference).SerializeToString()
