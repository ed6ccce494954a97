"""Moving versions between stages."""

from __future__ import annotations

from typing import Any

from runlore import v1
from runlore_server import calls, errors
from runlore_server.db import Connection
from runlore_server.services.base import Methods
from runlore_server.services.registry import rules
from runlore_server.store import models, resolving, stages, versions

#: The stages of versions in use: only a READY version can be there, and one can take the place of others.
_IN_USE = (v1.MODEL_STAGE_STAGING, v1.MODEL_STAGE_PRODUCTION)


class StageMethods(Methods):
    """The methods about stages."""

    async def SetStage(self, request: v1.SetStageRequest, context: Any) -> v1.SetStageResponse:
        """Compare with what the caller expects, archive those that are there, and move, under the model's lock."""
        workspace = calls.current().workspace(request.workspace)
        if request.archive_existing and request.stage not in _IN_USE:
            raise errors.invalid_field("archive_existing", "must be false unless stage is Staging or Production")

        async def change(conn: Connection) -> v1.SetStageResponse:
            locked = await models.lock(conn, workspace, request.model_name)
            rules.require_reason(locked.model, request.reason)
            present = await versions.get(conn, locked.model, request.version)
            _expect(request.expected_stage, present)
            if request.stage in _IN_USE and present.status != v1.MODEL_VERSION_STATUS_READY:
                raise errors.version_not_ready(
                    present.model_name,
                    present.version,
                    rules.status_name(present.status),
                    f"can be in {resolving.stage_name(request.stage)}",
                )
            archived = []
            if request.archive_existing:
                archived = await stages.others(conn, locked.model.model_id, request.stage, request.version)
            moves = [(other, v1.MODEL_STAGE_ARCHIVED) for other in archived]
            if present.stage != request.stage:
                moves.append((present, request.stage))
            if moves:
                await stages.move(conn, locked, moves, reason=request.reason, request_id=request.request_id)
            return v1.SetStageResponse(
                model_version=await versions.get(conn, locked.model, request.version),
                archived_versions=[other.version for other in archived],
            )

        return await self._once(request, v1.SetStageResponse, change)


def _expect(expected: v1.ModelStage.ValueType, present: v1.ModelVersion) -> None:
    if expected and expected != present.stage:
        raise errors.stage_moved(resolving.stage_name(expected), resolving.stage_name(present.stage), present)
