"""Registered models to resolve, and the rows of resolving them."""

from __future__ import annotations

import hashlib

import grpc

from runlore import v1
from tests.bench.echo import METHOD, echo
from tests.bench.harness import Bench, Measured
from tests.bench.load import Load

RESOLVE = "/runlore.v1.RegistryService/Resolve"


def compare(bench: Bench, scenario: str, request: v1.ResolveRequest, shares: tuple[float, float], times: float) -> None:
    """Measure a Resolve of the champion at 1 and at 8 connections, beside the empty RPC and MLflow's alias look-up.

    Wanted are `shares` of the empty RPC's rate, and at 8 connections `times` MLflow's.
    """
    peer = bench.peer()
    with bench.server() as served, echo() as echo_address:
        request.reference = champion(served.address)
        message = request.SerializeToString()
        load = Load()
        for connections, share in zip((1, 8), shares, strict=True):

            def ours(seconds: float, n: int = connections) -> Measured:
                return load.call(served.address, RESOLVE, message, n, seconds)

            def ceiling(seconds: float, n: int = connections) -> Measured:
                return load.call(echo_address, METHOD, message, n, seconds)

            def theirs(seconds: float, n: int = connections) -> Measured:
                assert peer is not None
                return peer.measure("get_alias", n, seconds)

            bench.compare(
                scenario,
                f"{connections} connection{'s' if connections > 1 else ''}",
                "calls/s",
                ours,
                ceiling=("empty RPC", ceiling),
                peer=("MLflow get_model_version_by_alias", theirs) if peer else None,
                least_ratio=times if connections > 1 else None,
                least_share=share,
            )
        load.close()


def champion(address: str, versions: int = 1) -> str:
    """Register versions and point an alias at the first; returns the reference."""
    data = b"a model"
    sha256 = hashlib.sha256(data).hexdigest()
    with grpc.insecure_channel(address) as channel:
        tracking, artifacts = v1.TrackingServiceStub(channel), v1.ArtifactServiceStub(channel)
        registry = v1.RegistryServiceStub(channel)
        run = tracking.CreateRun(v1.CreateRunRequest(experiment_name="bench", params={"C": "0.1"})).run
        blob = v1.BlobSpec(sha256=sha256, size=len(data))
        artifacts.WriteBlob(iter([v1.WriteBlobRequest(blob=blob), v1.WriteBlobRequest(data=data)]))
        chunk = v1.Chunk(size=len(data), sha256=sha256)
        file = v1.FileEntry(path="model/m.bin", size=len(data), sha256=sha256, chunks=[chunk])
        artifacts.LogArtifacts(v1.LogArtifactsRequest(run_id=run.run_id, files=[file]))
        registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(name="bench"))
        source = v1.RunSource(run_id=run.run_id, path="model")
        for _ in range(versions):
            registry.CreateModelVersion(v1.CreateModelVersionRequest(model_name="bench", run=source))
        expect = v1.AliasExpectation(absent=True)
        registry.SetAlias(v1.SetAliasRequest(model_name="bench", alias="champion", version=1, expect=expect))
    return "models:/bench@champion"
