"""What datasets look like: schemas and profiles, which searches leave out and MLflow's entities have."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from runlore import v1
from runlore.errors import NotFoundError
from runlore_mlflow.session import Session

_Key = tuple[str, str, str, str]
#: Datasets to remember; what a record says never changes.
_REMEMBERED = 1_000


class DatasetDescriptions:
    """Fills them in, by one run for all that read the same dataset."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[_Key, tuple[str, str]] = {}
        self._lock = threading.Lock()

    def fill_in(self, runs: Sequence[v1.Run]) -> None:
        """Give the datasets of the runs their schemas and profiles."""
        with self._lock:
            for run in runs:
                if any(_key(given.dataset) not in self._known for given in run.dataset_inputs):
                    self._learn(run.run_id)
                for given in run.dataset_inputs:
                    dataset = given.dataset
                    dataset.schema, dataset.profile = self._known.get(_key(dataset), ("", ""))
            while len(self._known) > _REMEMBERED:
                del self._known[next(iter(self._known))]

    def _learn(self, run_id: str) -> None:
        try:
            run = self._session.client.tracking.GetRun(v1.GetRunRequest(run_id=run_id)).run
        except NotFoundError:
            # It was purged since the search.
            return
        for given in run.dataset_inputs:
            self._known[_key(given.dataset)] = (given.dataset.schema, given.dataset.profile)


def _key(dataset: v1.Dataset) -> _Key:
    return dataset.name, dataset.digest, dataset.source_type, dataset.source
