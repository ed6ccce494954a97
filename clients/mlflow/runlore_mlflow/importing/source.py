"""Reading an MLflow store, of whatever kind, by MLflow's own client."""

from __future__ import annotations

import logging
import math
import os
import socket
import warnings
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import click

if TYPE_CHECKING:
    from mlflow.entities import Experiment, LoggedModel, Run
    from mlflow.entities.model_registry import ModelVersion, RegisteredModel
    from mlflow.store.artifact.artifact_repo import ArtifactRepository

#: Records asked for at a time: few enough that a page of runs with thousands of params fits in memory.
_PAGE = 200
#: What prompts are found by, which searches leave out else.
_IS_PROMPT = "tags.`mlflow.prompt.is_prompt` = 'true'"
_HTTP_RETRIES = "MLFLOW_HTTP_REQUEST_MAX_RETRIES"
#: Where databases listen.
_PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}
#: What a database of MLflow's has, among others.
_TABLES = {"alembic_version", "experiments", "runs"}
#: Points asked for at a time, which is the most that MLflow's server gives.
_POINTS = 25_000
#: The least step that a database holds. Asked for steps too, SQLite takes the index of runs, keys and steps; else it
#: walks through all points of the key, whatever run they are of.
_LEAST = -(2**63)


@dataclass
class Series:
    """Points of one metric, as columns, in the order in which MLflow gives them."""

    steps: array[int] = field(default_factory=lambda: array("q"))
    #: Milliseconds, as MLflow has them, times 1,000.
    times_unix_us: array[int] = field(default_factory=lambda: array("q"))
    values: array[float] = field(default_factory=lambda: array("d"))

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, part: slice) -> Series:
        return Series(self.steps[part], self.times_unix_us[part], self.values[part])

    def add(self, step: int, time_unix_us: int, value: float) -> None:
        """Append a point; there is one NaN only, so that points can be compared by their bytes."""
        self.steps.append(step)
        self.times_unix_us.append(time_unix_us)
        self.values.append(math.nan if value != value else value)

    def extend(self, other: Series) -> None:
        """Append points."""
        self.steps.extend(other.steps)
        self.times_unix_us.extend(other.times_unix_us)
        self.values.extend(other.values)

    def take(self, steps: Iterable[int], times_unix_us: Iterable[int], values: Iterable[float]) -> None:
        """Append columns."""
        self.steps.extend(steps)
        self.times_unix_us.extend(times_unix_us)
        self.values.extend(math.nan if value != value else value for value in values)

    def points(self) -> Iterator[tuple[int, int, bytes]]:
        """Yield points that can be hashed: NaN too, and 0 and -0 are two."""
        raw = self.values.tobytes()
        for i, (step, time) in enumerate(zip(self.steps, self.times_unix_us, strict=True)):
            yield step, time, raw[8 * i : 8 * i + 8]

    def tobytes(self) -> bytes:
        """Return bytes that equal points have in common."""
        return self.steps.tobytes() + self.times_unix_us.tobytes() + self.values.tobytes()


class SourceError(click.ClickException):
    """The source cannot be read."""


