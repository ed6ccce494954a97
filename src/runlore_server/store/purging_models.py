"""Purging logged models: each is gone with all that it has in one transaction, with its event."""

from __future__ import annotations

from collections.abc import Sequence

from runlore import v1
from runlore_server.db import Connection
from runlore_server.store import events
from runlore_server.store.purging import Experiment, sql

#: Models in one transaction.
_MODELS = 100


async def past(conn: Connection, days: int, reason: str) -> bool:
    """Remove models that were deleted by themselves more than `days` ago; returns whether there may be more."""
    found = await (await conn.execute(sql.past_models, {"days": days, "limit": _MODELS})).fetchall()
    await _remove(conn, [row.model_id for row in found], reason)
    return len(found) == _MODELS


async def of_experiment(conn: Connection, of: Experiment, days: int = 0, reason: str = "") -> bool:
    """Remove models of an experiment that was deleted for `days`; returns whether there may be more."""
    params = {"workspace": of.workspace, "experiment_id": of.experiment_id, "days": days, "limit": _MODELS}
    found = await (await conn.execute(sql.models_of, params)).fetchall()
    await _remove(conn, [row.model_id for row in found], reason)
    return len(found) == _MODELS


async def _remove(conn: Connection, model_ids: Sequence[str], reason: str) -> None:
    if not model_ids:
        return
    params = {"model_ids": list(model_ids)}
    for row in await (await conn.execute(sql.remove_models, params, binary=True)).fetchall():
        await events.append(
            conn,
            events.Place(row.revision + 1, row.now),
            kind=v1.EVENT_KIND_LOGGED_MODEL_PURGED,
            workspace=row.workspace,
            resource=v1.Resource(type=v1.RESOURCE_TYPE_LOGGED_MODEL, id=row.model_id, name=row.name),
            reason=reason,
            before=v1.ResourceState(logged_model=v1.LoggedModel(lifecycle_state=v1.LIFECYCLE_STATE_DELETED)),
        )
