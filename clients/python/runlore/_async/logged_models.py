"""Logged models: finding them, and measuring them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import SupportsFloat

from runlore import v1
from runlore._async.connection import Connection
from runlore._async.paging import collect
from runlore._async.run import Run


class LoggedModelMethods(Connection):
    """What a client does with logged models."""

    async def get_logged_model(self, model_id: str) -> v1.LoggedModel:
        """Return a logged model with its params, tags and the last points of its metrics; raises NotFoundError."""
        return (await self.logged_models.GetLoggedModel(v1.GetLoggedModelRequest(model_id=model_id))).logged_model

    async def search_logged_models(
        self,
        experiment: str | Sequence[str] | None = None,
        filter: str = "",
        *,
        order_by: str = "",
        datasets: Iterable[v1.Dataset | v1.DatasetRef] = (),
        limit: int | None = 1_000,
    ) -> list[v1.LoggedModel]:
        """Return the logged models that match, such as `metrics.auc > 0.9 and model_type = 'sklearn'`.

        As `search_runs`, in the language of `runlore.v1.SearchLoggedModelsRequest`. With `datasets`, only metrics
        measured on one of them count in `filter`. Raises InvalidArgumentError, NotFoundError.
        """
        request = v1.SearchLoggedModelsRequest(
            experiment_names=[experiment] if isinstance(experiment, str) else list(experiment or ()),
            filter=filter,
            order_by=order_by,
            datasets=[v1.DatasetRef(name=d.name, digest=d.digest) for d in datasets],
        )
        return await collect(self.logged_models.SearchLoggedModels, request, "logged_models", limit)

    async def log_model_metrics(
        self,
        model: v1.LoggedModel | str,
        metrics: Mapping[str, SupportsFloat],
        *,
        step: int = 0,
        dataset: v1.Dataset | v1.DatasetRef | None = None,
        run: Run | v1.Run | str | None = None,
    ) -> v1.LoggedModel:
        """Add one point for each metric of a logged model, and return the model as it is then.

        `model` is a logged model or an id; `dataset` is what it was measured on, `run` which run measured it. Stored,
        or refused, when it returns. Raises InvalidArgumentError, NotFoundError, PreconditionError (it was deleted).
        """
        run_id = run if isinstance(run, str) else run.run_id if run is not None else ""
        now = time.time_ns() // 1_000
        points = [
            v1.LoggedModelMetric(
                key=key,
                value=float(value),
                step=step,
                time_unix_us=now,
                dataset_name=dataset.name if dataset is not None else "",
                dataset_digest=dataset.digest if dataset is not None else "",
                run_id=run_id,
            )
            for key, value in metrics.items()
        ]
        model_id = model if isinstance(model, str) else model.model_id
        request = v1.LogLoggedModelMetricsRequest(model_id=model_id, metrics=points)
        return (await self.logged_models.LogLoggedModelMetrics(request)).logged_model