class Source:
    """An MLflow store. Everything comes a page at a time."""

    def __init__(self, uri: str) -> None:
        _check(uri)
        _silence()
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException

        self.uri = uri
        self.error = MlflowException
        try:
            with _impatient(uri):
                _check_tables(uri)
                self._client = MlflowClient(tracking_uri=uri, registry_uri=uri)
                # Its client has no method that returns a series a page at a time; its store has.
                self._store = self._client._tracking_client.store
                self._client.search_experiments(max_results=1)
        except SourceError:
            raise
        except Exception as problem:  # whatever the driver of a database raises
            raise SourceError(f"cannot read '{shown(uri)}': {_first_line(problem)}") from problem

    def experiments(self) -> Iterator[Experiment]:
        """Yield every experiment, deleted ones too."""
        from mlflow.entities import ViewType

        token = None
        while True:
            page = self._client.search_experiments(view_type=ViewType.ALL, max_results=_PAGE, page_token=token)
            yield from page
            token = page.token
            if not token:
                return

    def runs(self, experiment_id: str, *, deleted_only: bool = False) -> Iterator[list[Run]]:
        """Yield pages of an experiment's runs, by start. They have no model inputs: `run` has."""
        from mlflow.entities import ViewType

        view = ViewType.DELETED_ONLY if deleted_only else ViewType.ALL
        token = None
        while True:
            page = self._client.search_runs(
                [experiment_id], "", view, _PAGE, order_by=["attributes.start_time ASC"], page_token=token
            )
            yield list(page)
            token = page.token
            if not token:
                return

    def run(self, run_id: str) -> Run | None:
        """Return a run with all that belongs to it; None when there is none."""
        return self._or_none(lambda: self._client.get_run(run_id))

    def series(self, run_id: str, key: str) -> Iterator[Series]:
        """Yield the points of a metric, a page at a time, by time, step and value."""
        if hasattr(self._store, "ManagedSessionMaker"):
            yield from self._columns(run_id, key)
            return
        token = None
        while True:
            page = self._store.get_metric_history(run_id, key, max_results=_POINTS, page_token=token)
            series = Series()
            for metric in page:
                series.add(metric.step, metric.timestamp * 1_000, metric.value)
            yield series
            token = page.token
            if not token:
                return

    def _columns(self, run_id: str, key: str) -> Iterator[Series]:
        """As `series`, from a database: MLflow would make two objects of each row, which takes most of the time."""
        import sqlalchemy
        from mlflow.store.tracking.dbmodels.models import SqlMetric as Point

        query = (
            sqlalchemy.select(Point.step, Point.timestamp, Point.value, Point.is_nan)
            .where(Point.run_uuid == run_id, Point.key == key, Point.step >= _LEAST)
            .order_by(Point.timestamp, Point.step, Point.value, Point.is_nan)
        )
        with self._store.ManagedSessionMaker() as session:
            for page in session.execute(query, execution_options={"yield_per": _POINTS}).partitions():
                series = Series()
                for step, time, value, is_nan in page:
                    series.add(step, time * 1_000, math.nan if is_nan else value)
                yield series

    def logged_models(self, experiment_id: str) -> Iterator[LoggedModel]:
        """Yield an experiment's logged models; MLflow does not show deleted ones."""
        token = None
        while True:
            page = self._client.search_logged_models([experiment_id], max_results=50, page_token=token)
            yield from page
            token = page.token
            if not token:
                return

    def logged_model(self, model_id: str) -> LoggedModel | None:
        """Return a logged model; None when there is none, or it is deleted."""
        return self._or_none(lambda: self._client.get_logged_model(model_id))

    def registered_models(self) -> Iterator[RegisteredModel]:
        """Yield every registered model, prompts too."""
        for filter_string in (None, _IS_PROMPT):
            token = None
            while True:
                page = self._client.search_registered_models(
                    filter_string, max_results=100, order_by=["name ASC"], page_token=token
                )
                yield from page
                token = page.token
                if not token:
                    break

    def versions(self, model: RegisteredModel) -> Iterator[ModelVersion]:
        """Yield a model's versions."""
        quoted = model.name.replace("'", "\\'")
        filter_string = f"name='{quoted}'"
        if model._is_prompt():
            filter_string += f" AND {_IS_PROMPT}"
        token = None
        while True:
            page = self._client.search_model_versions(filter_string, max_results=_PAGE, page_token=token)
            yield from page
            token = page.token
            if not token:
                return

    def repository(self, artifact_uri: str) -> ArtifactRepository:
        """Return what reads the files at a URI."""
        from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

        return get_artifact_repository(artifact_uri, tracking_uri=self.uri, registry_uri=self.uri)

    def trace_count(self, experiment_id: str) -> int:
        """Return how many traces an experiment has, as far as this MLflow can tell."""
        count, token = 0, None
        while True:
            try:
                page = self._client.search_traces(
                    locations=[experiment_id], max_results=500, page_token=token, include_spans=False
                )
            except Exception:  # an older server has no traces; whatever it says, there are none to leave behind
                return count
            count += len(page)
            token = page.token
            if not token:
                return count

    def _or_none(self, call: Any) -> Any:
        try:
            return call()
        except self.error as problem:
            if problem.error_code in ("RESOURCE_DOES_NOT_EXIST", "NOT_FOUND", "INVALID_PARAMETER_VALUE"):
                return None
            raise


def shown(uri: str) -> str:
    """Return a URI without the password that it may have."""
    parts = urlsplit(uri)
    if parts.password is None:
        return uri
    return uri.replace(f":{parts.password}@", ":***@", 1)


def _check(uri: str) -> None:
    """MLflow would make a database, or a folder, where there is none."""
    scheme = urlsplit(uri).scheme.partition("+")[0]
    if scheme == "runlore":
        raise SourceError("a Runlore server is no source: --from names where MLflow keeps its records")
    if scheme == "sqlite":
        path = unquote(uri.partition("://")[2].partition("?")[0])[1:]
        if not Path(path).is_file():
            raise SourceError(f"there is no file '{path}': sqlite:///relative.db and sqlite:////absolute.db name one")
    elif scheme in ("", "file"):
        path = unquote(urlsplit(uri).path)
        if not Path(path).is_dir():
            raise SourceError(f"there is no folder '{path}'; --from takes a tracking URI, such as sqlite:///mlflow.db")


def _check_tables(uri: str) -> None:
    """MLflow would make its tables in a database that has none of them."""
    from mlflow.store.db.db_types import DATABASE_ENGINES

    if urlsplit(uri).scheme.partition("+")[0] not in DATABASE_ENGINES:
        return
    import sqlalchemy

    engine = sqlalchemy.create_engine(uri, poolclass=sqlalchemy.NullPool)
    if not set(sqlalchemy.inspect(engine).get_table_names()) >= _TABLES:
        raise SourceError(f"'{shown(uri)}' is a database without MLflow's tables")


@contextmanager
def _impatient(uri: str) -> Iterator[None]:
    """Tell at once that nobody is there: MLflow tries for minutes, which is right only once it has worked."""
    parts = urlsplit(uri)
    if parts.scheme in ("http", "https"):
        tries = os.environ.get(_HTTP_RETRIES)
        os.environ[_HTTP_RETRIES] = "1"
        try:
            yield
        finally:
            os.environ.pop(_HTTP_RETRIES)
            if tries is not None:
                os.environ[_HTTP_RETRIES] = tries
        return
    port = parts.port or _PORTS.get(parts.scheme.partition("+")[0])
    if parts.hostname and port:
        socket.create_connection((parts.hostname, port), timeout=10).close()
    yield


def _silence() -> None:
    """What MLflow tells its users about itself is no part of an import."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    # A progress bar for each download, under ours.
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="mlflow")


def _first_line(problem: Exception) -> str:
    return str(problem).strip().partition("\n")[0] or type(problem).__name__
