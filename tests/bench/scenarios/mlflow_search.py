"""[mlflow_search] MLflow's search_runs among 20,000 runs, entities built, by the plugin and on MLflow's own server."""

from __future__ import annotations

from tests.bench import kept
from tests.bench.bulk_runs import Runs
from tests.bench.bulk_tables import experiment_name
from tests.bench.harness import Bench, Measured
from tests.bench.peer import tables
from tests.bench.peer.server import on_runlore
from tests.bench.scenarios.search_20k import SEARCHES
from tests.bench.searching import PAGE, request_of

#: How many times faster than MLflow each of the searches of `search_20k` is to be.
TIMES = (10, 5, 5)


def scenario(bench: Bench) -> None:
    """Measure first pages; both must answer with the same runs, which are the right ones."""
    runs = Runs(1_000 if bench.tiny else 20_000)
    peer = bench.peer(workers=2)
    if peer is None:
        return
    theirs_in = str(peer.ask("create_experiment", name="mlflow_search"))
    tables.load(peer.database_url, theirs_in, runs)
    with kept.scratch(bench, runs) as served, on_runlore(served) as plugin:
        ours_in = plugin.ask("experiment_named", name=experiment_name(0))
        for (search, _), times in zip(SEARCHES, TIMES, strict=True):
            request = request_of(search, search.wheres[0], runs)
            asked = {"filter": request.filter, "order_by": [search.order.text] if search.order.text else []}
            wanted = [runs.run_id(number) for number in search.expected(runs, search.wheres[0])[:PAGE].tolist()]
            found = plugin.ask("first_page", within=ours_in, **asked)
            beside = peer.ask("first_page", within=theirs_in, **asked)
            if not found == wanted == beside:
                bench.fail("mlflow_search", search.what, f"{found[:3]}…, MLflow {beside[:3]}…, not {wanted[:3]}…")
                continue

            def ours(seconds: float, asked: dict[str, object] = asked) -> Measured:
                return plugin.measure("search", 1, seconds, within=ours_in, **asked)

            def theirs(seconds: float, asked: dict[str, object] = asked) -> Measured:
                return peer.measure("search", 1, seconds, within=theirs_in, **asked)

            beside_it = ("MLflow's server, 2 workers", theirs)
            bench.compare("mlflow_search", search.what, "pages/s", ours, peer=beside_it, least_ratio=times)
