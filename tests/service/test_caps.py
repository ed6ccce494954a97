"""What a record holds is capped over all calls, so that one message can always return it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

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


def noise(length: int, seed: int) -> str:
    """Characters of four bytes each that no compression makes fewer."""
    dice = random.Random(seed)
    return "".join(chr(dice.randrange(0x20000, 0x2A6D0)) for _ in range(length))


def walk(call: Callable[[Any], Any], request: Any, records: str) -> tuple[list[Any], int]:
    """All records of a search, and of how many pages."""
    found: list[Any] = []
    pages = 0
    while pages == 0 or request.page_token:
        answer = call(request)
        found += getattr(answer, records)
        request.page_token = answer.next_page_token
        pages += 1
    return found, pages


def test_names_of_500_characters_fit_into_every_index_and_token(stubs: Stubs, workspace: str) -> None:
    """An entry of a B-tree holds some 2,700 bytes, and compresses: so the names are noise."""
    names = sorted((noise(500, seed) for seed in range(5)), key=str.encode)
    # What an order regards of a run's name is the same of these two.
    names.append(names[-1][:-1] + "\U0002a6df")
    for name in names:
        stubs.tracking.CreateExperiment(v1.CreateExperimentRequest(workspace=workspace, name=name))
        run = v1.CreateRunRequest(workspace=workspace, experiment_name=name, name=name)
        run_id = stubs.tracking.CreateRun(run).run.run_id
        model = v1.CreateLoggedModelRequest(workspace=workspace, source_run_id=run_id, name=name, model_type=name)
        stubs.logged_models.CreateLoggedModel(model)
    experiments = v1.SearchExperimentsRequest(workspace=workspace, order_by="name desc, name, name", page_size=2)
    found, _ = walk(stubs.tracking.SearchExperiments, experiments, "experiments")
    assert [experiment.name for experiment in found] == names[::-1]
    order = "name, model_type, name, model_type, name"
    models = v1.SearchLoggedModelsRequest(workspace=workspace, order_by=order, page_size=2)
    found, _ = walk(stubs.logged_models.SearchLoggedModels, models, "logged_models")
    assert [model.name for model in found] == names
    runs = v1.SearchRunsRequest(workspace=workspace, order_by="name, experiment_name, name, name, name", page_size=1)
    found, _ = walk(stubs.tracking.SearchRuns, runs, "runs")
    assert [run.name[:250] for run in found] == [name[:250] for name in names]
    for name in names:
        for wanted in (
            {"filter": f"name = '{name}'"},
            {"filter": f"name LIKE '{name[:499]}_' and experiment_name = '{name}'"},
            {"experiment_names": [name]},
        ):
            runs = v1.SearchRunsRequest(workspace=workspace, **wanted)
            assert [run.name for run in stubs.tracking.SearchRuns(runs).runs] == [name]
        by_name = v1.SearchExperimentsRequest(workspace=workspace, filter=f"name = '{name}'")
        assert [found.name for found in stubs.tracking.SearchExperiments(by_name).experiments] == [name]
    with refused("EXPERIMENT_EXISTS") as told:
        stubs.tracking.CreateExperiment(v1.CreateExperimentRequest(workspace=workspace, name=names[0]))
    assert told[0].metadata["experiment_name"] == names[0]
    absent = noise(500, 99)
    with refused("EXPERIMENT_NOT_FOUND") as told:
        stubs.tracking.SearchRuns(v1.SearchRunsRequest(workspace=workspace, experiment_names=[absent]))
    assert told[0].metadata["experiment_name"] == absent
    for call, request in (
        (stubs.tracking.CreateExperiment, v1.CreateExperimentRequest(workspace=workspace, name=noise(501, 7))),
        (stubs.tracking.CreateRun, v1.CreateRunRequest(workspace=workspace, name=noise(501, 7))),
        (stubs.logged_models.CreateLoggedModel, v1.CreateLoggedModelRequest(workspace=workspace, name=noise(501, 7))),
    ):
        with refused("INVALID_FIELD", "name") as told:
            call(request)
        assert "at most 500 characters" in told[0].message


def test_tags_of_a_model_and_of_a_version_have_16_mib_together(stubs: Stubs, workspace: str) -> None:
    registry = stubs.registry
    long = noise(100_000, 0)
    most = {str(i): long for i in range(41)}
    tags = {"workspace": workspace, "tags": most}
    registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(name="m", **tags))
    registry.CreateModelVersion(v1.CreateModelVersionRequest(model_name="m", pending={}, **tags))
    model = registry.GetRegisteredModel(v1.GetRegisteredModelRequest(workspace=workspace, name="m")).registered_model
    assert dict(model.tags) == most
    one = {"workspace": workspace, "tags": {"one": long}}
    more = {"workspace": workspace, "tags": most | one["tags"]}
    for call, request in (
        (registry.CreateRegisteredModel, v1.CreateRegisteredModelRequest(name="n", **more)),
        (registry.CreateModelVersion, v1.CreateModelVersionRequest(model_name="m", pending={}, **more)),
        (registry.SetRegisteredModelTags, v1.SetRegisteredModelTagsRequest(name="m", **one)),
        (registry.SetModelVersionTags, v1.SetModelVersionTagsRequest(model_name="m", version=1, **one)),
    ):
        with refused("INVALID_FIELD", "tags") as told:
            call(request)
        assert "keep long texts as artifacts" in told[0].message


def test_a_page_ends_before_it_is_larger_than_a_message(stubs: Stubs, workspace: str) -> None:
    registry, long = stubs.registry, noise(100_000, 0)
    of = {"workspace": workspace}
    for i in range(24):
        tags = {key: long for key in "abcd" if i % 2}
        registry.CreateRegisteredModel(v1.CreateRegisteredModelRequest(name=f"m{i:02}", tags=tags, **of))
        registry.CreateModelVersion(v1.CreateModelVersionRequest(model_name="m00", pending={}, tags=tags, **of))
    for size, expected in ((0, 2), (7, 4)):
        models = v1.SearchRegisteredModelsRequest(page_size=size, **of)
        found, pages = walk(registry.SearchRegisteredModels, models, "registered_models")
        assert [model.name for model in found] == [f"m{i:02}" for i in range(24)]
        assert pages == expected
        versions = v1.SearchModelVersionsRequest(model_name="m00", page_size=size, **of)
        found, pages = walk(registry.SearchModelVersions, versions, "model_versions")
        assert [version.version for version in found] == list(range(24, 0, -1))
        assert all(version.tags["a"] == long for version in found if version.version % 2 == 0)
        assert pages == expected


def test_small_records_before_large_ones_share_their_page(stubs: Stubs, workspace: str) -> None:
    large = {str(n): noise(20_000, n) for n in range(30)}
    for i in range(120):
        request = v1.CreateExperimentRequest(workspace=workspace, name=f"{i:03}", tags=large if i >= 110 else {})
        stubs.tracking.CreateExperiment(request)
    experiments = v1.SearchExperimentsRequest(workspace=workspace, page_size=1_000)
    first = stubs.tracking.SearchExperiments(experiments)
    assert 110 < len(first.experiments) < 120
    found, pages = walk(stubs.tracking.SearchExperiments, experiments, "experiments")
    assert [experiment.name for experiment in found] == [f"{i:03}" for i in range(120)]
    assert pages == 2
