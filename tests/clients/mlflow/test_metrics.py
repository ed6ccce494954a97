"""Metric points: histories as MLflow's own store gives them, and what a process sees of its own."""

from __future__ import annotations

import math
import random
import subprocess
import sys

import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric, ViewType
from mlflow.version import VERSION

import runlore
from tests.clients.mlflow.beside import Pair
from tests.clients.mlflow.test_runs import T0, run


def plain(points: list[Metric]) -> list[tuple[object, ...]]:
    """Points to compare, NaN too."""
    return [(p.key, "NaN" if math.isnan(p.value) else p.value, p.timestamp, p.step) for p in points]


def test_histories(tracking: Pair) -> None:
    one, two = run(tracking, "one"), run(tracking, "two")
    shuffled = [Metric("loss", float(value), T0 + time, step) for value, time, step in [
        (3, 5, 1), (1, 5, 0), (2, 5, 0), (9, 1, 7), (math.nan, 5, 0), (-1, 9, -3), (0.5, 2, 2**40), (9, 1, 7),
    ]]  # fmt: skip
    for metric in shuffled[:4]:
        tracking.call("log_metric", one, metric)
    tracking.call("log_batch", one, shuffled[4:], [], [])
    tracking.call("log_batch", two, shuffled[:3], [], [])
    tracking.call("log_metric", two, Metric("big", math.inf, T0, 0))
    for ref in (one, two):
        tracking.call("get_run", ref)
        for key in ("loss", "big", "nothing"):
            tracking.call("get_metric_history", ref, key)
            tracking.pages("get_metric_history", ref, key, size=2)
            tracking.call("get_max_step_for_metric", ref, key)
    for most in (3, 100):
        tracking.call("get_metric_history_bulk_interval_from_steps", one, "loss", [0, 7, 99], most)
        # The order of runs is that of their ids, which are each store's own.
        tracking.call("get_metric_history_bulk", [one], "loss", most)


def test_values_that_are_none(tracking: Pair) -> None:
    one = run(tracking, "one")
    for value in (None, "1", True):
        tracking.refused("INVALID_PARAMETER_VALUE", "log_metric", one, Metric("m", value, T0, 0))
    tracking.refused("INVALID_PARAMETER_VALUE", "log_metric", one, Metric("m", 1.0, -1, 0))
    tracking.refused("INVALID_PARAMETER_VALUE", "log_metric", one, Metric("m", 1.0, T0, "x"))
    tracking.call("get_metric_history", one, "m")


@pytest.mark.skipif(VERSION.startswith("3.12."), reason="this version samples by steps; the plugin as later ones do")
def test_samples_of_histories(tracking: Pair) -> None:
    refs = [run(tracking, name) for name in ("one", "two")]
    dice = random.Random(7)
    for ref, count in zip(refs, (57, 4), strict=True):
        points = [Metric("m", dice.random(), T0 + dice.randrange(50), dice.randrange(40)) for _ in range(count)]
        tracking.call("log_batch", ref, points, [], [])
    for most in (1, 2, 3, 10, 56, 57, 58, 500):
        tracking.call("get_metric_history_bulk_interval", refs, "m", most, None, None)
        tracking.call("get_metric_history_bulk_interval", refs, "m", most, 5, 30)
    tracking.refused("INVALID_PARAMETER_VALUE", "get_metric_history_bulk_interval", refs, "m", 5, 1, None)


def test_a_process_sees_its_own_writes(tracking: Pair) -> None:
    one = run(tracking, "one")
    for step in range(50):
        tracking.ours.log_metric(one.ours, Metric("m", float(step), T0 + step, step))
        if step % 10 == 0:
            assert len(tracking.ours.get_metric_history(one.ours, "m")) == step + 1
            assert tracking.ours.get_run(one.ours).data.metrics["m"] == step
            (found,) = tracking.ours.search_runs(["0"], f"metrics.m = {step}", ViewType.ALL)
            assert found.info.run_id == one.ours


def test_at_once_on_request(tracking: Pair, client: MlflowClient, monkeypatch: pytest.MonkeyPatch) -> None:
    one = run(tracking, "one")
    monkeypatch.setenv("RUNLORE_MLFLOW_SYNC", "1")
    with runlore.connect() as other:
        for step in range(5):
            tracking.ours.log_metric(one.ours, Metric("m", float(step), T0 + step, step))
            assert other.get_run(one.ours).metrics[0].count == step + 1
    tracking.ours.log_batch(one.ours, [Metric("m", 9.0, T0, 9), Metric("n", 1.0, T0, 0)], [], [])
    assert len(tracking.ours.get_metric_history(one.ours, "m")) == 6


def test_what_a_process_that_exits_has_logged_is_there(uri: str, client: MlflowClient) -> None:
    """Nobody ends the run: its points are stored, and it goes on."""
    code = """
from mlflow import MlflowClient
client = MlflowClient()
run = client.create_run("0", run_name="left")
for step in range(1000):
    client.log_metric(run.info.run_id, "m", step, step=step)
print(run.info.run_id)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    run_id = done.stdout.split()[-1]
    assert client.get_run(run_id).info.status == "RUNNING"
    assert len(client.get_metric_history(run_id, "m")) == 1000
