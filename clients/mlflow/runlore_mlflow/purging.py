"""What `mlflow gc` calls: removing deleted records for good."""

from __future__ import annotations

import time
from collections.abc import Sequence

from runlore import v1
from runlore_mlflow import entities, filters, ids
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
        """Return the ids of the logged models that were deleted by themselves `older_than` milliseconds ago or longer.

        Those deleted with their experiment go with it, as in MLflow.
        """
        latest = time.time_ns() // 1_000_000 - older_than
        request = v1.SearchLoggedModelsRequest(lifecycle_view=v1.LIFECYCLE_VIEW_DELETED)

        def page(token: str, size: int) -> tuple[Sequence[v1.LoggedModel], str]:
            request.page_token, request.page_size = token, size
            answer = self.session.client.logged_models.SearchLoggedModels(request)
            return answer.logged_models, answer.next_page_token

        found, _ = filters.collect(page, "", None)
        return [
            entities.logged_model_id(model.model_id)
            for model in found
            # A deletion of its own is a logged model's last change.
            if model.delete_time == model.update_time and model.delete_time.ToMilliseconds() <= latest
        ]

    def _hard_delete_logged_model(self, model_id: str) -> None:
        """Remove a deleted logged model with all that was logged of it."""
        self.session.client.logged_models.PurgeLoggedModel(v1.PurgeLoggedModelRequest(model_id=ids.model_id(model_id)))
