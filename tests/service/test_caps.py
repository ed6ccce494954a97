"""What a record holds is capped over all calls, so that one message can always return it."""

from __future__ import annotations

import pytest

from runlore import v1
from tests.harness.wire import Stubs, refused


@pytest.fixture
def run_id(stubs: Stubs, workspace: str) -> str:
    return str(stubs.tracking.CreateRun(v1.CreateRunRequest(workspace=workspace)).run.run_id)


def get(stubs: Stubs, workspace: str, run_id: str) -> v1.Run:
    run: v1.Run = stubs.tracking.GetRun(v1.GetRunRequest(workspace=workspace, run_id=run_id)).run
    return run


def test_params_and_tags_of_a_run(stubs: Stubs, workspace: str, run_id: str) -> None:
    def log(**entries: dict[str, str]) -> None:
        stubs.tracking.LogBatch(v1.LogBatchRequest(workspace=workspace, run_id=run_id, **entries))

    params = {f"p{i}": "1" for i in range(10_000)}
    log(params=params, tags={f"t{i}": "1" for i in range(1_000)})
    with refused("INVALID_FIELD", "params") as told:
        log(params={"one": "more"}, tags={"t0": "2"})
    assert "would make 10001 of them in all, and 10000 is the most" in told[0].message
    with refused("INVALID_FIELD", "tags"):
        log(tags={"one": "more"})
    run = get(stubs, workspace, run_id)
    assert (len(run.params), len(run.tags), run.tags["t0"]) == (10_000, 1_000, "1")
    # What is there may be sent again, and changed where it may change.
    log(params=params, tags={"t0": "2"})
    assert get(stubs, workspace, run_id).tags["t0"] == "2"


def test_bytes_of_a_run(stubs: Stubs, workspace: str, run_id: str) -> None:
    long = "ä" * 8_192
    for part in range(2):
        request = v1.LogBatchRequest(workspace=workspace, run_id=run_id)
        request.params.update({f"{part}-{i}": long for i in range(700)})
        if part:
            with refused("INVALID_FIELD", "params") as told:
                stubs.tracking.LogBatch(request)
            assert "keep long texts as artifacts" in told[0].message
        else:
            stubs.tracking.LogBatch(request)
    assert len(get(stubs, workspace, run_id).params) == 700


def test_tags_of_an_experiment(stubs: Stubs, workspace: str) -> None:
    created = v1.CreateExperimentRequest(workspace=workspace, name="e", tags={str(i): "1" for i in range(1_000)})
    experiment_id = stubs.tracking.CreateExperiment(created).experiment.experiment_id
    request = v1.SetExperimentTagsRequest(workspace=workspace, experiment_id=experiment_id, tags={"one": "more"})
    with refused("INVALID_FIELD", "tags"):
        stubs.tracking.SetExperimentTags(request)
    request.delete_keys.append("0")
    assert len(stubs.tracking.SetExperimentTags(request).experiment.tags) == 1_000


def test_a_logged_model_holds_so_many_params_and_tags_however_many_calls_bring_them(
    stubs: Stubs, workspace: str
) -> None:
    create = v1.CreateLoggedModelRequest(workspace=workspace, params={f"p{i}": "x" for i in range(9_999)})
    model_id = stubs.logged_models.CreateLoggedModel(create).logged_model.model_id
    named = {"workspace": workspace, "model_id": model_id}
    stubs.logged_models.LogLoggedModelParams(v1.LogLoggedModelParamsRequest(**named, params={"last": "1", "p0": "x"}))
    with refused("INVALID_FIELD", "params"):
        stubs.logged_models.LogLoggedModelParams(v1.LogLoggedModelParamsRequest(**named, params={"more": "1"}))
    tags = {f"t{i}": "x" for i in range(1_000)}
    stubs.logged_models.SetLoggedModelTags(v1.SetLoggedModelTagsRequest(**named, tags=tags))
    with refused("INVALID_FIELD", "tags"):
        stubs.logged_models.SetLoggedModelTags(v1.SetLoggedModelTagsRequest(**named, tags={"more": "1"}))
    swap = v1.SetLoggedModelTagsRequest(**named, tags={"more": "1"}, delete_keys=["t0"])
    model = stubs.logged_models.SetLoggedModelTags(swap).logged_model
    assert (len(model.params), len(model.tags)) == (10_000, 1_000)
