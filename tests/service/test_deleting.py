"""Deleting and restoring: random histories against a model in memory; races; how deep runs may nest."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field

import grpc
from hypothesis import given, settings
from hypothesis import strategies as st

from runlore import v1
from tests.harness.wire import Stubs, refusal, refused

ACTIVE, DELETED, ALL = v1.LIFECYCLE_VIEW_ACTIVE, v1.LIFECYCLE_VIEW_DELETED, v1.LIFECYCLE_VIEW_ALL
EXPERIMENTS = 3


@dataclass
class RunModel:
    """What a run is by itself, and how many events it has."""

    experiment: int
    deleted: bool = False
    revision: int = 1


@dataclass
class Model:
    """What a workspace must look like."""

    #: By number: whether it is deleted, and how many events it has.
    experiments: list[list[int]] = field(default_factory=lambda: [[False, 1] for _ in range(EXPERIMENTS)])
    runs: dict[str, RunModel] = field(default_factory=dict)

    def is_deleted(self, run_id: str) -> bool:
        run = self.runs[run_id]
        return run.deleted or bool(self.experiments[run.experiment][0])

    def run_ids(self, view: int, experiment: int | None = None) -> set[str]:
        return {
            run_id
            for run_id, run in self.runs.items()
            if experiment in (None, run.experiment) and (view == ALL or self.is_deleted(run_id) == (view == DELETED))
        }

    def names(self, view: int) -> list[str]:
        return [
            f"e{i}" for i, (gone, _) in enumerate(self.experiments) if view == ALL or bool(gone) == (view == DELETED)
        ]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["create", "create", "delete run", "delete run", "restore run", "delete", "delete", "restore", "log", "tag"]
        ),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=40)
@given(steps=STEPS)
def test_random_histories_agree_with_a_model(stubs: Stubs, steps: list[tuple[str, int]]) -> None:
    workspace, model = f"test-{secrets.token_hex(6)}", Model()
    tracking = stubs.tracking
    ids = [
        tracking.CreateExperiment(
            v1.CreateExperimentRequest(workspace=workspace, name=f"e{i}")
        ).experiment.experiment_id
        for i in range(EXPERIMENTS)
    ]
    for what, number in [("create", 0), ("create", 1), *steps]:
        if what in ("create", "delete", "restore"):
            _on_experiment(stubs, workspace, model, ids, what, number % EXPERIMENTS)
        else:
            _on_run(stubs, workspace, model, what, sorted(model.runs)[number % len(model.runs)])
        for view in (ACTIVE, DELETED, ALL):
            assert _found(stubs, workspace, view) == model.run_ids(view), (what, number)
    for view in (ACTIVE, DELETED, ALL):
        searched = v1.SearchExperimentsRequest(workspace=workspace, lifecycle_view=view)
        assert [e.name for e in tracking.SearchExperiments(searched).experiments] == model.names(view)
        for i in range(EXPERIMENTS):
            assert _found(stubs, workspace, view, f"e{i}") == model.run_ids(view, i)
    for i, (_, revision) in enumerate(model.experiments):
        assert _events(stubs, workspace, ids[i]) == revision
    for run_id, run in model.runs.items():
        assert _events(stubs, workspace, run_id) == run.revision


def _on_experiment(stubs: Stubs, workspace: str, model: Model, ids: list[str], what: str, number: int) -> None:
    tracking, state = stubs.tracking, model.experiments[number]
    if what == "create":
        request = v1.CreateRunRequest(workspace=workspace, experiment_name=f"e{number}")
        if state[0]:
            with refused("EXPERIMENT_DELETED"):
                tracking.CreateRun(request)
        else:
            model.runs[tracking.CreateRun(request).run.run_id] = RunModel(number)
        return
    deleting = what == "delete"
    if deleting:
        tracking.DeleteExperiment(v1.DeleteExperimentRequest(workspace=workspace, experiment_id=ids[number]))
    else:
        tracking.RestoreExperiment(v1.RestoreExperimentRequest(workspace=workspace, experiment_id=ids[number]))
    state[1] += bool(state[0]) != deleting
    state[0] = deleting


def _on_run(stubs: Stubs, workspace: str, model: Model, what: str, run_id: str) -> None:
    tracking, run = stubs.tracking, model.runs[run_id]
    if what == "delete run":
        tracking.DeleteRun(v1.DeleteRunRequest(workspace=workspace, run_id=run_id))
        run.revision += not run.deleted
        run.deleted = True
    elif what == "restore run":
        request = v1.RestoreRunRequest(workspace=workspace, run_id=run_id)
        if model.experiments[run.experiment][0]:
            with refused("EXPERIMENT_DELETED"):
                tracking.RestoreRun(request)
        else:
            assert tracking.RestoreRun(request).run.lifecycle_state == v1.LIFECYCLE_STATE_ACTIVE
            run.revision += run.deleted
            run.deleted = False
    else:
        logged = v1.LogBatchRequest(workspace=workspace, run_id=run_id, writer_id=secrets.token_hex(8), sequence=1)
        if what == "log":
            logged.series.append(v1.MetricSeries(key="a", steps=[0], times_unix_us=[0], values=[1.0]))
        else:
            logged.tags["t"] = secrets.token_hex(8)
        if model.is_deleted(run_id):
            with refused("RUN_DELETED"):
                tracking.LogBatch(logged)
        else:
            tracking.LogBatch(logged)
            run.revision += what == "tag"


def _found(stubs: Stubs, workspace: str, view: v1.LifecycleView.ValueType, experiment: str = "") -> set[str]:
    request = v1.SearchRunsRequest(workspace=workspace, lifecycle_view=view)
    if experiment:
        request.experiment_names.append(experiment)
    return {run.run_id for run in stubs.tracking.SearchRuns(request).runs}


def _events(stubs: Stubs, workspace: str, resource_id: str) -> int:
    request = v1.ListEventsRequest(workspace=workspace, resource_id=resource_id)
    return len(stubs.event.ListEvents(request).events)


async def test_of_many_renames_to_one_name_one_wins(aio_stubs: Stubs, workspace: str) -> None:
    created = [
        await aio_stubs.tracking.CreateExperiment(v1.CreateExperimentRequest(workspace=workspace, name=f"e{i}"))
        for i in range(8)
    ]

    async def rename(experiment_id: str) -> str:
        request = v1.UpdateExperimentRequest(workspace=workspace, experiment_id=experiment_id, name="wanted")
        request.update_mask.paths.append("name")
        try:
            await aio_stubs.tracking.UpdateExperiment(request)
        except grpc.aio.AioRpcError as error:
            return refusal(error).reason
        return "renamed"

    outcomes = await asyncio.gather(*(rename(c.experiment.experiment_id) for c in created))
    assert sorted(outcomes) == ["EXPERIMENT_EXISTS"] * 7 + ["renamed"]
    searched = v1.SearchExperimentsRequest(workspace=workspace, filter="name = 'wanted'")
    assert len((await aio_stubs.tracking.SearchExperiments(searched)).experiments) == 1


async def test_tags_set_at_once_are_all_there(aio_stubs: Stubs, workspace: str) -> None:
    request = v1.CreateExperimentRequest(workspace=workspace, name="e", tags={f"old{i}": "x" for i in range(10)})
    experiment_id = (await aio_stubs.tracking.CreateExperiment(request)).experiment.experiment_id

    def change(i: int) -> v1.SetExperimentTagsRequest:
        return v1.SetExperimentTagsRequest(
            workspace=workspace, experiment_id=experiment_id, tags={f"new{i}": "y"}, delete_keys=[f"old{i}"]
        )

    await asyncio.gather(*(aio_stubs.tracking.SetExperimentTags(change(i)) for i in range(10)))
    got = v1.GetExperimentRequest(workspace=workspace, experiment_id=experiment_id)
    tags = (await aio_stubs.tracking.GetExperiment(got)).experiment.tags
    assert dict(tags) == {f"new{i}": "y" for i in range(10)}


def test_runs_nest_a_hundred_levels_and_no_more(stubs: Stubs, workspace: str) -> None:
    chain: list[str] = []
    for _ in range(101):
        parent = chain[-1] if chain else ""
        request = v1.CreateRunRequest(workspace=workspace, experiment_name="e", parent_run_id=parent)
        chain.append(stubs.tracking.CreateRun(request).run.run_id)
    too_deep = v1.CreateRunRequest(workspace=workspace, experiment_name="e", parent_run_id=chain[-1])
    with refused("INVALID_FIELD", "parent_run_id") as told:
        stubs.tracking.CreateRun(too_deep)
    assert "100" in told[0].message
    assert len(stubs.tracking.SearchRuns(v1.SearchRunsRequest(workspace=workspace, page_size=1000)).runs) == 101

    nodes: list[v1.RunNode] = []
    request = v1.ListRunTreeRequest(workspace=workspace, run_id=chain[0], page_size=30)
    while True:
        response = stubs.tracking.ListRunTree(request)
        nodes += response.nodes
        if not response.next_page_token:
            break
        request.page_token = response.next_page_token
    assert [(n.run.run_id, n.depth) for n in nodes] == [(run_id, depth) for depth, run_id in enumerate(chain)]
    assert [n.child_count for n in nodes] == [1] * 100 + [0]
