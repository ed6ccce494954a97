"""These tests run where MLflow is installed: `make test-mlflow`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.clients.mlflow.beside import Pair

collect_ignore_glob = [] if find_spec("mlflow") else ["test_*.py"]


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite store of MLflow's without runs: its migrations take seconds."""
    from mlflow import MlflowClient

    database = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    MlflowClient(f"sqlite:///{database}").search_experiments()
    return database


@pytest.fixture
def uri(runlore_env: dict[str, str]) -> str:
    """The tracking URI of the test's own workspace."""
    return f"runlore://{runlore_env['RUNLORE_ADDRESS']}/{runlore_env['RUNLORE_WORKSPACE']}"


@pytest.fixture
def control_uri(empty_store: Path, tmp_path: Path) -> str:
    """The tracking URI of a store of MLflow's own."""
    shutil.copy(empty_store, tmp_path / "control.db")
    return f"sqlite:///{tmp_path}/control.db"


@pytest.fixture
def tracking(uri: str, control_uri: str, tmp_path: Path) -> Iterator[Pair]:
    """The tracking stores side by side."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    from runlore_mlflow.tracking import RunloreTrackingStore
    from tests.clients.mlflow.beside import Pair

    root = str(tmp_path / "control")
    pair = Pair(SqlAlchemyStore(control_uri, root), RunloreTrackingStore(uri), (root, uri))
    pair.name("Default", "0", "0")
    # MLflow's was made with the empty store, before there was a root.
    pair.name("ROOT/0", *(store.get_experiment("0").artifact_location for store in (pair.control, pair.ours)))
    yield pair
    pair.ours.session.points.release_all()


@pytest.fixture
def registry(uri: str, control_uri: str, tmp_path: Path) -> Pair:
    """The registry stores side by side."""
    from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore

    from runlore_mlflow.registry import RunloreRegistryStore
    from tests.clients.mlflow.beside import Pair

    return Pair(SqlAlchemyStore(control_uri), RunloreRegistryStore(uri), (str(tmp_path / "control"), uri))


@pytest.fixture
def client(uri: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], object]]:
    """MLflow's fluent API on the test's own workspace, as with the variable alone; gives a client of MLflow's."""
    import mlflow

    monkeypatch.delenv("MLFLOW_REGISTRY_URI", raising=False)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    mlflow.set_tracking_uri(uri)
    yield mlflow.MlflowClient()
    while mlflow.active_run():
        mlflow.end_run()
    # They last for the process, and other tests have other workspaces.
    mlflow.set_tracking_uri(None)
    mlflow.set_registry_uri(None)
    os.environ.pop("MLFLOW_REGISTRY_URI", None)
