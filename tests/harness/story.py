"""A small history to lose: a run with params, points and files, a registered model, an alias that moved.

Some points are merged into blocks, and some are as they came.
"""

from __future__ import annotations

import hashlib
from typing import Any

import grpc

from runlore import v1
from tests.harness.wire import UNLIMITED, Stubs

WEIGHTS = b"the weights of a model\n" * 1000
STEPS = list(range(-2, 998))


def tell(address: str) -> str:
    """Make the history on an empty server and return the run's id. Every call of it is acknowledged."""
    with grpc.insecure_channel(address, options=UNLIMITED) as channel:
        stubs = Stubs(channel)
        run = stubs.tracking.CreateRun(
            v1.CreateRunRequest(experiment_name="story", params={"C": "0.1"}, tags={"team": "ads"})
        ).run
        series = v1.MetricSeries(
            key="loss",
            steps=STEPS,
            times_unix_us=[step * 1000 for step in STEPS],
            values=[float("nan") if step == 0 else 1 / step for step in STEPS],
        )
        stubs.tracking.LogBatch(
            v1.LogBatchRequest(run_id=run.run_id, writer_id="story", sequence=1, series=[series], tags={"stage": "b"})
        )
        frame = v1.LogStreamFrame(
            first_point=1, new_keys=["loss", "lr"], keys=[0, 1, 0], steps=[998, 0, 999], times_unix_us=[1, 2, 3]
        )
        frame.values.extend([float("inf"), 0.1, 0.001])
        opening = v1.LogStreamOpen(run_id=run.run_id, writer_id="story")
        *_, last = stubs.tracking.LogStream(
            iter([v1.LogStreamRequest(open=opening), v1.LogStreamRequest(frame=frame)]), timeout=60
        )
        assert last.acknowledged.committed_points == 3
        entry = write_file(stubs, "model/weights.bin", WEIGHTS)
        stubs.artifact.LogArtifacts(v1.LogArtifactsRequest(run_id=run.run_id, files=[entry]))
        read = v1.DatasetInput(dataset=v1.Dataset(name="clicks", digest="d1", schema="s"), context="training")
        stubs.tracking.LogInputs(v1.LogInputsRequest(run_id=run.run_id, datasets=[read]))
        logged = v1.CreateLoggedModelRequest(source_run_id=run.run_id, name="lr", artifact_path="model")
        model_id = stubs.logged_models.CreateLoggedModel(logged).logged_model.model_id
        point = v1.LoggedModelMetric(key="auc", value=0.9, dataset_name="clicks", dataset_digest="d1")
        stubs.logged_models.LogLoggedModelMetrics(v1.LogLoggedModelMetricsRequest(model_id=model_id, metrics=[point]))
        output = v1.LoggedModelOutput(model_id=model_id, step=7)
        stubs.tracking.LogOutputs(v1.LogOutputsRequest(run_id=run.run_id, models=[output]))
        stubs.registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(name="story"))
        for _ in range(3):
            source = v1.RunSource(run_id=run.run_id, path="model")
            stubs.registry.CreateModelVersion(v1.CreateModelVersionRequest(model_name="story", run=source))
        move(stubs, 1, v1.AliasExpectation(absent=True))
        move(stubs, 2, v1.AliasExpectation(version=1))
        stage = v1.SetStageRequest(model_name="story", version=2, stage=v1.MODEL_STAGE_PRODUCTION, reason="ready")
        stubs.registry.SetStage(stage)
        stubs.registry.DeleteModelVersion(v1.DeleteModelVersionRequest(model_name="story", version=3))
        stubs.registry.CreateModelVersion(
            v1.CreateModelVersionRequest(model_name="story", pending=v1.PendingSource(run_id=run.run_id))
        )
        stubs.registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(name="retired"))
        stubs.registry.DeleteRegisteredModel(v1.DeleteRegisteredModelRequest(name="retired"))
        return str(run.run_id)


def listen(address: str, run_id: str) -> dict[str, Any]:
    """Ask a server for everything of the history, positions left out: they belong to one log."""
    with grpc.insecure_channel(address, options=UNLIMITED) as channel:
        stubs = Stubs(channel)
        resolved = stubs.registry.Resolve(v1.ResolveRequest(reference="models:/story@champion", include_files=True))
        resolved.ClearField("position")
        events = stubs.event.ListEvents(v1.ListEventsRequest(include_canonical=True)).events
        for event in events:
            event.ClearField("position")
        run = stubs.tracking.GetRun(v1.GetRunRequest(run_id=run_id)).run
        wanted = v1.GetLoggedModelRequest(model_id=run.model_outputs[0].model_id)
        blob = resolved.files[0].chunks[0].sha256
        return {
            "run": run,
            "logged model": stubs.logged_models.GetLoggedModel(wanted).logged_model,
            "datasets": list(stubs.tracking.SearchDatasets(v1.SearchDatasetsRequest()).datasets),
            "points": list(stubs.tracking.GetMetricHistory(v1.GetMetricHistoryRequest(run_ids=[run_id]))),
            "model": stubs.registry.GetRegisteredModel(v1.GetRegisteredModelRequest(name="story")).registered_model,
            "versions": list(stubs.registry.SearchModelVersions(v1.SearchModelVersionsRequest()).model_versions),
            "resolved": resolved,
            "events": list(events),
            "bytes": b"".join(m.data for m in stubs.artifact.ReadBlob(v1.ReadBlobRequest(sha256=blob))),
        }


def write_file(stubs: Stubs, path: str, content: bytes) -> v1.FileEntry:
    """Upload a file of one chunk through the server and return its entry."""
    sha256 = hashlib.sha256(content).hexdigest()
    blob = v1.BlobSpec(sha256=sha256, size=len(content))
    stubs.artifact.WriteBlob(iter([v1.WriteBlobRequest(blob=blob), v1.WriteBlobRequest(data=content)]))
    chunk = v1.Chunk(size=len(content), sha256=sha256)
    return v1.FileEntry(path=path, size=len(content), sha256=sha256, chunks=[chunk])


def move(stubs: Stubs, version: int, expect: v1.AliasExpectation) -> None:
    """Point `champion` of the history's model at a version."""
    stubs.registry.SetAlias(
        v1.SetAliasRequest(model_name="story", alias="champion", version=version, expect=expect, reason=f"to {version}")
    )
