"""[resolve] by alias, read from the database each time, against an empty RPC."""

from __future__ import annotations

import hashlib

import grpc

from runlore import v1
from tests.bench.echo import METHOD, echo
from tests.bench.harness import Bench, Measured
from tests.bench.load import Load

RESOLVE = "/runlore.v1.RegistryService/Resolve"


def scenario(bench: Bench) -> None:
    """Measure at 1 and at 8 connections."""
    with bench.server() as served, echo() as echo_address:
        request = v1.ResolveRequest(reference=_champion(served.address)).SerializeToString()
        load = Load()
        for connections in (1, 8):

            def ours(seconds: float, n: int = connections) -> Measured:
                return load.call(served.address, RESOLVE, request, n, seconds)

            def ceiling(seconds: float, n: int = connections) -> Measured:
                return load.call(echo_address, METHOD, request, n, seconds)

            size = f"{connections} connection{'s' if connections > 1 else ''}"
            bench.compare("resolve", size, "calls/s", ours, ceiling=("empty RPC", ceiling))
        load.close()


def _champion(address: str) -> str:
    """Register a version and point an alias at it; returns the reference."""
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
        registry.CreateModelVersion(v1.CreateModelVersionRequest(model_name="bench", run=source))
        expect = v1.AliasExpectation(absent=True)
        registry.SetAlias(v1.SetAliasRequest(model_name="bench", alias="champion", version=1, expect=expect))
    return "models:/bench@champion"
