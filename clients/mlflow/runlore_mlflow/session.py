"""What the stores and repositories of one URI share: the client, and what is known of the server and workspace."""

from __future__ import annotations

import functools
import logging
import os
import threading

import runlore
from runlore import v1
from runlore.errors import AlreadyExistsError, NotFoundError, PreconditionError
from runlore_mlflow.points import PointWriters
from runlore_mlflow.uris import StoreUri

log = logging.getLogger("runlore")

#: The contract's revision that this plugin is written for. It needs a server that has it.
CONTRACT_REVISION = 1
#: Seconds for a server to answer when nothing is known of it yet: one that is not there is told at once.
_FIRST_TIMEOUT = 5.0
#: MLflow's id of the default experiment, to which Runlore's answers too.
DEFAULT_EXPERIMENT = "0"
_DEFAULT_NAME = "Default"


class Session:
    """A client of a workspace."""

    def __init__(self, uri: StoreUri) -> None:
        """Use `session_of`. Connects with the first call."""
        self.uri = uri
        self._client = runlore.connect(uri.address, workspace=uri.workspace, mode="online")
        self._checked = False
        self._lock = threading.Lock()
        self._default_id = ""
        #: Writes this process's metric points.
        self.points = PointWriters(self._client)

    @property
    def client(self) -> runlore.Client:
        """The client of a server that was found to be the right one; raises UnavailableError, PreconditionError."""
        if not self._checked:
            self._check()
        return self._client

    def _check(self) -> None:
        info = self._client.server.GetServerInfo(v1.GetServerInfoRequest(), timeout=_FIRST_TIMEOUT)
        if info.contract_revision < CONTRACT_REVISION:
            raise PreconditionError(
                f"the server at {self.uri.address} is Runlore {info.version} with revision {info.contract_revision} of "
                f"the contract, and runlore-mlflow needs revision {CONTRACT_REVISION}: upgrade the server"
            )
        if info.contract_revision > CONTRACT_REVISION:
            log.warning(
                "the server at %s is Runlore %s with revision %d of the contract, newer than revision %d, which "
                "runlore-mlflow is written for: upgrade runlore-mlflow",
                *(self.uri.address, info.version, info.contract_revision, CONTRACT_REVISION),
            )
        self._checked = True

    @property
    def default_experiment_id(self) -> str:
        """The id of the workspace's default experiment, which is made if there is none yet, as MLflow's stores do."""
        if not self._default_id:
            with self._lock:
                self._default_id = self._default_id or self._find_default()
        return self._default_id

    def _find_default(self) -> str:
        asked = v1.GetExperimentRequest(experiment_id=DEFAULT_EXPERIMENT)
        tracking = self.client.tracking
        try:
            return tracking.GetExperiment(asked).experiment.experiment_id
        except NotFoundError:
            pass
        try:
            made = tracking.CreateExperiment(v1.CreateExperimentRequest(name=_DEFAULT_NAME))
            return made.experiment.experiment_id
        except AlreadyExistsError:
            return tracking.GetExperiment(asked).experiment.experiment_id

    def experiment_id(self, experiment_id: str) -> str:
        """Return MLflow's id of an experiment: `0` for the default one."""
        return DEFAULT_EXPERIMENT if experiment_id == self.default_experiment_id else experiment_id


@functools.cache
def _session(uri: StoreUri, environment: tuple[tuple[str, str], ...]) -> Session:
    return Session(uri)


def session_of(uri: StoreUri) -> Session:
    """Return the session of a server and workspace under the present environment; the same for the same."""
    environment = tuple((name, value) for name, value in sorted(os.environ.items()) if name.startswith("RUNLORE_"))
    return _session(uri, environment)
