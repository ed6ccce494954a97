"""What runs read and made: datasets and logged models."""

from __future__ import annotations

from collections.abc import Iterable

from mlflow.entities import DatasetInput, LoggedModelInput, LoggedModelOutput
from mlflow.entities.dataset_summary import _DatasetSummary
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INTERNAL_ERROR
from mlflow.utils.validation import _validate_dataset_inputs, _validate_run_id

from runlore import v1
from runlore.errors import NotFoundError
from runlore_mlflow import entities, filters, ids
from runlore_mlflow.runs import RunMethods

#: The most dataset summaries that MLflow's store returns.
_SUMMARIES = 1_000


class InputMethods(RunMethods):
    """What the tracking store does with inputs and outputs of runs."""

    def log_inputs(
        self,
        run_id: str,
        datasets: list[DatasetInput] | None = None,
        models: list[LoggedModelInput] | None = None,
    ) -> None:
        """Record what an active run reads. Of a dataset, by name and digest, the first input counts, as in MLflow."""
        _validate_run_id(run_id)
        if datasets is not None:
            if not isinstance(datasets, list):
                raise TypeError(f"Argument 'datasets' should be a list, got '{type(datasets)}'")
            if any(given.dataset is None for given in datasets):
                raise MlflowException("Dataset input must have a dataset associated with it.", INTERNAL_ERROR)
            _validate_dataset_inputs(datasets)
        run = self._get_active_run(run_id)
        known = {(given.dataset.name, given.dataset.digest) for given in run.dataset_inputs}
        new: dict[tuple[str, str], DatasetInput] = {}
        for given in datasets or ():
            name = (given.dataset.name, given.dataset.digest)
            if name not in known:
                new.setdefault(name, given)
        if new or models:
            self.session.client.tracking.LogInputs(
                v1.LogInputsRequest(
                    run_id=run_id,
                    datasets=[entities.dataset_record(given) for given in new.values()],
                    models=[v1.LoggedModelInput(model_id=ids.model_id(model.model_id)) for model in models or ()],
                )
            )

    def log_outputs(self, run_id: str, models: Iterable[LoggedModelOutput]) -> None:
        """Record which logged models an active run made."""
        self.session.client.tracking.LogOutputs(
            v1.LogOutputsRequest(
                run_id=ids.run_id(run_id),
                models=[
                    v1.LoggedModelOutput(model_id=ids.model_id(model.model_id), step=model.step or 0)
                    for model in models
                ],
            )
        )

    def _search_datasets(self, experiment_ids: Iterable[str]) -> list[_DatasetSummary]:
        """Return the datasets that runs of each experiment read, once for each context."""
        found: dict[tuple[str, str, str, str], _DatasetSummary] = {}
        for experiment_id in experiment_ids:
            for summary in self._summaries(ids.experiment_id(experiment_id)):
                dataset = summary.dataset
                for context in summary.contexts or ("",):
                    found.setdefault(
                        (experiment_id, dataset.name, dataset.digest, context),
                        _DatasetSummary(
                            experiment_id=str(experiment_id),
                            name=dataset.name,
                            digest=dataset.digest,
                            context=context or None,
                        ),
                    )
        return list(found.values())[:_SUMMARIES]

    def _summaries(self, experiment_id: str) -> list[v1.DatasetSummary]:
        request = v1.SearchDatasetsRequest(experiment_ids=[experiment_id])

        def page(token: str, size: int) -> tuple[list[v1.DatasetSummary], str]:
            request.page_token, request.page_size = token, size
            answer = self.session.client.tracking.SearchDatasets(request)
            return list(answer.datasets), answer.next_page_token

        try:
            return filters.collect(page, "", _SUMMARIES)[0]
        except NotFoundError:
            return []
