"""Searches through a real server: the same runs in the same order as an evaluator in plain Python, page by page.

2,000 runs are made once, alike enough that everything ties: missing keys, NaN and infinities, deleted ones and those of
a deleted experiment, parents, datasets, metrics that are merged and ones that are not. Whatever answers searches, and
however it plans them, is held against the same few lines.
"""

from __future__ import annotations

import math
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runlore import v1
from runlore_server.search.tree import EVERY, Condition, Not, OrderKey
from tests.harness import filters
from tests.harness.evaluator import World, written, written_order
from tests.harness.wire import Stubs

pytestmark = pytest.mark.slow

RUNS = 2_000
EXPERIMENTS = ("Default", "one", "O'Neil %_", "gone")
STARTS = [
    datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=n) for n in (0, 1, 999, 1_000, 1_001, 86_400_000_000)
]
STREAMED = 60
VIEWS = (v1.LIFECYCLE_VIEW_ACTIVE, v1.LIFECYCLE_VIEW_DELETED, v1.LIFECYCLE_VIEW_ALL)


@dataclass(repr=False)
class Made:
    """A workspace full of runs; `runs` has every one of them as it is."""

    stubs: Stubs
    workspace: str
    experiments: dict[str, str]
    runs: dict[str, v1.Run]
    world: World
    #: What filters ask for.
    known: filters.Known

    def search(self, token: str = "", **fields: Any) -> v1.SearchRunsResponse:
        request = v1.SearchRunsRequest(workspace=self.workspace, page_token=token, **fields)
        found: v1.SearchRunsResponse = self.stubs.tracking.SearchRuns(request, timeout=60)
        return found

    def found(self, **fields: Any) -> list[str]:
        """The ids of all pages."""
        page = self.search(read_mask={"paths": ["run_id"]}, page_size=1_000, **fields)
        ids = [run.run_id for run in page.runs]
        while page.next_page_token:
            page = self.search(page.next_page_token, read_mask={"paths": ["run_id"]}, page_size=1_000, **fields)
            ids += [run.run_id for run in page.runs]
        return ids

    def add(self, dice: random.Random) -> str:
        """Make one more run like the others."""
        run_id = _create(self, dice, [])
        (found,) = self.search(filter=f"run_id = '{run_id}'").runs
        self.runs[run_id] = found
        return run_id

    def is_in(self, run: v1.Run, view: int, names: list[str]) -> bool:
        deleted = run.lifecycle_state == v1.LIFECYCLE_STATE_DELETED
        return view in (VIEWS[deleted], VIEWS[2]) and (not names or run.experiment_name in names)


def _create(made: Made, dice: random.Random, earlier: list[str]) -> str:
    """A run, its metrics and its inputs."""
    text = lambda: dice.choice(filters.TEXTS)  # noqa: E731
    created = made.stubs.tracking.CreateRun(
        v1.CreateRunRequest(
            workspace=made.workspace,
            experiment_id=dice.choice(list(made.experiments.values())),
            parent_run_id=dice.choice(earlier) if earlier and dice.random() < 0.5 else "",
            name=dice.choice([name for name in filters.TEXTS if name.isprintable() and len(name) <= 500]),
            status=dice.choice(v1.RunStatus.values()[1:]),
            start_time=dice.choice(STARTS),
            artifact_location="s3://b%" if dice.random() < 0.2 else "",
            params={key: text() for key in filters.PARAMS[:-1] if dice.random() < 0.8},
            tags={key: text() for key in filters.TAGS if dice.random() < 0.5},
        )
    ).run
    chances = {"rare": 0.05, "only NaN": 0.3}
    keys = [key for key in filters.METRICS if dice.random() < chances.get(key, 0.8)]
    series = []
    for key in keys:
        pool = [float("nan")] if key == "only NaN" else [*filters.NUMBERS, float("nan")]
        values = [dice.choice(pool) for _ in range(dice.randint(1, 3))]
        series.append(
            v1.MetricSeries(key=key, steps=range(len(values)), times_unix_us=[1] * len(values), values=values)
        )
    if series:
        made.stubs.tracking.LogBatch(
            v1.LogBatchRequest(
                workspace=made.workspace, run_id=created.run_id, writer_id="w", sequence=1, series=series
            )
        )
    if dice.random() < 0.3:
        inputs = [
            v1.DatasetInput(
                dataset=v1.Dataset(
                    name=dice.choice(["a", "ABC", "b%"]), digest=dice.choice(["a", "A"]), source_type="s"
                ),
                context=dice.choice(filters.CONTEXTS),
            )
            for _ in range(dice.randint(1, 3))
        ]
        made.stubs.tracking.LogInputs(
            v1.LogInputsRequest(workspace=made.workspace, run_id=created.run_id, datasets=inputs)
        )
    return str(created.run_id)


def _stream(made: Made, run_id: str, dice: random.Random) -> None:
    """A live writer that leaves its points unmerged."""
    keys = dice.sample(filters.METRICS, 2)
    values = [dice.choice([*filters.NUMBERS, float("nan")]) for _ in range(4)]
    opening = v1.LogStreamOpen(workspace=made.workspace, run_id=run_id, writer_id="live")
    frame = v1.LogStreamFrame(
        first_point=1, new_keys=keys, keys=[0, 1, 1, 0], steps=[7] * 4, times_unix_us=[2] * 4, values=values
    )
    list(made.stubs.tracking.LogStream(iter([v1.LogStreamRequest(open=opening), v1.LogStreamRequest(frame=frame)])))


