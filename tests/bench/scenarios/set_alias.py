"""[set_alias] over many models and [set_alias_contended] on one alias, each move on a condition, against MLflow's."""

from __future__ import annotations

import hashlib

import grpc

from runlore import v1
from tests.bench.echo import METHOD, echo
from tests.bench.harness import Bench, Contestant, Measured
from tests.bench.load import Load
from tests.bench.orders import Processes

MODELS = 200
VERSIONS = 10
MOVERS = 8


def scenario(bench: Bench) -> None:
    """Measure both."""
    peer = bench.peer()
    with bench.server() as served, echo() as echo_address:
        models = [f"bench-{i}" for i in range(4 if bench.tiny else MODELS)]
        _register(served.address, ["contended", *models])
        movers, load = Processes("tests.bench.movers"), Load()
        for name, aliases, size in (
            ("set_alias", models, f"{len(models)} models, {MOVERS} movers"),
            ("set_alias_contended", ["contended"], f"1 alias, {MOVERS} movers"),
        ):

            def ours(seconds: float, aliases: list[str] = aliases) -> Measured:
                order = {"address": served.address, "models": aliases, "versions": VERSIONS, "movers": MOVERS}
                return movers.measure({**order, "shared": len(aliases) == 1, "seconds": seconds})

            def ceiling(seconds: float) -> Measured:
                return load.call(echo_address, METHOD, b"x" * 150, MOVERS, seconds)

            theirs: Contestant | None = None
            if peer is not None:

                def theirs(seconds: float, name: str = name) -> Measured:
                    return peer.measure(name, MOVERS, seconds)

            bench.compare(
                name,
                size,
                "moves/s",
                ours,
                ceiling=("empty RPC", ceiling),
                peer=("MLflow", theirs) if theirs else None,
            )
        movers.close()
        load.close()


def _register(address: str, models: list[str]) -> None:
    """Models of VERSIONS versions, a later one with a greater `auc`."""
    with grpc.insecure_channel(address) as channel:
        tracking, artifacts = v1.TrackingServiceStub(channel), v1.ArtifactServiceStub(channel)
        registry = v1.RegistryServiceStub(channel)
        empty = v1.FileEntry(path="m.bin", sha256=hashlib.sha256().hexdigest())
        runs = []
        for i in range(VERSIONS):
            run_id = tracking.CreateRun(v1.CreateRunRequest(experiment_name="bench", params={"C": "0.1"})).run.run_id
            artifacts.LogArtifacts(v1.LogArtifactsRequest(run_id=run_id, files=[empty]))
            series = [v1.MetricSeries(key="auc", steps=[0], times_unix_us=[0], values=[0.8 + i / 100])]
            tracking.LogBatch(v1.LogBatchRequest(run_id=run_id, writer_id="w", sequence=1, series=series))
            runs.append(run_id)
        for model in models:
            registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(name=model))
            for run_id in runs:
                source = v1.RunSource(run_id=run_id)
                registry.CreateModelVersion(v1.CreateModelVersionRequest(model_name=model, run=source))
