"""[create_run] with 8 clients, each run with its event, against MLflow and an empty RPC."""

from __future__ import annotations

from runlore import v1
from tests.bench.echo import METHOD, echo
from tests.bench.harness import Bench, Measured
from tests.bench.load import Load

CREATE_RUN = "/runlore.v1.TrackingService/CreateRun"
CLIENTS = 8


def scenario(bench: Bench) -> None:
    """Measure runs of 5 params and 3 tags."""
    params = {f"param-{i}": "0.001" for i in range(5)}
    tags = {f"tag-{i}": "value" for i in range(3)}
    request = v1.CreateRunRequest(experiment_name="bench", params=params, tags=tags).SerializeToString()
    peer = bench.peer()
    with bench.server() as served, echo() as echo_address:
        load = Load()

        def ours(seconds: float) -> Measured:
            return load.call(served.address, CREATE_RUN, request, CLIENTS, seconds)

        def ceiling(seconds: float) -> Measured:
            return load.call(echo_address, METHOD, request, CLIENTS, seconds)

        def theirs(seconds: float) -> Measured:
            assert peer is not None
            return peer.measure("create_run", CLIENTS, seconds)

        bench.compare(
            "create_run",
            f"{CLIENTS} clients",
            "runs/s",
            ours,
            ceiling=("empty RPC", ceiling),
            peer=("MLflow", theirs) if peer else None,
        )
        load.close()
