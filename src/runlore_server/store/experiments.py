"""Experiments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from runlore import v1
from runlore_server import errors, ids
from runlore_server.db import Connection
from runlore_server.store import events, queries

sql = queries.load("experiments")

#: The id to which a workspace's default experiment answers, and the name that makes an experiment the default one.
DEFAULT_ID = "0"
DEFAULT_NAME = "Default"


async def get(conn: Connection, workspace: str, experiment_id: str) -> v1.Experiment:
    """Return an experiment by id, `0` being the default one; raises EXPERIMENT_NOT_FOUND."""
    if experiment_id == DEFAULT_ID:
        row = await queries.one(conn, sql.get_default, {"workspace": workspace})
    else:
        row = await queries.one(conn, sql.get, {"workspace": workspace, "experiment_id": experiment_id})
    if row is None:
        raise errors.experiment_not_found(workspace, experiment_id=experiment_id)
    return _experiment(row)


async def find_by_name(conn: Connection, workspace: str, name: str) -> v1.Experiment | None:
    """Return an experiment by name, or None."""
    row = await queries.one(conn, sql.get_by_name, {"workspace": workspace, "name": name})
    return _experiment(row) if row is not None else None


async def page(conn: Connection, workspace: str, after: str, limit: int) -> list[v1.Experiment]:
    """Return up to `limit` active experiments whose names follow `after`."""
    params = {"workspace": workspace, "after": after, "limit": limit, "active": v1.LIFECYCLE_STATE_ACTIVE}
    rows = await (await conn.execute(sql.page, params, binary=True)).fetchall()
    return [_experiment(row) for row in rows]


async def create(
    conn: Connection,
    workspace: str,
    name: str,
    *,
    description: str = "",
    tags: Mapping[str, str] | None = None,
    request_id: str = "",
) -> v1.Experiment:
    """Create an experiment with its event. The name must be free."""
    row = await queries.one(
        conn,
        sql.insert,
        {
            "experiment_id": ids.new(),
            "workspace": workspace,
            "name": name,
            "description": description,
            "tags": Jsonb(dict(tags or {})),
            "is_default": name == DEFAULT_NAME,
            "active": v1.LIFECYCLE_STATE_ACTIVE,
        },
    )
    experiment = _experiment(row)
    await events.append(
        conn,
        events.Place(row.revision, row.event_time),
        kind=v1.EVENT_KIND_EXPERIMENT_CREATED,
        workspace=workspace,
        resource=v1.Resource(type=v1.RESOURCE_TYPE_EXPERIMENT, id=experiment.experiment_id, name=name),
        request_id=request_id,
        after=v1.ResourceState(experiment=experiment),
    )
    return experiment


def _experiment(row: Any) -> v1.Experiment:
    experiment = v1.Experiment(
        experiment_id=row.experiment_id,
        workspace=row.workspace,
        name=row.name,
        description=row.description,
        tags=row.tags,
        lifecycle_state=row.lifecycle_state,
        is_default=row.is_default,
        etag=ids.etag(row.revision),
    )
    experiment.create_time.FromDatetime(row.create_time)
    experiment.update_time.FromDatetime(row.event_time)
    return experiment
