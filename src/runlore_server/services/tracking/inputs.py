"""What runs read and made: their inputs and outputs, and the datasets among them."""

from __future__ import annotations

from typing import Any

from runlore import v1
from runlore_server import calls
from runlore_server.db import Connection
from runlore_server.pages import page_size
from runlore_server.services.base import Methods
from runlore_server.store import datasets, experiments, inputs, logged_models, runs


class InputMethods(Methods):
    """The methods about inputs and outputs of runs."""

    async def LogInputs(self, request: v1.LogInputsRequest, context: Any) -> v1.LogInputsResponse:
        """Record what is new, under the run's lock."""
        workspace = calls.current().workspace(request.workspace)
        model_ids = [model.model_id for model in request.models]

        async def work(conn: Connection) -> v1.Run:
            locked = await runs.lock_active(conn, workspace, request.run_id)
            await logged_models.hold_active(conn, workspace, model_ids)
            await inputs.log_inputs(conn, locked, request.datasets, model_ids)
            return await runs.get(conn, workspace, request.run_id)

        return v1.LogInputsResponse(run=await self._change(work))

    async def LogOutputs(self, request: v1.LogOutputsRequest, context: Any) -> v1.LogOutputsResponse:
        """Record what is new, under the run's lock."""
        workspace = calls.current().workspace(request.workspace)

        async def work(conn: Connection) -> v1.Run:
            locked = await runs.lock_active(conn, workspace, request.run_id)
            await logged_models.hold_active(conn, workspace, [model.model_id for model in request.models])
            await inputs.log_outputs(conn, locked, request.models)
            return await runs.get(conn, workspace, request.run_id)

        return v1.LogOutputsResponse(run=await self._change(work))

    async def SearchDatasets(self, request: v1.SearchDatasetsRequest, context: Any) -> v1.SearchDatasetsResponse:
        """Page by name; a token holds the last dataset's name and id."""
        workspace = calls.current().workspace(request.workspace)
        token = self._pages.decode(request, request.page_token)
        after = (token[0], token[1]) if token else None
        size = page_size(request.page_size)

        async def work(conn: Connection) -> v1.SearchDatasetsResponse:
            wanted = await experiments.ids_of(conn, workspace, request.experiment_ids)
            found = await datasets.page(conn, workspace, wanted, request.name, request.digest, after, size + 1)
            page, more = self._pages.cut(request, found, size, lambda entry: list(entry[1]))
            return v1.SearchDatasetsResponse(datasets=[dataset for dataset, _ in page], next_page_token=more)

        return await self._db.read(work)
