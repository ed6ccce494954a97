"""What a run reads and makes: datasets and logged models. Each write is one request of the contract."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING

from runlore import v1
from runlore._async import uploads
from runlore._async_tools import call_in_thread
from runlore._words import strings
from runlore.errors import invalid_field

if TYPE_CHECKING:
    from runlore._async.tracking import TrackingMethods


class InputMethods:
    """The part of a Run about its inputs and outputs."""

    _client: TrackingMethods
    _created: v1.Run

    async def log_input(
        self,
        data: v1.Dataset | v1.LoggedModel,
        context: str = "",
        *,
        tags: Mapping[str, object] | None = None,
    ) -> None:
        """Record that the run reads a dataset, or a logged model.

        `runlore.data` describes files, folders, DataFrames, DVC-tracked paths and URLs. `context` says what for, such
        as "training" or "validation"; it and `tags` are of datasets. The same input again changes nothing.
        """
        request = v1.LogInputsRequest(workspace=self._created.workspace, run_id=self._created.run_id)
        if isinstance(data, v1.LoggedModel):
            if context or tags:
                raise invalid_field("context", "and tags are of datasets: leave them out for a logged model")
            request.models.add(model_id=data.model_id)
        else:
            request.datasets.add(dataset=data, context=context, tags=strings(tags))
        await self._client.tracking.LogInputs(request)

    async def log_model(
        self,
        path: str | os.PathLike[str],
        name: str = "",
        *,
        model_type: str = "",
        params: Mapping[str, object] | None = None,
        tags: Mapping[str, object] | None = None,
        step: int = 0,
    ) -> v1.LoggedModel:
        """Store a model's file or folder with the run and record it as a logged model that the run made.

        Its files are in the run's artifacts under `models/<model_id>`, so that models of one name keep apart. It is
        READY from the beginning, because its files are stored first. Without `name` the server makes one; `step` is
        the training step at which it was made. Raises as `log_artifact` does.
        """
        run = self._created
        model_id = uuid.uuid4().hex
        folder = f"models/{model_id}"
        is_file = await call_in_thread(os.path.isfile, path)
        await uploads.upload(self._client, run, path, folder, keep_name=is_file)
        request = v1.CreateLoggedModelRequest(
            workspace=run.workspace,
            experiment_id=run.experiment_id,
            model_id=model_id,
            source_run_id=run.run_id,
            name=name,
            model_type=model_type,
            status=v1.LOGGED_MODEL_STATUS_READY,
            params=strings(params),
            tags=strings(tags),
            artifact_path=folder,
        )
        created = (await self._client.logged_models.CreateLoggedModel(request)).logged_model
        output = v1.LoggedModelOutput(model_id=model_id, step=step)
        await self._client.tracking.LogOutputs(
            v1.LogOutputsRequest(workspace=run.workspace, run_id=run.run_id, models=[output])
        )
        return created
