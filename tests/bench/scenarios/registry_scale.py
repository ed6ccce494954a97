"""[registry_scale] 10,000 models and 1 M versions: Resolve beside a registry with next to nothing; searches."""

from __future__ import annotations

import statistics

from runlore import v1
from tests.bench import bulk_registry
from tests.bench.harness import Bench, Measured
from tests.bench.load import Load
from tests.bench.registered import RESOLVE

#: How much of the rate in a small registry Resolve is to have in a large one, and the p50 of a first page, in ms.
RESOLVE_SHARE, FIRST_PAGE_MS = 1 / 1.15, 20.0
#: References that are asked for in turn, and models of the small registry.
ASKED = 50
#: First pages, by what is searched for and in which order: what is common, what is rare, and what is not there.
MODELS = (
    ("", ""),
    ("name LIKE 'model-77%'", ""),
    ("tags.team = 'team-7'", ""),
    ("owner = 'owner-7'", ""),
    ("alias = 'canary'", ""),
    ("stage = 'Production'", ""),
    ("latest_version = 7", ""),
    ("", "last_update_time desc"),
    ("", "latest_version desc"),
)
VERSIONS = (
    ("", ""),
    ("", "version desc"),
    ("", "creation_time desc"),
    ("", "last_update_time desc"),
    ("name = 'model-7'", ""),
    ("tags.build = '7'", ""),
    ("tags.build = '7'", "last_update_time desc"),
    ("tags.ticket = '77'", "last_update_time desc"),
    ("tags.commit = 'none'", ""),
    ("alias = 'champion'", ""),
    ("alias = 'canary'", "creation_time desc"),
    ("stage = 'Production'", ""),
    ("stage = 'Staging'", "last_update_time desc"),
    ("stage = 'Staging' and tags.team = 'team-20'", ""),
    ("stage = 'Archived'", "creation_time desc"),
    ("status = 'PENDING'", ""),
    ("status != 'READY'", "creation_time desc"),
    ("run_id = '0cc175b9c0f1b6a831c399e269772661'", ""),
    ("version = 7", ""),
    ("params.C = '7'", ""),
    ("params.depth = '77'", "creation_time desc"),
    ("metrics.auc > 0.5", ""),
    ("metrics.auc > 0.999", "last_update_time desc"),
    ("metrics.auc > 2", ""),
)


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

        bench.compare(
            "registry_scale",
            f"Resolve, {size}",
            "calls/s",
            ours,
            ceiling=(f"{ASKED} models", nearly_empty),
            least_share=RESOLVE_SHARE,
        )
        requests: list[tuple[str, v1.SearchRegisteredModelsRequest | v1.SearchModelVersionsRequest]] = [
            *(("Models", v1.SearchRegisteredModelsRequest(filter=f, order_by=o)) for f, o in MODELS),
            *(("Versions", v1.SearchModelVersionsRequest(filter=f, order_by=o)) for f, o in VERSIONS),
            ("Versions", v1.SearchModelVersionsRequest(model_name="model-7")),
        ]
        for what, request in requests:
            method = "SearchRegisteredModels" if what == "Models" else "SearchModelVersions"
            path = f"/runlore.v1.RegistryService/{method}"
            measured = [
                load.call(large.address, path, request.SerializeToString(), 1, bench.seconds / 3)
                for _ in range(bench.rounds)
            ]
            seconds = [second for each in measured for second in each.seconds]
            p50, p99 = statistics.median(seconds) * 1e3, Measured(0, seconds).p99_ms
            of_model = " of a model" if getattr(request, "model_name", "") else ""
            wanted = f"{what.lower()}{of_model}" + (f", {request.filter}" if request.filter else "")
            wanted += f", by {request.order_by}" if request.order_by else ""
            goal = (f"p50 <= {FIRST_PAGE_MS:g} ms", p50 <= FIRST_PAGE_MS)
            bench.record("registry_scale", f"first page of {wanted}", "ms", p50, p99, len(measured), wanted=goal)
        load.close()


def _request(reference: str) -> bytes:
    return v1.ResolveRequest(reference=reference).SerializeToString()