@pytest.fixture(scope="module")
def made(shared_server: Any, shared_channel: Any) -> Made:
    stubs, workspace = Stubs(shared_channel), "random-searches"
    tracking = stubs.tracking
    # The default experiment is made with its first run.
    experiments = {"Default": "0"}
    for name in EXPERIMENTS[1:]:
        created = tracking.CreateExperiment(v1.CreateExperimentRequest(workspace=workspace, name=name))
        experiments[name] = created.experiment.experiment_id
    made = Made(stubs, workspace, experiments, {}, World({}, "", str.lower), filters.Known([""], [], [], []))
    with ThreadPoolExecutor(8) as pool:
        dice = random.Random(20260101)
        run_ids: list[str] = []
        # In rounds, so that the runs of one have those of the rounds before as parents.
        for n in range(10):
            seeds = [dice.random() for _ in range(RUNS // 10)]
            earlier = run_ids[-40:]
            run_ids += pool.map(lambda seed, above=earlier: _create(made, random.Random(seed), above), seeds)
            assert len(run_ids) == (n + 1) * RUNS // 10
        for run_id in dice.sample(run_ids, STREAMED):
            _stream(made, run_id, dice)
        for run_id in dice.sample(run_ids, 150):
            tracking.DeleteRun(v1.DeleteRunRequest(workspace=workspace, run_id=run_id))
    tracking.DeleteExperiment(v1.DeleteExperimentRequest(workspace=workspace, experiment_id=experiments.pop("gone")))
    token = ""
    while True:
        found = made.search(token, page_size=1_000, lifecycle_view=v1.LIFECYCLE_VIEW_ALL)
        made.runs.update((run.run_id, run) for run in found.runs)
        token = found.next_page_token
        if not token:
            break
    assert set(made.runs) == set(run_ids)
    parents = {run.run_id: run.parent_run_id for run in made.runs.values() if run.parent_run_id}
    # Whether ILIKE folds more than ASCII depends on the database's locale.
    folds = len(made.search(filter="params.größe ILIKE 'ü'", page_size=1_000).runs) > len(
        made.search(filter="params.größe = 'ü'", page_size=1_000).runs
    )
    default = next(run.experiment_id for run in made.runs.values() if run.experiment_name == "Default")
    made.world = World(parents, default, _fold_all if folds else _fold_ascii)
    made.known = filters.Known(
        run_ids=[*run_ids[::250], *list(parents.values())[::200]],
        experiment_ids=sorted({run.experiment_id for run in made.runs.values()}),
        experiment_names=EXPERIMENTS,
        times=[*STARTS, made.runs[run_ids[3]].create_time.ToDatetime(UTC)],
    )
    return made


def _fold_all(text: str) -> str:
    return "".join(each.lower() if len(each.lower()) == 1 else each for each in text)


def _fold_ascii(text: str) -> str:
    return "".join(each.lower() if each.isascii() else each for each in text)


def test_every_field_agrees_with_plain_python_by_every_operator(made: Made) -> None:
    there = [run for run in made.runs.values() if made.is_in(run, v1.LIFECYCLE_VIEW_ACTIVE, [])]
    for n, condition in enumerate(filters.every(made.known, random.Random(5))):
        # Each kind of comparison comes many times: half of them negated.
        asked = Not(condition) if n % 2 else condition
        expected = made.world.in_order([run for run in there if made.world.meets(run, asked)], [])
        assert made.found(filter=written(asked)) == expected, written(asked)


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_random_searches_agree_with_plain_python(made: Made, data: st.DataObject) -> None:
    condition: Condition = data.draw(st.just(EVERY) | filters.conditions(made.known), label="condition")
    order: list[OrderKey] = data.draw(filters.orders(), label="order")
    view = data.draw(st.sampled_from(VIEWS), label="view")
    names = data.draw(st.lists(st.sampled_from(EXPERIMENTS), max_size=2, unique=True), label="experiments")
    adding = data.draw(st.integers(0, 3), label="added") if view == v1.LIFECYCLE_VIEW_ALL else 0
    dice = random.Random(data.draw(st.integers(0, 2**32), label="seed"))

    there = [run for run in made.runs.values() if made.is_in(run, view, names)]
    expected = made.world.in_order([run for run in there if made.world.meets(run, condition)], order)
    # A last page that is full, or short, or all there is.
    size = min(1_000, max(1, math.ceil(len(expected) * data.draw(st.sampled_from((0.3, 0.5, 1, 2)), label="share"))))
    added: list[str] = []
    found: list[str] = []
    token = ""
    while True:
        page = made.search(
            token,
            filter=written(condition) if condition != EVERY else "",
            order_by=written_order(order),
            experiment_names=names,
            lifecycle_view=view,
            page_size=size,
            read_mask={"paths": ["run_id"]},
        )
        assert len(page.runs) <= size
        found += [run.run_id for run in page.runs]
        token = page.next_page_token
        if not token:
            break
        if len(added) < adding:
            added.append(made.add(dice))
    assert len(set(found)) == len(found)
    assert [run_id for run_id in found if run_id not in added] == expected
    # Those that came later are there if the walk had not passed their place, and then in it.
    seen = [made.runs[run_id] for run_id in found]
    assert all(made.world.meets(run, condition) for run in seen)
    assert made.world.in_order(seen, order) == found
