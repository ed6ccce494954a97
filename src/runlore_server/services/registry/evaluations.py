"""Evaluations of versions."""

from __future__ import annotations

from typing import Any

from runlore import v1
from runlore_server import calls
from runlore_server.db import Connection
from runlore_server.pages import page_size
from runlore_server.services.base import Methods
from runlore_server.services.tracking.checks import to_datetime
from runlore_server.store import evaluations, models, runs


class EvaluationMethods(Methods):
    """The methods about evaluations."""

    async def RecordEvaluation(self, request: v1.RecordEvaluationRequest, context: Any) -> v1.RecordEvaluationResponse:
        """Add what was measured; the run that measured must be there, deleted or not."""
        workspace = calls.current().workspace(request.workspace)
        measured = None
        if request.HasField("evaluation_time"):
            measured = to_datetime("evaluation_time", request.evaluation_time)

        async def change(conn: Connection) -> v1.RecordEvaluationResponse:
            locked = await models.lock(conn, workspace, request.model_name)
            if request.run_id:
                await runs.require(conn, workspace, request.run_id)
            recorded = await evaluations.record(
                conn,
                locked,
                request.version,
                request.metrics,
                dataset_digest=request.dataset_digest,
                dataset_name=request.dataset_name,
                run_id=request.run_id,
                evaluation_time=measured,
                reason=request.reason,
                request_id=request.request_id,
            )
            return v1.RecordEvaluationResponse(evaluations=recorded)

        return await self._once(request, v1.RecordEvaluationResponse, change)

    async def ListEvaluations(self, request: v1.ListEvaluationsRequest, context: Any) -> v1.ListEvaluationsResponse:
        """Page from the one recorded last."""
        workspace = calls.current().workspace(request.workspace)
        begin = self._pages.decode(request, request.page_token)
        after = (begin[0], begin[1]) if begin else None
        size = page_size(request.page_size)

        async def work(conn: Connection) -> list[tuple[int, v1.Evaluation]]:
            model_id = await evaluations.find_version(conn, workspace, request.model_name, request.version)
            return await evaluations.page(
                conn, model_id, request.model_name, request.version, request.key, after, size + 1
            )

        found = await self._db.read(work)
        page, more = self._pages.cut(request, found, size, lambda entry: [entry[0], entry[1].key])
        return v1.ListEvaluationsResponse(evaluations=[evaluation for _, evaluation in page], next_page_token=more)
