"""MLflow's own client as load, on its own server or, by the plugin, on ours.

An order names the work and how many clients do it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

from tests.bench.orders import Order, serve

#: MLflow takes at most 1,000 metrics a call.
METRICS_A_CALL = 1_000
KEYS = 100
LIVE_KEYS = 20
PARAMS = [Param(f"param-{i}", "0.001") for i in range(5)]
TAGS = [RunTag(f"tag-{i}", "value") for i in range(3)]


def log_batch(client: MlflowClient, experiment_id: str, seconds: float, phase: float) -> tuple[int, list[float]]:
    """Write to a run of one's own as fast as it goes; counts points. Making the entities is not timed."""
    run_id = client.create_run(experiment_id).info.run_id
    taken: list[float] = []
    while sum(taken) < seconds:
        now, first_step = time.time_ns() // 1_000_000, len(taken) * METRICS_A_CALL // KEYS
        metrics = [
            Metric(f"metric-{i % KEYS}", i / 7 + now % 1_000, now, first_step + i // KEYS)
            for i in range(METRICS_A_CALL)
        ]
        start = time.perf_counter()
        client.log_batch(run_id, metrics=metrics, synchronous=True)
        taken.append(time.perf_counter() - start)
    return len(taken) * METRICS_A_CALL, taken


def log_metric(
    client: MlflowClient, experiment_id: str, seconds: float, phase: float, stored: bool = False
) -> tuple[int, list[float]]:
    """Call `mlflow.log_metric` in a loop, in a run of one's own; counts calls.

    With `stored` the end of a run with 1,000 points, when all are stored, is a part of what is timed.
    """
    taken: list[float] = []
    count = 0
    while sum(taken) < seconds:
        with mlflow.start_run(experiment_id=experiment_id) as run:
            start = time.perf_counter()
            for step in range(METRICS_A_CALL):
                before = time.perf_counter()
                mlflow.log_metric("loss", step / 7, step=step)
                if not stored:
                    taken.append(time.perf_counter() - before)
                    if time.perf_counter() - start > seconds:
                        break
            count += step + 1
        if stored:
            taken.append(time.perf_counter() - start)
        if client.get_run(run.info.run_id).data.metrics["loss"] != step / 7:
            raise RuntimeError("what was logged is not there")
    return count, taken


def autolog(client: MlflowClient, experiment_id: str, seconds: float, phase: float) -> tuple[int, list[float]]:
    """Fit a model of scikit-learn that MLflow logs by itself, with its files; counts fits."""
    import mlflow.sklearn
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    mlflow.sklearn.autolog(silent=True)
    features, target = load_iris(return_X_y=True)
    taken: list[float] = []
    while sum(taken) < seconds:
        start = time.perf_counter()
        with mlflow.start_run(experiment_id=experiment_id) as run:
            LogisticRegression(max_iter=200).fit(features, target)
        taken.append(time.perf_counter() - start)
        # Autologging keeps a store's errors to itself.
        found = client.get_run(run.info.run_id)
        if "training_score" not in found.data.metrics or not found.outputs.model_outputs:
            raise RuntimeError(f"not all was logged: {found}")
    return len(taken), taken


def create_run(client: MlflowClient, experiment_id: str, seconds: float, phase: float) -> tuple[int, list[float]]:
    """Create runs of 3 tags and 5 params: two calls, because creating takes no params; counts runs."""
    taken: list[float] = []
    while sum(taken) < seconds:
        start = time.perf_counter()
        run = client.create_run(experiment_id, tags={tag.key: tag.value for tag in TAGS})
        client.log_batch(run.info.run_id, params=PARAMS, synchronous=True)
        taken.append(time.perf_counter() - start)
    return len(taken), taken


def live(client: MlflowClient, experiment_id: str, seconds: float, phase: float) -> tuple[int, list[float]]:
    """Log 20 metrics once a second, as `tests/bench/live.py`: the time taken counts from when the call was due."""
    run_id = client.create_run(experiment_id).info.run_id
    taken: list[float] = []
    began = time.perf_counter() + phase
    for frame in range(round(seconds)):
        due = began + frame
        time.sleep(max(0.0, due - time.perf_counter()))
        now = time.time_ns() // 1_000_000
        metrics = [Metric(f"metric-{i}", frame / (i + 1), now, frame) for i in range(LIVE_KEYS)]
        client.log_batch(run_id, metrics=metrics, synchronous=True)
        taken.append(time.perf_counter() - due)
        if time.perf_counter() > began + seconds + 10:
            # Hopelessly behind: whoever asked learns it from the frames that are missing.
            break
    return len(taken), taken


def set_alias(client: MlflowClient, experiment_id: str, seconds: float, phase: float) -> tuple[int, list[float]]:
    """Move an alias of a model of one's own between two versions, as fast as it goes; counts moves."""
    return _move(client, f"bench-{secrets.token_hex(4)}", seconds)


def set_alias_contended(
    client: MlflowClient, experiment_id: str, seconds: float, phase: float
) -> tuple[int, list[float]]:
    """Move one alias with all others; counts moves, all of which win: it is set blindly."""
    return _move(client, "contended", seconds)


def _move(client: MlflowClient, model: str, seconds: float) -> tuple[int, list[float]]:
    with contextlib.suppress(MlflowException):
        # Another may have made it.
        client.create_registered_model(model)
    numbers = [client.create_model_version(model, "s3://bucket/model", await_creation_for=0).version for _ in range(2)]
    with contextlib.suppress(MlflowException):
        # Of two that set an alias for the first time at once, MLflow fails one: then it is set.
        client.set_registered_model_alias(model, "champion", numbers[0])
    taken: list[float] = []
    while sum(taken) < seconds:
        start = time.perf_counter()
        client.set_registered_model_alias(model, "champion", numbers[len(taken) % 2])
        taken.append(time.perf_counter() - start)
    return len(taken), taken


def get_alias(client: MlflowClient, experiment_id: str, seconds: float, phase: float) -> tuple[int, list[float]]:
    """Look up the version that an alias points at; counts look-ups."""
    taken: list[float] = []
    while sum(taken) < seconds:
        start = time.perf_counter()
        client.get_model_version_by_alias("bench", "champion")
        taken.append(time.perf_counter() - start)
    return len(taken), taken


def search(
    client: MlflowClient, experiment_id: str, seconds: float, phase: float, **wanted: Any
) -> tuple[int, list[float]]:
    """Ask for the first page of a search, see `first_page`; counts pages."""
    return _repeat(lambda: first_page(client, **wanted), seconds)


def history(
    client: MlflowClient, experiment_id: str, seconds: float, phase: float, **wanted: Any
) -> tuple[int, list[float]]:
    """Read the points of series, see `points`; counts readings."""
    return _repeat(lambda: points(client, **wanted), seconds)


def _repeat(call: Callable[[], object], seconds: float) -> tuple[int, list[float]]:
    taken: list[float] = []
    while sum(taken) < seconds:
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return len(taken), taken


def create_experiment(client: MlflowClient, name: str) -> str:
    """Make an experiment, which other scenarios add no runs to; returns its id."""
    return str(client.create_experiment(name))


def experiment_named(client: MlflowClient, name: str) -> str:
    """Return the id of an experiment."""
    return str(client.get_experiment_by_name(name).experiment_id)


def first_page(client: MlflowClient, within: str, filter: str, order_by: list[str]) -> list[str]:
    """Return the ids of the first 100 runs of the experiment `within` that match."""
    found = client.search_runs([within], filter, max_results=100, order_by=order_by)
    return [run.info.run_id for run in found]


def log_points(client: MlflowClient, keys: list[str], count: int, over: bool) -> str:
    """Make a run with so many points in each series, which is over or goes on; returns its id."""
    run_id = client.create_run("0").info.run_id
    for key in keys:
        for first in range(0, count, METRICS_A_CALL):
            steps = range(first, min(first + METRICS_A_CALL, count))
            metrics = [Metric(key, step / 7, 1_000 * step, step) for step in steps]
            client.log_batch(run_id, metrics=metrics, synchronous=True)
    if over:
        client.set_terminated(run_id)
    return run_id


def points(client: MlflowClient, run_id: str, keys: list[str]) -> int:
    """Read all points of series, a call each: MLflow has none for several; returns how many there were."""
    return sum(len(client.get_metric_history(run_id, key)) for key in keys)


def _register(client: MlflowClient) -> None:
    """Make a model with a version and an alias, unless it is there."""
    with contextlib.suppress(MlflowException):
        client.create_registered_model("bench")
    if not client.get_registered_model("bench").aliases:
        version = client.create_model_version("bench", "s3://bench/model")
        client.set_registered_model_alias("bench", "champion", version.version)


WORK: dict[str, Callable[..., tuple[int, list[float]]]] = {
    "log_batch": log_batch,
    "log_metric": log_metric,
    "autolog": autolog,
    "create_run": create_run,
    "live": live,
    "set_alias": set_alias,
    "set_alias_contended": set_alias_contended,
    "get_alias": get_alias,
    "search": search,
    "history": history,
}
ONCE: dict[str, Callable[..., object]] = {
    "create_experiment": create_experiment,
    "experiment_named": experiment_named,
    "first_page": first_page,
    "log_points": log_points,
    "points": points,
}


def _answer(order: Order) -> Order:
    if order["address"].startswith("sqlite:///"):
        # MLflow's own local store keeps files in the working folder.
        os.chdir(os.path.dirname(order["address"].removeprefix("sqlite:///")))
    client = MlflowClient(order["address"])
    # For MLflow's functions, which have no client of their own. Without a registry they look for Spark in each call.
    mlflow.set_tracking_uri(order["address"])
    mlflow.set_registry_uri(order["address"])
    options = order["options"]
    # Whether points are stored when the call that logs them returns: a choice that the plugin gives.
    os.environ["RUNLORE_MLFLOW_SYNC"] = "1" if options.pop("synchronous", False) else "0"
    if "once" in order:
        return {"result": ONCE[order["once"]](client, **options)}
    work, clients, seconds = WORK[order["work"]], order["clients"], order["seconds"]
    if order["work"] == "get_alias":
        _register(client)
    with ThreadPoolExecutor(clients) as threads:
        # In the default experiment, which need not be created: two processes that create one get in each other's way.
        done = list(threads.map(lambda i: work(client, "0", seconds, i / clients, **options), range(clients)))
    return {
        "rate": sum(count / max(seconds, sum(taken)) for count, taken in done),
        "seconds": [second for _, taken in done for second in taken],
    }


if __name__ == "__main__":
    serve(_answer)
