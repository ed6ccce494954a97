"""MLflow's own client as load. An order names the work and how many clients do it."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

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


def _register(client: MlflowClient) -> None:
    """Make a model with a version and an alias, unless it is there."""
    with contextlib.suppress(MlflowException):
        client.create_registered_model("bench")
    if not client.get_registered_model("bench").aliases:
        version = client.create_model_version("bench", "s3://bench/model")
        client.set_registered_model_alias("bench", "champion", version.version)


WORK: dict[str, Callable[[MlflowClient, str, float, float], tuple[int, list[float]]]] = {
    "log_batch": log_batch,
    "create_run": create_run,
    "live": live,
    "set_alias": set_alias,
    "set_alias_contended": set_alias_contended,
    "get_alias": get_alias,
}


def _answer(order: Order) -> Order:
    work, clients, seconds = WORK[order["work"]], order["clients"], order["seconds"]
    client = MlflowClient(order["address"])
    if order["work"] == "get_alias":
        _register(client)
    with ThreadPoolExecutor(clients) as threads:
        # In the default experiment, which need not be created: two processes that create one get in each other's way.
        done = list(threads.map(lambda i: work(client, "0", seconds, i / clients), range(clients)))
    return {
        "rate": sum(count / max(seconds, sum(taken)) for count, taken in done),
        "seconds": [second for _, taken in done for second in taken],
    }


if __name__ == "__main__":
    serve(_answer)
