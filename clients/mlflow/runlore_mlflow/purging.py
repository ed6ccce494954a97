"""What `mlflow gc` calls: removing deleted records for good."""

from __future__ import annotations

import time
from collections.abc import Sequence

from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import NOT_IMPLEMENTED

from runlore import v1
from runlore_mlflow import filters, ids
from runlore_mlflow.inputs import InputMethods


class PurgingMethods(InputMethods):
    """What the tracking store removes for good."""

    def _get_deleted_runs(self, older_than: int = 0) -> list[str]:
        """Return the ids of the runs that were deleted `older_than` milliseconds ago or longer."""
        latest = time.time_ns() // 1_000_000 - older_than
        request = v1.SearchRunsRequest(lifecycle_view=v1.LIFECYCLE_VIEW_DELETED)
        # `run_id` always comes.
        request.read_mask.paths.append("delete_time")

        def page(token: str, size: int) -> tuple[Sequence[v1.Run], str]:
            request.page_token, request.page_size = token, size
            answer = self.session.client.tracking.SearchRuns(request)
            return answer.runs, answer.next_page_token

        found, _ = filters.collect(page, "", None)
        return [run.run_id for run in found if run.delete_time.ToMilliseconds() <= latest]

    def _hard_delete_run(self, run_id: str) -> None:
        """Remove a deleted run with all that it logged."""
        self.session.client.tracking.PurgeRun(v1.PurgeRunRequest(run_id=ids.run_id(run_id)))

    def _hard_delete_experiment(self, experiment_id: str) -> None:
        """Remove a deleted experiment with all that is in it."""
        self.session.client.tracking.PurgeExperiment(
            v1.PurgeExperimentRequest(experiment_id=ids.experiment_id(experiment_id))
        )

    def _get_deleted_logged_models(self, older_than: int = 0) -> list[str]:
        """Return none: the server removes them by itself, with their experiment or after its `--purge-after`."""
        return []

    def _hard_delete_logged_model(self, model_id: str) -> None:
        raise MlflowException(
            "Runlore removes deleted logged models with their experiment, or after the server's --purge-after",
            error_code=NOT_IMPLEMENTED,
        )
