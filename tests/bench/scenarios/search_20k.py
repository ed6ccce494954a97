"""[search_20k] the first page of 100 runs with bodies, among the same 20,000 runs in MLflow and here."""

from __future__ import annotations

import grpc

from runlore import v1
from tests.bench import kept
from tests.bench.bulk_runs import Runs
from tests.bench.expected import EVERY, metric, param
from tests.bench.harness import Bench, Measured
from tests.bench.load import Load
from tests.bench.peer import tables
from tests.bench.searches import BEST, FIRST, FOUND, Search
from tests.bench.searching import PAGE, SEARCH, request_of

#: How many times faster than MLflow each is to be.
SEARCHES = (
    (Search("default order", FIRST, (EVERY,)), 50),
    (Search("by a metric", FIRST, (EVERY,), BEST), 15),
    (Search("two filters, by a metric", FOUND, (metric("auc", ">", 0.5) & param("model", "=", 7),), BEST), 15),
)


def scenario(bench: Bench) -> None:
    """Measure pages; both must answer with the same runs, which are the right ones."""
    runs = Runs(1_000 if bench.tiny else 20_000)
    peer = bench.peer()
    # Of its own: other scenarios leave runs in the default one, and theirs are the latest.
    within = str(peer.ask("create_experiment", name="search_20k")) if peer else ""
    if peer:
        tables.load(peer.database_url, within, runs)
    with kept.scratch(bench, runs) as served, grpc.insecure_channel(served.address) as channel:
        load = Load()
        for search, times in SEARCHES:
            request = request_of(search, search.wheres[0], runs)
            wanted = [runs.run_id(number) for number in search.expected(runs, search.wheres[0])[:PAGE].tolist()]
            found = [run.run_id for run in v1.TrackingServiceStub(channel).SearchRuns(request).runs]
            order = [search.order.text] if search.order.text else []
            beside = peer.ask("first_page", within=within, filter=request.filter, order_by=order) if peer else wanted
            if not found == wanted == beside:
                bench.fail("search_20k", search.what, f"{found[:3]}…, MLflow {beside[:3]}…, not {wanted[:3]}…")
                continue
            message = request.SerializeToString()

            def ours(seconds: float, message: bytes = message) -> Measured:
                return load.call(served.address, SEARCH, message, 1, seconds, v1.SearchRunsResponse)

            def theirs(seconds: float, filter: str = request.filter, order: list[str] = order) -> Measured:
                assert peer is not None
                return peer.measure("search", 1, seconds, within=within, filter=filter, order_by=order)

            bench.compare(
                "search_20k",
                search.what,
                "pages/s",
                ours,
                peer=("MLflow search_runs", theirs) if peer else None,
                least_ratio=times,
            )
        load.close()
